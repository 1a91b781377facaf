"""One template as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.models import User
from foundation.presentation.rating import Choice, stars
from foundation.problems import Problem
from templates_app import lookup
from templates_app.call.turns import Message, Slot
from templates_app.content import Content, Variable, VariableType
from templates_app.models import PromptTemplate, TemplateRating, TemplateVersion
from templates_app.pages.presentation.figures import Figures, figures_of
from templates_app.pages.presentation.library import TemplateCard
from templates_app.pages.presentation.marked import Stretch, marked
from templates_app.pages.presentation.trial import text_of
from templates_app.pages.presentation.values import pretty, read, shown
from templates_app.pages.presentation.words import tokens
from templates_app.pages.turns import texts_of, turn_title
from templates_app.partials.expanding import expanded
from templates_app.partials.use import partials_json

EXPORTS: Final = (
    ("json", "JSON, every version"),
    ("yaml", "YAML, every version"),
    ("python-openai", "Python, OpenAI"),
    ("python-anthropic", "Python, Anthropic"),
    ("python-litellm", "Python, LiteLLM"),
    ("typescript", "TypeScript"),
    ("curl", "curl"),
    ("request-json", "Request body, JSON"),
    ("promptfoo", "promptfoo"),
)
EXAMPLES: Final = {
    VariableType.NUMBER: "a number",
    VariableType.ARRAY: '["…", "…"]',
    VariableType.OBJECT: '{"…": "…"}',
    VariableType.MESSAGES: '[{"role": "user", "content": "…"}]',
    VariableType.IMAGE: '{"data_url": "data:image/png;base64,…"}',
    VariableType.FILE: '{"data_url": "data:application/pdf;base64,…"}',
}


@dataclass(frozen=True)
class ValueField:
    """A field for the value of one variable."""

    variable: Variable
    text: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """The form's name for it."""
        return f"variables.{self.variable.name}"

    @property
    def choices(self) -> list[tuple[str, bool]]:
        """What can be chosen, with the present one marked; empty where anything may be typed."""
        kind = self.variable.type
        listed = next((rule.value for rule in self.variable.rules if rule.name == "enum"), None)
        if listed is None and kind == VariableType.BOOLEAN:
            listed = [True, False]
        return [(text, text == self.text) for text in (shown(value, kind) for value in listed or ())]

    @property
    def placeholder(self) -> str:
        """What holds when nothing is typed, else how a value looks."""
        if self.variable.has_default:
            return f"default: {shown(self.variable.default_value, self.variable.type)[:200]}"
        return EXAMPLES.get(self.variable.type, "") if self.variable.required else "may stay empty"

    @property
    def rules(self) -> str:
        """Its bounds, in a line."""
        told = [rule for rule in self.variable.rules if rule.name not in ("enum", "schema")]
        return ", ".join(f"{rule.name.replace('_', ' ')} {_short(rule.value)}" for rule in told)


def value_fields(
    variables: tuple[Variable, ...], texts: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> list[ValueField]:
    """A field for each variable, with what was typed and what is wrong with it, by the variable's name."""
    return [ValueField(each, texts.get(each.name, ""), (errors or {}).get(each.name, "")) for each in variables]


def sample_texts(variables: tuple[Variable, ...], example: Mapping[str, Any]) -> dict[str, str]:
    """The example's values as field texts, by the variable's name."""
    return {each.name: shown(example[each.name], each.type) for each in variables if each.name in example}


def values_of(variables: tuple[Variable, ...], texts: Mapping[str, str]) -> dict[str, Any]:
    """The values that were typed; an empty field gives none."""
    return {each.name: read(texts[each.name], each.type) for each in variables if texts.get(each.name, "") != ""}


@dataclass
class TemplatePage:
    """A template (out of `lookup.seen_by`) as of one version, for one reader."""

    template: Any
    version: TemplateVersion
    user: User
    content: Content = field(init=False)

    def __post_init__(self) -> None:
        self.content = self.version.content
        self.partials = partials_json(self.version, self.user)
        self.whole = self._whole()
        """The content with its partials, which is what is tried and run."""
        self.role = lookup.role_in(self.template, self.user)
        self.may_change = lookup.may_change(self.role)
        self.may_govern = lookup.may_govern(self.role)
        self.figures = figures_of([self.template.id]).get(self.template.id, Figures())
        self.card = TemplateCard(self.template, self.figures, self.user)
        self.exports = EXPORTS

    def _whole(self) -> Content:
        try:
            return expanded(self.version).content
        except Problem:
            return self.content  # each partial says what is wrong

    @property
    def is_current(self) -> bool:
        """Whether the present version is shown."""
        return bool(self.version.number == self.template.version.number)

    @property
    def prompt(self) -> list[Stretch]:
        """The prompt, its variables marked."""
        return marked(self.content.prompt, self.content)

    @property
    def system_prompt(self) -> list[Stretch]:
        """The system prompt, its variables marked."""
        return marked(self.content.system_prompt, self.content)

    @property
    def turns(self) -> list[tuple[str, list[Stretch]]]:
        """The turns of a conversation with their titles, variables marked; empty for the simple form."""
        return [
            (turn_title(turn, position), marked(_said(turn), self.content))
            for position, turn in enumerate(self.content.messages)
        ]

    @property
    def call(self) -> list[tuple[str, str]]:
        """Tools, answer format and model, as far as they are set."""
        texts = texts_of(self.content)
        titles = (("tools", "Tools"), ("response_format", "Answer format"), ("model_id", "Model"))
        return [(title, texts[name]) for name, title in titles if texts[name]]

    @property
    def tokens(self) -> str:
        """Its length."""
        return tokens(*(text for _, text in self.content.texts))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Default parameters by name."""
        return [
            (name.replace("_", " "), _short(value)) for name, value in sorted(self.content.default_parameters.items())
        ]

    @property
    def origin(self) -> str:
        """The name of the template that it was forked from, for those who may know it."""
        if self.template.forked_from is None:
            return ""
        visible = PromptTemplate.objects.visible_to(self.user).filter(id=self.template.forked_from.template_id)
        return visible.values_list("name", flat=True).first() or ""

    @property
    def stars(self) -> list[Choice]:
        """What may be given, with the reader's own rating."""
        mine = TemplateRating.objects.filter(template=self.template, user=self.user)
        return stars(mine.values_list("value", flat=True).first())


def _said(turn: Message) -> str:
    if isinstance(turn, Slot):
        return "the messages of this variable"
    return turn.content if isinstance(turn.content, str) else text_of([dict(part) for part in turn.content])


def _short(value: Any) -> str:
    return value if isinstance(value, str) else pretty(value) if isinstance(value, dict) else shown(value, "any")
