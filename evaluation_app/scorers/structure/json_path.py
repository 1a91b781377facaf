"""Whether something stands at a place of a JSON output."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from evaluation_app.scorers.parameters import Misplaced, Parameters
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, plain, same
from evaluation_app.scorers.sample import Sample, Score, quoted
from evaluation_app.scorers.scorer import Scorer


class JsonPathParameters(Parameters):
    """Of `json_path`."""

    path: Annotated[str, Field(min_length=1, max_length=1_000)]
    """A JSONPath (RFC 9535), such as `$.items[0].id`."""
    equals: Any = None
    """The JSON that must stand there, null too; left out, it is enough that anything does."""
    which: Literal["any", "all"] = "any"
    """Of several places that the path leads to: whether one must be equal, or each."""

    @field_validator("path")
    @classmethod
    def _leads_somewhere(cls, path: str) -> str:
        from jsonpath_rfc9535 import JSONPathError, compile

        try:
            compile(path)
        except (JSONPathError, RecursionError, ValueError) as error:
            raise Misplaced(f"No JSONPath: {_told(error)}.", ()) from None
        return path


class JsonPath(Scorer[JsonPathParameters]):
    """1.0 when the path leads to something in the JSON output, or to the wanted JSON where one is given.

    Compared as `equals_json` does; the only fenced block of an output counts as the output.
    """

    name = "json_path"
    title = "Has at a JSONPath"
    parameters = JsonPathParameters
    libraries = ("jsonpath-rfc9535",)

    def is_cheap(self, sample: Sample) -> bool:
        """Never sure: places multiply with each `..`, and patterns in filters are no RE2."""
        return False

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        from jsonpath_rfc9535 import JSONPathError, find

        try:
            value = plain(json_in(sample.output))
        except NoJson as error:
            return Score.binary(False, str(error))
        try:
            found = find(self.params.path, value).values()
        except (JSONPathError, RecursionError) as error:
            return Score.binary(False, f"The path cannot be followed: {_told(error)}.")
        if not found:
            return Score.binary(False, "The path leads to nothing in the output.")
        shown = quoted(json.dumps(found[0], ensure_ascii=False))
        if "equals" not in self.params.model_fields_set:
            return Score.binary(True, f"Found {shown}.")
        equal = [same(each, self.params.equals) for each in found]
        return Score.binary(all(equal) if self.params.which == "all" else any(equal), f"Found {shown}.")

    @classmethod
    def warm(cls) -> None:
        """Loads the library."""
        import jsonpath_rfc9535  # noqa: F401


def _told(error: Exception) -> str:
    return "it goes too deep" if isinstance(error, RecursionError) else str(error).splitlines()[0][:200].rstrip(".")
