"""What is refused before a test is made: nothing of it is paid, and each fault is named by its place in the body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings

from accounts.models import User
from evaluation_app.creation.bodies import variants_of
from evaluation_app.creation.case_scorers import scorers_of_case
from evaluation_app.creation.ceiling import check_ceiling, most_of
from evaluation_app.creation.judges import Judges, check_judges, judges_in
from evaluation_app.models.test import ECONOMY
from evaluation_app.running.asking import placeholders_of, resolved
from foundation import words
from foundation.problems import FieldError, Problem, invalid
from playground.engine.ask import Ask
from playground.engine.reservation import most_of_input
from privacy.masking.looking_up import read as masking_of
from providers.catalogue import listing
from templates_app.lookup import chosen, runnable
from templates_app.models import TemplateVersion

MOST_TOLD: Final = 100
"""Faults of one kind that an answer names."""
CHECKED: Final = 2_000
"""Variants by cases that are rendered before the start; what does not fit beyond them is its samples' own error."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that may be run."""

    name: str
    body: dict[str, Any]
    """What an execution door would be sent for it; a template's version is pinned."""
    version: TemplateVersion | None
    model_id: str
    prices: dict[str, Any]
    """As the catalogue tells them now; empty where they are not known."""
    place: str
    """What stands before its fields' names in an error."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a test is made of."""

    variants: list[Variant]
    scorers: list[list[dict[str, Any]]]
    """By case."""
    judges: Judges


def checked(user: User, asked: Mapping[str, Any]) -> Checked:
    """A body that has its shape, looked at with all that it names; raises Problem."""
    given = variants_of(asked)
    places = [""] if "variants" not in asked else [f"variants.{position}." for position in range(len(given))]
    variants = [_variant(user, variant, place) for variant, place in zip(given, places, strict=True)]
    is_economy = asked.get("speed") == ECONOMY
    if is_economy:
        _check_batches(variants)
        _check_no_tools(variants)
        _check_unmasked(asked)
    _check_size(len(variants) * len(asked["test_cases"]) * asked["parameters"]["runs"])
    scorers = _scorers(asked, has_times=not is_economy)
    judges = judges_in(scorers)
    check_judges(judges, variants=len(variants))
    max_cost = asked["parameters"].get("max_cost")
    if max_cost is not None:
        _check_prices(variants, judges)
    asks = _shortest(user, variants, asked["test_cases"])
    if max_cost is not None:
        cheapest = min(asks, key=lambda ask: most_of(ask, in_batches=is_economy).cost)
        check_ceiling(cheapest, Decimal(str(max_cost)), "parameters.max_cost", in_batches=is_economy)
    return Checked(variants, scorers, judges)


def _variant(user: User, given: Mapping[str, Any], place: str) -> Variant:
    body = dict(given["body"])
    version = _pinned(user, body, place) if "template_id" in body else None
    model_id = body.get("model_id") or (version.content.model_id if version else "")
    if not model_id:
        message = "This version of the template names no model: name one."
        raise invalid([FieldError(f"{place}model_id", "required", message)])
    return Variant(given["name"], body, version, model_id, _prices(model_id, place), place)


def _pinned(user: User, body: dict[str, Any], place: str) -> TemplateVersion:
    """The template's version as it is now, written into the body: a label that moves changes no result."""
    try:
        version = chosen(runnable(user, body["template_id"]), number=body.get("version"), label=body.pop("label", None))
    except Problem as problem:
        error = FieldError(f"{place}template_id", problem.code, problem.detail)
        raise Problem(problem.status, problem.code, problem.detail, errors=[error]) from None
    body |= {"template_id": str(version.template_id), "version": version.number}
    return version


def _prices(model_id: str, place: str) -> dict[str, Any]:
    known = listing.model(model_id)
    if known is None:
        message = f"There is no provider {model_id.partition('/')[0]!r} here: GET /api/providers/status lists them."
        error = FieldError(f"{place}model_id", "unknown_provider", message)
        raise Problem(404, "unknown_provider", message, errors=[error])
    return known["pricing"] or {}


def _check_no_tools(variants: Sequence[Variant]) -> None:
    """Between its rounds a batch would have to be sent anew, a day each."""
    for variant in variants:
        tools = variant.body.get("tools") or (variant.version.content.tools if variant.version else ())
        if any(tool.get("registered") for tool in tools):
            message = "Its model may call tools that are run here: such calls go in no batch, and so at no economy."
            raise invalid([FieldError(f"{variant.place}tools", "no_batches", message)])


def _check_unmasked(asked: Mapping[str, Any]) -> None:
    """Nobody would know any more what stood for what when a batch's answers come, a day later."""
    if masking_of(asked.get("project_id", "")) is not None:
        message = "This project masks what it sends: its calls go in no batch, and so at no economy."
        raise invalid([FieldError("speed", "masked", message)])


