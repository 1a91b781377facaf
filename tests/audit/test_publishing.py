"""T20: heads go out by file, e-mail and webhook; none is missed, and what fails is told and tried again."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from audit.chain.chaining import GENESIS, hash_of, link_waiting
from audit.models import AuditEntry, AuditLink, AuditPublication
from audit.tasks import publish_heads
from tests.audit.test_chain import ORGANISATION, as_owner, verified, write
from tests.servers.mail_server import MailServer
from tests.servers.webhook_sink import WebhookSink

SECRET = "a secret of the test that is long enough"


@pytest.fixture
def mails(settings: Settings) -> Iterator[MailServer]:
    """A mail server that is configured."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        configure(settings, audit_head_email=("auditor@example.org",))
        yield server


@pytest.fixture
def sink(settings: Settings) -> Iterator[WebhookSink]:
    """A webhook that is configured."""
    with WebhookSink() as server:
        configure(settings, audit_head_webhook=server.url, audit_head_secret=SecretStr(SECRET))
        yield server


def configure(settings: Settings, **given: Any) -> None:
    """As if the environment said so."""
    settings.ENV = settings.ENV.model_copy(update=given)


def grow(count: int = 3) -> None:
    """The chain is longer by so much."""
    write(count)
    link_waiting()


def numbers(body: str) -> list[int]:
    """Of the heads of a message."""
    return [json.loads(line)["number"] for line in body.splitlines() if line.startswith("{")]


def reason(destination: str) -> str:
    """Why the last try failed."""
    return AuditPublication.objects.get(destination=destination, organisation=ORGANISATION).reason


@pytest.mark.django_db
def test_t20_heads_are_mailed_once_each_and_verify_against_the_mail(mails: MailServer, tmp_path: Path) -> None:
    grow()
    publish_heads()
    publish_heads()
    grow()
    publish_heads()
    assert [numbers(message) for message in mails.messages] == [[3], [6]]
    assert "To: auditor@example.org" in mails.messages[0]
    file = tmp_path / "from the mailbox"
    file.write_text("".join(line + "\n" for line in mails.messages[1].splitlines() if line.startswith("{")))
    assert verified("--head", str(file))[0] == 0
    last = AuditEntry.objects.latest("id").id
    for table, column in (("audit_links", "entry_id"), ("audit_entries", "id")):
        as_owner(f"DELETE FROM {table} WHERE {column} = %s", last)
    assert "number 6: the rows from 6 on are missing" in verified("--head", str(file))[1]


@pytest.mark.django_db
def test_what_a_mail_server_refuses_is_told_and_tried_again(mails: MailServer) -> None:
    grow()
    mails.refuses = True
    publish_heads()
    assert "did not take it" in reason("email")
    mails.refuses = False
    publish_heads()
    assert ([numbers(message) for message in mails.messages], reason("email")) == ([[3]], "")


@pytest.mark.django_db
def test_t20_a_webhook_is_told_and_can_tell_who_told_it(sink: WebhookSink) -> None:
    grow()
    publish_heads()
    ((headers, body),) = sink.calls
    assert [head["number"] for head in json.loads(body)["heads"]] == [3]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60


@pytest.mark.django_db
@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_a_webhook_refuses_comes_again_under_the_same_id(sink: WebhookSink, status: int) -> None:
    grow()
    sink.status = status
    publish_heads()
    assert reason("webhook") == f"the webhook answered with status {status}"
    sink.status = 200
    publish_heads()
    publish_heads()
    assert reason("webhook") == ""
    first, second = sink.calls
    assert first[0]["webhook-id"] == second[0]["webhook-id"]


