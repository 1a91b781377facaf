"""Whether an output fits a JSON Schema."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from evaluation_app.scorers.errors import refused
from evaluation_app.scorers.parameters import Misplaced, Parameters
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, plain
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer
from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import TooMuch, validator_of


class JsonSchemaParameters(Parameters):
    """Of `json_schema`."""

    wanted: dict[str, Any] = Field(alias="schema")
    """A JSON Schema (draft 2020-12) that refers to nothing outside of itself."""

    @field_validator("wanted")
    @classmethod
    def _holds(cls, schema: dict[str, Any]) -> dict[str, Any]:
        try:
            validator_of(schema)
        except InvalidSchema as error:
            raise Misplaced(f"{str(error).rstrip('.')}.", error.path) from None
        return schema


class JsonSchema(Scorer[JsonSchemaParameters]):
    """1.0 when the output is JSON that fits the schema (draft 2020-12); its only fenced block counts as the output."""

    name = "json_schema"
    title = "Fits a JSON Schema"
    parameters = JsonSchemaParameters
    libraries = ("jsonschema-rs",)

    def is_cheap(self, sample: Sample) -> bool:
        """Never sure: a schema of a few lines can ask for much work, which holds up every thread."""
        return False

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        try:
            misfit = validator_of(self.params.wanted).misfit(plain(json_in(sample.output)))
        except NoJson as error:
            return Score.binary(False, str(error))
        except TooMuch as error:
            raise refused(str(error)) from None
        if misfit is None:
            return Score.binary(True, "The output fits the schema.")
        return Score.binary(False, f"At {misfit.pointer or 'the top'}: {misfit.message} ({misfit.keyword}).")
