"""Reached shares of quotas are told by mail, once each: all to the operators, and people of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from foundation import mail
from quotas.ledger.mailing import TRIED_FOR
from quotas.models import QuotaAlert, QuotaUsage
from quotas.tasks import look_at_thresholds, mail_alerts
from tests.analytics.test_anomaly_mails import Killed, use
from tests.cast import new_user
from tests.quotas.test_admission import limit
from tests.servers.mail_server import MailServer

OPS = "ops@example.org"


@pytest.fixture
def mails(db: None, settings: Settings) -> Iterator[MailServer]:
    """A mail server, and somebody who is told of everything."""
    with MailServer() as server:
        use(settings, server, OPS)
        yield server


def somebody(name: str, **fields: Any) -> User:
    """Somebody with an address."""
    return new_user(name=name, **{"email": f"{name.lower()}@example.org", **fields})


def use_of(kind: str, subject_id: object, *, executions: int) -> QuotaUsage:
    """So many of the ten executions that they may run today."""
    limit(kind, subject_id, executions=10)
    return QuotaUsage.objects.create(
        subject_kind=kind, subject_id=str(subject_id), period="day", starts_on=timezone.now().date(), time_zone="UTC",
        executions=executions, is_whole=True,
    )  # fmt: skip


def tell() -> None:
    """What the tasks do."""
    look_at_thresholds()
    mail_alerts()


def to(server: MailServer, address: str) -> list[str]:
    """Messages to this address."""
    return [each for each in server.messages if f"To: {address}" in each]


def test_all_shares_go_to_operators_and_eighty_and_a_hundred_to_the_person(mails: MailServer) -> None:
    ada, bob = somebody("Ada"), somebody("Bob")
    use_of("organisation", "acme", executions=9)
    usage = use_of("user", ada.id, executions=9)
    use_of("user", bob.id, executions=5)
    tell()
    tell()
    (of_all,), (to_ada,) = to(mails, OPS), to(mails, "ada@example.org")
    for line in ("acme: 80 % of the executions", "Ada: 80 % of the executions", "Bob: 50 % of the executions"):
        assert line in of_all
    assert "Ada: 50 %" not in of_all
    assert "80 % of the executions of the day" in to_ada
    assert "9 executions used" in to_ada
    assert to(mails, "bob@example.org") == []
    QuotaUsage.objects.filter(id=usage.id).update(executions=10)
    tell()
    tell()
    assert [len(to(mails, address)) for address in (OPS, "ada@example.org")] == [2, 2]
    assert "100 % of the executions" in to(mails, "ada@example.org")[1]


def test_nobody_is_sent_anything_unless_somebody_is_named(mails: MailServer, settings: Settings) -> None:
    use_of("user", somebody("Ada").id, executions=10)
    settings.ENV = settings.ENV.model_copy(update={"alert_email": ()})
    tell()
    assert mails.messages == []
    assert QuotaAlert.objects.filter(told_at=None, person_told_at=None).count() == 3


def test_an_address_that_is_refused_or_is_none_keeps_nobody_else_from_being_told(mails: MailServer) -> None:
    addresses = ["gone@example.org", "x@example.org\nBcc: y@example.org", "", "cay@example.org"]
    people = [somebody(f"P{number}", email=address) for number, address in enumerate(addresses)]
    people.append(somebody("Idle", is_active=False))
    for person in people:
        use_of("user", person.id, executions=10)
    mails.unknown = {"gone@example.org"}
    tell()
    assert [len(to(mails, each)) for each in ("cay@example.org", "idle@example.org")] == [1, 0]
    assert len(mails.messages) == 2
    mails.unknown = set()
    tell()
    assert len(to(mails, "gone@example.org")) == 1
    assert len(to(mails, "cay@example.org")) == 1


def test_what_a_server_that_was_away_did_not_take_comes_when_it_is_back(mails: MailServer, settings: Settings) -> None:
    use_of("user", somebody("Ada").id, executions=10)
    with MailServer() as gone:
        pass
    use(settings, gone, OPS)
    tell()
    assert not QuotaAlert.objects.exclude(told_at=None, person_told_at=None).exists()
    use(settings, mails, OPS)
    tell()
    assert [len(to(mails, address)) for address in (OPS, "ada@example.org")] == [1, 1]


def test_who_is_killed_between_the_sending_and_its_note_tells_once_more(
    mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = mail.send

    def sends_and_dies(**given: Any) -> None:
        send(**given)
        raise Killed

    use_of("user", somebody("Ada").id, executions=10)
    with monkeypatch.context() as patched:
        patched.setattr(mail, "send", sends_and_dies)
        with pytest.raises(Killed):
            tell()
    tell()
    tell()
    assert [len(to(mails, address)) for address in (OPS, "ada@example.org")] == [2, 1]


def test_what_was_reached_long_ago_is_not_told_when_mail_is_turned_on(mails: MailServer) -> None:
    use_of("user", somebody("Ada").id, executions=10)
    look_at_thresholds()
    QuotaAlert.objects.update(reached_at=timezone.now() - TRIED_FOR - timedelta(hours=1))
    tell()
    assert mails.messages == []
