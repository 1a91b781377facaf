"""The report by mail: to who asked for it alone, on Monday at seven, once, also where the server was away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import Message
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Organisation, User
from analytics.models import WeeklyReport
from analytics.reports import mailing
from events.models import Kind, Notification
from events.notifications import preferences
from foundation import mail
from playground.models import PromptExecution
from tests.analytics.test_usage_doors import a_run
from tests.cast import new_user
from tests.events.test_notification_mail import use
from tests.servers.mail_server import MailServer

MONDAY = datetime(2031, 9, 22, tzinfo=UTC)
"""After the week 2031-W38."""
SEVEN = MONDAY + timedelta(hours=7)
DAY = timedelta(days=1)


@pytest.fixture
def mails(transactional_db: None, settings: Settings) -> Iterator[MailServer]:
    """A mail server that the environment names."""
    with MailServer() as server:
        use(settings, server)
        yield server


def somebody(name: str = "ada", *, page: bool = False, by_mail: bool = True, runs: int = 1, **fields: Any) -> User:
    """Who wants the report, and ran something in the week."""
    user = new_user(email=f"{name}@example.org", **fields)
    preferences.choose(user.id, {Kind.WEEKLY_REPORT: preferences.Way(page, by_mail)})
    for hour in range(runs):
        moment = MONDAY - 3 * DAY + timedelta(hours=hour)
        a_run(user, created_at=moment, ended_at=moment)
    return user


def round_at(now: datetime) -> None:
    """What the task does."""
    mailing.begin_due(now=now)
    mailing.mail_due(now=now)


def parts(server: MailServer) -> tuple[Message, str, str]:
    """The only message, its text and its HTML."""
    (raw,) = server.messages
    message = message_from_string(raw)
    text, html = (part.get_payload(decode=True).decode() for part in message.get_payload())  # type: ignore[union-attr]
    return message, text, html


def test_it_comes_once_on_monday_at_seven_in_text_and_html(mails: MailServer):
    user = somebody()
    PromptExecution.objects.filter(user=user).update(model_id="openai/echo")
    round_at(SEVEN - timedelta(seconds=1))
    assert mails.messages == []
    for minutes in (0, 5, 600):
        round_at(SEVEN + timedelta(minutes=minutes))
    message, text, html = parts(mails)
    assert (message["To"], message["Subject"]) == (
        "ada@example.org", "LLM Playground: your report of the week 2031-W38",
    )  # fmt: skip
    assert text.startswith("My runs, 15 to 21 September 2031 (UTC)\nhttps://play.example.org/analytics/report/2031-W38")
    assert "- 1 run for $0.2500 and 15 tokens" in text
    assert "1 run for $0.2500 and 15 tokens" in html
    for each in (text, html):
        assert "https://play.example.org/settings/notifications" in each
    row = WeeklyReport.objects.get(user=user)
    assert (row.due_at, row.sent_at) == (None, SEVEN)


def test_nobody_gets_it_who_has_not_asked_or_has_not_run(mails: MailServer):
    silent = new_user(email="silent@example.org")
    a_run(silent, created_at=MONDAY - DAY, ended_at=MONDAY - DAY)
    somebody("idle", runs=0)
    somebody("gone", is_active=False)
    round_at(SEVEN)
    assert mails.messages == []
    assert preferences.of(silent.id)[Kind.WEEKLY_REPORT] == preferences.NOT_AT_ALL
    assert not Notification.objects.filter(kind=Kind.WEEKLY_REPORT).exists()


def test_seven_is_by_the_clocks_of_the_organisation(mails: MailServer):
    Organisation.objects.update_or_create(key="far-east", defaults={"time_zone": "Asia/Tokyo"})
    somebody(organisation="far-east")
    round_at(SEVEN - timedelta(hours=9, seconds=1))
    assert mails.messages == []
    round_at(SEVEN - timedelta(hours=9))
    assert "(Asia/Tokyo)" in parts(mails)[1]


def test_in_the_page_it_is_a_notification_and_no_mail(mails: MailServer):
    user = somebody(page=True, by_mail=False)
    round_at(SEVEN)
    round_at(SEVEN + timedelta(minutes=5))
    told = Notification.objects.get(user_id=user.id)
    assert (told.payload, told.mail_due_at, mails.messages) == ({"week": "2031-W38"}, None, [])


def test_a_server_that_is_away_is_tried_again_for_a_day(mails: MailServer):
    user = somebody()
    mails.refuses = True
    round_at(SEVEN)
    assert WeeklyReport.objects.get(user=user).sent_at is None
    mails.refuses = False
    round_at(SEVEN + timedelta(minutes=5))
    assert mails.messages == []
    round_at(SEVEN + mailing.WAIT)
    round_at(SEVEN + 2 * mailing.WAIT)
    assert len(mails.messages) == 1
    late = somebody("late")
    mails.refuses = True
    round_at(SEVEN + timedelta(hours=2))
    mails.refuses = False
    round_at(SEVEN + DAY + timedelta(hours=2))
    assert len(mails.messages) == 1
    assert WeeklyReport.objects.get(user=late).due_at is None


class Killed(BaseException):
    """As a signal that nobody catches."""


def test_who_is_killed_as_it_sends_sends_it_no_second_time(mails: MailServer, monkeypatch: pytest.MonkeyPatch):
    send = mail.send

    def sends_and_dies(**given: Any) -> None:
        send(**given)
        raise Killed

    somebody()
    with monkeypatch.context() as patched:
        patched.setattr(mail, "send", sends_and_dies)
        with pytest.raises(Killed):
            round_at(SEVEN)
    round_at(SEVEN + timedelta(hours=1))
    assert len(mails.messages) == 1


def test_who_thinks_otherwise_meanwhile_gets_none(mails: MailServer):
    user = somebody()
    mailing.begin_due(now=SEVEN)
    preferences.choose(user.id, {Kind.WEEKLY_REPORT: preferences.NOT_AT_ALL})
    mailing.mail_due(now=SEVEN)
    assert mails.messages == []


def test_who_asks_after_monday_gets_the_next_one(mails: MailServer):
    somebody()
    round_at(SEVEN + DAY)
    assert mails.messages == []
