"""The panel beside the prompt: what the services around can put into it, and the project's own choice of a model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from accounts.pages.answers import is_htmx, user_of
from integrations.knowledge_service.client import LONGEST_QUERY
from integrations.project_service.errors import ProjectServiceFailed
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.sources import ProjectView, document_view, presets, project_view
from playground.sources import knowledge
from playground.sources.personas import personas
from providers.catalogue import listing
from sessions_app.models import PlaygroundSession
from sessions_app.projects import details

DOCUMENTS = 5


def are_there(session: PlaygroundSession) -> bool:
    """Whether the panel has anything to show beside this session's prompts."""
    env = settings.ENV
    is_of_project = bool(env.project_service_url and session.project_id)
    return knowledge.is_configured() or is_of_project or env.llm_service_url is not None


@require_GET
@vary_on_headers("HX-Request")
def sources(request: HttpRequest) -> HttpResponse:
    """The panel for `?session=`; with `?query=` what the documents say to it."""
    query = request.GET.get("query", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    session_id = request.GET.get("session", "")
    context: dict[str, Any] = {"query": query, "session_id": session_id, "has_knowledge": knowledge.is_configured()}
    if query:
        context["found"] = _documents(request, query)
    if query and is_htmx(request):
        return render(request, "playground/_documents.html", context)
    session = _session(user_of(request), session_id)
    context["project"] = project_of(request, session) if session else None
    authorization = request.headers.get("Authorization", "")
    told, context["personas_away"] = personas(user_id=user_of(request).id, authorization=authorization)
    context["personas"] = presets(told)
    page = "_sources" if is_htmx(request) else "sources"
    return render(request, f"playground/{page}.html", context)


def project_of(request: HttpRequest, session: PlaygroundSession) -> ProjectView | None:
    """The session's project as this user sees it; None without one, or where no Project Service is set up."""
    base_url, project_id = settings.ENV.project_service_url, session.project_id
    if not base_url or not project_id:
        return None
    user, authorization = user_of(request), request.headers.get("Authorization", "")
    try:
        return project_view(details(base_url, project_id, user_id=user.id, authorization=authorization))
    except ProjectServiceFailed as failure:
        return ProjectView(project_id, reason=str(failure))


def model_of(project: ProjectView | None, found: list[ModelView]) -> str:
    """The project's default model by our name of it: its own, which a provider of ours need not list, else the only one
    whose provider calls it so."""
    wanted = project.default_model if project else ""
    if not wanted or any(model.id == wanted for model in found) or ("/" in wanted and listing.model(wanted)):
        return wanted
    called = [model.id for model in found if model.id.partition("/")[2] == wanted]
    return called[0] if len(called) == 1 else ""


def note_of(project: ProjectView | None, model_id: str, found: list[ModelView]) -> str:
    """What the page says of the project's choice beside the model; nothing where it has made none."""
    if project is None or not (project.reason or project.default_model):
        return ""
    if project.reason:
        return f"{project.reason} The default model of the project is not known now."
    default = model_of(project, found)
    if not default:
        return f"The default model of the project, {project.default_model}, is none of the models here."
    return (
        "The default model of the project."
        if default == model_id
        else f"The default model of the project is {default}."
    )


def _documents(request: HttpRequest, query: str) -> dict[str, Any]:
    authorization = request.headers.get("Authorization", "")
    found = knowledge.searched(query=query, limit=DOCUMENTS, user_id=user_of(request).id, authorization=authorization)
    return {"reason": found["reason"], "documents": [document_view(each) for each in found["results"]]}


def _session(user: User, named: str) -> PlaygroundSession | None:
    if not named:
        return None
    try:
        wanted = UUID(named)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(PlaygroundSession.objects.visible_to(user), id=wanted)
