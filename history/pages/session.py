"""One session: its runs as they come, and what people say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, user_of
from foundation.problems import Problem, not_found
from foundation.rest.cursor import Page
from foundation.search.counting import counted_rows, counted_searched
from foundation.search.ordering import by_name
from history.pages.dialogs import form_page
from history.pages.presentation.feedback import RatingLine, comment_views, mentionable
from history.pages.presentation.recent import recent
from history.pages.presentation.runs import PAGE, Judgement, RunFilter, RunRow, TemplateLink, matches
from history.pages.presentation.session import SessionView, head_of
from history.timeline import executions_of, history_page
from playground import feedback
from playground.api.feedback import CommentBody, RatingBody
from playground.models import ExecutionComment, ExecutionRating, PromptExecution
from playground.pages.presentation.execution import ExecutionView
from sessions_app.lookup import visible
from templates_app.models import PromptTemplate, TemplateVersion

MOST_COMMENTS = 200


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The session's runs, newest first, as the address narrows them; `?cursor=` gives older ones."""
    user = user_of(request)
    found = visible(user, session_id)
    wanted = RunFilter.of(request.GET)
    cursor = request.GET.get("cursor", "")
    page, searched = history_page(found, {**wanted.as_history, "cursor": cursor, "page_size": PAGE})
    context: dict[str, Any] = {"shown": SessionView(found, user), "wanted": wanted, "cursor": cursor}
    context.update(_timeline(user, page, searched))
    if is_htmx(request) and cursor:
        return render(request, "history/_runs.html", context)
    known = recent(found)
    names = _template_names(user, wanted.templates(known))
    context.update(models=wanted.models(known), templates=names, chips=wanted.chips(names))
    if wanted.narrows:
        context["found"] = _found(found, wanted, page, searched, is_first=not cursor)
    if is_htmx(request):
        return render(request, "history/_found_runs.html", context)
    context["shown"] = head_of(found, user, known.unpriced_runs)
    return render(request, "history/session.html", context)


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def run(request: HttpRequest, session_id: UUID, execution_id: UUID) -> HttpResponse:
    """One run's row with the session's figures; 204 when the address narrows it away."""
    user = user_of(request)
    found = visible(user, session_id)
    if not is_htmx(request):
        return redirect(f"{reverse('playground')}?execution={execution_id}")
    wanted = RunFilter.of(request.GET)
    if wanted.narrows and not matches(found, wanted, execution_id, executions_of(found, wanted.as_history)):
        return HttpResponse(status=204)
    row = _row(user, found, execution_id)
    shown = head_of(found, user, recent(found).unpriced_runs)
    return render(request, "history/_arrival.html", {"row": row, "shown": shown})


@require_POST
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def rate(request: HttpRequest, session_id: UUID, execution_id: UUID) -> HttpResponse:
    """Takes a thumb or one to five as the viewer's rating."""
    user = user_of(request)
    found = visible(user, session_id)
    rules = RatingBody(data={name: request.POST[name] for name in ("thumb", "value", "note") if name in request.POST})
    rules.is_valid(raise_exception=True)
    feedback.rate(user=user, execution=_execution(user, found, execution_id), **rules.validated_data)
    if not is_htmx(request):
        return redirect("session-thread", session_id, execution_id)
    if request.POST.get("in") == "thread":
        return _thread(request, user, found, execution_id)
    context = {"row": _row(user, found, execution_id), "shown": SessionView(found, user)}
    return render(request, "history/_rating.html", context)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def thread(request: HttpRequest, session_id: UUID, execution_id: UUID) -> HttpResponse:
    """What people say of a run: ratings and comments, and one more comment."""
    user = user_of(request)
    found = visible(user, session_id)
    if request.method == "POST":
        execution = _execution(user, found, execution_id)
        try:
            feedback.add_comment(user=user, execution=execution, text=_comment_text(request))
        except ValidationError as error:
            return _thread(request, user, found, execution_id, problem=refusal_of(error))
        if not is_htmx(request):
            return redirect("session-thread", session_id, execution_id)
    return _thread(request, user, found, execution_id)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def comment(request: HttpRequest, session_id: UUID, comment_id: UUID) -> HttpResponse:
    """Changes or removes a comment: `?act=` asks for its form, or whether it shall go."""
    user = user_of(request)
    found = visible(user, session_id)
    shown = ExecutionComment.objects.visible_to(user).filter(id=comment_id).select_related("execution").first()
    if shown is None or shown.execution.session_id != found.id:
        raise not_found("The comment")
    act = request.POST.get("act") or request.GET.get("act", "")
    if request.method == "GET":
        return _thread(request, user, found, shown.execution_id, act=act, about=comment_id)
    try:
        if act == "remove":
            feedback.remove_comment(user=user, comment_id=comment_id)
        else:
            feedback.change_comment(user=user, comment_id=comment_id, text=_comment_text(request))
    except ValidationError as error:
        return _thread(
            request, user, found, shown.execution_id, act="edit", about=comment_id, problem=refusal_of(error)
        )
    if not is_htmx(request):
        return redirect("session-thread", session_id, shown.execution_id)
    return _thread(request, user, found, shown.execution_id)


