"""Protected labels: what the forms of the page of versions send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from foundation.http import body_gate
from foundation.rest.serializers import StrictSerializer
from templates_app.models import LabelRequest, RequestedAct
from templates_app.pages.acts import shows_what_a_gate_said
from templates_app.versions import label_requests
from templates_app.versions.asking import LabelDecisionBody, LabelRequestBody, LabelWithdrawalBody
from templates_app.versions.protection import protect


@require_POST
@answers_problems_on_the_page
def protect_label(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """From now on the label moves by the word of a second person only."""
    made = protect(user=user_of(request), template_id=template_id, label=_label(request))
    tell(request, f"“{made.name}” is protected: it moves by the word of a second person only.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def ask(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Asks for what was chosen: a version that the label shall point at, its removal, or an end of its protection."""
    wanted = request.POST.get("wanted", "")
    body = {"act": wanted} if wanted in RequestedAct.values else {"act": RequestedAct.MOVE.value, "version": wanted}
    asked = _checked(LabelRequestBody, {**body, "reason": request.POST.get("reason", "")})
    made = label_requests.ask(
        user=user_of(request),
        template_id=template_id,
        label=_label(request),
        act=RequestedAct(asked["act"]),
        number=asked.get("version"),
        reason=asked["reason"],
    )
    tell(request, f"Asked. “{made.name}” stays where it is until somebody else approves.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
@shows_what_a_gate_said
def approve(request: HttpRequest, template_id: UUID, request_id: UUID) -> HttpResponse:
    """Does what somebody else asked."""
    done = label_requests.approve(**_decision(request, template_id, request_id, LabelDecisionBody))
    tell(request, f"Approved: {_done(done)}.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def refuse(request: HttpRequest, template_id: UUID, request_id: UUID) -> HttpResponse:
    """Lets the label be as it is."""
    done = label_requests.refuse(**_decision(request, template_id, request_id, LabelDecisionBody))
    tell(request, f"Refused: “{done.name}” stays as it is.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def withdraw(request: HttpRequest, template_id: UUID, request_id: UUID) -> HttpResponse:
    """Takes back what one has asked."""
    done = label_requests.withdraw(**_decision(request, template_id, request_id, LabelWithdrawalBody))
    tell(request, f"Withdrawn: “{done.name}” stays as it is.")
    return redirect("template-versions", template_id)


def _label(request: HttpRequest) -> str:
    return request.POST.get("label", "").strip()


def _decision(
    request: HttpRequest, template_id: UUID, request_id: UUID, rules: type[StrictSerializer]
) -> dict[str, Any]:
    reason = _checked(rules, {"reason": request.POST.get("reason", "")})["reason"]
    which = {"template_id": template_id, "label": _label(request), "request_id": request_id}
    return {"user": user_of(request), "reason": reason, **which}


def _checked(rules: type[StrictSerializer], body: dict[str, Any]) -> dict[str, Any]:
    body_gate.check(body)
    given = rules(data=body)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _done(asked: LabelRequest) -> str:
    if asked.act == RequestedAct.MOVE and asked.version is not None:
        return f"“{asked.name}” points at version {asked.version.number}"
    if asked.act == RequestedAct.SPLIT and asked.version is not None:
        return f"{asked.terms['share']} % of the calls of “{asked.name}” get version {asked.version.number}"
    return f"“{asked.name}” is {'gone' if asked.act == RequestedAct.REMOVE else 'not protected any more'}"
