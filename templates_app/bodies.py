"""What may be sent to the template doors; imports, pages and the admin judge by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from rest_framework import serializers

from foundation.problems import FieldError, invalid
from foundation.rest.serializers import LONGEST_TEXT, StrictSerializer, TextField
from foundation.words import number
from templates_app.call.bodies import CallSerializer
from templates_app.call.fitting import call_errors
from templates_app.call.turns import messages_from_json
from templates_app.content import RULES, Content, Engine, Rule, Variable, VariableType
from templates_app.models import Visibility
from templates_app.parameters import ParametersSerializer
from templates_app.partials.references import LONGEST_SLUG, SLUG
from templates_app.rendering.placeholders import LONGEST_NAME, name_like, name_of
from templates_app.rendering.render import used_variables
from templates_app.variables.finding import refound
from templates_app.variables.validation import definition_errors

LONGEST_PROMPT: Final = LONGEST_TEXT
"""Characters of a prompt or a system prompt, as of a run's."""
MOST_VARIABLES: Final = 100
MOST_TAGS: Final = 30
LARGEST_DEFAULT: Final = 64 * 1024
"""Bytes of JSON of one default value or rule."""


class VersionNumberField(serializers.IntegerField):
    """A version's number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**31 - 1, **kwargs)


class AnyValueField(serializers.JSONField):
    """Any JSON value up to `LARGEST_DEFAULT`; null is a value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if len(orjson.dumps(data)) > LARGEST_DEFAULT:
            raise serializers.ValidationError(
                f"Up to {number(LARGEST_DEFAULT)} bytes of JSON are taken.", code="too_large"
            )
        return data


class RuleSerializer(StrictSerializer):
    """One validation rule."""

    rule = serializers.ChoiceField(choices=RULES)
    value = AnyValueField()


class VariableNameField(serializers.CharField):
    """A variable's name: a word of any script, which Python would take for a name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        written = super().to_internal_value(data)
        if name := name_of(written):
            return name
        like = name_like(written)
        message = "A name is made of letters of any script, digits and _, and begins with no digit"
        raise serializers.ValidationError(f"{message}: {like}, for example." if like else f"{message}.", code="invalid")


class VariableSerializer(StrictSerializer):
    """TemplateVariable; a list of variables may also hold bare names, which are strings."""

    shorthand = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    name = VariableNameField()
    type = serializers.ChoiceField(choices=[kind.value for kind in VariableType], default=VariableType.STRING.value)
    description = serializers.CharField(max_length=1_000, allow_blank=True, default="")
    required: Any = serializers.BooleanField(default=True)
    default_value = AnyValueField(required=False)
    validation_rules = RuleSerializer(many=True, required=False)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"name": data} if isinstance(data, str) else data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, list[Any]] = {}
        for error in definition_errors(variable_of(attrs)):
            found.setdefault(error.field, []).append(serializers.ErrorDetail(error.message, code=error.code))
        if found:
            raise serializers.ValidationError(found)
        return attrs


def variable_of(attrs: dict[str, Any]) -> Variable:
    """The variable that these validated fields mean."""
    return Variable(
        name=attrs["name"],
        type=VariableType(attrs["type"]),
        description=attrs["description"],
        required=attrs["required"],
        default_value=attrs.get("default_value"),
        has_default="default_value" in attrs,
        rules=tuple(Rule(each["rule"], each["value"]) for each in attrs.get("validation_rules", ())),
    )


class VariablesField(serializers.ListSerializer[Any]):
    """Up to `MOST_VARIABLES` variables with names of their own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=VariableSerializer(), max_length=MOST_VARIABLES, **kwargs)

    def validate(self, attrs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: set[str] = set()
        for each in attrs:
            if each["name"] in seen:
                raise serializers.ValidationError(f"{each['name']} stands in the list twice.", code="repeated")
            seen.add(each["name"])
        return attrs


class TagsField(serializers.ListField):
    """Tags, each once, without white space around them."""

    child = serializers.CharField(max_length=100)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_TAGS, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class ContentSerializer(CallSerializer):
    """The part of a template that versions are made of."""

    prompt = TextField(max_length=LONGEST_PROMPT, required=False, help_text="Or messages.")
    system_prompt = TextField(max_length=LONGEST_PROMPT, required=False, allow_blank=True, allow_null=True)
    variables: Any = VariablesField(
        required=False, help_text="Left out: found in the text, of the types that it tells."
    )
    default_parameters = ParametersSerializer(required=False)
    engine = serializers.ChoiceField(choices=[engine.value for engine in Engine], required=False)

    is_whole = True
    """Whether a body is a content by itself, and no change of one."""

    def to_internal_value(self, data: Any) -> Any:
        has_messages = isinstance(data, Mapping) and bool(data.get("messages"))
        self.fields["prompt"].required = self.is_whole and not has_messages
        return super().to_internal_value(data)


class TemplateSerializer(ContentSerializer):
    """Body of POST and PUT /api/templates."""

    name = serializers.CharField(max_length=255)
    slug = serializers.RegexField(
        f"^{SLUG}$",
        max_length=LONGEST_SLUG,
        required=False,
        help_text="What others write in {{> slug}}; made of the name when left out.",
    )
    category = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="", trim_whitespace=False)
    tags = TagsField(required=False)
    is_public = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=1_000, allow_blank=True, required=False)
    base_version = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="The version that was edited: 409 with both texts unless it is current.",
    )


