"""T20: heads are stamped by an authority whose signature is checked before it counts, and stamps are kept outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from audit.publishing import calls
from audit.stamps import outside
from audit.stamps.document import read
from audit.tasks import publish_heads
from tests.audit.stamped import authority, keep_outside, stamps, three, trust
from tests.audit.test_chain import verified, write
from tests.audit.test_publishing import configure, grow, reason
from tests.servers.timestamp_authority import Question, Signer, TimestampAuthority, refusal

__all__ = ["authority", "three"]
OTHER_HASH = bytes.fromhex("3031300d060960864801650304020105000420") + bytes(32)
"""MessageImprint of something else."""

pytestmark = pytest.mark.django_db


def test_t20_heads_are_stamped_once_each_and_the_stamps_hold(authority: TimestampAuthority) -> None:
    grow()
    publish_heads()
    publish_heads()
    grow()
    publish_heads()
    assert [[head.number for head in read(stamp.document).heads] for stamp in stamps()] == [[3], [6]]
    assert (len(authority.questions), reason("timestamp")) == (2, "")
    assert authority.headers[0]["content-type"] == "application/timestamp-query"
    assert all(question.asks_for_certificate for question in authority.questions)
    assert authority.questions[0].nonce != authority.questions[1].nonce
    assert abs(stamps()[0].at - datetime.now(UTC)) < timedelta(minutes=1)
    code, words = verified()
    assert (code, "Time stamps: 2, from 20" in words, "all hold" in words) == (0, True, True), words


def test_one_stamp_is_of_every_chain(authority: TimestampAuthority) -> None:
    write(2, organisation="Other")
    grow()
    publish_heads()
    (stamp,) = stamps()
    assert {head.organisation: head.number for head in read(stamp.document).heads} == {"DADMS": 3, "Other": 2}


def by_another(**given: Any) -> Callable[[TimestampAuthority, Callable[[bytes], None]], None]:
    """An authority with this certificate answers, and its root is trusted."""

    def answer(server: TimestampAuthority, trusted: Callable[[bytes], None]) -> None:
        server.signer = Signer(**given)
        trusted(server.signer.pem)

    return answer


def with_an_unknown_root(server: TimestampAuthority, trusted: Callable[[bytes], None]) -> None:
    server.signer = Signer()


def answering(answer: Callable[[TimestampAuthority, Question], bytes]) -> Callable[..., None]:
    """These bytes."""

    def set_it(server: TimestampAuthority, trusted: Callable[[bytes], None]) -> None:
        server.answer = lambda question: answer(server, question)

    return set_it


def to_another(**given: Any) -> Callable[..., None]:
    """As if something else had been asked."""
    return answering(lambda server, question: server.signer.answer(replace(question, **given)))


def with_status(status: int) -> Callable[..., None]:
    """Of HTTP."""

    def set_it(server: TimestampAuthority, trusted: Callable[[bytes], None]) -> None:
        server.status = status

    return set_it


def forged(server: TimestampAuthority, question: Question) -> bytes:
    """A true stamp, whose time somebody has moved."""
    answer = server.signer.answer(question)
    at = answer.index(b"\x18\x0f20") + 5
    return answer[:at] + b"1" + answer[at + 1 :]


WRONG = {
    "an unknown root": (with_an_unknown_root, "its signature does not hold up to a root"),
    "a certificate that has run out": (by_another(valid_for=timedelta(days=1)), "certificate has expired"),
    "a certificate for everything": (by_another(usage=None), "unsuitable certificate purpose"),
    "one for code": (by_another(usage=ExtendedKeyUsageOID.CODE_SIGNING), "unsuitable certificate purpose"),
    "one for stamps among others": (by_another(is_critical=False), "unsuitable certificate purpose"),
    "another hash": (to_another(imprint=OTHER_HASH), "it is of something else"),
    "another nonce": (to_another(nonce=7), "it answers something else"),
    "no nonce": (to_another(nonce=None), "it answers something else"),
    "no certificate": (to_another(asks_for_certificate=False), "does not hold"),
    "a moved time": (answering(forged), "its signature does not hold"),
    "a refusal": (answering(lambda *_: refusal(2)), "it is no stamp: rejected"),
    "a change": (answering(lambda *_: refusal(1)), "it is no stamp: granted with modifications"),
    "an unknown status": (answering(lambda *_: refusal(77)), "it is no stamp: status 77"),
    "granted, and nothing": (answering(lambda *_: refusal(0)), "its token cannot be read"),
    "words": (answering(lambda *_: b"<html>sign in</html>"), "it is no time-stamp response"),
    "nothing": (answering(lambda *_: b""), "it is no time-stamp response"),
    "too much": (answering(lambda *_: bytes(10**6)), "answered with more than 65\u202f536 bytes"),
    "500": (with_status(500), "answered with status 500"),
    "302": (with_status(302), "answered with status 302"),
}


@pytest.mark.parametrize("what", WRONG)
def test_t20_an_answer_that_does_not_hold_does_not_count(
    what: str, authority: TimestampAuthority, settings: Settings, tmp_path: Path
) -> None:
    def trusted(pem: bytes) -> None:
        trust(settings, tmp_path, pem)

    go_wrong, sentence = WRONG[what]
    go_wrong(authority, trusted)
    grow()
    publish_heads()
    assert sentence in reason("timestamp"), reason("timestamp")
    assert (stamps(), len(authority.questions)) == ([], 1), "and no redirect was followed"
    for secret in (authority.url, "127.0.0.1", "stranger", str(tmp_path)):
        assert secret not in reason("timestamp")
    authority.signer, authority.answer, authority.status = Signer(), None, 200
    trusted(authority.signer.pem)
    publish_heads()
    assert (len(stamps()), reason("timestamp")) == (1, "")


def test_a_server_that_does_not_answer_is_not_waited_for(
    authority: TimestampAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "PATIENCE", 0.2)
    authority.may_answer.clear()
    grow()
    publish_heads()
    assert reason("timestamp") == "the time-stamping server gave no answer (TimeoutError)"
    authority.may_answer.set()
    monkeypatch.undo()
    publish_heads()
    assert reason("timestamp") == ""


def test_a_server_that_is_away_is_told(authority: TimestampAuthority, settings: Settings) -> None:
    configure(settings, audit_timestamp_url="http://127.0.0.1:1/tsr")
    grow()
    publish_heads()
    assert reason("timestamp") == "the time-stamping server gave no answer (ClientConnectorError)"


@pytest.mark.parametrize("there", [b"no certificate", None])
def test_roots_that_are_gone_are_told(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path, there: bytes | None
) -> None:
    path = trust(settings, tmp_path, there or b"")
    if there is None:
        path.unlink()
    grow()
    publish_heads()
    assert "of the roots of the time-stamping server: the file " in reason("timestamp")
    assert str(path) not in reason("timestamp")
    assert authority.questions == []


def test_t20_a_certificate_that_has_run_out_since_still_counts(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path
) -> None:
    signer = Signer(valid_for=timedelta(days=1))
    trust(settings, tmp_path, signer.pem)
    authority.answer = lambda question: signer.answer(question, at=datetime.now(UTC) - timedelta(days=1.5))
    grow()
    publish_heads()
    assert (reason("timestamp"), verified()[0]) == ("", 0)


def test_t20_stamps_are_kept_in_a_file_too(authority: TimestampAuthority, settings: Settings, tmp_path: Path) -> None:
    path = keep_outside(settings, tmp_path)
    for _ in range(2):
        grow()
        publish_heads()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["number"], line["document"]) for line in lines] == [(each.number, each.document) for each in stamps()]
    assert (reason("timestamp_file"), verified()[0]) == ("", 0)


def test_what_the_file_could_not_take_comes_later(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, audit_timestamp_file=tmp_path / "no such folder" / "stamps")
    grow()
    publish_heads()
    assert reason("timestamp_file") == "the file cannot be written to (FileNotFoundError)"
    assert (reason("timestamp"), len(stamps())) == ("", 1)
    path = keep_outside(settings, tmp_path)
    grow()
    publish_heads()
    assert (reason("timestamp_file"), len(path.read_text().splitlines())) == ("", 2)


def test_the_file_is_told_what_was_stamped_and_no_more(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path
) -> None:
    path = keep_outside(settings, tmp_path)
    authority.status = 500
    grow()
    publish_heads()
    assert reason("timestamp_file") == "there is no stamp of this yet"
    authority.status = 200
    publish_heads()
    assert (reason("timestamp_file"), len(path.read_text().splitlines())) == ("", 1)


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ('{"number": 9, "document": "x", "response": "AAAA"}', "its last stamp, 9, is not in the database"),
        ('{"number": 1, "document": "x", "response": "AAAA"}', "its last stamp, 1, is not in the database"),
        ('{"number": 1, "docu', "its last line is no stamp"),
        ('{"number": 1, "document": "x", "response": "?"}', "its last line is no stamp"),
        ("[]", "its last line is no stamp"),
    ],
)
def test_t20_nothing_is_appended_to_the_file_of_another_log(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path, last: str, sentence: str
) -> None:
    path = keep_outside(settings, tmp_path)
    path.write_text(last + "\n")
    grow()
    publish_heads()
    assert reason("timestamp_file") == f"the file is not of this log: {sentence}"
    assert path.read_text() == last + "\n"


def command(*arguments: str) -> str:
    """What `manage.py audit publish` says."""
    out = StringIO()
    call_command("audit", "publish", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_writes_the_file(three: list[object], tmp_path: Path) -> None:
    path = tmp_path / "stamps"
    assert command("--stamps", str(path)) == "Time stamps: up to number 3\n"
    assert command("--stamps", str(path)) == "Time stamps: up to number 3\n"
    assert len(path.read_text().splitlines()) == 3
    path.write_text("no stamp\n")
    with pytest.raises(CommandError, match="its last line is no stamp"):
        command("--stamps", str(path))
    with pytest.raises(CommandError, match="Name a file"):
        command()


def test_a_last_line_longer_than_a_block_is_read_whole(
    authority: TimestampAuthority, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "BLOCK", 64)
    path = keep_outside(settings, tmp_path)
    for count in (1, 2, 3):
        grow()
        publish_heads()
        assert (reason("timestamp_file"), len(path.read_text().splitlines())) == ("", count)
    assert verified()[0] == 0
