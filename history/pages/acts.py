"""What is done to one session: changed, archived, deleted and brought back, forked, shared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from foundation.problems import Problem
from foundation.search.ordering import by_name
from history.api.timeline import ForkBody
from history.forking import fork as forked
from history.pages.dialogs import form_page, go_to
from history.pages.forms import SessionForm, errors_by_field
from history.pages.overview import known_projects
from history.pages.presentation.recent import recent
from history.pages.presentation.session import head_of
from history.pages.presentation.sharing import ShareForm
from sessions_app import lifecycle
from sessions_app.api.bodies import SessionShareBody
from sessions_app.lookup import forkable, refusal, visible
from sessions_app.models import PlaygroundSession


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def edit(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The session's form, and what it sends; who was overtaken sees what is there now, and keeps what was typed."""
    user = user_of(request)
    found = visible(user, session_id)
    if not PlaygroundSession.objects.editable_by(user).filter(id=session_id).exists():
        raise refusal(user, session_id)
    if request.method == "GET":
        return _form(request, found, SessionForm.from_session(found))
    form = SessionForm.from_post(request.POST)
    try:
        given = form.checked(is_new=False)
        lifecycle.change(user=user, session_id=session_id, given=given, check=_is_still(form.revision))
    except (Problem, ValidationError) as error:
        return _form(request, visible(user, session_id), form, refusal_of(error))
    tell(request, "Saved.")
    return go_to(request, reverse("session", args=[session_id]))


def _is_still(revision: str) -> Any:
    def check(session: PlaygroundSession) -> None:
        if revision != str(session.revision):
            raise Problem(412, "stale", "Somebody has changed this session since you opened it.")

    return check


def _form(request: HttpRequest, found: Any, form: SessionForm, problem: Problem | None = None) -> HttpResponse:
    is_stale = problem is not None and problem.status == 412
    current = SessionForm.from_session(found) if is_stale else None
    if is_stale:
        form.revision = str(found.revision)
    context = {
        "title": f"Edit {found.name}",
        "form": form,
        "current": current,
        "errors": errors_by_field(problem) if problem and not is_stale else {},
        **known_projects(request, form),
        "action": reverse("session-edit", args=[found.id]),
        "submit": "Save mine over it" if is_stale else "Save",
        "back": reverse("session", args=[found.id]),
    }
    return form_page(request, "_form", context, status=problem.status if problem else 200)


@require_POST
@answers_problems_on_the_page
def archive(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Puts the session away; the next page offers to take it back."""
    done = lifecycle.change(user=user_of(request), session_id=session_id, given={"archived": True}, check=_no_check)
    tell(request, f"“{done.name[:80]}” is archived.", undo=reverse("session-unarchive", args=[session_id]))
    return redirect("session", session_id)


@require_POST
@answers_problems_on_the_page
def unarchive(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Takes it out of the archive."""
    done = lifecycle.change(user=user_of(request), session_id=session_id, given={"archived": False}, check=_no_check)
    tell(request, f"“{done.name[:80]}” is out of the archive.")
    return redirect("session", session_id)


def _no_check(session: PlaygroundSession) -> None:
    """Whatever the session has become meanwhile, it can be put away."""


@require_POST
@answers_problems_on_the_page
def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Takes the session away; the next page offers to bring it back."""
    user = user_of(request)
    gone = visible(user, session_id)
    lifecycle.delete(user=user, session_id=session_id)
    tell(request, f"“{gone.name[:80]}” is deleted.", undo=reverse("session-undelete", args=[session_id]))
    return redirect("sessions")


@require_POST
@answers_problems_on_the_page
def undelete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Brings it back."""
    back = lifecycle.undelete(user=user_of(request), session_id=session_id)
    tell(request, f"“{back.name[:80]}” is back.")
    return redirect("session", session_id)


@require_POST
@answers_problems_on_the_page
def fork(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A session of one's own with the history, whole or up to a run."""
    user = user_of(request)
    asked = ForkBody(data={name: request.POST[name] for name in ("up_to_execution_id",) if request.POST.get(name)})
    asked.is_valid(raise_exception=True)
    up_to = asked.validated_data.get("up_to_execution_id")
    found = forkable(user, session_id)
    made = forked(user=user, session=found, up_to=up_to)
    tell(request, "This copy is yours alone; the other session stays as it is.")
    return go_to(request, reverse("session", args=[made.id]))


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def share(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Whom the session is shared with; sets it as the form says."""
    user = user_of(request)
    found = visible(user, session_id)
    if found.user_id != user.id:
        raise Problem(403, "forbidden", "Only the owner shares a session.")
    if found.is_hidden:
        raise refusal(user, session_id)
    if request.method == "GET":
        return _share_form(request, found, ShareForm.from_members(lifecycle.share_json(found)["members"]))
    form = ShareForm.from_post(request.POST)
    try:
        lifecycle.share(user=user, session_id=session_id, members=_members(form))
    except (Problem, ValidationError) as error:
        return _share_form(request, found, form, refusal_of(error))
    if not is_htmx(request):
        tell(request, "The share is set.")
        return redirect("session-share", session_id)
    kept = ShareForm.from_members(lifecycle.share_json(found)["members"])
    return _share_form(request, found, kept, done=form.summary)


def _members(form: ShareForm) -> Any:
    body = SessionShareBody(data={"members": form.members})
    body.is_valid(raise_exception=True)
    return body.validated_data["members"]


def _share_form(
    request: HttpRequest, found: Any, form: ShareForm, problem: Problem | None = None, done: str = ""
) -> HttpResponse:
    user: User = user_of(request)
    context = {
        "title": f"Share {found.name}",
        "session": found,
        "shown": head_of(visible(user, found.id), user, recent(found).unpriced_runs) if done else None,
        "form": form,
        "lines": form.lines(problem.errors if problem else []),
        "problem": form.problem_of_new(problem) if problem else "",
        "teams": form.teams_left(user.teams.order_by(*by_name())),
        "done": done,
        "back": reverse("session", args=[found.id]),
    }
    return form_page(request, "_share", context, status=problem.status if problem else 200)