@pytest.mark.django_db
def test_one_that_is_away_keeps_no_other_from_being_told(
    mails: MailServer, sink: WebhookSink, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, audit_head_file=tmp_path / "heads", audit_head_email=("auditor@example.org",))
    settings.EMAIL_PORT = 1
    grow()
    publish_heads()
    assert "did not take it" in reason("email")
    assert (reason("file"), reason("webhook"), len(sink.calls)) == ("", "", 1)
    assert numbers((tmp_path / "heads").read_text()) == [3]
    configure(settings, audit_head_file=tmp_path / "no such folder" / "heads")
    grow()
    publish_heads()
    assert "cannot be written" in reason("file")


def by_file(settings: Settings, tmp_path: Path) -> list[str]:
    """The lines of the file."""
    configure(settings, audit_head_file=tmp_path / "published")
    publish_heads()
    return (tmp_path / "published").read_text().splitlines()


def by_mail(settings: Settings, tmp_path: Path) -> list[str]:
    """The lines of the mail."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        configure(settings, audit_head_email=("auditor@example.org",))
        publish_heads()
        return [line for line in server.messages[0].splitlines() if line.startswith("{")]


def by_webhook(settings: Settings, tmp_path: Path) -> list[str]:
    """What the program was told, as lines."""
    with WebhookSink() as server:
        configure(settings, audit_head_webhook=server.url, audit_head_secret=SecretStr(SECRET))
        publish_heads()
        return [json.dumps(head) for head in json.loads(server.calls[0][1])["heads"]]


def cut_off() -> None:
    """The last three rows are gone."""
    last = list(AuditLink.objects.order_by("-number").values_list("entry_id", flat=True)[:3])
    as_owner("DELETE FROM audit_links WHERE entry_id = ANY(%s)", last)
    as_owner("DELETE FROM audit_entries WHERE id = ANY(%s)", last)


def made_anew() -> None:
    """A row is changed, and every hash after it is made to fit."""
    as_owner("UPDATE audit_entries SET object_id = 'nobody' WHERE object_id = '4'")
    rehash()


def swapped() -> None:
    """Two rows change places, and every hash is made to fit."""
    second, third = AuditLink.objects.filter(number__in=(2, 3)).order_by("number").values_list("entry_id", flat=True)
    for entry_id, place in ((second, -1), (third, second), (-1, third)):
        as_owner("UPDATE audit_links SET entry_id = %s WHERE entry_id = %s", place, entry_id)
    rehash()


def removed() -> None:
    """A row goes with its link, the rest moves up, and every hash is made to fit."""
    link = AuditLink.objects.get(number=5)
    as_owner("DELETE FROM audit_entries WHERE id = %s", link.entry_id)
    as_owner("DELETE FROM audit_links WHERE entry_id = %s", link.entry_id)
    for number in AuditLink.objects.filter(number__gt=5).order_by("number").values_list("number", flat=True):
        as_owner("UPDATE audit_links SET number = %s WHERE number = %s", number - 1, number)
    rehash()


def rehash() -> None:
    """The whole chain is made anew."""
    previous = GENESIS
    for link in AuditLink.objects.order_by("number"):
        previous = hash_of(previous, link.number, AuditEntry.objects.get(id=link.entry_id))
        as_owner("UPDATE audit_links SET hash = %s WHERE entry_id = %s", previous, link.entry_id)


@pytest.mark.django_db
@pytest.mark.parametrize("published", [by_file, by_mail, by_webhook])
@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (cut_off, "number 8: the rows from 8 on are missing"),
        (made_anew, "this is not what was published"),
        (swapped, "this is not what was published"),
        (removed, "number 10: the rows from 10 on are missing"),
    ],
)
def test_t20_what_fits_in_itself_is_found_against_each_kind_of_head(
    settings: Settings,
    tmp_path: Path,
    published: Callable[[Settings, Path], list[str]],
    edit: Callable[[], None],
    place: str,
) -> None:
    grow(10)
    told = tmp_path / "told"
    told.write_text("".join(f"{line}\n" for line in published(settings, tmp_path)))
    configure(settings, audit_head_file=None)
    edit()
    assert verified()[0] == 0, "nothing in the database shows it"
    code, words = verified("--head", str(told))
    assert (code, place in words) == (1, True), words
