"""The pages of datasets: the list, a new one, one of them as a table."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.datasets import details
from evaluation_app.datasets.formats.registry import FORMATS
from evaluation_app.datasets.inputs import chosen_template, types_of
from evaluation_app.datasets.reading import Place, cases_in, page_at, version_of, visible
from evaluation_app.datasets.representation import listed_json
from evaluation_app.datasets.writing import create
from evaluation_app.models import CaseOrigin, Dataset
from evaluation_app.pages.presentation.dataset import JUDGED, DatasetView, columns_of, rows_of
from foundation.problems import FieldError, Problem, invalid
from templates_app.models import PromptTemplate

A_PAGE: Final = 50
ROWS: Final = 50
MOST_COLUMNS: Final = 40
MOST_CHOICES: Final = 200


@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    """Your datasets, the last changed first; `?archived=1` shows those that are put away."""
    archived = request.GET.get("archived") == "1"
    found = Dataset.objects.visible_to(user_of(request)).filter(archived=archived).select_related("template")
    page = Paginator(found.order_by("-updated_at", "-id"), A_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    context = {"rows": list(zip(rows, listed_json(rows), strict=True)), "page": page, "archived": archived}
    return render(request, "evaluation_app/datasets/list.html", context)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new dataset, and what it sends; `?template=` begins with a template."""
    user = user_of(request)
    if request.method == "GET":
        given = {"name": request.GET.get("name", ""), "template_id": request.GET.get("template", "")}
        return _form(request, user, given)
    given = {name: request.POST.get(name, "").strip() for name in ("name", "description", "template_id")}
    try:
        if not 0 < len(given["name"]) <= 255:
            raise invalid([FieldError("name", "required", "A name of up to 255 characters is needed.")])
        template_id = given["template_id"]
        template = chosen_template(user, _uuid(template_id)) if template_id else None
        saved = create(
            owner=user,
            name=given["name"],
            description=given["description"][:10_000],
            template_id=template.id if template else None,
        )
    except (Problem, ValidationError) as error:
        return _form(request, user, given, refusal_of(error))
    return HttpResponseRedirect(reverse("dataset", args=[saved.dataset.id]))


def _form(request: HttpRequest, user: User, given: dict[str, str], problem: Problem | None = None) -> HttpResponse:
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    context = {"given": given, "errors": errors, "templates": templates_of(user), "problem": problem}
    return render(request, "evaluation_app/datasets/new.html", context, status=problem.status if problem else 200)


def templates_of(user: User) -> list[PromptTemplate]:
    """Templates that a dataset may be typed against, the last changed first."""
    return list(PromptTemplate.objects.visible_to(user).order_by("-updated_at")[:MOST_CHOICES])


@require_GET
@answers_problems_on_the_page
def dataset(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """A version as a table; `?version=`, `?split=`, `?tag=` and `?origin=` narrow it."""
    return table_page(request, dataset_id, request.GET)


def table_page(
    request: HttpRequest, dataset_id: UUID, query: QueryDict, *, status: int = 200, **refused: Any
) -> HttpResponse:
    """The page of a version as an address with this query shows it; `refused` is what a refused form puts into it."""
    user = user_of(request)
    found = visible(user, dataset_id)
    number = query.get("version", "")
    version = version_of(found, int(number) if number.isdecimal() and len(number) < 10 else None)
    wanted = _wanted(query)
    cursor = query.get("cursor")
    cases = cases_in(found, version.number, wanted)
    rows, after, before = page_at(cases, Place.read(cursor) if cursor else None, ROWS)
    types = types_of(user, found)
    columns = columns_of(types, rows, query.getlist("column")[:MOST_COLUMNS], most=MOST_COLUMNS)
    first = cases.filter(rank__lt=rows[0].rank).count() + 1 if rows else 1
    context = {
        "shown": DatasetView(found, version, types),
        "columns": columns,
        "rows": rows_of(rows, columns, first),
        "found": cases.count(),
        "wanted": wanted,
        "unfiltered": _unfiltered(dataset_id, query),
        "judged": JUDGED,
        "origins": CaseOrigin.choices,
        "formats": FORMATS.values(),
        "versions": found.versions.order_by("-number")[:MOST_CHOICES],
        "templates": templates_of(user),
        "example": "\t".join([*columns, "expected"]) if columns else "word\texpected",
        "next": _address(dataset_id, query, after),
        "previous": _address(dataset_id, query, before),
        "query": query.urlencode(),
        "table": "",
        **refused,
    }
    return render(request, "evaluation_app/datasets/detail.html", context, status=status)


@require_POST
@answers_problems_on_the_page
def change(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Changes name, description and template, or puts the dataset away and back."""
    sent = [name for name in ("name", "description") if name in request.POST]
    given: dict[str, Any] = {name: request.POST[name].strip() for name in sent}
    if "template_id" in request.POST:
        given["template_id"] = _uuid(request.POST["template_id"]) if request.POST["template_id"] else None
    if "archived" in request.POST:
        given["archived"] = request.POST["archived"] == "1"
    if not 0 < len(given.get("name", "x")) <= 255:
        raise invalid([FieldError("name", "required", "A name of up to 255 characters is needed.")])
    found = details.change(user=user_of(request), dataset_id=dataset_id, details=given)
    if given.get("archived"):
        tell(request, f"“{found.name[:80]}” is archived.", undo=reverse("dataset-restore", args=[dataset_id]))
        return HttpResponseRedirect(reverse("datasets"))
    return HttpResponseRedirect(reverse("dataset", args=[dataset_id]))


@require_POST
@answers_problems_on_the_page
def restore(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Brings an archived dataset back."""
    details.change(user=user_of(request), dataset_id=dataset_id, details={"archived": False})
    return HttpResponseRedirect(reverse("dataset", args=[dataset_id]))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid([FieldError("template_id", "invalid", "This is no template's id.")]) from None


def _wanted(query: QueryDict) -> dict[str, Any]:
    wanted = dict[str, Any]()
    if query.get("split") in ("train", "held_out", "smoke"):
        wanted["split"] = query["split"]
    if tag := query.get("tag", "").strip()[:100]:
        wanted["tag"] = tag
    if query.get("origin") in CaseOrigin.values:
        wanted["origin"] = query["origin"]
    return wanted


def _unfiltered(dataset_id: UUID, query: QueryDict) -> str:
    """The same version and columns, with all of its cases."""
    kept = query.copy()
    for name in ("split", "tag", "origin", "cursor"):
        kept.pop(name, None)
    address = reverse("dataset", args=[dataset_id])
    return f"{address}?{kept.urlencode()}" if kept else address


def _address(dataset_id: UUID, query: QueryDict, place: Place | None) -> str:
    if place is None:
        return ""
    further = query.copy()
    further["cursor"] = str(place)
    return f"{reverse('dataset', args=[dataset_id])}?{further.urlencode()}"
