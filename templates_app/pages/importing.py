"""Importing: files are looked at, picked from, taken in, and taken back."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from foundation.problems import FieldError, Problem, invalid
from foundation.words import counted
from templates_app.exchange.deciding import WISHES
from templates_app.exchange.formats.format import COLUMNS, Choices
from templates_app.exchange.formats.registry import FORMATS
from templates_app.exchange.planning import Plan, Wishes, plan
from templates_app.exchange.reading import AUTO
from templates_app.exchange.source import Source
from templates_app.exchange.staging import discard, sources_of, stage, staged
from templates_app.exchange.undoing import run_of, undo
from templates_app.exchange.writing import carry_out, rehearse
from templates_app.models import TemplateImport
from templates_app.pages.presentation.importing import PlanView, RunView, columns_asked, recent

MOST_FILES: Final = 500


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def import_(request: HttpRequest) -> HttpResponse:
    """The form. What is sent is looked at; files that are refused are kept, and need not be chosen again."""
    user = user_of(request)
    if request.method == "GET":
        return _form(request, user, _kept(request.GET.get("run", ""), user))
    run = _kept(request.POST.get("run", ""), user)
    try:
        sources = _sent(request)
    except Problem as problem:
        if run is None or request.POST.get("document", "").strip():
            return _form(request, user, run, problem)
        sources = sources_of(run)
    choices = _choices(request)
    if run is not None:
        discard(user=user, run_id=run.id)
    run = stage(user=user, sources=sources, choices=choices)
    try:
        _plan(run, user)
    except Problem as problem:
        return _form(request, user, run, problem)
    return HttpResponseRedirect(reverse("template-imported", args=[run.id]))


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def imported(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What would be done with the files, entry by entry; sent, it does what is picked. Then what was done."""
    user = user_of(request)
    run = run_of(user, import_id)
    if run.carried_out_at is not None:
        return render(request, "templates_app/imported.html", {"run": RunView(run)})
    problem: Problem | None = None
    found = _plan(run, user)
    rehearse(found, user=user)
    if request.method == "POST":
        chosen = _chosen(found, run, user, _wishes(request))
        try:
            _refuse_changed(request, found)
            if not chosen.entries:
                raise invalid([FieldError("", "required", "Nothing is picked.")])
            carry_out(chosen, user=user, run=run)
        except Problem as refusal:
            problem = refusal
        else:
            amount = sum(entry.is_written for entry in chosen.entries)
            way_back = reverse("template-import-undo", args=[run.id])
            tell(request, f"{counted(amount, 'template')} imported.", undo=way_back)
            return HttpResponseRedirect(reverse("template-imported", args=[run.id]))
    context = {"run": run, "plan": PlanView(found, _wishes(request)), "problem": problem}
    return render(request, "templates_app/import_plan.html", context, status=problem.status if problem else 200)


@require_POST
@answers_problems_on_the_page
def undo_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Takes an import back, and tells of each template what became of it."""
    done = undo(user=user_of(request), run_id=import_id)
    stays = [each for each in done if not each.is_undone]
    told = f"The import is undone: {counted(len(done) - len(stays), 'template')} taken back."
    if stays:
        told += " " + " ".join(f"“{each.name[:60]}”: {each.reason}" for each in stays[:5])
    tell(request, told)
    return HttpResponseRedirect(reverse("template-imported", args=[import_id]))


@require_POST
@answers_problems_on_the_page
def discard_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Forgets the files."""
    discard(user=user_of(request), run_id=import_id)
    return HttpResponseRedirect(reverse("templates"))


def _form(
    request: HttpRequest, user: User, run: TemplateImport | None = None, problem: Problem | None = None
) -> HttpResponse:
    is_text = run is not None and [each["name"] for each in run.sources] == [""]
    text = sources_of(run)[0].data.decode("utf-8", "replace") if run and is_text else request.POST.get("document", "")
    choices = run.choices if run else _choices(request)
    titles = problem.extra.get("columns", []) if problem else []
    context = {
        "problem": problem,
        "run": run,
        "document": text,
        "kept": [] if run is None or is_text else [each["name"] for each in run.sources],
        "choices": choices,
        "formats": FORMATS.values(),
        "columns": columns_asked(choices, titles),
        "asks_for_columns": bool(titles),
        "recent": recent(user),
    }
    return render(request, "templates_app/import.html", context, status=problem.status if problem else 200)


def _kept(run_id: str, user: User) -> TemplateImport | None:
    """The files that were looked at before, where they are still there."""
    try:
        return staged(user=user, run_id=UUID(run_id))
    except (ValueError, Problem):
        return None


def _sent(request: HttpRequest) -> list[Source]:
    files, text = request.FILES.getlist("file"), request.POST.get("document", "").replace("\r\n", "\n")
    if files and text.strip():
        message = "There are a file and a text. Empty the text, or choose no file."
        raise invalid([FieldError("document", "contradiction", message)])
    if len(files) > MOST_FILES:
        raise invalid([FieldError("file", "max_length", f"Up to {MOST_FILES} files are taken at once.")])
    if files:
        return [Source(each.read(), str(each.name or "file")) for each in files]
    if not text.strip():
        raise invalid([FieldError("file", "required", "Choose a file, or paste its text.")])
    return [Source(text.encode())]


def _choices(request: HttpRequest) -> dict[str, Any]:
    """What was said of the files, as the run keeps it."""
    name = request.POST.get("format", AUTO)
    columns = {each: request.POST.get(f"{each}_column", "")[:255] for each in COLUMNS}
    return {
        "format": name if name in FORMATS else AUTO,
        "name": request.POST.get("name", "").strip()[:255],
        "columns": {each: title for each, title in columns.items() if title},
    }


def _plan(run: TemplateImport, user: User, wishes: Wishes | None = None) -> Plan:
    said = run.choices
    choices = Choices(said.get("columns", {}), said.get("name", ""))
    return plan(
        sources_of(run),
        user=user,
        format_name=said.get("format", AUTO),
        choices=choices,
        wishes=wishes,
        leaves_out=True,
    )


def _chosen(found: Plan, run: TemplateImport, user: User, wishes: Wishes) -> Plan:
    """What is picked of the plan; made anew only where that changes more than which entries there are."""
    if wishes.conflicts or any(entry.draft.material for entry in found.entries):
        return _plan(run, user, wishes)
    return Plan(found.format, [each for each in found.entries if each.index in (wishes.picked or ())], found.notes)


def _wishes(request: HttpRequest) -> Wishes:
    if request.method == "GET":
        return Wishes()
    picked = frozenset(int(each) for each in request.POST.getlist("entry") if each.isdecimal())
    conflicts = {
        int(name.removeprefix("conflict-")): value
        for name, value in request.POST.items()
        if name.startswith("conflict-") and name.removeprefix("conflict-").isdecimal() and value in WISHES
    }
    # What becomes of a conflict is picked with what is to be done with it.
    return Wishes(picked | frozenset(conflicts), conflicts=conflicts)


def _refuse_changed(request: HttpRequest, found: Plan) -> None:
    """What somebody saved meanwhile may make another thing of what was shown."""
    if request.POST.get("shown") != PlanView(found).fingerprint:
        message = "What is here has changed since you looked: see what would be done now, and send it again."
        raise Problem(409, "changed_meanwhile", message)
