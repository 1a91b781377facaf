"""The model that somebody gets who has not chosen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from asgiref.sync import async_to_sync

from playground.pages.presentation.attachments import reasons
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.model import ModelView
from providers.catalogue import listing
from providers.catalogue.listing import DOWN, RESTING, unwell
from providers.errors import Code

LOCAL: Final = "local"
MOST_OTHERS: Final = 8
"""Models offered in the place of one that failed: more are in the picker."""
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


def offer_others(views: Iterable[ExecutionView], user: object) -> None:
    """Gives each failed run the models that take its prompt, can answer now and are `user`'s to choose: fallbacks that
    it did not ask, what runs here, then the likeliest.
    """
    failed = [view for view in views if view.can_another_model_help]
    if not failed:
        return
    models = likeliest(ModelView(model) for model in listing.models_for(user))
    for view in failed:
        named = {model_id: place for place, model_id in enumerate(view.fallbacks_left)}
        fitting = [model for model in models if model.id != view.model_id and _takes(model, view)]
        fitting.sort(
            key=lambda model: (named.get(model.id, len(named)), model.provider_slug != LOCAL, not model.is_self_hosted)
        )
        view.others = fitting[:MOST_OTHERS]


def _takes(model: ModelView, view: ExecutionView) -> bool:
    """Whether the model is sent the run's pictures and files, and has room for what did not fit."""
    if reasons(view.all_parts, model):
        return False
    if view.execution.error_code != Code.CONTEXT_WINDOW_EXCEEDED:
        return True
    window = listing.info_of(view.model_id).context_window
    return bool(model.context_window and (window is None or model.context_window > window))


def _is_away(model: ModelView, how: Mapping[str, str]) -> bool:
    return how.get(model.id) == RESTING or how.get(model.provider_slug) == DOWN


def _unwell() -> Mapping[str, str]:
    told: Mapping[str, str] = async_to_sync(unwell)()
    return told
