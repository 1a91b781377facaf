"""What the playground's pages show of an execution and of a model, as words and numbers with units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from playground import markdown
from playground.errors import SENTENCE
from playground.models import PromptExecution, Status

THIN = "\N{NARROW NO-BREAK SPACE}"
NOT_KNOWN = "price unknown"
LOCAL_NOTE = "Small and often wrong: for trying the tool, not for judging answers."
SMALLEST_SHOWN = Decimal("0.0001")
SENTENCES = {str(code): sentence for code, sentence in SENTENCE.items()}

LABELS = {
    "temperature": "Temperature",
    "top_p": "Top p",
    "max_tokens": "Max tokens",
    "frequency_penalty": "Frequency penalty",
    "presence_penalty": "Presence penalty",
    "seed": "Seed",
    "stop_sequences": "Stop sequences",
    "reasoning_effort": "Reasoning effort",
    "response_format": "Response format",
}
"""The parameters that the page offers, in its order."""
WHOLE_NUMBERS = {"max_tokens", "seed"}
EFFORTS = ("minimal", "low", "medium", "high")
FORMATS = (("", "Text"), ("json_object", "JSON object"), ("json_schema", "JSON by schema"))

EXAMPLES = (
    ("Explain in three sentences", "Explain in three short sentences why the sky is blue."),
    ("Draft a reply", "Write a short, friendly e-mail that moves a meeting from Tuesday to Thursday."),
    (
        "List and compare",
        "List three ways to store passwords in an application, with one advantage and one risk of each.",
    ),
)


def money(amount: Decimal | float) -> str:
    """US dollars that are never rounded to nothing."""
    value = Decimal(str(amount))
    if value == 0:
        return "$0"
    if value < SMALLEST_SHOWN:
        return f"< ${SMALLEST_SHOWN}"
    return f"${value:,.4f}" if value < 1 else f"${value:,.2f}"


def number(value: int | float) -> str:
    """A count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", THIN)


def seconds(value: Decimal | float) -> str:
    """A duration: milliseconds below a second."""
    if value < 1:
        return f"{float(value) * 1000:.0f}{THIN}ms"
    return f"{float(value):.2f}{THIN}s" if value < 60 else f"{int(value) // 60}{THIN}min {int(value) % 60}{THIN}s"


@dataclass(frozen=True)
class Fact:
    """One figure under an answer."""

    name: str
    value: str


class ExecutionView:
    """An execution as the page shows it."""

    def __init__(self, execution: PromptExecution) -> None:
        self.execution = execution
        self.id = execution.id
        self.model_id = execution.model_id
        self.created_at: datetime = execution.created_at
        self.status = Status(execution.status)
        self.request: Mapping[str, Any] = execution.request or {}
        self.answer: Mapping[str, Any] = execution.answer or {}
        self.metadata: Mapping[str, Any] = execution.metadata or {}

    @property
    def is_live(self) -> bool:
        """Whether more is to come."""
        return not self.status.is_final

    @property
    def prompt(self) -> str:
        """The prompt as it was written."""
        return str(self.request.get("prompt") or "")

    @property
    def messages(self) -> Sequence[Any]:
        """Earlier turns, of a run that came over the API."""
        return self.request.get("messages") or ()

    @property
    def response(self) -> str:
        """The words that came."""
        return str(self.answer.get("response") or "")

    @property
    def reasoning(self) -> str:
        """What the model thought aloud."""
        return str(self.answer.get("reasoning") or "")

    @cached_property
    def rendered(self) -> SafeString | None:
        """The answer as safe HTML; None while it comes, or when it is too long."""
        return markdown.rendered(self.response) if self.response and not self.is_live else None

    @property
    def is_too_long_to_render(self) -> bool:
        """Whether the answer is shown as it came because of its length."""
        return len(self.response) > markdown.MAX_CHARACTERS

    @property
    def sentence(self) -> str:
        """Why it failed, for a person."""
        return SENTENCES.get(self.execution.error_code, "The run failed for a reason of its own.")

    @property
    def age(self) -> str:
        """How long ago it was started."""
        return "just now" if self.elapsed_ms < 60_000 else f"{timesince(self.created_at, depth=1)} ago"

    @property
    def elapsed_ms(self) -> int:
        """How long it has been running, by the server's clock."""
        return max(0, int((timezone.now() - self.created_at).total_seconds() * 1000))

    @property
    def cost(self) -> str:
        """What it cost, or that nobody knows the price."""
        if self.metadata.get("price_known") is False:
            return NOT_KNOWN
        return money(self.execution.estimated_cost)

    @property
    def duration(self) -> str:
        """Wall-clock time of the run."""
        taken = self.execution.execution_time
        return "" if taken is None else seconds(taken)

    @property
    def facts(self) -> list[Fact]:
        """The line under the answer; what is not known is left out."""
        shown = (
            ("First token", self._first_token()),
            ("Duration", self.duration),
            ("Tokens in / out", self._tokens()),
            ("Speed", self._speed()),
            ("Cost", self.cost),
            ("Finish", str(self.metadata.get("finish_reason") or "")),
        )
        return [Fact(name, value) for name, value in shown if value]

    @property
    def technical(self) -> list[Fact]:
        """Details for whoever has to find the cause."""
        shown = (
            ("Code", self.execution.error_code),
            ("Provider", str(self.metadata.get("provider") or "")),
            ("Message", self.execution.error_message),
            ("Attempts", str(self.metadata.get("attempts") or "")),
            ("Request id", str(self.metadata.get("request_id") or "")),
            ("Execution id", str(self.id)),
        )
        return [Fact(name, value) for name, value in shown if value]

    @property
    def dropped_parameters(self) -> str:
        """Parameters that the model did not get."""
        return ", ".join(LABELS.get(name, name) for name in self.metadata.get("dropped_parameters") or ())

    def _first_token(self) -> str:
        value = self.metadata.get("time_to_first_token")
        return "" if value is None else seconds(value)

    def _tokens(self) -> str:
        tokens_in, tokens_out = self.execution.prompt_tokens, self.execution.completion_tokens
        return f"{number(tokens_in)} / {number(tokens_out)}" if tokens_in or tokens_out else ""

    def _speed(self) -> str:
        taken, first = self.execution.execution_time, self.metadata.get("time_to_first_token")
        if taken is None or first is None or self.execution.completion_tokens < 2:
            return ""
        writing = float(taken) - float(first)
        return f"{(self.execution.completion_tokens - 1) / writing:.0f} tokens/s" if writing > 0.01 else ""


