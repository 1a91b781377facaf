"""What a form begins with that nothing has filled: the model and the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accounts.models import User
from playground.models import Origin, PlaygroundDefaults, PromptExecution
from playground.pages.compose import forms
from playground.pages.compose.forms import Compose
from playground.pages.presentation.choosing import likeliest
from playground.pages.presentation.model import GONE, ModelView
from providers.catalogue import listing
from sessions_app.models import PlaygroundSession

NOT_CHOSEN: Final = ("replay_of", "repetition")
"""Notes of runs whose model was taken over from another run."""


def of_person(user: User) -> tuple[str, Mapping[str, Any]]:
    """The model and the parameters that this user wants to begin with; "" and none where they have not said."""
    kept = PlaygroundDefaults.objects.filter(user=user).first()
    return (kept.model_id, kept.parameters) if kept else ("", {})


def new_form(user: User, found: Sequence[ModelView], *, model_id: str = "") -> Compose:
    """A form that nothing has filled: with the model that was asked for, and this user's defaults."""
    wanted, parameters = of_person(user)
    return forms.begun_with(model_id or first_there(found, wanted), parameters)


def last_model(user: User, session: PlaygroundSession | None = None) -> str:
    """The model that this user chose last for a prompt of their own, in the session where one is named; "" for none.

    A comparison's columns, runs once more, and runs of templates and tests say nothing of the next prompt.
    """
    chosen = PromptExecution.objects.filter(
        user=user, origin=Origin.PERSON, comparison=None, template_version=None
    ).exclude(metadata__has_any_keys=list(NOT_CHOSEN))
    if session is not None:
        chosen = chosen.filter(session=session)
    return chosen.order_by("-created_at", "-id").values_list("model_id", flat=True).first() or ""


def wishes(user: User) -> tuple[str, str]:
    """Models this user would begin with, dearest first: the default that they set, the last chosen; "" for none."""
    return of_person(user)[0], last_model(user)


def is_gone(model_id: str, found: Sequence[ModelView]) -> bool:
    """Whether no provider here has a model of this name; unknown, and so not, while no model is known at all."""
    return bool(found) and all(each.id != model_id for each in found) and listing.model(model_id) is None


def first_there(found: Sequence[ModelView], *wishes: str) -> str:
    """The first of the wished models that is not gone; "" where all are."""
    return next((each for each in wishes if each and not is_gone(each, found)), "")


def chosen(found: Sequence[ModelView], wanted: str) -> ModelView | None:
    """The wanted model, else the first that can be used; None where there is none."""
    if not wanted:
        return next(iter(likeliest(found)), None)
    named = next((model for model in found if model.id == wanted), None)
    return named or ModelView(listing.model(wanted) or {**GONE, "id": wanted})


def instead_of(user: User, wanted: str, found: Sequence[ModelView]) -> ModelView | None:
    """The model of a draft; where it is gone another one, which says so."""
    if not wanted or not is_gone(wanted, found):
        return chosen(found, wanted)
    model = chosen(found, first_there(found, last_model(user)))
    if model is not None:
        model.note = f"{wanted}, chosen before, is not there any more: this one was taken instead. {model.note}".strip()
    return model
