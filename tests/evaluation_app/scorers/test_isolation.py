"""A scorer that goes on for ever, eats memory or ends its process costs its own score, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from evaluation_app.scorers import running
from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.isolation import children as isolation
from evaluation_app.scorers.isolation.children import MOST
from evaluation_app.scorers.isolation.program import LARGEST
from evaluation_app.scorers.judging import Check, judge
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.sample import Sample, Score, ToolCall
from evaluation_app.scorers.scorer import Scorer
from foundation.processes import is_alive
from tests.evaluation_app.scorers import hostile
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
SOON = 60.0


def ask(kind: type[Scorer[Any]], output: str = "a text") -> Score:
    return running.score(kind.of({}), Sample(output))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (hostile.Calculating, "scorer_timed_out"),
        (hostile.Waiting, "scorer_timed_out"),
        (hostile.Hungry, "scorer_out_of_memory"),
        (hostile.Killed, "scorer_crashed"),
        (hostile.Leaving, "scorer_crashed"),
        (hostile.Failing, "scorer_crashed"),
        (hostile.FailingHere, "scorer_crashed"),
        (hostile.Refusing, "scorer_refused"),
    ],
)
def test_a_scorer_that_takes_too_much_costs_itself_only(kind: type[Scorer[Any]], code: str) -> None:
    with pytest.raises(ScorerError) as refused:
        ask(kind, "SECRETWORD")
    assert refused.value.code == code
    assert "SECRETWORD" not in refused.value.sentence
    assert ask(hostile.Echoing).passed


def test_the_others_go_on_while_one_hangs() -> None:
    with ThreadPoolExecutor(8) as threads:
        hanging = [threads.submit(ask, hostile.Waiting) for _ in range(MOST + 1)]
        fine = [threads.submit(ask, hostile.Echoing) for _ in range(20)]
        assert all(each.result(SOON).passed for each in fine)
        for each in hanging:
            assert isinstance(error := each.exception(SOON), ScorerError)
            assert error.code == "scorer_timed_out"


def test_what_a_library_prints_is_no_answer() -> None:
    assert ask(hostile.Printing) == Score.binary(True, "As it should be.")


def test_a_child_sees_no_variable_and_no_connection_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    pipe = os.pipe()
    seen = json.loads(ask(hostile.Looking).reason)
    for end in pipe:
        os.close(end)
    assert set(seen["environment"]) <= {"OPENBLAS_NUM_THREADS", "TOKENIZERS_PARALLELISM", "LC_CTYPE"}
    assert [each for each in seen["files"] if each.startswith("socket")] == []
    assert len([each for each in seen["files"] if each.startswith("pipe")]) == 2


def test_a_sample_arrives_as_it_was_sent() -> None:
    sample = Sample(
        'é\n"',
        expected={"a": [1, 2.5, None, 10**30]},
        tool_calls=(ToolCall("find", {"q": "x"}), ToolCall("none")),
        latency=0.25,
        cost=Decimal("0.0012"),
        schema_valid=False,
        variables={"tone": "dry"},
    )
    assert running.score(hostile.Echoing.of({}), sample).reason == repr(sample)


def test_a_child_that_was_killed_while_it_rested_is_replaced() -> None:
    pids = {json.loads(ask(hostile.Looking).reason)["pid"] for _ in range(5)}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert json.loads(ask(hostile.Looking).reason)["pid"] not in pids


def test_a_child_is_asked_again_until_it_has_grown() -> None:
    def pid() -> int:
        return int(json.loads(ask(hostile.Looking).reason)["pid"])

    first = pid()
    assert {pid() for _ in range(20)} == {first}
    assert ask(hostile.Growing).passed
    assert first not in {pid() for _ in range(20)}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_child_of_a_large_process_has_not_grown() -> None:
    def pid() -> int:
        return int(json.loads(ask(hostile.Looking).reason)["pid"])

    ballast = bytearray(b"x") * (LARGEST + 2**26)
    os.kill(pid(), signal.SIGKILL)
    first = pid()
    assert {pid() for _ in range(5)} == {first}
    assert len(ballast) > LARGEST


def test_what_takes_long_is_known_beforehand() -> None:
    evil = made("regex", {"pattern": "((a{0,20}){0,20}){0,2}b"})
    assert isinstance(evil, Scorer)
    assert evil.is_cheap(Sample("a" * 100))
    assert not evil.is_cheap(Sample("a" * 100_000))
    with pytest.raises(ScorerError) as refused:
        running.score(evil, Sample("a" * 900_000))
    assert refused.value.code == "scorer_timed_out"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("levenshtein", {"value": "a", "max_distance": 1}),
        ("similarity", {"value": "a"}),
        ("rouge_l", {"value": "a"}),
        ("bleu", {"value": "a"}),
        ("chrf", {"value": "a"}),
        ("semantic", {"value": "a"}),
        ("contains", {"keywords": ["a"]}),
        ("regex", {"pattern": "a"}),
        ("equals_json", {"value": 1}),
        ("json_schema", {"schema": {"type": "object"}}),
        ("json_path", {"path": "$..*"}),
        ("numeric", {"value": 1}),
    ],
)
def test_ten_megabytes_are_refused_with_a_reason(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(ScorerError) as refused:
        running.score(made(name, params), Sample("a" * 10_000_000))
    assert refused.value.code == "scorer_refused"
    assert "longer than" in refused.value.sentence


@pytest.mark.parametrize(
    ("name", "params", "output"),
    [
        ("json_path", {"path": "$..*..*..*..*..*..*"}, "[" * 60 + "]" * 60),
        ("json_path", {"path": "$[?search(@, '(a|a|aa)*(a|aa)*(a|aa)*(aa|a)*c')]"}, json.dumps(["a" * 4_000 + "b"])),
        ("levenshtein", {"value": "ab" * 50_000, "max_distance": 1}, "ba c" * 25_000),
        ("chrf", {"value": "ab c" * 25_000}, "ba c" * 25_000),
        ("contains", {"keywords": ["x"]}, "a" + "\u0301\u0316" * 400_000),
        ("numeric", {"value": 1, "which": "any"}, "1.2e3 " * 160_000),
        ("json_schema", {"schema": {"items": {"enum": list(range(1_000))}}}, json.dumps([-1] * 20_000)),
    ],
)
def test_hostile_texts_and_parameters_end(name: str, params: dict[str, Any], output: str) -> None:
    scorer = made(name, params)
    [checked] = judge([Check(scorer)], Sample(output)).checked
    if checked.error is None:
        assert checked.score is not None
        assert not checked.score.passed
    else:
        assert checked.error.code in {"scorer_timed_out", "scorer_out_of_memory", "scorer_refused"}


def program(text: str) -> subprocess.Popen[str]:
    """A process of its own that scores."""
    head = f"""
        import json, os, sys, threading
        sys.path.insert(0, {str(ROOT)!r})
        from evaluation_app.scorers import running
        from evaluation_app.scorers.sample import Sample
        from tests.evaluation_app.scorers import hostile
        def pid(): return json.loads(running.score(hostile.Looking.of({{}}), Sample("")).reason)["pid"]
    """
    source = textwrap.dedent(head) + textwrap.dedent(text)
    return subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)


async def test_children_end_with_whoever_started_them_however_it_ended() -> None:
    parent = program(
        """
        for kind in (hostile.Waiting, hostile.Echoing):
            threading.Thread(target=lambda kind=kind: running.score(kind.of({}), Sample("")), daemon=True).start()
        threading.Event().wait()
        """
    )
    family = psutil.Process(parent.pid)

    async def both() -> list[psutil.Process]:
        found: list[psutil.Process] = family.children()
        return found if len(found) == MOST else []

    pids = [child.pid for child in await until(both)]
    parent.kill()
    parent.wait()

    async def gone() -> bool:
        return not any(map(is_alive, pids))

    await until(gone)


def test_a_forked_process_has_children_of_its_own() -> None:
    parent = program(
        """
        mine = pid()
        forked = os.fork()
        if not forked:
            print(pid() != mine, flush=True)
            os._exit(0)
        os.waitpid(forked, 0)
        print(pid() == mine, flush=True)
        """
    )
    told, _ = parent.communicate(timeout=SOON)
    assert told.split() == ["True", "True"]


def test_a_process_of_celerys_pool_may_ask_from_a_thread() -> None:
    parent = program(
        """
        import billiard
        def work():
            asking = threading.Thread(target=lambda: print(pid() > 0, flush=True))
            asking.start(); asking.join()
        child = billiard.Process(target=work, daemon=True)
        child.start(); child.join()
        """
    )
    told, _ = parent.communicate(timeout=SOON)
    assert told.split() == ["True"]


def test_a_place_and_a_clock_are_given_back_each_time() -> None:
    before = threading.active_count()
    for _ in range(MOST + 1):
        with pytest.raises(ScorerError):
            ask(hostile.Killed)
    assert ask(hostile.Echoing).passed
    assert threading.active_count() <= before


def test_a_program_that_cannot_be_started_is_an_error_of_the_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_children", isolation.Children())
    monkeypatch.setattr(isolation, "PROGRAM", ROOT / "nowhere.py")
    with pytest.raises(ScorerError) as refused:
        ask(hostile.Echoing)
    assert refused.value.code == "scorer_crashed"
    monkeypatch.setattr(isolation, "PROGRAM", Path(isolation.__file__).with_name("program.py"))
    assert ask(hostile.Echoing).passed


def test_what_is_sent_and_answered_may_be_long() -> None:
    text = "é" * 900_000
    assert text in ask(hostile.Echoing, text).reason