class TemplateChangeSerializer(TemplateSerializer):
    """Body of PATCH: any part of it. (REST framework's `partial` would ask less of the variables too.)"""

    is_whole = False

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for each in fields.values():
            each.required, each.default = False, serializers.empty
        return fields


def details_of(attrs: dict[str, Any]) -> dict[str, Any]:
    """The columns that these validated fields set."""
    names: tuple[str, ...] = ("name", "slug", "category", "description", "tags")
    return {name: attrs[name] for name in names if name in attrs}


def visibility_after(before: str, is_public: bool | None) -> str:
    """What `is_public` of a body makes of a template's visibility; None leaves it."""
    if is_public is None or is_public == (before == Visibility.PUBLIC):
        return before
    return Visibility.PUBLIC if is_public else Visibility.PRIVATE


def content_of(
    attrs: dict[str, Any],
    *,
    before: Content | None = None,
    used: Callable[[Content], list[Variable]] = used_variables,
) -> Content:
    """The content that these validated fields mean; what they leave out is as `before`, else empty.

    Without `variables` they are found in the texts, and those of `before` that somebody declared stay.
    """
    content = stated_content_of(attrs, before=before)
    places = used(content)  # a Problem for a Jinja2 text that is none
    made = content if "variables" in attrs else _refound(content, places, before)
    if errors := list(call_errors(made)):
        raise invalid(errors)
    return made


def _refound(content: Content, used: list[Variable], before: Content | None) -> Content:
    made = refound(content, used, before=before)
    if len(made.variables) > MOST_VARIABLES:
        message = f"The text has {len(made.variables)} variables; up to {MOST_VARIABLES} are taken."
        raise invalid([FieldError("variables", "max_length", message)])
    return made


def stated_content_of(attrs: dict[str, Any], *, before: Content | None = None) -> Content:
    """As `content_of`, before anybody has looked at the texts; a Problem for the two forms in one body."""
    base = before or Content("")
    messages = messages_from_json(attrs["messages"]) if "messages" in attrs else base.messages
    _refuse_both_forms(attrs, base, has_messages=bool(messages))
    content = Content(
        prompt=attrs.get("prompt", "" if base.messages else base.prompt),
        system_prompt=attrs.get("system_prompt", base.system_prompt) or "",
        variables=tuple(map(variable_of, attrs["variables"])) if "variables" in attrs else base.variables,
        default_parameters=attrs.get("default_parameters", base.default_parameters),
        engine=Engine(attrs.get("engine", base.engine)),
        messages=messages,
        tools=tuple(attrs.get("tools", base.tools)),
        response_format=attrs.get("response_format", base.response_format) or None,
        model_id=attrs.get("model_id", base.model_id) or "",
    )
    if content.response_format and "response_format" in content.default_parameters:
        message = "It stands in default_parameters too: one of the two is enough."
        raise invalid([FieldError("response_format", "contradiction", message)])
    return content


def _refuse_both_forms(attrs: dict[str, Any], base: Content, *, has_messages: bool) -> None:
    if not has_messages:
        if base.messages and "prompt" not in attrs:
            raise invalid([FieldError("prompt", "required", "Without messages, a prompt is needed.")])
        return
    for name in ("prompt", "system_prompt"):
        if attrs.get(name):
            message = f"There are messages: {name} may not stand beside them. Empty messages bring it back."
            raise invalid([FieldError(name, "contradiction", message)])
