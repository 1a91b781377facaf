"""Mail by the server that EMAIL_HOST names; sent by workers, never within a request."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


class NotSent(Exception):
    """The mail server did not take it; the sentence says why, and holds no secret and no address."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"the mail server did not take it ({type(error).__name__})")
        self.is_the_recipients_fault = isinstance(error, (SMTPRecipientsRefused, ValueError))
        """Whether it may take mail for others: this address is refused, or is none."""


def send(*, subject: str, text: str, to: Sequence[str], html: str = "") -> None:
    """One message, with `html` for those who read that; NotSent where the server does not take it."""
    message = EmailMultiAlternatives(subject=subject, body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=list(to))
    if html:
        message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (OSError, SMTPException, ValueError) as error:
        raise NotSent(error) from None
