"""What the table of a dataset sends: a cell that was typed into, a new row, a pasted table, a row that goes or comes
back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.datasets import editing
from evaluation_app.datasets.bodies import DatasetCasesSerializer, checked_cases
from evaluation_app.datasets.case import body_of
from evaluation_app.datasets.errors import no_case
from evaluation_app.datasets.formats.csv_table import read_table, weight_in
from evaluation_app.datasets.formats.format import Reading
from evaluation_app.datasets.formats.plain_expected import TAKING, expected_of_text
from evaluation_app.datasets.inputs import InputTypes, read_json, types_of
from evaluation_app.datasets.reading import visible
from evaluation_app.models import DatasetCase
from evaluation_app.pages.datasets import table_page
from evaluation_app.pages.presentation.dataset import AS_WRITTEN, DatasetView, faults_of
from foundation import json_values
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import checked_json
from foundation.words import counted

VALUE: Final = "value."
"""What stands before a variable's name in the table's fields."""


EMPTY: Final[dict[str, Any]] = {
    "name": "", "input": {}, "expected_output": None, "tags": [], "split": "train", "cluster": "", "weight": 1.0,
}  # fmt: skip
"""A case before anything is typed."""


@require_POST
@answers_problems_on_the_page
def edit(request: HttpRequest, dataset_id: UUID, key: str) -> HttpResponse:
    """Takes what was typed into a row. The page is told the new version alone: more may be typed meanwhile."""
    user = user_of(request)
    dataset = visible(user, dataset_id)
    row = DatasetCase.objects.of(dataset, dataset.newest).filter(key=key).first()
    if row is None:
        raise no_case(key)
    types = types_of(user, dataset)
    body = _edited(body_of(row), request.POST, types)
    changes = _checked_edit(body)
    editing.edit(user=user, dataset_id=dataset_id, key=key, changes=changes, base_version=_base(request.POST))
    dataset.refresh_from_db()
    context = {"shown": DatasetView(dataset, dataset.versions.get(number=dataset.newest), types), "is_swapped": True}
    return render(request, "evaluation_app/datasets/_saved.html", context)


@require_POST
@answers_problems_on_the_page
def add(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Adds the case of the table's last row."""
    user = user_of(request)
    types = types_of(user, visible(user, dataset_id))
    body = _edited(EMPTY, request.POST, types)
    _add(request, user, dataset_id, [body])
    return HttpResponseRedirect(_back(request, dataset_id))


