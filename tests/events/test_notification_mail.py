"""Notifications by mail: once each, also where the server was away; nobody's words come into a header."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.notifying import mailing
from accounts.tasks import mail_notifications
from events.models import Kind, Notification
from events.notifications import preferences
from events.notifications.writing import notify
from foundation import mail
from tests.cast import new_user
from tests.events.conftest import configure
from tests.servers.mail_server import MailServer

ID = "00000000-0000-4000-8000-000000000000"


def use(settings: Settings, server: MailServer) -> None:
    """As if the environment said so."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    configure(settings, email_host="127.0.0.1", public_url="https://play.example.org/", alert_email=())


@pytest.fixture
def mails(db: None, settings: Settings) -> Iterator[MailServer]:
    """A mail server that the environment names."""
    with MailServer() as server:
        use(settings, server)
        yield server


def somebody(name: str = "Ada", **fields: object) -> User:
    """Who wants a mail of everything."""
    user = new_user(name=name, **{"email": f"{name.lower()}@example.org", **fields})
    preferences.choose(user.id, {kind: preferences.Way(page=True, mail=True) for kind in Kind})
    return user


def moved(user: User, *, name: str = "Greeting", by: User | None = None) -> None:
    """A label."""
    payload = {"template_id": ID, "label": "production", "version": 2}
    notify(Kind.LABEL_MOVED, people=[user.id], by=by.id if by else None, payload=payload, words={"name": name})


def read(server: MailServer) -> list[tuple[Message, str]]:
    """What came, each with its text."""
    found = [message_from_bytes(each.encode()) for each in server.messages]
    return [(each, each.get_payload(decode=True).decode()) for each in found]  # type: ignore[union-attr]


def test_one_is_mailed_once_in_plain_text_with_a_link(mails: MailServer) -> None:
    moved(somebody(), by=new_user(name="Edith"))
    mail_notifications()
    mail_notifications()
    ((message, text),) = read(mails)
    assert (message["To"], message["From"]) == ("ada@example.org", "llm-playground@localhost")
    assert message["Subject"] == "LLM Playground: a label was moved"
    assert message.get_content_type() == "text/plain"
    first, _, link, *_ = text.splitlines()
    assert first == "Edith moved label production of “Greeting” to version 2"
    assert link == f"https://play.example.org/templates/{ID}/versions"
    assert "https://play.example.org/settings/notifications" in text
    assert Notification.objects.get().mailed_at


def test_what_is_due_for_one_person_is_one_message_and_only_theirs(mails: MailServer) -> None:
    ada, bob = somebody(), somebody("Bob")
    for name in ("One", "Two"):
        moved(ada, name=name)
    moved(bob, name="Three")
    mail_notifications()
    found = {message["To"]: (message["Subject"], text) for message, text in read(mails)}
    assert found["ada@example.org"][0] == "LLM Playground: 2 notifications"
    assert ["“One”" in found["ada@example.org"][1], "“Three”" in found["ada@example.org"][1]] == [True, False]
    assert "“Three”" in found["bob@example.org"][1]


def test_without_a_wish_an_address_or_an_account_that_is_open_nothing_is_sent(mails: MailServer) -> None:
    moved(new_user(email="silent@example.org"))
    moved(somebody("Nobody", email=""))
    moved(somebody("Off", is_active=False))
    mail_notifications()
    assert mails.messages == []
    assert not Notification.objects.exclude(mail_due_at=None).exists()


def test_without_a_mail_server_nothing_is_tried(mails: MailServer, settings: Settings) -> None:
    fields = settings.ENV.model_fields_set - {"email_host"}
    settings.ENV = type(settings.ENV).model_construct(_fields_set=fields, **settings.ENV.model_dump())
    moved(somebody())
    mail_notifications()
    assert mails.messages == []
    assert Notification.objects.get().mail_tries == 0


@pytest.mark.parametrize("name", ["x\r\nBcc: all@example.org", "x\n\nA second text", "x\r.\r\nMAIL FROM:<a@b>"])
def test_a_name_can_break_out_of_no_line(mails: MailServer, name: str) -> None:
    moved(somebody(), name=name, by=new_user(name=name))
    mail_notifications()
    ((message, text),) = read(mails)
    assert message["Bcc"] is None
    assert str(make_header(decode_header(message["Subject"]))) == "LLM Playground: a label was moved"
    assert text.splitlines()[0].endswith("” to version 2")
    assert len(mails.messages) == 1


