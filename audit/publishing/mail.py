"""Heads by e-mail, to AUDIT_HEAD_EMAIL: a mailbox keeps what it was told, with the time at which it came."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from audit.chain.heads import Head, lines_of
from audit.publishing.errors import NotPublished
from foundation import mail


def send(heads: Sequence[Head]) -> None:
    """One message with a line a head, as AUDIT_HEAD_FILE has them: saved to a file, `verify --head` reads it."""
    subject = f"Audit log: {len(heads)} head{'' if len(heads) == 1 else 's'} at {heads[-1].at}"
    try:
        mail.send(subject=subject, text=lines_of(heads).decode(), to=settings.ENV.audit_head_email)
    except mail.NotSent as error:
        raise NotPublished(str(error)) from None
