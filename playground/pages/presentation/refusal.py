"""Why a run did not begin, for whoever sent it: the cause, what can be done, and from where it is sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from foundation.problems import Problem
from playground.engine.confirmation import estimate_of
from playground.pages.presentation.attachments import reasons
from playground.pages.presentation.choosing import LOCAL, MOST_OTHERS, likeliest
from playground.pages.presentation.model import ModelView
from providers.catalogue import listing
from sessions_app.models import PlaygroundSession

OF_THE_MODEL: Final = frozenset({"provider_unavailable", "model_unavailable", "unknown_provider"})
"""Another model may run what this one does not."""
OF_THE_SESSION: Final = frozenset({"session_archived", "forbidden", "not_found"})
"""Another session may take what this one does not."""
TOO_LONG: Final = "context_window_exceeded"
OVER_ITS_OWN: Final = "max_cost"
UNKEPT: Final = ("too_small", "price_unknown")
"""Why a `max_cost` would not be kept, as codes of its errors."""
SESSION_GONE: Final = "session_gone"
DID_NOT_START: Final = "The run did not start."
CAUSES: Final = {
    "provider_unavailable": "The model's provider is switched off or not set up.",
    "unknown_provider": "The model's provider is switched off or not set up.",
    "model_unavailable": "The model cannot be run now.",
    "quota_exceeded": "A limit on use has no room for this run.",
    "too_many_requests": "Too many requests at once.",
    "forbidden": "You may not run this here.",
    "session_archived": "The session is archived.",
    "cost_confirmation_required": "This run may cost more than is spent without asking.",
    "parent_running": "The turn before it has not ended.",
    "unavailable": "The service cannot take a run at this moment.",
    SESSION_GONE: "The session does not exist.",
    "not_found": "Something that it goes on from is gone.",
    TOO_LONG: "It is too long for this model.",
    OVER_ITS_OWN: "This model may cost more than the max cost that is set.",
}
ADVICE: Final = {
    "provider_unavailable": "Run it with a model of another provider, or ask an administrator to set this one up.",
    "unknown_provider": "Run it with a model of another provider, or ask an administrator to set this one up.",
    "model_unavailable": "Run it with another model, or ask an administrator to switch this one on.",
    "quota_exceeded": "Retry once there is room again, or ask whoever administers the limits to raise this one.",
    "too_many_requests": "Wait until then, and press Retry.",
    "forbidden": "Ask the owner of the session to let you run in it, or choose a session of yours above.",
    "session_archived": "Take it out of the archive on its page, or choose another session above.",
    SESSION_GONE: "It was deleted, or is not shared with you any more. What you typed is still in the form.",
    "cost_confirmation_required": "Run it all the same, or set a lower max tokens.",
    "parent_running": "Wait for its end or stop it, and press Retry.",
    "unavailable": "Nothing was lost. Wait a moment, and press Retry.",
    TOO_LONG: "Shorten it, or run it with a model that has more room.",
}
CHEAPER: Final = {
    "quota_exceeded": "Run it with a model that there is room for, retry once there is more, or ask whoever administers"
    " the limits to raise this one.",
    "cost_confirmation_required": "Run it with a model that costs less, or all the same, or set a lower max tokens.",
    OVER_ITS_OWN: "Run it with a model that costs less, or set another max cost.",
}
"""The same where there are models that would be let in."""


@dataclass(frozen=True)
class Sending:
    """How the same is sent once more: by a form of the page (`form`, its id), or with these `fields`."""

    address: str
    form: str = ""
    fields: Sequence[tuple[str, str]] = ()
    model_field: str = "model_id"


@dataclass
class RefusalView:
    """One refusal; `words` say more than the cause where there is more."""

    problem: Problem
    words: str
    sending: Sending
    others: list[ModelView] = field(default_factory=list)
    column: str = ""
    """The letter of the column that `others` are for, where not all of a comparison's are meant."""
    elsewhere: PlaygroundSession | None = None
    """The session that takes the run where the one that was named does not."""

    def __post_init__(self) -> None:
        # What a program would send stands on its button.
        self.words = self.words.partition(" Send confirm_cost")[0]
        if self.words.startswith(self.cause.removesuffix(".")):
            self.words = ""

    @property
    def code(self) -> str:
        """The refusal's code, or a nearer one: what the model has no room for, a session that is gone."""
        if is_too_long(self.problem):
            return TOO_LONG
        if is_over_its_own(self.problem):
            return OVER_ITS_OWN
        return SESSION_GONE if self.elsewhere and self.problem.code == "not_found" else self.problem.code

    @property
    def may_be_retried(self) -> bool:
        """Whether the same may begin some time."""
        return self.code not in (SESSION_GONE, OVER_ITS_OWN)

    @property
    def cause(self) -> str:
        """One sentence."""
        return CAUSES.get(self.code, DID_NOT_START)

    @property
    def advice(self) -> str:
        """What a person can do; empty where the words say it."""
        return (CHEAPER.get(self.code) if self.others else None) or ADVICE.get(self.code, "")

    @property
    def again_at(self) -> datetime | None:
        """From when on it may be sent again; None where no time is told."""
        told = self.problem.headers.get("Retry-After", "")
        seconds = int(told) if told.isdecimal() else 0
        return timezone.now() + timedelta(seconds=seconds) if seconds > 1 else None

    @property
    def most(self) -> Decimal | None:
        """USD that it may cost at most, where that has to be confirmed."""
        estimate = estimate_of(self.problem)
        return Decimal(str(estimate["most"])) if estimate else None


def is_too_long(problem: Problem) -> bool:
    """Whether the model has no room for what was sent."""
    return any(error["code"] == TOO_LONG for error in problem.errors)


def is_over_its_own(problem: Problem) -> bool:
    """Whether it could cost more than the `max_cost` that it was sent with."""
    return any(error["field"].endswith("parameters.max_cost") and error["code"] in UNKEPT for error in problem.errors)


def is_for_another_model(problem: Problem) -> bool:
    """Whether another model may run what this one does not."""
    return problem.code in OF_THE_MODEL or is_too_long(problem)


def others_for(user: object, problem: Problem, model_id: str, parts: Iterable[Mapping[str, Any]]) -> list[ModelView]:
    """Models that `user` may choose in the place of this one, where another can help: what runs here first."""
    if not is_for_another_model(problem):
        return []
    longer = is_too_long(problem)
    sent, window = list(parts), listing.info_of(model_id).context_window or 0
    found = likeliest(ModelView(model) for model in listing.models_for(user))
    fitting = [
        model
        for model in found
        if model.id != model_id and not reasons(sent, model) and (not longer or (model.context_window or 0) > window)
    ]
    fitting.sort(key=lambda model: (model.provider_slug != LOCAL, not model.is_self_hosted))
    return fitting[:MOST_OTHERS]
