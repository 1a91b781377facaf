"""A suite's tests on one version: the bodies with the version filled in, and what makes two runs ask the same."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from rest_framework import serializers

from accounts.models import User
from evaluation_app.creation.bodies import ComparedSerializer, ProbabilisticSerializer
from evaluation_app.creation.checking import checked
from foundation.problems import FieldError, Problem, field_errors, invalid
from foundation.rest.serializers import checked_json
from templates_app.models import TemplateVersion
from templates_app.partials.expanding import expanded

Bodies = Sequence[Mapping[str, Any]]


def content_hash(bodies: Bodies) -> str:
    """SHA-256 of the tests as they were sent."""
    return hashlib.sha256(orjson.dumps(list(bodies), option=orjson.OPT_SORT_KEYS)).hexdigest()


def trial_hash(suite_hash: str, version: TemplateVersion | None) -> str:
    """Equal where the same would be asked and judged the same: the tests, and the version with its partials as now."""
    return hashlib.sha256(f"{suite_hash} {_text_hash(version)}".encode()).hexdigest()


def _text_hash(version: TemplateVersion | None) -> str:
    if version is None:
        return ""
    try:
        return f"{version.content_hash} {expanded(version).content.hash}"
    except Problem as problem:  # a partial is gone: the run will say so
        return f"{version.content_hash} {problem.code}"


def open_templates(bodies: Bodies) -> set[str]:
    """Templates whose version is left open, by their ids as they were sent."""
    return {str(given["template_id"]) for body in bodies for _, given in _variants(body) if _is_open(given)}


def open_places(body: Mapping[str, Any], template_id: UUID | None) -> list[int]:
    """Places of the variants that are on trial."""
    return [place for place, given in _variants(body) if _is_open(given) and given["template_id"] == str(template_id)]


def filled(body: Mapping[str, Any], template_id: UUID | None, number: int | None) -> dict[str, Any]:
    """The body with that version where it is left open."""
    made = copy.deepcopy(dict(body))
    if number is not None:
        for place in open_places(body, template_id):
            (made["variants"][place] if "variants" in made else made)["version"] = number
    return made


def asked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the door of its kind reads it; raises ValidationError."""
    rules = ComparedSerializer if "variants" in body else ProbabilisticSerializer
    read: dict[str, Any] = dict(checked_json(rules(), dict(body)))
    return read


def check_shapes(bodies: Bodies) -> list[dict[str, Any]]:
    """The bodies as they are read; a 400 problem names each fault by its place, such as `tests.0.parameters.runs`."""
    errors, read = list[FieldError](), []
    for position, body in enumerate(bodies):
        try:
            read.append(asked(body))
        except serializers.ValidationError as error:
            errors += _placed(field_errors(error.detail), position)
    if errors:
        raise invalid(errors)
    return read


def check_runnable(user: User, bodies: Bodies) -> None:
    """A problem where `user` could not begin one of these tests now; nothing is kept or paid."""
    for position, body in enumerate(bodies):
        try:
            checked(user, asked(body))
        except Problem as problem:
            errors = _placed([FieldError(**each) for each in problem.errors], position)
            raise Problem(problem.status, problem.code, problem.detail, errors=errors) from None


def _placed(errors: Sequence[FieldError], position: int) -> list[FieldError]:
    return [each._replace(field=f"tests.{position}.{each.field}".rstrip(".")) for each in errors]


def _variants(body: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    given = body.get("variants", [body])
    yield from enumerate(given if isinstance(given, list) else [])


def _is_open(variant: Any) -> bool:
    return isinstance(variant, Mapping) and "template_id" in variant and not {"version", "label"} & variant.keys()
