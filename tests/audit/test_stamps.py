"""T20: each kept time stamp is checked, with its place and the rows it is of; the first that does not hold is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from audit.chain.chaining import link_waiting
from audit.chain.heads import Head
from audit.models import AuditCut, AuditLink, AuditStamp, AuditStampCheck
from audit.retention import prune
from audit.stamps.authority import NotStamped, request_for, time_of
from audit.stamps.checking import check_on, fault_of_stamps
from audit.stamps.document import GENESIS, Document, digest, read, write
from audit.tasks import check_stamps, publish_heads
from foundation.database.threads import in_database_thread
from tests.audit.stamped import authority, keep_outside, stamps, three, trust
from tests.audit.test_chain import ORGANISATION, as_owner, verified
from tests.audit.test_chain import write as write_entries
from tests.audit.test_publishing import configure, cut_off, grow, made_anew, removed, swapped
from tests.cast import Person
from tests.servers.service import Service
from tests.servers.timestamp_authority import Question, Signer, TimestampAuthority
from tests.waiting import until

__all__ = ["authority", "three"]
Stamps = list[AuditStamp]


def test_stamps_that_hold(three: Stamps) -> None:
    code, words = verified()
    assert (code, "Time stamps: 3, from " in words) == (0, True)


def changed_document() -> None:
    as_owner("UPDATE audit_stamps SET document = replace(document, '\"number\":6', '\"number\":5') WHERE number = 2")


def changed_answer() -> None:
    as_owner("UPDATE audit_stamps SET response = '\\x00' WHERE number = 2")


def answer_of_another() -> None:
    as_owner("UPDATE audit_stamps SET response = (SELECT response FROM audit_stamps WHERE number = 1) WHERE number = 2")


def changed_time() -> None:
    as_owner("UPDATE audit_stamps SET at = at - interval '1 year' WHERE number = 2")


def swapped_stamps() -> None:
    for number, place in ((1, -1), (2, 1), (-1, 2)):
        as_owner("UPDATE audit_stamps SET number = %s WHERE number = %s", place, number)


def moved_up() -> None:
    as_owner("DELETE FROM audit_stamps WHERE number = 1")
    for number in (2, 3):
        as_owner("UPDATE audit_stamps SET number = %s WHERE number = %s", number - 1, number)


def first_removed() -> None:
    as_owner("DELETE FROM audit_stamps WHERE number = 1")


def one_removed() -> None:
    as_owner("DELETE FROM audit_stamps WHERE number = 2")


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (changed_document, "stamp 2 does not hold: it is of something else"),
        (changed_answer, "stamp 2 does not hold: it is no time-stamp response"),
        (answer_of_another, "stamp 2 does not hold: it is of something else"),
        (changed_time, "stamp 2 is of 20"),
        (swapped_stamps, "stamp 1 does not follow the one before it"),
        (moved_up, "stamp 1 does not follow the one before it"),
        (first_removed, "stamp 1 is missing: it was removed"),
        (one_removed, "stamp 2 is missing: it was removed"),
    ],
)
def test_t20_a_stamp_that_the_owner_changes_is_named(three: Stamps, edit: Callable[[], None], sentence: str) -> None:
    edit()
    code, words = verified()
    assert (code, words.startswith(sentence)) == (1, True), words


def test_t20_a_last_stamp_that_is_taken_away_is_found_by_the_file(
    authority: TimestampAuthority, db: None, settings: Settings, tmp_path: Path
) -> None:
    path = keep_outside(settings, tmp_path)
    for _ in range(2):
        grow()
        publish_heads()
    configure(settings, audit_timestamp_file=None)
    as_owner("DELETE FROM audit_stamps WHERE number = 2")
    assert verified()[0] == 0, "nothing in the database shows it"
    code, words = verified("--stamps", str(path))
    assert (code, words.startswith("stamp 2 was kept outside the database")) == (1, True), words
    as_owner("DELETE FROM audit_stamps")
    assert verified("--stamps", str(path))[0] == 1


def test_t20_a_chain_and_its_stamps_made_anew_are_found_by_the_file(
    authority: TimestampAuthority, db: None, settings: Settings, tmp_path: Path
) -> None:
    path = keep_outside(settings, tmp_path)
    grow(10)
    publish_heads()
    configure(settings, audit_timestamp_file=None)
    made_anew()
    as_owner("DELETE FROM audit_stamps")
    as_owner("DELETE FROM audit_publications")
    publish_heads()
    assert (len(stamps()), verified()[0]) == (1, 0), "it was stamped anew, with the time of today"
    code, words = verified("--stamps", str(path))
    assert (code, words.startswith("stamp 1 was kept outside the database")) == (1, True), words


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (made_anew, "DADMS: number 10: this is not what stamp 1 of 20"),
        (swapped, "DADMS: number 10: this is not what stamp 1 of 20"),
        (cut_off, "DADMS: number 10: the row is missing: stamp 1 of 20"),
        (removed, "DADMS: number 10: the row is missing: stamp 1 of 20"),
    ],
)
def test_t20_what_fits_in_itself_is_found_by_a_stamp(
    authority: TimestampAuthority, db: None, edit: Callable[[], None], sentence: str
) -> None:
    grow(10)
    publish_heads()
    edit()
    code, words = verified()
    assert (code, words.startswith(sentence)) == (1, True), words


def test_t20_another_organisation_alone_is_looked_at_where_it_is_named(authority: TimestampAuthority, db: None) -> None:
    write_entries(3, organisation="Other")
    grow(10)
    publish_heads()
    as_owner("UPDATE audit_links SET hash = '\\x00' WHERE organisation = 'Other' AND number = 3")
    assert verified()[0] == 0
    code, words = verified("--organisation", "Other")
    assert (code, "Other: number 3: this is not what stamp 1" in words) == (1, True), words


def test_stamps_of_what_retention_took_away_hold(three: Stamps) -> None:
    prune(before=timezone.now() + timedelta(days=1))
    link_waiting()
    assert list(AuditLink.objects.order_by("number").values_list("number", flat=True)) == [9, 10]
    assert verified()[0] == 0


def test_t20_a_cut_with_another_hash_than_a_stamp_is_named(three: Stamps) -> None:
    entry = AuditLink.objects.get(number=7).entry_id
    as_owner("UPDATE audit_entries SET at = now() + interval '2 days' WHERE id >= %s", entry)
    AuditCut.objects.create(organisation=ORGANISATION, number=6, hash=bytes(32), at=timezone.now(), signature="A" * 43)
    as_owner("DELETE FROM audit_links WHERE number <= 6")
    code, words = verified()
    assert (code, "DADMS: number 6: this is not what stamp 2 of 20" in words) == (1, True), words


@pytest.mark.parametrize("statement", ["UPDATE audit_stamps SET at = now()", "DELETE FROM audit_stamps"])
def test_t20_stamps_stay_as_they_are(three: Stamps, statement: str) -> None:
    for each in (statement, "TRUNCATE audit_stamps"):
        with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
            connection.cursor().execute(each)
    assert len(stamps()) == 3


def test_t20_stamps_are_checked_up_to_the_roots_of_now(three: Stamps, settings: Settings, tmp_path: Path) -> None:
    old = (tmp_path / "roots.pem").read_bytes()
    trust(settings, tmp_path, Signer().pem)
    assert verified()[1].startswith("stamp 1 does not hold: its signature does not hold up to a root")
    trust(settings, tmp_path, old + b"".join(Signer().pem for _ in range(5)))
    assert verified()[0] == 0, "an old root may stand beside new ones, also of the same name"
    configure(settings, audit_timestamp_roots=None)
    assert verified()[1].startswith("the stamps cannot be checked: of their roots: AUDIT_TIMESTAMP_ROOTS names no file")


HEAD = {"at": "2026-01-01T00:00:00+00:00", "organisation": "DADMS", "number": 3, "hash": "00"}
FIRST = {"number": 1, "previous": GENESIS}


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["no document"],
        [FIRST, "no head"],
        [{"number": 1}],
        [FIRST, {**HEAD, "number": 2**63}],
        [FIRST, {**HEAD, "number": 0}],
        [FIRST, {**HEAD, "number": 3.5}],
        [FIRST, {**HEAD, "number": True}],
        [FIRST, {**HEAD, "organisation": "\0"}],
        [FIRST, {**HEAD, "organisation": 7}],
        [FIRST, {**HEAD, "more": 1}],
        [{**FIRST, "number": "1"}],
    ],
)
def test_t20_a_true_stamp_of_something_else_is_named(
    authority: TimestampAuthority, db: None, lines: list[object]
) -> None:
    """Whoever owns the database can have anything stamped."""
    document = "".join(
        (each if isinstance(each, str) else json.dumps(each, separators=(",", ":"))) + "\n" for each in lines
    )
    keep(authority, document, number=1)
    assert verified() == (1, "stamp 1 does not hold: what it is of cannot be read\n")


def test_t20_a_true_stamp_of_an_unknown_row_is_named(authority: TimestampAuthority, db: None) -> None:
    keep(authority, write(Document(1, GENESIS, [Head("x", "Nobody's", 3, "zz")])), number=1)
    assert verified()[0] == 0
    assert verified("--organisation", "Nobody's")[1].startswith("Nobody's: number 3: the row is missing: stamp 1 of 20")


def keep(authority: TimestampAuthority, document: str, *, number: int) -> AuditStamp:
    """As the owner would, with a true stamp."""
    response = authority.signer.answer(question_of(document))
    at = time_of(response, document, roots=[authority.signer.root])
    return AuditStamp.objects.create(number=number, at=at, document=document, response=response)


def question_of(document: str) -> Question:
    """What is asked about it."""
    return Question.of(request_for(document).as_bytes()) if document else EMPTY


EMPTY = Question(
    bytes.fromhex(
        "3031300d060960864801650304020105000420e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    ),
    None,
    asks_for_certificate=True,
)


def test_a_file_that_cannot_be_read_is_told(three: Stamps, tmp_path: Path) -> None:
    path = tmp_path / "outside"
    path.write_text("no stamp\n")
    with pytest.raises(CommandError, match="its last line is no stamp"):
        verified("--stamps", str(path))
    with pytest.raises(CommandError, match="Is a directory"):
        verified("--stamps", str(tmp_path))
    with pytest.raises(CommandError, match="No such file"):
        verified("--stamps", str(tmp_path / "misspelt"))
    path.write_text("")
    assert verified("--stamps", str(path))[0] == 0


def look(*, outside: Path | None = None, roots: Path, stretch: int = 2) -> AuditStampCheck:
    """One look at two stamps."""
    check_on(roots=roots, kept_outside=outside, now=timezone.now(), stretch=stretch)
    return AuditStampCheck.objects.get()


def test_a_round_takes_several_looks_and_begins_anew(three: Stamps, tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    assert look(roots=roots).number == 2
    second = look(roots=roots)
    assert (second.number, second.length, second.fault) == (0, 3, "")
    assert second.ended_at is not None
    assert look(roots=roots).number == 2


def test_t20_what_is_changed_behind_its_back_is_found_in_the_next_round(three: Stamps, tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    look(roots=roots)
    as_owner("UPDATE audit_stamps SET at = now() WHERE number = 1")
    assert look(roots=roots).fault == "", "this round had seen it"
    assert look(roots=roots).fault.startswith("stamp 1 is of 20")
    assert fault_of_stamps().startswith("stamp 1 is of 20")


def test_t20_what_is_taken_away_where_the_round_stands_is_found(three: Stamps, tmp_path: Path) -> None:
    look(roots=tmp_path / "roots.pem")
    as_owner("DELETE FROM audit_stamps WHERE number >= 2")
    assert look(roots=tmp_path / "roots.pem").fault == "stamp 2 is missing: it was there at the last look"


def test_t20_the_round_looks_at_the_file_too(
    authority: TimestampAuthority, db: None, settings: Settings, tmp_path: Path
) -> None:
    path = keep_outside(settings, tmp_path)
    check_stamps()
    assert fault_of_stamps() == "", "it is not written to yet"
    grow()
    publish_heads()
    check_stamps()
    assert fault_of_stamps() == ""
    as_owner("DELETE FROM audit_stamps")
    check_stamps()
    assert fault_of_stamps().startswith("stamp 1 was kept outside")
    path.write_text("no stamp\n")
    check_stamps()
    assert fault_of_stamps() == "the stamps outside the database cannot be read: its last line is no stamp"


def test_without_roots_nothing_is_checked(db: None) -> None:
    check_stamps()
    assert not AuditStampCheck.objects.exists()


async def test_health_tells_of_it_beside(service: Service) -> None:
    async def state() -> str:
        return str((await Person(service.url, None).get("/health")).body["audit"])

    assert await state() == "healthy"
    await in_database_thread(lambda: AuditStampCheck.objects.create(fault="stamp 1 is missing"))

    async def is_told() -> bool:
        return await state() == "unhealthy"

    await until(is_told)


TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
HEADS = st.builds(Head, at=TEXTS, organisation=TEXTS, number=st.integers(1, 2**63 - 1), hash=TEXTS)


@given(st.builds(Document, st.integers(0, 2**63 - 1), TEXTS, st.lists(HEADS, max_size=5)))
def test_a_document_reads_as_it_was_written(document: Document) -> None:
    assert read(write(document)) == document
    assert digest(write(document), b"1") != digest(write(document), b"2")


SIGNER = Signer()
DOCUMENT = write(Document(1, GENESIS, [Head("2026-01-01T00:00:00+00:00", "DADMS", 3, "00")]))
NOW = datetime.now(UTC).replace(microsecond=0)
ANSWER = SIGNER.answer(question_of(DOCUMENT), at=NOW)


@given(st.data())
def test_t20_no_changed_byte_gives_a_stamp_of_another_time(data: st.DataObject) -> None:
    answer = bytearray(ANSWER)
    for place in data.draw(st.lists(st.integers(0, len(answer) - 1), min_size=1, max_size=3)):
        answer[place] = data.draw(st.integers(0, 255))
    whole, cut = bytes(answer), bytes(answer[: data.draw(st.integers(0, len(answer)))])
    assert {found(whole), found(cut)} <= {NOW, None}


def found(answer: bytes) -> datetime | None:
    """The time of it; None where it does not count."""
    try:
        return time_of(answer, DOCUMENT, roots=[SIGNER.root])
    except NotStamped:
        return None
