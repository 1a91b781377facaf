"""The model that somebody gets who has not chosen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from asgiref.sync import async_to_sync

from playground.pages.presentation.model import ModelView
from providers.catalogue.listing import DOWN, RESTING, unwell

RESTS: Final = "It kept failing and rests for a moment: pick it to try it all the same."


def usable(found: Iterable[ModelView]) -> list[ModelView]:
    """Those that can be run now: available, not resting, of a provider that is not down."""
    how = _unwell()
    return [model for model in found if model.is_available and not _is_away(model, how)]


def likeliest(found: Iterable[ModelView]) -> list[ModelView]:
    """The usable ones, the likeliest first: what its provider lists before what was only named once, and what has
    not failed lately before what has; else in their order.
    """
    how = _unwell()
    free = (model for model in found if model.is_available and not _is_away(model, how))
    return sorted(free, key=lambda model: (not model.is_listed, bool({model.id, model.provider_slug} & how.keys())))


def with_rests(found: Iterable[ModelView]) -> list[ModelView]:
    """All of them; a model that rests says so."""
    models, how = list(found), _unwell()
    for model in models:
        if model.is_available and how.get(model.id) == RESTING:
            model.note = f"{RESTS} {model.note}".strip()
    return models


def _is_away(model: ModelView, how: Mapping[str, str]) -> bool:
    return how.get(model.id) == RESTING or how.get(model.provider_slug) == DOWN


def _unwell() -> Mapping[str, str]:
    told: Mapping[str, str] = async_to_sync(unwell)()
    return told
