"""A run of a template that a service like this one is asked for, by the body of its POST /api/prompts/execute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from templates_app.exchange.formats.format import Reference, refused


def reference_of(request: Mapping[str, Any], place: str = "", address: str = "") -> Reference:
    """The template that is named; raises Problem with the place of what names none."""
    at = f"{place}." if place else ""
    label, version, values = (request.get(name) for name in ("label", "version", "variables"))
    if label is not None and not isinstance(label, str):
        raise refused(f"{at}label", "invalid", "A label of a template is expected, such as production.")
    if version is not None and not _is_number(version):
        raise refused(f"{at}version", "invalid", "The number of a version is expected, such as 3.")
    if values is not None and not isinstance(values, Mapping):
        raise refused(f"{at}variables", "invalid", "An object with a value a variable is expected.")
    return Reference(
        _id_of(request.get("template_id"), f"{at}template_id"),
        label or "",
        None if version is None else int(version),
        {str(name): value for name, value in (values or {}).items()},
        address,
    )


def _id_of(given: Any, place: str) -> UUID:
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        message = f"The id of a template is expected, which {str(given)[:60]!r} is not."
        raise refused(place, "invalid", message) from None


def _is_number(given: Any) -> bool:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 11:
        given = int(given)
    return isinstance(given, int) and not isinstance(given, bool) and 1 <= given < 2**31
