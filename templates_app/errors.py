"""What the Template Manager refuses: code, HTTP status and a sentence, on one screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foundation.problems import FieldError, Problem


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
