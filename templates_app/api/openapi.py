"""Templates as the OpenAPI document describes them; what is sent is written by `representation`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.share_bodies import SharedMemberSerializer
from templates_app.bodies import VariableSerializer
from templates_app.call.bodies import CallFormatField, MessagesField, ToolsField
from templates_app.models import Visibility
from templates_app.parameters import ParametersSerializer


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody, by id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class FixJSON(serializers.Serializer[Any]):
    """What mends a finding at once: `text` in the place of what was found, or another `engine`."""

    title = serializers.CharField()
    text = serializers.CharField(allow_null=True)
    engine = serializers.CharField(allow_null=True)


class FindingJSON(serializers.Serializer[Any]):
    """One finding of the lint; `start` and `end` are characters of `field`'s text."""

    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=["info", "warning", "error"])
    field = serializers.CharField()
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
    advice = serializers.CharField()
    example = serializers.CharField()
    fix = FixJSON(allow_null=True)


class FindingSerializer(serializers.Serializer[Any]):
    """Answer of POST /api/templates/lint."""

    findings = FindingJSON(many=True)


class LintRuleSerializer(serializers.Serializer[Any]):
    """One rule of the lint."""

    id = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()
    advice = serializers.CharField()
    example = serializers.CharField()
    severity = serializers.ChoiceField(choices=["info", "warning", "error"])


class NamedCountSerializer(serializers.Serializer[Any]):
    """A category or tag, with the number of its templates."""

    name = serializers.CharField()
    count = serializers.IntegerField()


class ForkedFromSerializer(serializers.Serializer[Any]):
    """Where a fork comes from."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()


class PartialJSON(serializers.Serializer[Any]):
    """A reference of the version: what it meant when the version was made, and means now."""

    reference = serializers.CharField()
    template_id = serializers.UUIDField(allow_null=True, help_text="null when you may not see it, or it is gone")
    version_then = serializers.IntegerField(allow_null=True)
    version_now = serializers.IntegerField(allow_null=True)
    is_changed = serializers.BooleanField(allow_null=True, help_text="Other text is inserted now; null: none can be")
    problem = serializers.CharField(help_text="Why nothing can be inserted any more")


class UserJSON(serializers.Serializer[Any]):
    """A template that inserts another one."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    is_current = serializers.BooleanField()
    reference = serializers.CharField()


class TemplateJSON(serializers.Serializer[Any]):
    """Template (api.md, "Templates")."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField(allow_null=True)
    partials = PartialJSON(many=True, allow_null=True, help_text="null in lists")
    category = serializers.CharField()
    description = serializers.CharField()
    prompt = serializers.CharField()
    system_prompt = serializers.CharField(allow_null=True)
    variables = serializers.ListField(child=serializers.CharField())
    variable_definitions = VariableSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    default_parameters = ParametersSerializer()
    messages = MessagesField(help_text="empty where prompt and system_prompt are the call")
    tools = ToolsField()
    response_format = CallFormatField()
    model_id = serializers.CharField(allow_null=True)
    engine = serializers.ChoiceField(choices=["plain", "jinja2"])
    is_public = serializers.BooleanField()
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    is_featured = serializers.BooleanField()
    version = serializers.IntegerField()
    current_version = serializers.IntegerField()
    content_hash = serializers.CharField(help_text="SHA-256 of what decides what is sent")
    labels: Any = serializers.DictField(child=serializers.IntegerField(), help_text="{label: version}")
    usage_count = serializers.IntegerField()
    rating = serializers.FloatField()
    ratings_count = serializers.IntegerField()
    is_favourite = serializers.BooleanField()
    forked_from = ForkedFromSerializer(allow_null=True)
    created_by = serializers.UUIDField()
    owner = PersonSerializer()
    role = serializers.ChoiceField(choices=["owner", "curator", "editor", "viewer"])
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lint = FindingJSON(many=True, allow_null=True, help_text="null in lists")


class VersionJSON(serializers.Serializer[Any]):
    """One version, with what its executions came to; null without any."""

    version = serializers.IntegerField()
    author = PersonSerializer(allow_null=True)
    note = serializers.CharField()
    content_hash = serializers.CharField()
    created_at = serializers.DateTimeField()
    labels: Any = serializers.ListField(child=serializers.CharField())
    usage_count = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    average_cost = serializers.FloatField(allow_null=True, help_text="USD per execution")
    average_time = serializers.FloatField(allow_null=True, help_text="seconds per completed execution")


class DifferenceJSON(serializers.Serializer[Any]):
    """What changed from one version to another."""

    to = serializers.IntegerField()
    changes = serializers.DictField(
        help_text="prompt, system_prompt: [{op, text}]; variables, default_parameters, tools: {added, removed, "
        "changed}; messages: [{op, role | placeholder, content: [{op, text}]}]; response_format, model_id: {from, to}"
    )

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {"from": serializers.IntegerField(), **super().get_fields()}


class RenderedJSON(serializers.Serializer[Any]):
    """A rendered template."""

    prompt = serializers.CharField()
    system_prompt = serializers.CharField(allow_null=True)
    messages = serializers.ListField(child=serializers.DictField(), help_text="all that is sent, in its order")
    tools = ToolsField()
    response_format = CallFormatField()
    model_id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()


class RatingJSON(serializers.Serializer[Any]):
    """The average after a rating."""

    rating = serializers.FloatField()
    ratings_count = serializers.IntegerField()
    mine = serializers.IntegerField()


class ShareJSON(serializers.Serializer[Any]):
    """Whom a template is shared with."""

    visibility = serializers.ChoiceField(choices=Visibility.choices)
    members = SharedMemberSerializer(many=True)


class ImportEntryJSON(serializers.Serializer[Any]):
    """What an import does with one entry."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    action = serializers.ChoiceField(choices=["create", "update", "skip", "conflict"])
    reason = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField(), help_text="what is not carried over")
    id = serializers.UUIDField(allow_null=True)
    format = serializers.CharField(help_text="what its file was taken for")
    file = serializers.CharField(help_text="the name of its file; empty for a text")
    handed = serializers.ListField(
        child=serializers.CharField(), help_text="what else comes of it, such as a dataset of its tests"
    )
    changes = serializers.JSONField(
        help_text="of a conflict: the way from what is here to what the file brings, as a diff has it; else null"
    )


class ImportJSON(serializers.Serializer[Any]):
    """What an import did, or would do."""

    format = serializers.CharField(help_text="what the file was taken for; mixed where files are of several")
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    entries = ImportEntryJSON(many=True)
    notes = serializers.ListField(child=serializers.CharField(), help_text="what concerns a whole file")
    dry_run = serializers.BooleanField()
    import_id = serializers.UUIDField(allow_null=True, help_text="what undoing goes by; null of a dry run")

    def get_fields(self) -> dict[str, Any]:
        # `errors` is a name of the base class's.
        return {**super().get_fields(), "errors": serializers.ListField(child=serializers.DictField())}


class ImportUndoneEntryJSON(serializers.Serializer[Any]):
    """What became of one template when its import was undone."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    undone = serializers.BooleanField()
    reason = serializers.CharField()


class ImportUndoneJSON(serializers.Serializer[Any]):
    """An import that was taken back."""

    templates = ImportUndoneEntryJSON(many=True)
