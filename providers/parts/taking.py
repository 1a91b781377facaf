"""Which parts a model and its wire take: told before anything is made of a call that could not be sent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from providers.catalogue.info import ModelInfo


class Kind(StrEnum):
    """What a part is on a wire; text files are text where there is nothing better."""

    IMAGE = "image"
    IMAGE_URL = "image_url"
    PDF = "pdf"
    PDF_URL = "pdf_url"
    TEXT = "text"


USUAL: Final = frozenset({Kind.IMAGE, Kind.IMAGE_URL, Kind.PDF})
"""What OpenAI's wire carries."""
NEEDED: Final = {Kind.IMAGE: "vision", Kind.IMAGE_URL: "vision", Kind.PDF: "pdf", Kind.PDF_URL: "pdf"}
CANNOT: Final = {"vision": "cannot see pictures", "pdf": "cannot read PDFs"}
NOT_ON_WIRE: Final = {
    Kind.IMAGE: "takes no pictures",
    Kind.IMAGE_URL: "takes pictures only with their data: upload it",
    Kind.PDF: "takes no PDFs",
    Kind.PDF_URL: "takes PDFs only with their data: upload it",
}


def kind_of(part: Mapping[str, Any]) -> Kind:
    """What a part is that was looked up, or that is OpenAI's own."""
    match part:
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return Kind.IMAGE if url.lstrip()[:5].lower() == "data:" else Kind.IMAGE_URL
        case {"type": "image", "url": str()}:
            return Kind.IMAGE_URL
        case {"type": "image"}:
            return Kind.IMAGE
        case {"type": "file", "url": str()}:
            return Kind.PDF_URL
        case {"type": "file", "facts": {"media_type": "application/pdf"}}:
            return Kind.PDF
    return Kind.TEXT


def taken_by(adapter: object) -> frozenset[Kind]:
    """What the adapter's wire carries; an installed class may say it with `parts`."""
    return frozenset(getattr(adapter, "parts", USUAL))


def refusal(part: Mapping[str, Any], *, model: ModelInfo, taken: frozenset[Kind]) -> str:
    """Why this model is not sent the part, as a sentence; empty where it is. What nobody knows is tried."""
    return refusal_of(kind_of(part), model=model, taken=taken)


def refusals(model: ModelInfo, *, taken: frozenset[Kind]) -> dict[str, str]:
    """Why this model is not sent them, by the kind of part; what it is sent is left out."""
    found = {str(kind): refusal_of(kind, model=model, taken=taken) for kind in Kind}
    return {kind: reason for kind, reason in found.items() if reason}


def refusal_of(kind: Kind, *, model: ModelInfo, taken: frozenset[Kind]) -> str:
    """Why this model is not sent parts of this kind, as a sentence; empty where it is."""
    if kind is Kind.TEXT:
        return ""
    if reason := cannot(model.capabilities if model.capabilities_known else None, kind):
        return f"{model.id} {reason}."
    return "" if kind in taken else f"The provider of {model.id} {NOT_ON_WIRE[kind]}."


def cannot(capabilities: tuple[str, ...] | None, kind: Kind) -> str:
    """What a model of these capabilities cannot do with such a part; empty for None, which is not known."""
    needed = NEEDED[kind]
    return CANNOT[needed] if capabilities is not None and needed not in capabilities else ""
