"""Webhooks are made, and get new secrets."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from audit.acts import Act
from audit.recording import record
from events.models import Destination, Format, Webhook
from events.vocabulary import OF_SHARED, PREFIX
from events.webhooks import hearing
from events.webhooks.calling import is_trusted
from events.webhooks.messages import SHOWN
from foundation.http.guarded import AddressRefused, check_url
from foundation.http.standard_webhooks import MARK
from foundation.problems import FieldError, Problem, invalid

MOST: Final = 20
"""Of one person."""
BOTH: Final = timedelta(hours=24)
"""How long the secret before goes on to sign."""


@transaction.atomic
def make(
    *,
    owner_id: UUID,
    name: str,
    url: str,
    types: Sequence[str] | None,
    format: Format = Format.CLOUDEVENTS,
    project_id: str = "",
    for_everybody: bool = False,
    team_id: UUID | None = None,
) -> tuple[Webhook, str]:
    """A webhook that gets the owner's own events, and its secret; a Problem where its address is refused (400).

    `for_everybody`: it gets the events of all, for as long as its owner may hear them (`hearing`); that is in the log.
    `team_id`: it gets what happens to what is shared with this team, for as long as its owner manages it.
    """
    heard = None if for_everybody else team_id or owner_id
    hearing.refuse(owner_id, heard)
    refuse_address(url)
    if types is None and format != Format.CLOUDEVENTS:
        types = [PREFIX + each for each in SHOWN if team_id is None or each in OF_SHARED]
    elif types is not None and team_id is not None:
        refuse_types_of_team(types)
    with connection.cursor() as cursor:
        # Two at once would both be the twentieth.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"webhooks:{owner_id}"])
    if Webhook.objects.filter(owner_id=owner_id).count() >= MOST:
        raise Problem(409, "too_many", f"Up to {MOST} webhooks are kept.")
    id_, secret = uuid.uuid4(), new_secret()
    destination = Destination.objects.create(
        name=f"webhook:{id_}",
        user_id=heard,
        types=None if types is None else list(types),
        project_id=project_id,
    )
    webhook = Webhook(
        id=id_, destination=destination, owner_id=owner_id, name=name, format=format, url=url, secret=secret
    )
    webhook.save(force_insert=True)
    if for_everybody:
        record(act=Act.WEBHOOK_HEARS_EVERYBODY, kind="webhook", object_id=id_)
    return webhook, secret


def refuse_types_of_team(types: Sequence[str]) -> None:
    """A Problem (400) for types that no team's webhook ever gets."""
    if unknown := [each for each in types if each.removeprefix(PREFIX) not in OF_SHARED]:
        message = f"A team's webhook gets {', '.join(OF_SHARED)}; not {unknown[0].removeprefix(PREFIX)}."
        raise invalid([FieldError("types", "not_of_teams", message)])


def refuse_address(url: str) -> None:
    """A Problem (400) for an address that no call may go to."""
    try:
        check_url(url, allow_private=is_trusted(url))
    except AddressRefused as error:
        raise invalid([FieldError("url", "refused", f"This address is not called: {error}.")]) from None


@transaction.atomic
def rotate(webhook_id: UUID, *, now: datetime) -> str:
    """A new secret; the one before signs along for a day."""
    webhook = Webhook.objects.select_for_update().get(id=webhook_id)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now + BOTH
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return str(webhook.secret)


def new_secret() -> str:
    """Of 256 bits, as Standard Webhooks writes them."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()
