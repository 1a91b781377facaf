"""What a test's owner does with the whole of it: shares it, deletes it and brings it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from evaluation_app import deletion, sharing
from evaluation_app.api.shapes import TestShareBody
from evaluation_app.lookup import governed
from evaluation_app.models import EvaluationTest
from evaluation_app.pages.presentation.sharing import ShareForm
from foundation.problems import Problem
from foundation.rest.serializers import checked_json


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def share(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """The list of those whom it is shared with; every change of it is saved at once."""
    user = user_of(request)
    test = governed(user, test_id)
    if request.method == "GET":
        return _shown(request, test, ShareForm.of(test, user))
    form = ShareForm.from_post(request.POST.dict(), test, user)
    try:
        members = checked_json(TestShareBody(), {"members": form.members})["members"]
        shared = sharing.share(user=user, test_id=test_id, members=members)
    except (Problem, ValidationError) as error:
        problem = refusal_of(error)
        if problem.status in (403, 404):
            raise problem from error
        return _shown(request, test, form.refused(problem), status=problem.status)
    if not is_htmx(request):
        tell(request, "Saved.")
        return redirect("evaluation-share", test_id)
    return _shown(request, shared, ShareForm.of(shared, user, is_saved=True))


@require_POST
@answers_problems_on_the_page
def delete(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Takes the test away; the next page offers to bring it back."""
    gone = deletion.delete(user=user_of(request), test_id=test_id)
    tell(request, f"“{gone.name[:80]}” is deleted.", undo=reverse("evaluation-undelete", args=[test_id]))
    return redirect("evaluations")


@require_POST
@answers_problems_on_the_page
def undelete(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Brings it back."""
    back = deletion.undelete(user=user_of(request), test_id=test_id)
    tell(request, f"“{back.name[:80]}” is back.")
    return redirect("evaluation", test_id)


def _shown(request: HttpRequest, test: EvaluationTest, form: ShareForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"test": test, "form": form}
    if not is_htmx(request):
        return render(request, "evaluation_app/share.html", context, status=status)
    page = loader.render_to_string("evaluation_app/_share.html", context, request)
    return HttpResponse(page, status=status, headers={"HX-Reswap": "outerHTML"} if status >= 400 else {})
