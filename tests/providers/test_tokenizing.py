"""Tokens counted by a program of its own, and estimated where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.tokenizing import characters, counter
from providers.tokenizing.counter import CannotCount, Counter
from providers.tokenizing.input_tokens import Input

MODEL = "openai/gpt-4o"
TEXTS = {
    "English": "The committee met on Tuesday to discuss the budget for the coming year, and agreed on most of it. " * 5,
    "German": "Der Ausschuss tagte am Dienstag, um über den Haushalt des kommenden Jahres zu beraten. " * 5,
    "Russian": "Комитет собрался во вторник, чтобы обсудить бюджет на следующий год. " * 5,
    "Chinese": "委员会于星期二开会讨论来年的预算并就其中大部分达成一致。" * 5,
    "Japanese": "委員会は火曜日に会合を開き、来年度の予算について話し合いました。" * 5,
    "Arabic": "اجتمعت اللجنة يوم الثلاثاء لمناقشة ميزانية العام المقبل. " * 5,
    "Hindi": "समिति ने अगले वर्ष के बजट पर चर्चा करने के लिए मंगलवार को बैठक की। " * 5,
    "code": "def total(rows):\n    return sum(row.cost for row in rows if row.cost is not None)\n\n" * 5,
}


@pytest.fixture
def own() -> Iterator[Counter]:
    """A counter of this test's."""
    made = Counter()
    yield made
    made.stop()


def test_a_program_that_ended_is_started_again(own: Counter) -> None:
    assert own.count(["hello world", ""], "o200k_base") == [2, 0]
    process = own._process
    assert process is not None
    process.kill()
    process.wait()
    assert own.count(["hello world"], "cl100k_base") == [2]


def test_where_there_is_no_program_the_texts_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "PROGRAM", Path("/nowhere/program.py"))
    without = Counter()
    with pytest.raises(CannotCount):
        without.count(["hello"], "o200k_base")
    monkeypatch.setattr(counter, "_counter", without)
    told = Input([{"role": "user", "content": "x" * 400}]).tokens_of(MODEL)
    assert (told.method, told.tokenizer) == ("estimated", None)
    assert told.low < told.tokens < told.high


def test_the_program_ends_when_nobody_asks() -> None:
    program = "from providers.tokenizing.program import serve; serve(idle=0.05)"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("language", TEXTS)
def test_an_estimate_is_near_the_count(language: str) -> None:
    text = TEXTS[language]
    (counted,) = counter.counter().count([text], "o200k_base")
    assert counted / 2 <= characters.estimated(text) <= counted * 2


def test_a_glance_waits_for_no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "PROGRAM", Path("/nowhere/program.py"))
    messages = [{"role": "user", "content": "word " * 2_000}]
    told = Input(messages, is_rough=True).tokens_of(MODEL)
    assert (told.method, told.tokens) == ("estimated", 2_500 + 1 + 6)
