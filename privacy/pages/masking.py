"""`/settings/masking`: what is masked in which project, and a text to try it on; for curators and administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import checked_json
from foundation.words import number
from privacy.masking import editing
from privacy.masking.bodies import LONGEST_PROJECT, LONGEST_TEXT, RulesSerializer, rules_of
from privacy.masking.placeholders import SHAPE
from privacy.masking.rules import Files, Rules
from privacy.models import EVERY, MaskingRules
from privacy.pages.masking_form import FINDERS, LABELS, body_of, errors_at_fields, given_of, in_words

SAMPLE: Final = "Dear Ada, please write to ada@example.org or call +49 30 901820."
FIRST: Final = {"project_id": "", "email": "on", "phone": "on", "iban": "on", "card": "on", "files": Files.REFUSE.value}
UNREADABLE: Final = "cannot be read"


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def masking(request: HttpRequest) -> HttpResponse:
    """The list and the form, with a project's rules where the address names one; a POST sets them, or only tries them
    on a text."""
    editing.check_may_edit(user_of(request))
    if request.method != "POST":
        return _page(request, _filled(request))
    given = {name: str(value) for name, value in request.POST.items()}
    given["project_id"] = given.get("project_id", "").strip()
    try:
        if given.get("act") == "try":
            return _page(request, given, tried=_tried(request, given))
        row, _ = editing.set_rules(user=user_of(request), project_id=given["project_id"], rules=_rules(given))
    except (Problem, ValidationError) as error:
        return _page(request, given, problem=refusal_of(error))
    tell(request, f"{_named(row.project_id)} is masked by these rules: every call knows of it within seconds.")
    return HttpResponseRedirect(reverse("masking"))


@require_POST
@answers_problems_on_the_page
def remove(request: HttpRequest) -> HttpResponse:
    """The project has no rules of its own any more."""
    project_id = request.POST.get("project_id", "")
    editing.remove_rules(user=user_of(request), project_id=project_id)
    tell(request, f"{_named(project_id)} has no rules of its own any more.")
    return HttpResponseRedirect(reverse("masking"))


def _filled(request: HttpRequest) -> dict[str, str]:
    project_id = request.GET.get("project", "")
    row = MaskingRules.objects.filter(project_id=project_id).first() if project_id else None
    if row is None:
        return {**FIRST, "project_id": project_id[:LONGEST_PROJECT], "text": SAMPLE}
    rules = editing.readable(row)
    return {**(given_of(rules) if rules else FIRST), "project_id": project_id, "text": SAMPLE}


def _rules(given: Mapping[str, str]) -> Rules:
    return rules_of(checked_json(RulesSerializer(), body_of(given)))


def _tried(request: HttpRequest, given: Mapping[str, str]) -> dict[str, Any]:
    text = given.get("text", "")
    if len(text) > LONGEST_TEXT:
        raise invalid([FieldError("text", "max_length", f"Up to {number(LONGEST_TEXT)} characters are tried.")])
    found = editing.tried(user=user_of(request), text=text, rules=_rules(given))
    return {**found, "pieces": _pieces(found["sent"], text), "is_whole": found["restored"] == text}


def _pieces(sent: str, text: str) -> list[tuple[str, bool]]:
    """What would be sent, cut at its placeholders, and whether a piece is one: none that the text has by itself is."""
    written, pieces, end = set(SHAPE.findall(text)), [], 0
    for match in SHAPE.finditer(sent):
        if match.group() not in written:
            pieces += [(sent[end : match.start()], False), (match.group(), True)]
            end = match.end()
    return [*pieces, (sent[end:], False)]


def _named(project_id: str) -> str:
    return "Every project without rules of its own" if project_id == EVERY else f"Project “{project_id}”"


def _page(
    request: HttpRequest,
    given: Mapping[str, Any],
    *,
    tried: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    errors = errors_at_fields(problem.errors, given) if problem else {}
    context = {
        "rows": [_line(row) for row in editing.all_rules(user=user_of(request))],
        "given": given,
        "finders": [(name, title, hint, given.get(name) == "on") for name, title, hint in FINDERS],
        "files": Files.choices,
        "tried": tried,
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
        "told": errors.get("", "") or ("" if errors else problem and problem.detail),
    }
    return render(request, "privacy/masking.html", context, status=problem.status if problem else 200)


def _line(row: MaskingRules) -> dict[str, Any]:
    """A project as its line shows it."""
    rules = editing.readable(row)
    return {
        "row": row,
        "named": _named(row.project_id),
        "masked": in_words(rules) if rules else UNREADABLE,
        "is_readable": rules is not None,
    }