@require_POST
@answers_problems_on_the_page
def paste(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Adds the cases of a pasted table; one that is refused stays in its field, with the reason."""
    user = user_of(request)
    scorer = request.POST.get("scorer", "")
    reading = Reading(types_of(user, visible(user, dataset_id)), scorer if scorer in TAKING else "contains")
    # A form sends every line's end as two characters.
    text = request.POST.get("table", "").replace("\r\n", "\n").strip("\n")
    try:
        found = read_table(text, reading)
        _add(request, user, dataset_id, found.bodies)
    except (Problem, ValidationError) as error:
        return _refused(request, dataset_id, refusal_of(error), table=text)
    if found.notes:
        tell(request, " ".join(note.message for note in found.notes[:3])[:300])
    return HttpResponseRedirect(_back(request, dataset_id))


@require_POST
@answers_problems_on_the_page
def remove(request: HttpRequest, dataset_id: UUID, key: str) -> HttpResponse:
    """Takes a case out; a toast brings it back."""
    editing.remove(user=user_of(request), dataset_id=dataset_id, keys=[key], base_version=_base(request.POST))
    undo = reverse("dataset-case-back", args=[dataset_id, key])
    tell(request, "The case is taken out. Earlier versions have it still.", undo=undo)
    return HttpResponseRedirect(_back(request, dataset_id))


@require_POST
@answers_problems_on_the_page
def bring_back(request: HttpRequest, dataset_id: UUID, key: str) -> HttpResponse:
    """Puts a case in again where it stood."""
    editing.bring_back(user=user_of(request), dataset_id=dataset_id, key=key)
    return HttpResponseRedirect(reverse("dataset", args=[dataset_id]))


def _add(request: HttpRequest, user: User, dataset_id: UUID, bodies: list[dict[str, Any]]) -> None:
    json_values.check({"cases": bodies})
    dataset = visible(user, dataset_id)
    checked = checked_cases(bodies, types=types_of(user, dataset))
    saved = editing.add(user=user, dataset_id=dataset_id, bodies=checked)
    tell(request, f"{counted(saved.added, 'case')} added: version {saved.version.number}.")


def _edited(body: Mapping[str, Any], post: QueryDict, types: InputTypes | None) -> dict[str, Any]:
    """The case with what the fields say; fields that are not there change nothing."""
    edited = {name: body[name] for name in EMPTY}
    given = dict(body["input"])
    for field, text in post.items():
        if field.startswith(VALUE) and isinstance(text, str):
            _take(given, field.removeprefix(VALUE), text.replace("\r\n", "\n"), types)
    edited["input"] = given
    for name in ("name", "split", "cluster"):
        if name in post:
            edited[name] = post.get(name, "").strip()
    if "weight" in post:
        edited["weight"] = weight_in(post.get("weight", "").strip() or "1")
    if "tags" in post:
        edited["tags"] = [tag.strip() for tag in post.get("tags", "").split(",") if tag.strip()]
    if "expected" in post:
        text = post.get("expected", "").replace("\r\n", "\n")
        edited["expected_output"] = _expected(text, post.get("judged_by", "contains"))
    return edited


def _take(given: dict[str, Any], name: str, text: str, types: InputTypes | None) -> None:
    """A cell's value: of the type that the template says, or that the value had before."""
    was = given.get(name)
    if text == "" and (name not in given or not isinstance(was, str)):
        given.pop(name, None)
    elif types is not None and name in types.names:
        given[name] = types.value_of(name, text)
    else:
        given[name] = text if was is None or isinstance(was, str) else read_json(text, text)


def _expected(text: str, judged_by: str) -> Any:
    if not text.strip():
        return None
    if judged_by == AS_WRITTEN:
        value = read_json(text, None)
        if not isinstance(value, dict):
            raise invalid([FieldError("expected", "malformed_json", "What is expected is no JSON object.")])
        return value
    return expected_of_text(judged_by if judged_by in TAKING else "contains", text, place="expected")


def _checked_edit(body: dict[str, Any]) -> dict[str, Any]:
    json_values.check(body)
    (checked,) = checked_json(DatasetCasesSerializer(), {"cases": [body]})["cases"]
    return dict(checked)


def _refused(request: HttpRequest, dataset_id: UUID, problem: Problem, *, table: str) -> HttpResponse:
    """The dataset's page with the table that was not taken."""
    if problem.status in (403, 404):
        raise problem
    is_shown = not visible(user_of(request), dataset_id).archived
    reason = _sentence(problem)
    context = {
        "table": table,
        "table_error": reason,
        "scorer": request.POST.get("scorer", ""),
        "told": "" if is_shown else reason,
        "faulty": [("table", "Table")] if is_shown else [],
    }
    return table_page(request, dataset_id, _query(request), status=problem.status, **context)


def _sentence(problem: Problem) -> str:
    """The first fault as a sentence, and how many there are besides."""
    faults = faults_of(problem.errors)
    if not faults:
        return problem.detail or problem.title
    more = f" There are {len(faults) - 1} more." if len(faults) > 1 else ""
    return faults[0] + more


def _base(post: QueryDict) -> int | None:
    given = post.get("base_version", "")
    return int(given) if given.isdecimal() and 0 < len(given) < 10 else None


def _back(request: HttpRequest, dataset_id: UUID) -> str:
    """The page that the form was on, as far as it may say so: its query alone."""
    safe = _query(request).urlencode()
    return reverse("dataset", args=[dataset_id]) + (f"?{safe}" if safe else "")


def _query(request: HttpRequest) -> QueryDict:
    """Of the page that the form was on."""
    return QueryDict(request.POST.get("query", ""))
