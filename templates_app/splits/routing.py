"""Which version a call by a label gets, and what is kept of it with the execution.

A key always gets the same version: it is hashed with the split's id, so that each split draws anew. Raising the share
moves keys to the candidate only, lowering it moves them back.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.utils.crypto import salted_hmac

from templates_app.errors import version_missing
from templates_app.lookup import LABEL
from templates_app.models import PromptTemplate, TemplateSplit, TemplateVersion

CONTROL: Final = "control"
CANDIDATE: Final = "candidate"
_WHOLE: Final = 2**64


@dataclass(frozen=True, slots=True)
class Routed:
    """The version that a call gets."""

    version: TemplateVersion
    exposure: dict[str, Any] | None = None
    """`{id, label, arm, unit?}` where a split chose; `unit` stands for the key, which cannot be read from it."""


def routed(template: PromptTemplate, label: str, *, key: str | None) -> Routed:
    """Where the label points, or the candidate of its split; without a key each call is drawn for itself.

    A 404 problem when there is no such label.
    """
    found = template.labels.filter(name=label) if LABEL.fullmatch(label) else template.labels.none()
    held = found.select_related("version", "split__candidate").first()
    if held is None:
        raise version_missing(f"label {label[:60]!r}")
    if held.split is None:
        return Routed(held.version)
    exposure = _exposure(held.split, key)
    return Routed(held.split.candidate if exposure["arm"] == CANDIDATE else held.version, exposure)


def _exposure(split: TemplateSplit, key: str | None) -> dict[str, Any]:
    drawn = (
        secrets.token_bytes(16) if key is None else salted_hmac(f"split:{split.id}", key, algorithm="sha256").digest()
    )
    is_candidate = int.from_bytes(drawn[:8]) * 100 < split.share * _WHOLE
    told: dict[str, Any] = {"id": str(split.id), "label": split.label, "arm": CANDIDATE if is_candidate else CONTROL}
    return told if key is None else {**told, "unit": drawn[8:16].hex()}
