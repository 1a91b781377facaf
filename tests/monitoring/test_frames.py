"""T10: what is told of an exception, and which exceptions are one group."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import jinja2
import pytest

from monitoring.errors.frames import ROOT
from monitoring.errors.sightings import Sighting, sighting_of

CANARY = "kanarienvogel-2c7d"
logger = logging.getLogger("tests.monitoring")


def seen(work: Callable[[], Any], event: str = "it_broke", **extra: Any) -> Sighting:
    """What is seen of the exception that `work` raises."""
    try:
        work()
    except Exception:
        record = logger.makeRecord(logger.name, logging.ERROR, __file__, 1, event, (), sys.exc_info(), extra=extra)
        found = sighting_of(record)
        assert found is not None
        return found
    raise AssertionError("it did not raise")


def told(sighting: Sighting) -> str:
    """All that is kept of it."""
    return str((sighting, [link.json() for link in sighting.chain]))


def _one(text: str) -> None:
    said = text
    raise ValueError(said)


def _other(text: str) -> None:
    raise ValueError(text)


def _with_cause(text: str, cause: type[Exception]) -> None:
    try:
        raise cause(text)
    except Exception as error:
        raise RuntimeError(text) from error


def test_t10_no_message_local_or_line_of_source_is_told() -> None:
    sighting = seen(lambda: _with_cause(CANARY, KeyError))
    assert CANARY not in told(sighting)
    assert [link.type for link in sighting.chain] == ["RuntimeError", "KeyError"]
    assert sighting.place == "tests.monitoring.test_frames:_with_cause"
    last = sighting.chain[0].frames[-1]
    assert (last.file, last.function, last.is_ours) == ("tests/monitoring/test_frames.py", "_with_cause", True)


def test_t10_names_that_were_made_of_words_are_not_told() -> None:
    kind = type(f"Kanarienvogel{CANARY.replace('-', '')}", (LookupError,), {})
    template = jinja2.Environment().from_string("{% block kanarienvogel %}{{ x.y.z }}{% endblock %}")

    def fail() -> None:
        try:
            template.render()
        except jinja2.UndefinedError as error:
            raise kind(CANARY) from error

    sighting = seen(fail, f"{CANARY} was wrong")
    assert "kanarienvogel" not in told(sighting).lower()
    assert [link.type for link in sighting.chain] == ["LookupError", "jinja2.exceptions.UndefinedError"]
    assert "elsewhere" in told(sighting)


def test_what_differs_in_its_words_alone_is_one_group() -> None:
    assert seen(lambda: _one("a")).fingerprint == seen(lambda: _one("b")).fingerprint


@pytest.mark.parametrize(
    "work",
    [lambda: _other("a"), lambda: _with_cause("a", KeyError), lambda: _with_cause("a", IndexError)],
    ids=["place", "cause", "cause's type"],
)
def test_what_comes_from_elsewhere_is_another(work: Callable[[], Any]) -> None:
    others = {seen(each).fingerprint for each in (lambda: _one("a"), lambda: _with_cause("a", OSError))}
    assert seen(work).fingerprint not in others
    assert seen(lambda: _one("a"), "another_event").fingerprint != seen(lambda: _one("a")).fingerprint


def test_how_deep_a_recursion_went_makes_no_other_group() -> None:
    def down(levels: int) -> None:
        if not levels:
            raise ValueError(CANARY)
        down(levels - 1)

    shallow, deep = seen(lambda: down(5)), seen(lambda: down(400))
    assert shallow.fingerprint == deep.fingerprint
    assert len(deep.chain[0].json()["frames"]) < 10


def test_a_new_release_that_moves_lines_keeps_the_group() -> None:
    source = "def f():\n{}    raise ValueError('x')"
    found: list[Sighting] = []
    for lines in ("", "    a = 1\n" * 9):
        space: dict[str, Any] = {}
        exec(compile(source.format(lines), f"{ROOT}playground/made_up.py", "exec"), space)
        found.append(seen(space["f"]))
    first, second = found
    assert first.place == "playground.made_up:f"
    assert first.chain[0].frames[-1].line != second.chain[0].frames[-1].line
    assert first.fingerprint == second.fingerprint


def test_ids_are_told_and_words_in_their_place_are_not() -> None:
    good, bad = "0199a1b2-0000-7000-8000-000000000001", CANARY
    assert str(seen(lambda: _one("a"), execution_id=good).execution_id) == good
    assert seen(lambda: _one("a"), execution_id=bad).execution_id is None


def test_causes_that_go_in_a_circle_end() -> None:
    def fail() -> None:
        first, second = ValueError(CANARY), KeyError(CANARY)
        first.__cause__, second.__cause__ = second, first
        raise first

    assert [link.type for link in seen(fail).chain] == ["ValueError", "KeyError"]
