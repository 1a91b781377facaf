"""Heads by e-mail, to AUDIT_HEAD_EMAIL: a mailbox keeps what it was told, with the time at which it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from smtplib import SMTPException

import orjson
from django.conf import settings
from django.core.mail import EmailMessage

from audit.chain.heads import Head
from audit.publishing.errors import NotPublished


def send(heads: Sequence[Head]) -> None:
    """One message with a line a head, as AUDIT_HEAD_FILE has them: saved to a file, `verify --head` reads it."""
    lines = b"".join(orjson.dumps(asdict(head)) + b"\n" for head in heads).decode()
    message = EmailMessage(
        subject=f"Audit log: {len(heads)} head{'' if len(heads) == 1 else 's'} at {heads[-1].at}",
        body=lines,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(settings.ENV.audit_head_email),
    )
    try:
        message.send()
    except (OSError, SMTPException) as error:
        raise NotPublished(f"the mail server did not take it ({type(error).__name__})") from None
