"""What may be sent of cases: the rules, and the API's description of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from rest_framework import serializers

from evaluation_app.creation.bodies import MOST_CASES, MOST_SCORERS, ScorerSerializer, WeightField
from evaluation_app.creation.case_scorers import scorers_of_case
from evaluation_app.datasets.inputs import InputTypes, input_faults
from evaluation_app.models import CaseOrigin, Split
from evaluation_app.models.dataset import KEY
from foundation import words
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import StrictSerializer, TextField, checked_json

LARGEST_CASE: Final = 1_000_000
"""Bytes of a case as JSON."""
MOST_TOLD: Final = 100
"""Faults that an answer names."""
LONGEST_NOTE: Final = 10_000


class DatasetCaseSerializer(StrictSerializer):
    """A case; what is left out is as in the example of a new one, `key` and `origin` as they were."""

    key = serializers.RegexField(
        f"^{KEY}$", max_length=64, required=False, help_text="Its own id, the same in all versions; made when left out."
    )
    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    input: Any = serializers.DictField(required=False, help_text="Values of the prompt's variables.")
    expected_output: Any = serializers.DictField(
        required=False, allow_null=True, help_text="{type: contains | exact | regex | semantic | …, …}"
    )
    scorers = ScorerSerializer(many=True, required=False, max_length=MOST_SCORERS)  # type: ignore[call-arg]
    tags = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, required=False)
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    cluster = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="Cases cut from one document share one."
    )
    weight = WeightField(required=False)
    origin = serializers.ChoiceField(choices=CaseOrigin.choices, required=False)
    is_generated = serializers.BooleanField(
        required=False, help_text="A model made it: true is kept for ever, whatever is sent later."
    )


class DatasetCaseEditSerializer(DatasetCaseSerializer):
    """What of a case is to be another; its key and where it came from stay."""

    key = None  # type: ignore[assignment]
    origin = None  # type: ignore[assignment]
    is_generated = None  # type: ignore[assignment]
    base_version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="409 where another one is the newest by now."
    )
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


class DatasetCasesSerializer(StrictSerializer):
    """Cases, and what they are based on."""

    cases = DatasetCaseSerializer(many=True, max_length=MOST_CASES)  # type: ignore[call-arg]
    base_version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="409 where another one is the newest by now."
    )
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


def checked_cases(given: Any, *, types: InputTypes | None) -> list[dict[str, Any]]:
    """Bodies of cases that hold, each fault named by its place (`cases.17.input.city`); raises Problem."""
    if isinstance(given, Sequence) and len(given) > MOST_CASES:
        raise too_many(len(given))
    bodies = checked_json(DatasetCasesSerializer(), {"cases": given})["cases"]
    check(bodies, types=types)
    return list(bodies)


def check(bodies: Sequence[Mapping[str, Any]], *, types: InputTypes | None) -> None:
    """What cases are besides their shape: keys once, scorers that can be made, inputs that fit; raises Problem."""
    faults = [*_repeated_keys(bodies), *_too_large(bodies), *_scorer_faults(bodies)]
    if types is not None:
        placed = ((f"cases.{number}", body.get("input", {})) for number, body in enumerate(bodies))
        faults += input_faults(types, placed, most=MOST_TOLD)
    if faults:
        raise invalid(dict.fromkeys(faults[:MOST_TOLD]))


def too_many(count: int) -> Problem:
    """400: more cases than a dataset holds."""
    message = f"A dataset holds up to {words.number(MOST_CASES)} cases; these are {words.number(count)}."
    return invalid([FieldError("cases", "max_length", message)])


def _repeated_keys(bodies: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for number, body in enumerate(bodies):
        key = body.get("key")
        if key is not None and first.setdefault(key, number) != number:
            yield FieldError(f"cases.{number}.key", "repeated", f"cases.{first[key]} has the key {key!r} too.")


def _too_large(bodies: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for number, body in enumerate(bodies):
        if (size := len(orjson.dumps(body))) > LARGEST_CASE:
            message = (
                f"A case is taken up to {words.number(LARGEST_CASE)} bytes of JSON; this one has {words.number(size)}."
            )
            yield FieldError(f"cases.{number}", "too_large", message)


def _scorer_faults(bodies: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for number, body in enumerate(bodies):
        _, faults = scorers_of_case(body, (), position=number)
        yield from (fault._replace(field=fault.field.removeprefix("test_")) for fault in faults)
