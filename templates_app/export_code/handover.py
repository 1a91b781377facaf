"""What is handed over to production: one version of a template with the model it was proved with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from providers.catalogue.listing import Asked, asked_by_name
from templates_app.content import Content, Variable, VariableType

WIRES: Final = frozenset({"openai", "anthropic", "ollama", "litellm"})
"""Those that code for production can speak on."""

STAND_INS: Final[Mapping[str, Any]] = {
    VariableType.NUMBER: 0,
    VariableType.BOOLEAN: False,
    VariableType.ARRAY: [],
    VariableType.OBJECT: {},
    VariableType.MESSAGES: [],
    VariableType.IMAGE: {
        "data_url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        "+M9QDwADhgGAWjR9awAA"
        "AABJRU5ErkJggg=="
    },
    VariableType.FILE: {"data_url": "data:text/plain;base64,VGV4dA=="},
}


@dataclass(frozen=True, slots=True)
class Handover:
    """`label` is the one it is known by in production, if any; `model_id` is provider/model, as in the API;
    `example` has values of variables, as many as are known; `service_url` is where this service is reached;
    `known` is how the model is asked here, None: as its name tells."""

    template_id: str
    name: str
    version: int
    label: str | None
    content: Content
    model_id: str
    example: Mapping[str, Any]
    service_url: str
    known: Asked | None = None
    partials: tuple[str, ...] = ()
    """What its texts hold the text of, as it was when it was handed over."""

    @property
    def asked(self) -> Asked:
        """How the model is asked."""
        return self.known or asked_by_name(self.model_id)

    @property
    def wire(self) -> str:
        """The wire that it is asked on; empty for one that only this installation has."""
        return self.asked.wire if self.asked.wire in WIRES else ""

    @property
    def provider(self) -> str:
        """The model's provider by its slug; empty when the id names none."""
        return self.model_id.partition("/")[0] if "/" in self.model_id else ""

    @property
    def model(self) -> str:
        """The provider's own name of the model."""
        return self.model_id.partition("/")[2] or self.model_id

    @property
    def example_call(self) -> dict[str, Any]:
        """Values with which the prompt can be run: the example's, and a stand-in for what it lacks and must have."""
        wanted = [each for each in self.content.variables if each.required or each.name in self.example]
        lacking = [each for each in wanted if each.name not in self.example and not each.has_default]
        given = {each.name: self.example[each.name] for each in wanted if each.name in self.example}
        return given | {each.name: _stand_in(each) for each in lacking}

    @property
    def all_values(self) -> dict[str, Any]:
        """The same with the defaults, for formats that know none."""
        return {
            each.name: each.default_value for each in self.content.variables if each.has_default
        } | self.example_call

    def as_execution(self) -> dict[str, Any]:
        """The body of POST /api/prompts/execute. It follows the label, or stays at the version."""
        pointer = {"label": self.label} if self.label else {"version": self.version}
        own = {} if self.content.model_id == self.model_id else {"model_id": self.model_id}
        return {
            **own,
            "template_id": self.template_id,
            **pointer,
            "variables": self.example_call,
        }


def _stand_in(variable: Variable) -> Any:
    choices = next((rule.value for rule in variable.rules if rule.name == "enum" and rule.value), None)
    return choices[0] if choices else STAND_INS.get(variable.type, f"<{variable.name}>")
