"""The library, and one template: read, tried, rated, kept, forked, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from foundation.problems import FieldError, invalid
from providers.catalogue.facts import LONGEST_ID
from templates_app.library import ratings
from templates_app.library.facets import facets
from templates_app.lookup import chosen, visible
from templates_app.pages.acts import acts_on_the_page, whole_number
from templates_app.pages.presentation.library import LibraryFilter, library_facets, library_page
from templates_app.pages.presentation.models import model_choice
from templates_app.pages.presentation.template import TemplatePage, sample_texts, value_fields, values_of
from templates_app.pages.presentation.trial import tried
from templates_app.versions import lifecycle

VIEW_COOKIE: Final = "library_view"
A_YEAR: Final = 365 * 24 * 3600


@require_GET
@vary_on_headers("HX-Request")
def library(request: HttpRequest) -> HttpResponse:
    """The library as the address narrows it; `?page=` gives further cards alone."""
    user, wanted = user_of(request), LibraryFilter.of(request.GET, view=request.COOKIES.get(VIEW_COOKIE, ""))
    if wanted.is_table and not wanted.view and not is_htmx(request):
        # What was chosen last stands in the address, so that Back comes to what was seen.
        address = request.GET.copy()
        address["view"] = wanted.kept_view
        return redirect(f"{reverse('templates')}?{address.urlencode()}")
    number = whole_number(request.GET.get("page")) or 1
    if is_htmx(request) and number > 1:
        further = {"wanted": wanted, "page": library_page(user, wanted, number)}
        return render(request, f"templates_app/{'_rows' if wanted.is_table else '_cards'}.html", further)
    found = facets(user, wanted.wanted)
    page = library_page(user, wanted, number, count=found.count)
    context = {"wanted": wanted, "page": page, "facets": list(library_facets(user, wanted, found))}
    context["chips"] = wanted.chips(found.owners)
    answer = render(request, f"templates_app/{'_found' if is_htmx(request) else 'library'}.html", context)
    if wanted.view:
        answer.set_cookie(VIEW_COOKIE, wanted.view, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@require_GET
@answers_problems_on_the_page
def template(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One template; `?version=` or `?label=` shows it as of then."""
    shown = _shown(request, template_id)
    example = sample_texts(shown.whole.variables, shown.template.example)
    trial = tried(shown.whole, values_of(shown.whole.variables, example)) if example else None
    context = {"shown": shown, "trial": trial, "fields": value_fields(shown.whole.variables, example)}
    return render(request, "templates_app/detail.html", {**context, **_tryable(request, shown)})


@require_GET
@answers_problems_on_the_page
def preview(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The short form of it, beside the list; asked for as a page, the page."""
    if not is_htmx(request):
        return redirect("template", template_id)
    return render(request, "templates_app/_preview.html", {"shown": _shown(request, template_id)})


@acts_on_the_page
@vary_on_headers("HX-Request")
def rendering(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The template with the values of the form, or what is wrong with them at their fields."""
    shown = _shown(request, template_id)
    variables = shown.whole.variables
    texts = {each.name: request.POST.get(f"variables.{each.name}", "").replace("\r\n", "\n") for each in variables}
    # The whole page does not wait for a tokenizer.
    model_id = request.POST.get("model_id", "").strip()[:LONGEST_ID] if is_htmx(request) else ""
    trial = replace(tried(shown.whole, values_of(variables, texts)), model_id=model_id)
    # While somebody fills the fields one after the other, an empty one is no mistake before the first run.
    is_asked = not is_htmx(request) or request.POST.get("was_run") == "true"
    told = {name: text for name, text in trial.errors.items() if texts.get(name) or is_asked}
    is_untouched = is_htmx(request) and not any(texts.values())
    context = {
        "shown": shown,
        "trial": None if is_untouched and trial.problem and trial.is_empty else trial,
        "fields": value_fields(variables, texts, told),
    }
    if is_htmx(request):
        return render(request, "templates_app/_rendering.html", context)
    return render(request, "templates_app/detail.html", {**context, **_tryable(request, shown)})


@acts_on_the_page
def rate(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Takes one to five stars."""
    value = whole_number(request.POST.get("rating")) or 0
    if not 1 <= value <= 5:
        raise invalid([FieldError("rating", "invalid", "A rating is one to five stars.")])
    ratings.rate(user=user_of(request), template_id=template_id, value=value)
    return _part(request, template_id, "_rating")


@acts_on_the_page
def favourite(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Keeps it at hand, or not any more."""
    is_favourite = request.POST.get("is_favourite") == "true"
    ratings.set_favourite(user=user_of(request), template_id=template_id, is_favourite=is_favourite)
    return _part(request, template_id, "_favourite")


@require_POST
@answers_problems_on_the_page
def fork(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """A private copy, opened in the editor."""
    user = user_of(request)
    made = lifecycle.fork(user=user, template=visible(user, template_id))
    tell(request, f"This copy is yours alone. {made.version.note}")
    return redirect("template-edit", made.id)


@require_POST
@answers_problems_on_the_page
def delete(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Takes it away; the next page offers to bring it back."""
    user = user_of(request)
    gone = visible(user, template_id)
    lifecycle.delete(user=user, template_id=template_id)
    undo = reverse("template-undelete", args=[template_id]) if gone.owner_id == user.id else ""
    tell(request, f"“{gone.name[:80]}” is deleted.", undo=undo)
    return redirect("templates")


@require_POST
@answers_problems_on_the_page
def undelete(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Brings it back."""
    back = lifecycle.undelete(user=user_of(request), template_id=template_id)
    tell(request, f"“{back.name[:80]}” is back.")
    return redirect("template", template_id)


def _tryable(request: HttpRequest, shown: TemplatePage) -> dict[str, Any]:
    """What the form needs to be run, beside its values."""
    wanted = (request.POST.get("model_id", ""), shown.content.model_id, shown.version.last_model_id)
    return {"choice": model_choice(user_of(request), wanted), "run_key": uuid4()}


def _shown(request: HttpRequest, template_id: UUID) -> TemplatePage:
    found = visible(user_of(request), template_id)
    given = {**request.GET.dict(), **request.POST.dict()}
    version = chosen(found, number=whole_number(given.get("version")), label=given.get("label", ""))
    return TemplatePage(found, version, user_of(request))


def _part(request: HttpRequest, template_id: UUID, part: str) -> HttpResponse:
    """That part of the page, or the way back to the page."""
    if not is_htmx(request):
        return redirect("template", template_id)
    shown = _shown(request, template_id)
    return render(request, f"templates_app/{part}.html", {"shown": shown, "card": shown.card})