class ModelView:
    """A model as the picker shows it."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.id = str(model["id"])
        self.name = str(model.get("name") or self.id)
        self.provider = str(model.get("provider_name") or model.get("provider") or self.id.partition("/")[0])
        self.is_available = bool(model.get("available", True))
        self.unavailable_reason = str(model.get("unavailable_reason") or "")
        self.note = str(model.get("note") or (LOCAL_NOTE if self.id.startswith("local/") else ""))
        self.capabilities = [str(name) for name in model.get("capabilities") or ()]
        self.parameters: Mapping[str, Mapping[str, Any]] = model.get("parameters") or {}
        self.max_output_tokens: int | None = model.get("max_output_tokens")
        self._window: int | None = model.get("context_window")
        self._pricing: Mapping[str, Any] | None = model.get("pricing")

    @property
    def price(self) -> str:
        """Per million tokens, in and out."""
        if not self._pricing or self._pricing.get("input_per_million") is None:
            return NOT_KNOWN
        tokens_in, tokens_out = self._pricing["input_per_million"], self._pricing.get("output_per_million") or 0
        if not tokens_in and not tokens_out:
            return "$0 per 1M tokens"
        return f"{_rate(tokens_in)} in, {_rate(tokens_out)} out per 1M tokens"

    @property
    def window(self) -> str:
        """How much fits into it."""
        return f"{number(self._window)} tokens context" if self._window else "context not known"


def _rate(amount: Decimal | float) -> str:
    """A price per million tokens: two decimals, or as many as it has."""
    value = Decimal(str(amount)).normalize()
    return f"${value:f}" if int(value.as_tuple().exponent) < -2 else f"${value:.2f}"


@dataclass(frozen=True)
class ModelGroup:
    """The models of one provider."""

    provider: str
    models: Sequence[ModelView]


def grouped(models: Iterable[ModelView]) -> list[ModelGroup]:
    """By provider; the ones that can be used first."""
    ordered = sorted(models, key=lambda model: (model.provider, not model.is_available, model.name.lower()))
    groups = [ModelGroup(name, list(found)) for name, found in groupby(ordered, key=lambda model: model.provider)]
    return sorted(groups, key=lambda group: not any(model.is_available for model in group.models))


@dataclass(frozen=True)
class ParameterRow:
    """One line of the parameters: its bounds for this model, and the value that is set."""

    name: str
    label: str
    value: str
    is_supported: bool
    minimum: Any = None
    maximum: Any = None
    default: Any = None
    error: str = ""

    @property
    def key(self) -> str:
        """The form's and the API's name for it."""
        return f"parameters.{self.name}"

    @property
    def slug(self) -> str:
        """Its id on the page."""
        return f"parameter-{self.name}"

    @property
    def is_set(self) -> bool:
        """Whether it differs from what the model does by itself."""
        return self.value != ""

    @property
    def is_number(self) -> bool:
        """Whether it is typed into a number field."""
        return self.name not in ("stop_sequences", "reasoning_effort", "response_format")

    @property
    def step(self) -> str:
        """The slider's step."""
        return "1" if self.name in WHOLE_NUMBERS else "0.01"

    @property
    def has_slider(self) -> bool:
        """Whether it has two ends to slide between."""
        return self.name != "seed" and self.minimum is not None and self.maximum is not None

    @property
    def slider_value(self) -> Any:
        """Where the slider stands: at what is set, else at the default."""
        return next(value for value in (self.value or None, self.default, self.minimum) if value is not None)

    @property
    def has_default(self) -> bool:
        """Whether it is known what holds when nothing is set."""
        return self.default is not None

    @property
    def is_wide_range(self) -> bool:
        """Whether its slider goes by powers."""
        return self.has_slider and float(self.maximum) > 1000

    @property
    def placeholder(self) -> str:
        """What holds when nothing is set."""
        return "default" if self.default is None else str(self.default)


def parameter_rows(
    model: ModelView | None, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> list[ParameterRow]:
    """Every parameter of the page for `model`, with `values` and `errors` by parameter name."""
    rules = model.parameters if model else {}
    return [
        _row(name, rules.get(name, {}), model, values.get(name, ""), (errors or {}).get(name, "")) for name in LABELS
    ]


def _row(name: str, rule: Mapping[str, Any], model: ModelView | None, value: str, error: str) -> ParameterRow:
    maximum = rule.get("max")
    if name == "max_tokens" and model and model.max_output_tokens:
        maximum = min(maximum or model.max_output_tokens, model.max_output_tokens)
    supported = bool(rule.get("supported", True)) if rule else not (model and model.parameters)
    return ParameterRow(name, LABELS[name], value, supported, rule.get("min"), maximum, rule.get("default"), error)


@dataclass
class Compose:
    """What stands in the form on the left: as typed, as run before, or empty."""

    model_id: str = ""
    prompt: str = ""
    system_prompt: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    schema: str = ""
    session_id: str = ""
