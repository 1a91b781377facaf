"""Two runs side by side: what was asked and answered, and the words that differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from playground.pages.presentation.execution import ExecutionView
from templates_app.versions.text_difference import Piece, words_changed


@dataclass(frozen=True)
class Part:
    """One text of both runs."""

    name: str
    before: str
    after: str

    @cached_property
    def pieces(self) -> list[Piece]:
        """The way from the one to the other."""
        return words_changed(self.before, self.after)

    @property
    def is_same(self) -> bool:
        """Whether both have the same words."""
        return self.before == self.after


class Difference:
    """Of the earlier run from the later one."""

    def __init__(self, one: ExecutionView, other: ExecutionView) -> None:
        self.before, self.after = sorted((one, other), key=lambda view: (view.created_at, view.id))

    @property
    def parts(self) -> list[Part]:
        """System prompt, prompt and answer; what neither has is left out."""
        texts = (
            ("System prompt", *(str(each.request.get("system_prompt") or "") for each in self._both)),
            ("Prompt", *(each.prompt for each in self._both)),
            ("Answer", *(each.response for each in self._both)),
        )
        return [Part(name, before, after) for name, before, after in texts if before or after]

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Model, status and parameters that are not the same in both: name, before, after."""
        told = [{"Model": each.model_id, "Status": each.status.label, **_parameters(each)} for each in self._both]
        names = dict.fromkeys([*told[0], *told[1]])
        both = ((name, told[0].get(name, "not set"), told[1].get(name, "not set")) for name in names)
        return [(name, before, after) for name, before, after in both if before != after]

    @property
    def _both(self) -> tuple[ExecutionView, ExecutionView]:
        return self.before, self.after


def _parameters(view: ExecutionView) -> dict[str, str]:
    return {
        name.replace("_", " ").capitalize(): str(value) for name, value in (view.execution.parameters or {}).items()
    }
