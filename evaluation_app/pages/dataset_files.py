"""Importing into a dataset: a file is looked at, then taken in as it was shown."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.datasets.formats.plain_expected import TAKING
from evaluation_app.datasets.formats.registry import FORMATS, format_named
from evaluation_app.datasets.importing import Imported, import_into
from evaluation_app.datasets.reading import visible
from evaluation_app.pages.presentation.dataset import JUDGED, faults_of
from foundation.problems import FieldError, Problem, invalid
from foundation.words import counted

MOST_SHOWN: Final = 50
"""Notes of a file that the page lists."""


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def import_(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """The form; sent once it shows what would come, sent again it does that. What was sent goes along: it can be looked
    at another way, and is not lost where it is refused.
    """
    user = user_of(request)
    dataset = visible(user, dataset_id)
    scorer, text = request.POST.get("scorer", ""), _text(request)
    context: dict[str, Any] = {
        "dataset": dataset,
        "formats": FORMATS.values(),
        "judged": JUDGED,
        "scorer": scorer if scorer in TAKING else "contains",
        "mode": "replace" if request.POST.get("mode") == "replace" else "add",
        "format": request.POST.get("format", ""),
        "document": text,
        "packed": "" if text.strip() else request.POST.get("packed", ""),
        "file_name": request.POST.get("file_name", ""),
    }
    if request.method == "GET":
        return render(request, "evaluation_app/datasets/import.html", context)
    is_done = request.POST.get("act") == "import"
    try:
        data, name = _sent(request)
        if name:
            context |= {"packed": base64.b64encode(data).decode(), "file_name": name}
        chosen = format_named(context["format"], file_name=name)
        if chosen is None:
            raise invalid([FieldError("format", "required", "Choose what the file is: its name does not tell.")])
        imported = import_into(
            user=user, dataset_id=dataset_id, data=data, chosen=chosen, scorer=context["scorer"],
            replaces=context["mode"] == "replace", is_rehearsal=not is_done,
        )  # fmt: skip
    except (Problem, ValidationError) as error:
        problem = refusal_of(error)
        faults = faults_of(problem.errors) or [problem.detail or problem.title]
        context |= {"faults": faults[:20], "more": max(0, len(faults) - 20)}
        return render(request, "evaluation_app/datasets/import.html", context, status=problem.status)
    if is_done:
        tell(request, _sentence(imported))
        return HttpResponseRedirect(reverse("dataset", args=[dataset_id]))
    context |= {
        "imported": imported,
        "told": _sentence(imported),
        "notes": imported.read.notes[:MOST_SHOWN],
        "more_notes": max(0, len(imported.read.notes) - MOST_SHOWN),
        "chosen": chosen.name,
    }
    return render(request, "evaluation_app/datasets/import.html", context)


def _sent(request: HttpRequest) -> tuple[bytes, str]:
    """A file that is chosen now, a text, or the file that was looked at before; and the file's name."""
    file, text = request.FILES.get("file"), _text(request)
    if file is not None and text.strip():
        message = "There are a file and a text. Empty the text, or choose no file."
        raise invalid([FieldError("document", "conflict", message)])
    if file is not None:
        return file.read(), str(file.name or "")
    if text.strip():
        return text.encode(), ""
    if packed := request.POST.get("packed", ""):
        try:
            return base64.b64decode(packed, validate=True), request.POST.get("file_name", "")
        except (binascii.Error, ValueError):
            raise invalid([FieldError("file", "invalid", "Choose the file again.")]) from None
    raise invalid([FieldError("file", "required", "Choose a file, or paste its text.")])


def _text(request: HttpRequest) -> str:
    """What was pasted. A form sends every line's end as two characters."""
    return request.POST.get("document", "").replace("\r\n", "\n")


def _sentence(imported: Imported) -> str:
    saved = imported.saved
    if saved is None:
        return ""
    told = [
        f"{counted(count, 'case')} {what}"
        for count, what in (
            (saved.added, "added"),
            (saved.changed, "changed"),
            (saved.removed, "taken out"),
            (saved.unchanged, "as before"),
        )
        if count
    ]
    return ", ".join(told) + "." if told else "Nothing would change."
