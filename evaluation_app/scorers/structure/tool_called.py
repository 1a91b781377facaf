"""Whether a model asked for a tool."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, same
from evaluation_app.scorers.sample import Sample, Score, quoted
from evaluation_app.scorers.scorer import Scorer


class ToolCalledParameters(Parameters):
    """Of `tool_called`."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """The tool's name, exactly."""
    arguments: dict[str, Any] | None = None
    """The arguments that it must be called with; left out, any will do."""
    match: Literal["subset", "exact"] = "subset"
    """Whether further arguments may come beside these, in inner objects too, or none."""


class ToolCalled(Scorer[ToolCalledParameters]):
    """1.0 when one of the calls names the tool and has the arguments; no score where nothing is known of calls."""

    name = "tool_called"
    title = "Calls a tool"
    parameters = ToolCalledParameters
    longest = 100_000_000
    in_place = longest

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0; none where calls are not known."""
        if sample.tool_calls is None:
            return Score.unknown("Nothing is known of tool calls.")
        named = [_parsed(call.arguments) for call in sample.tool_calls if call.name == self.params.name]
        if not named:
            others = ", ".join(quoted(call.name) for call in sample.tool_calls[:5])
            return Score.binary(False, f"The tool was not called; called were: {others or 'none'}.")
        if self.params.arguments is None or any(map(self._fits, named)):
            return Score.binary(True, f"The tool was called with {_shown(named[0])}.")
        return Score.binary(False, f"The tool was called with other arguments: {_shown(named[0])}.")

    def _fits(self, arguments: Any) -> bool:
        if self.params.match == "exact":
            return same(self.params.arguments, arguments)
        return _holds(arguments, self.params.arguments)


def _holds(whole: Any, part: Any) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(name in whole and _holds(whole[name], inner) for name, inner in part.items())
    return same(whole, part)


def _parsed(arguments: Any) -> Any:
    """As JSON, where they came as its text; a call without any has an empty object."""
    if arguments is None or arguments == "":
        return {}
    if not isinstance(arguments, str):
        return arguments
    try:
        return json_in(arguments)
    except NoJson:
        return arguments


def _shown(arguments: Any) -> str:
    return quoted(json.dumps(arguments, ensure_ascii=False, default=str))
