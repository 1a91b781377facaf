"""What the Template Manager refuses: code, HTTP status and a sentence, on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from foundation.problems import FieldError, Problem

if TYPE_CHECKING:
    from accounts.models import User
    from templates_app.models import LabelRequest

NAMED: Final = 5
"""People whom a sentence names."""


def invalid_variables(errors: Iterable[FieldError]) -> Problem:
    """400: values that do not fit their variables, an error a variable (`variables.tone`)."""
    listed = list(errors)
    names = ", ".join(dict.fromkeys(error.field for error in listed))
    return Problem(400, "invalid_variables", f"Not valid: {names}.", errors=listed)


def cannot_render(message: str, *, code: str = "cannot_render", field: str = "prompt") -> Problem:
    """400: the template itself fails with these values; `field` is the text that does."""
    return Problem(400, code, message, errors=[FieldError(field, code, message)])


def version_missing(which: str) -> Problem:
    """404: the template is there, the version or label asked for is not."""
    return Problem(404, "no_such_version", f"The template has no {which}.")


def stale(current: Any) -> Problem:
    """412: `If-Match` names an older state; the present one comes along."""
    return Problem(412, "stale", "It has been changed since; `current` is what it is now.", current=current)


def conflict(current: Any, yours: Any) -> Problem:
    """409: somebody saved in between; both texts come along, so that nothing is lost."""
    return Problem(
        409, "conflict", "Somebody has saved another version since; both are here.", current=current, yours=yours
    )


def forbidden(what: str) -> Problem:
    """403: visible, but not theirs to change."""
    return Problem(403, "forbidden", what)


def label_protected(
    *, template_id: UUID, label: str, protected_by: User | None, asked: LabelRequest | None, approvers: Sequence[Any]
) -> Problem:
    """409: the label moves by the word of a second person only; how to ask comes along, and what is asked already."""
    by = f" by {protected_by}" if protected_by else ""
    names = ", ".join(each["name"] for each in approvers[:NAMED])
    more = f" and {len(approvers) - NAMED} more" if len(approvers) > NAMED else ""
    who = f"{names}{more} could approve." if names else "Nobody else may change the template: share it with an editor."
    address = f"/api/templates/{template_id}/labels/{label}/requests"
    how = (
        "Something is asked of it already, which is decided first."
        if asked
        else "Ask for it, with your reason, by POST to `request_url`, or on the page of the versions."
    )
    return Problem(
        409,
        "label_protected",
        f"“{label}” has not moved: it is protected{by}, so that a second person has a say. {how} {who}",
        label=label,
        request_url=address,
        open_request_url=f"{address}/{asked.id}" if asked else None,
        page_url=f"/templates/{template_id}/versions#labels-title",
        approvers=approvers,
    )


def label_free(label: str) -> Problem:
    """409: there is nobody to ask."""
    return Problem(409, "label_not_protected", f"“{label}” is not protected: move it, nobody has to be asked.")


def request_open(label: str, request_id: UUID) -> Problem:
    """409: one thing at a time is asked of a label."""
    sentence = f"Something is asked of “{label}” already: it is approved, refused or withdrawn first."
    return Problem(409, "request_open", sentence, request_id=request_id)


def request_decided(status: str) -> Problem:
    """409: somebody was quicker."""
    return Problem(409, "request_decided", f"It is {status} already.", request_status=status)


def second_person(sentence: str) -> Problem:
    """403: they could move the label, yet are no second person."""
    return Problem(403, "second_person", sentence)


def asker_may_not(name: str) -> Problem:
    """409: a right that went meanwhile is gone, and with it one of the two persons."""
    sentence = f"{name} may not do this any more: refuse it; who may asks anew."
    return Problem(409, "asker_may_not", sentence)
