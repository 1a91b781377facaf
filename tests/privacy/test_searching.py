"""T39: the search that proves an erasure reads every row, whatever its key is, and can be taken up anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from foundation.sealing.fields import Sealed
from playground.models import PromptExecution
from privacy.erasure import searching
from privacy.erasure.searching import Find, places, search, stretches
from privacy.models import RetentionRule
from tests.privacy.rows import a_person, a_session, executions

pytestmark = pytest.mark.django_db

WORD = "Önnerud-4c19"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "ROWS_OF_A_STRETCH", 7)
    monkeypatch.setattr(searching, "FILES_OF_A_STRETCH", 2)


def in_table(table: str) -> list[searching.Stretch]:
    """What a search of this table tells, piece by piece."""
    return list(stretches([WORD], at=[place for place in places() if place.name == table]))


def numbered_rules() -> set[str]:
    rules = [RetentionRule(organisation=f"{number} {WORD}", kind="executions", days=1) for number in range(120)]
    return {str(row.pk) for row in RetentionRule.objects.bulk_create(rules)}


def test_t39_rows_with_numbers_for_keys_are_all_read() -> None:
    keys = numbered_rules()
    found = in_table("retention_rules")
    assert {find.where for stretch in found for find in stretch.finds} == keys
    assert len(found) == 120 // 7 + 1


def test_t39_rows_without_a_key_are_all_read() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE keyless AS SELECT n, 'of önnerud-4C19 ' || n AS said FROM generate_series(1, 40) n"
        )
    assert sum(len(stretch.finds) for stretch in in_table("keyless")) == 40


def test_t39_a_search_goes_on_after_any_of_its_stretches() -> None:
    keys = numbered_rules()
    executions(a_session(a_person()), days=1, count=20, request={"prompt": WORD})
    named = ("prompt_executions", "retention_rules", "users")
    at = [place for place in places() if place.name in named]
    whole = list(stretches([WORD], at=at))
    assert len([find for stretch in whole for find in stretch.finds]) == 20 + len(keys)
    for number, last in enumerate(whole):
        assert list(stretches([WORD], at=at, place=last.place, after=last.after)) == whole[number + 1 :]


def test_t39_what_was_written_in_clear_into_a_sealed_column_is_found() -> None:
    (row,) = executions(a_session(a_person()), days=1)
    PromptExecution.objects.filter(id=row.id).update(request=Sealed(f"in clear: {WORD}".encode()))
    assert [find for stretch in in_table("prompt_executions") for find in stretch.finds] == [
        Find("prompt_executions", f"{row.id} request")
    ]


def test_t39_files_are_read_one_after_another_and_taken_up_by_name(tmp_path: Path, settings: Settings) -> None:
    for name in ("a.log", "b/c.log", "b/d.log", "b.log", "e/f/g.log", "postgres/h.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x" * searching.PIECE + WORD.upper())
    settings.DATA_DIR = tmp_path
    at = [place for place in places() if place.name == "files"]
    whole = list(stretches([WORD], at=at))
    assert [find.where for stretch in whole for find in stretch.finds] == [
        "a.log", "b/c.log", "b/d.log", "b.log", "e/f/g.log",
    ]  # fmt: skip
    assert list(stretches([WORD], at=at, place="files", after=whole[0].after)) == whole[1:]
    assert list(search(["no-such-word-5c"], at=at)) == []
