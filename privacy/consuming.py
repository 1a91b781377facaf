"""What other services tell of people who have left: their erasure is asked for, and an administrator decides."""

from __future__ import annotations

from accounts.bearer.identity import user_id_of
from accounts.models import User
from events.intake.consumers import consumes
from events.intake.incoming import Incoming
from privacy.erasure import lifecycle


def register() -> None:
    """To be called when the app is ready, after accounts: the account is closed first."""
    consumes("user.deleted", _ask)


def _ask(event: Incoming) -> None:
    """From then on how long their things are kept is decided; once a person."""
    subject = User.objects.filter(id=user_id_of(event.needed("user_id"))).first()
    if subject is not None and lifecycle.open_of(subject.id) is None:
        lifecycle.request(subject=subject, by=None, with_export=True)
