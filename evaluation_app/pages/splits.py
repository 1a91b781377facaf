"""Traffic splits of a label: what its fold on the page of versions shows, and what its forms send."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from evaluation_app.pages.presentation.split import LabelTraffic
from foundation.rest.serializers import checked_json
from templates_app.lookup import check_label, visible
from templates_app.models import RequestedAct
from templates_app.pages.acts import shows_what_a_gate_said, whole_number
from templates_app.splits import lifecycle
from templates_app.splits.bodies import ShareBody, SplitBody
from templates_app.splits.terms import Terms
from templates_app.versions import label_requests
from templates_app.versions.asking import LabelDecisionBody


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def split(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The label's traffic; `?part=figures` asks for what changes alone, and gets all of it once the split has ended."""
    label = request.GET.get("label", "")
    check_label(label)
    template = visible(user_of(request), template_id)
    traffic = LabelTraffic(template, label, user_of(request))
    is_followed = is_htmx(request) and request.GET.get("part") == "figures"
    part = "_split_figures" if is_followed and traffic.running else "_split" if is_htmx(request) else "split"
    answer = render(request, f"evaluation_app/{part}.html", {"template": template, "traffic": traffic})
    if is_followed and not traffic.running:
        answer["HX-Retarget"], answer["HX-Reswap"] = f"#split-{label}", "outerHTML"
    return answer


@require_POST
@answers_problems_on_the_page
@shows_what_a_gate_said
def begin(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Sends a share of the label's calls to another version; with a reason, asks for that (of a protected label)."""
    sent, label = request.POST, request.POST.get("label", "")
    wanted = {name: whole_number(sent.get(name)) for name in ("version", "share")}
    measure, _, suite_id = sent.get("measure", "").partition(":")
    body = {**wanted, "measure": measure, "suite_id": suite_id or None, "promotes": sent.get("promotes") == "on"}
    given = checked_json(SplitBody(), body)
    user, number, terms = user_of(request), given["version"], Terms.of(given)
    if "reason" in sent:
        reason = checked_json(LabelDecisionBody(), {"reason": sent["reason"]})["reason"]
        label_requests.ask(
            user=user,
            template_id=template_id,
            label=label,
            act=RequestedAct.SPLIT,
            number=number,
            reason=reason,
            terms=terms,
        )
        tell(request, f"Asked. The calls of “{label}” are split once somebody else approves.")
        return redirect("template-versions", template_id)
    lifecycle.begin(user=user, template_id=template_id, label=label, number=number, terms=terms)
    tell(request, f"{terms.share} % of the calls of “{label}” get version {number} from now on.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def change_share(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Gives the candidate more or fewer of them."""
    label = request.POST.get("label", "")
    check_label(label)
    share = checked_json(ShareBody(), {"share": whole_number(request.POST.get("share"))})["share"]
    lifecycle.change_share(user=user_of(request), template_id=template_id, label=label, share=share)
    tell(request, f"The candidate of “{label}” gets {share} % of the calls from now on.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def stop(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """All calls go where the label points again."""
    label = request.POST.get("label", "")
    check_label(label)
    ended = lifecycle.stop(user=user_of(request), template_id=template_id, label=label)
    tell(request, f"All calls of “{label}” get version {ended.control.number} again.")
    return redirect("template-versions", template_id)