def _comment_text(request: HttpRequest) -> str:
    rules = CommentBody(data={"text": request.POST.get("text", "").replace("\r\n", "\n")})
    rules.is_valid(raise_exception=True)
    return str(rules.validated_data["text"])


def _thread(
    request: HttpRequest,
    user: User,
    found: Any,
    execution_id: UUID,
    *,
    act: str = "",
    about: UUID | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    """The thread; with `problem` what was typed stays, and the reason stands at its field."""
    row = _row(user, found, execution_id)
    said = ExecutionComment.objects.filter(execution=execution_id).select_related("author").order_by("created_at", "id")
    rated = ExecutionRating.objects.filter(execution=execution_id).select_related("user").order_by("rated_at", "id")
    context = {
        "title": "Feedback on a run",
        "back": reverse("session", args=[found.id]),
        "row": row,
        "shown": SessionView(found, user),
        "comments": comment_views(feedback.comments_json(said[:MOST_COMMENTS]), user, found.user_id),
        "ratings": RatingLine.of(rated[:MOST_COMMENTS], user.id),
        "people": mentionable(found, user),
        "act": act,
        "about": about,
        "typed": request.POST.get("text", "") if problem else "",
        "problem": problem.errors[0]["message"] if problem else "",
        "only_list": request.GET.get("part") == "list",
    }
    part = "_comments" if context["only_list"] else "_thread"
    return form_page(request, part, context, status=problem.status if problem else 200)


def _found(session: Any, wanted: RunFilter, page: Page, searched: int, *, is_first: bool) -> str:
    """How many of the session's runs are as wanted."""
    if "search" in wanted.wanted:
        return counted_searched(len(page.rows), "run", opened=searched, is_first=is_first, is_last=page.next is None)
    return counted_rows(executions_of(session, wanted.as_history), "run")


def _timeline(user: User, page: Page, searched: int) -> dict[str, Any]:
    return {"rows": _rows(user, page.rows), "older": page.next, "searched": searched}


def _execution(user: User, found: Any, execution_id: UUID) -> PromptExecution:
    execution = feedback.seen(user, execution_id)
    if execution.session_id != found.id:
        raise not_found("The execution")
    return execution


def _row(user: User, found: Any, execution_id: UUID) -> RunRow:
    return _rows(user, [_execution(user, found, execution_id)])[0]


def _rows(user: User, executions: Iterable[PromptExecution]) -> list[RunRow]:
    """The runs with what stands beside them, in a handful of queries for all of them."""
    listed = list(executions)
    ids = [each.id for each in listed]
    ratings = defaultdict(list)
    for rating in ExecutionRating.objects.filter(execution__in=ids).defer("sealed"):
        ratings[rating.execution_id].append(rating)
    counts = ExecutionComment.objects.filter(execution__in=ids).order_by().values_list("execution_id")
    comments = dict(counts.annotate(Count("id")))
    people = User.objects.in_bulk({each.user_id for each in listed} - {user.id})
    templates = _template_links(user, {each.template_version_id for each in listed if each.template_version_id})
    return [
        RunRow(
            view=ExecutionView(each),
            author=str(people.get(each.user_id, "")),
            template=templates.get(each.template_version_id),
            judgement=Judgement.of(ratings[each.id], user.id),
            comments=comments.get(each.id, 0),
        )
        for each in listed
    ]


def _template_links(user: User, version_ids: set[UUID]) -> Mapping[UUID | None, TemplateLink]:
    if not version_ids:
        return {}
    versions = (
        TemplateVersion.objects.filter(id__in=version_ids)
        .select_related("template")
        .only("id", "number", "template__id", "template__name")
    )
    seen = set(PromptTemplate.objects.visible_to(user).filter(versions__in=version_ids).values_list("id", flat=True))
    return {
        each.id: TemplateLink(each.template_id, each.template.name, each.number)
        if each.template_id in seen
        else TemplateLink(None, "a template of somebody else's", each.number)
        for each in versions
    }


def _template_names(user: User, ids: Collection[UUID]) -> dict[str, str]:
    if not ids:
        return {}
    named = PromptTemplate.objects.visible_to(user).filter(id__in=ids).order_by(*by_name(key="name_order"))
    return {str(each.id): each.name for each in named}
