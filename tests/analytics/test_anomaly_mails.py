"""Anomalies are told by mail once each, also where the server was away, and a worker that is killed loses none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from analytics.anomalies import mailing
from analytics.anomalies.baseline import Metric
from analytics.models import Anomaly, SubjectKind
from analytics.tasks import mail_anomalies
from foundation import mail
from tests.cast import new_user
from tests.servers.mail_server import MailServer

EVIDENCE = {"value": 60.0, "span": 1, "median": 1.1, "score": 40.0}


def use(settings: Settings, server: MailServer, *to: str) -> None:
    """As if the environment said so."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.ENV = settings.ENV.model_copy(update={"alert_email": to})


@pytest.fixture
def mails(db: None, settings: Settings) -> Iterator[MailServer]:
    """A mail server, and somebody who is told."""
    with MailServer() as server:
        use(settings, server, "ops@example.org")
        yield server


def found(user: User | None = None, metric: Metric = Metric.COST, **fields: Any) -> Anomaly:
    """An anomaly of this user, or of the installation."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    kind = SubjectKind.USER if user else SubjectKind.INSTALLATION
    return Anomaly.objects.create(
        subject_kind=kind, subject_id=str(user.id) if user else "", metric=metric, first_hour=hour, last_hour=hour,
        **{"evidence": EVIDENCE, **fields},
    )  # fmt: skip


def test_each_is_told_once(mails: MailServer) -> None:
    user = new_user(name="Ada")
    found()
    found(user, throttled_to=Decimal("2.50000000"))
    found(user, Metric.NEW_ADDRESS, detail="203.0.113.0/24", closed_at=timezone.now())
    mail_anomalies()
    mail_anomalies()
    (message,) = mails.messages
    assert "To: ops@example.org" in message
    assert "Subject: 3 anomalies in the LLM Playground" in message
    assert "cost of everybody together: 60.0 in 1 h, usually 1.1" in message
    assert "held to 2.5 a day" in message
    assert "new_address of Ada: 203.0.113.0/24" in message
    found(user, Metric.ERRORS)
    mail_anomalies()
    assert len(mails.messages) == 2
    assert "Subject: 1 anomaly in" in mails.messages[1]


def test_nobody_is_told_where_nobody_is_named(mails: MailServer, settings: Settings) -> None:
    mine = found()
    settings.ENV = settings.ENV.model_copy(update={"alert_email": ()})
    mail_anomalies()
    mine.refresh_from_db()
    assert (mails.messages, mine.told_at) == ([], None)


def test_what_was_dismissed_or_is_long_past_is_not_told(mails: MailServer) -> None:
    found(dismissed_at=timezone.now(), closed_at=timezone.now())
    found(created_at=timezone.now() - mailing.TRIED_FOR - timedelta(hours=1))
    mail_anomalies()
    assert mails.messages == []


def test_what_a_server_that_is_away_or_refuses_did_not_take_comes_when_it_is_back(
    mails: MailServer, settings: Settings
) -> None:
    mine = found()
    mails.refuses = True
    mail_anomalies()
    mine.refresh_from_db()
    assert mine.told_at is None
    with MailServer() as gone:
        pass
    use(settings, gone, "ops@example.org")
    mail_anomalies()
    mine.refresh_from_db()
    assert mine.told_at is None
    mails.refuses = False
    use(settings, mails, "ops@example.org")
    mail_anomalies()
    mine.refresh_from_db()
    assert (len(mails.messages), mine.told_at is None) == (1, False)


class Killed(BaseException):
    """As a signal that nobody catches."""


def test_who_is_killed_between_the_sending_and_its_note_tells_once_more(
    mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = mail.send

    def sends_and_dies(**given: Any) -> None:
        send(**given)
        raise Killed

    found()
    with monkeypatch.context() as patched:
        patched.setattr(mail, "send", sends_and_dies)
        with pytest.raises(Killed):
            mail_anomalies()
    mail_anomalies()
    mail_anomalies()
    assert len(mails.messages) == 2
