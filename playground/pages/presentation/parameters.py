"""The parameters that the page offers, with their bounds for the picked model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playground.pages.presentation.model import ModelView

LABELS = {
    "temperature": "Temperature",
    "top_p": "Top p",
    "max_tokens": "Max tokens",
    "max_cost": "Max cost",
    "frequency_penalty": "Frequency penalty",
    "presence_penalty": "Presence penalty",
    "seed": "Seed",
    "stop_sequences": "Stop sequences",
    "reasoning_effort": "Reasoning effort",
    "response_format": "Response format",
}
"""The parameters that the page offers, in its order."""
OF_THE_ENGINE = {"max_cost"}
"""What the engine obeys, whatever the model takes."""
WHOLE_NUMBERS = {"max_tokens", "seed"}
MODELS_DEFAULT = "model's default"
"""What is said in the place of a value that is not set: nothing is sent then, and the model does as it does."""
EFFORTS = ("minimal", "low", "medium", "high")
FORMATS = (("", "Text"), ("json_object", "JSON object"), ("json_schema", "JSON by schema"))


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
    reason: str = ""
    """Why this model is not sent it."""
    beside: str = ""
    """Why it is not sent beside another one that is set."""
    hint: str = ""
    """Its unit, and what else one must know before it is set."""

    @property
    def is_taken(self) -> bool:
        """Whether it is sent as things stand."""
        return self.is_supported and not self.beside

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
    def slider_text(self) -> str:
        """What the slider says to those who cannot see where it stands."""
        if self.is_set:
            return self.value
        return self.placeholder if self.default is None else f"{self.placeholder}, {self.default}"

    @property
    def is_wide_range(self) -> bool:
        """Whether its slider goes by powers."""
        return self.has_slider and float(self.maximum) > 1000

    @property
    def placeholder(self) -> str:
        """What holds when nothing is set."""
        if self.name in OF_THE_ENGINE:
            return "no limit"
        return MODELS_DEFAULT


def parameter_rows(
    model: ModelView | None, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> list[ParameterRow]:
    """Every parameter of the page for `model`, with `values` and `errors` by parameter name."""
    rules, beside = model.parameters if model else {}, refused_beside(model, values)
    return [
        replace(
            _row(name, rules.get(name, {}), model, values.get(name, ""), (errors or {}).get(name, "")),
            beside=beside.get(name, ""),
        )
        for name in LABELS
    ]


def refused_beside(model: ModelView | None, values: Mapping[str, str]) -> dict[str, str]:
    """Why parameters are not sent beside others of these values, by their names; static/js/beside.js says the same."""
    if model is None:
        return {}
    sent = {
        name: value
        for name, value in values.items()
        if value != "" and model.parameters.get(name, {}).get("supported", True)
    }
    refused: dict[str, str] = {}
    for rule in model.refused_beside:
        other = sent.get(rule["beside"])
        if other is not None and rule["parameter"] not in refused and _is(other, rule["value"]):
            refused[rule["parameter"]] = rule["reason"]
            sent.pop(rule["parameter"], None)
    return refused


def _is(typed: str, value: float | None) -> bool:
    try:
        return value is None or float(typed) == value
    except ValueError:
        return False


def _row(name: str, rule: Mapping[str, Any], model: ModelView | None, value: str, error: str) -> ParameterRow:
    if name in OF_THE_ENGINE:
        return ParameterRow(name, LABELS[name], value, True, error=error, hint=_hint(model))
    maximum = rule.get("max")
    if name == "max_tokens" and model and model.max_output_tokens:
        maximum = min(maximum or model.max_output_tokens, model.max_output_tokens)
    supported = bool(rule.get("supported", True)) if rule else not (model and model.parameters)
    reason = str(rule.get("reason") or "") or ("" if supported else "not supported by this model")
    ends = (rule.get("min"), maximum, rule.get("default"))
    return ParameterRow(name, LABELS[name], value, supported, *ends, error, reason)


def _hint(model: ModelView | None) -> str:
    """The unit of what a run may cost; where no price is known, the engine refuses such a limit."""
    is_priced = model is None or model.input_price is not None
    return "USD, all attempts together" if is_priced else "USD; refused while its price is unknown"