def test_an_address_with_a_header_in_it_gets_nothing_and_keeps_nobody_from_theirs(mails: MailServer) -> None:
    moved(somebody("Eve", email="eve@example.org\nBcc: all@example.org"))
    moved(somebody())
    mail_notifications()
    assert [message["To"] for message, _ in read(mails)] == ["ada@example.org"]


def test_a_server_that_is_away_gets_it_when_it_is_back_after_the_waits(mails: MailServer, settings: Settings) -> None:
    with MailServer() as gone:
        pass
    use(settings, gone)
    for person in (somebody(), somebody("Bob")):
        moved(person)
    now = timezone.now()
    assert mailing.mail_due(now=now) == 0
    assert sorted(Notification.objects.values_list("mail_tries", flat=True)) == [0, 1]  # the second was not tried
    use(settings, mails)
    first = Notification.objects.get(mail_tries=1)
    assert first.mail_due_at == now + timedelta(seconds=1)
    assert mailing.mail_due(now=now) == 1
    assert mailing.mail_due(now=now + timedelta(seconds=2)) == 1
    assert len(mails.messages) == 2


def test_the_waits_grow_and_end_after_a_day(mails: MailServer) -> None:
    mails.unknown = {"ada@example.org"}
    moved(somebody())
    at: datetime = timezone.now()
    for seconds in (1, 5, 30, 120, 600, 3600, 3600):
        assert mailing.mail_due(now=at) == 0
        due = Notification.objects.get().mail_due_at
        assert due is not None
        assert due - at == timedelta(seconds=seconds)
        at = due
    mailing.mail_due(now=at + timedelta(days=1))
    mails.unknown = set()
    mailing.mail_due(now=at + timedelta(days=2))
    row = Notification.objects.get()
    assert (row.mail_due_at, row.mailed_at, mails.messages) == (None, None, [])


def test_a_refused_address_keeps_nobody_else_from_being_told(mails: MailServer) -> None:
    mails.unknown = {"ada@example.org"}
    for person in (somebody(), somebody("Bob")):
        moved(person)
    mail_notifications()
    assert [message["To"] for message, _ in read(mails)] == ["bob@example.org"]


class Killed(BaseException):
    """As SIGKILL would."""


def test_who_is_killed_after_the_sending_tells_it_once_more_and_nobody_meanwhile(
    mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(somebody())
    send, now = mail.send, timezone.now()

    def sent_and_killed(**words: object) -> None:
        send(**words)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(mail, "send", sent_and_killed)
    with pytest.raises(Killed):
        mailing.mail_due(now=now)
    monkeypatch.setattr(mail, "send", send)
    assert mailing.mail_due(now=now + mailing.CLAIM - timedelta(seconds=1)) == 0
    assert mailing.mail_due(now=now + mailing.CLAIM) == 1
    assert len(mails.messages) == 2


def test_what_quotas_mail_by_themselves_is_not_mailed_twice(mails: MailServer, settings: Settings) -> None:
    configure(settings, alert_email=("ops@example.org",))
    user = somebody()
    for percent in (50, 80):
        notify(Kind.QUOTA, people=[user.id], payload={"percent": percent, "measure": "tokens", "period": "day"})
    mail_notifications()
    ((_, text),) = read(mails)
    assert "50 % of your tokens" in text
    assert "80 %" not in text


def test_only_mail_means_nothing_in_the_page(mails: MailServer) -> None:
    user = somebody()
    preferences.choose(user.id, {Kind.LABEL_MOVED: preferences.Way(page=False, mail=True)})
    moved(user)
    mail_notifications()
    assert len(mails.messages) == 1
    assert not Notification.objects.filter(is_shown=True).exists()


def test_a_round_that_took_its_turn_leaves_the_others_to_the_next(
    mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada", "Bob"):
        moved(somebody(name))
    monkeypatch.setattr(mailing, "TURN", 0.0)
    assert mailing.mail_due(now=timezone.now()) == 0
    monkeypatch.setattr(mailing, "TURN", 30.0)
    assert mailing.mail_due(now=timezone.now()) == 2


@pytest.mark.django_db(transaction=True)
def test_four_tasks_at_once_mail_each_person_once(mails: MailServer) -> None:
    for number in range(12):
        moved(somebody(f"P{number}"))

    def once(_: int) -> int:
        try:
            return mailing.mail_due(now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        sent = sum(threads.map(once, range(4)))
    assert sent == 12
    assert sorted(message["To"] for message, _ in read(mails)) == sorted(f"p{n}@example.org" for n in range(12))