def _check_batches(variants: Sequence[Variant]) -> None:
    """All or none: a variant that is asked in another way would be compared with another service of its provider."""
    errors = []
    for variant in variants:
        if reason := listing.no_batches(variant.model_id):
            message = f"{variant.name} cannot be run at economy: {reason}"
            errors.append(FieldError(f"{variant.place}model_id", "no_batch_interface", message))
        elif variant.body["parameters"].get("fallback_models"):
            message = f"{variant.name} cannot be run at economy: no other model stands in for it in a batch."
            errors.append(FieldError(f"{variant.place}parameters.fallback_models", "contradiction", message))
    if errors:
        raise invalid(errors)


def _check_size(samples: int) -> None:
    most = settings.ENV.evaluation_max_test_runs
    if samples > most:
        message = (
            f"Variants times cases times runs are {words.number(samples)} samples; "
            f"EVALUATION_MAX_TEST_RUNS allows {words.number(most)}."
        )
        raise invalid([FieldError("parameters.runs", "too_many_samples", message)])


def _scorers(asked: Mapping[str, Any], *, has_times: bool) -> list[list[dict[str, Any]]]:
    errors, made = list[FieldError](), []
    for position, case in enumerate(asked["test_cases"]):
        scorers, faults = scorers_of_case(case, asked.get("scorers", ()), position=position, has_times=has_times)
        made.append(scorers)
        errors += faults
    if errors:
        raise invalid(dict.fromkeys(errors))
    return made


def _check_prices(variants: Sequence[Variant], judges: Judges) -> None:
    """No ceiling can be held where a call's price, or that of a model that may stand in for it, is unknown."""
    asked = dict.fromkeys(variant.model_id for variant in variants)
    asked |= dict.fromkeys(judge.model_id for judge, _ in judges.values())
    asked |= dict.fromkeys(name for each in variants for name in each.body["parameters"].get("fallback_models", ()))
    if unpriced := [model_id for model_id in asked if not _is_priced(model_id)]:
        message = f"The price of {', '.join(unpriced)} is unknown: its cost cannot be kept below a limit."
        raise invalid([FieldError("parameters.max_cost", "price_unknown", message)])


def _is_priced(model_id: str) -> bool:
    known = listing.model(model_id)
    return known is not None and known["pricing"] is not None


def _shortest(user: User, variants: Sequence[Variant], cases: Sequence[Mapping[str, Any]]) -> list[Ask]:
    """The shortest question of each variant, once all inputs fit; raises Problem."""
    if misfits := [*_misfits(variants, cases)]:
        raise invalid(dict.fromkeys(misfits[:MOST_TOLD]))
    pairs = [(variant, number) for number in range(len(cases)) for variant in variants]
    shortest, errors = async_to_sync(_resolved)(user, pairs[:CHECKED], cases)
    if errors:
        raise invalid(dict.fromkeys(errors))
    return list(shortest.values())


def _misfits(variants: Sequence[Variant], cases: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    """Where a case's input and the placeholders of own texts differ; templates judge theirs when rendered."""
    for variant in variants:
        if variant.version is not None:
            continue
        wanted = placeholders_of(variant.body)
        said = f"prompt of {variant.name} has" if "prompt" in variant.body else f"messages of {variant.name} have"
        for number, case in enumerate(cases):
            given, place = case.get("input", {}).keys(), f"test_cases.{number}.input"
            for name in sorted(wanted - given):
                yield FieldError(f"{place}.{name}", "required", f"The {said} {{{{{name}}}}}.")
            for name in sorted(given - wanted):
                message = f"The {said} no {{{{{name}}}}}: the value would go nowhere."
                yield FieldError(f"{place}.{name}", "unknown", message)


async def _resolved(
    user: User, pairs: Sequence[tuple[Variant, int]], cases: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Ask], list[FieldError]]:
    shortest, faults = dict[str, Ask](), list[FieldError]()
    for variant, number in pairs:
        try:
            ask = await resolved(user, variant.body, cases[number].get("input", {}))
            shortest[variant.place] = min(shortest.get(variant.place, ask), ask, key=_size)
        except Problem as problem:
            if not problem.errors:
                raise
            faults += [_moved(FieldError(**error), variant.place, number) for error in problem.errors]
    return shortest, faults


def _size(ask: Ask) -> int:
    return most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))


def _moved(error: FieldError, place: str, number: int) -> FieldError:
    """An error at its place in the test's body: variables are a case's input, all else is a variant's."""
    head, _, rest = error.field.partition(".")
    if head == "variables":
        return error._replace(field=f"test_cases.{number}.input" + (f".{rest}" if rest else ""))
    return error._replace(field=place + error.field)
