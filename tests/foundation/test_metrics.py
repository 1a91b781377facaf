"""What processes count: added up, gone with their process where it was of the moment, and kept where it was a count."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric

from foundation.metrics.elsewhere import Elsewhere
from foundation.metrics.labels import OTHER, Names
from foundation.metrics.processes import MOST_DEAD, VARIABLE, AllProcesses, emptied
from foundation.processes import identity_of

COUNTS = """
from foundation.metrics.families import EXECUTIONS, EXECUTION_SECONDS, CALLS_IN_FLIGHT
EXECUTIONS.labels("openai", "openai/m", "service", "completed").inc()
EXECUTION_SECONDS.labels("openai").observe(0.3)
CALLS_IN_FLIGHT.labels("openai").inc()
"""
FORKS = (
    COUNTS
    + """
import os
pid = os.fork()
EXECUTIONS.labels("openai", "openai/m", "service", "completed").inc(1 if pid else 10)
pid and os.waitpid(pid, 0)
"""
)
SENDS_NO_SPANS = """
import sys
import django
django.setup()
import config.asgi
# redis-py loads the SDK's metrics wherever it is installed; what sends spans is ours to load.
OURS = ("opentelemetry.sdk.trace", "opentelemetry.exporter")
assert not [name for name in sys.modules if name.startswith(OURS)], "it is loaded"
"""


def run(program: str, folder: Path) -> None:
    """A process that counts into the folder, to its end."""
    environment = {**os.environ, VARIABLE: str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def values(metrics: list[Metric]) -> dict[str, float]:
    """Sums of all samples of a name; of a histogram's buckets the last."""
    return {sample.name: sample.value for metric in metrics for sample in metric.samples if sample.value}


def test_dead_processes_keep_their_counts_and_no_gauges(tmp_path: Path) -> None:
    for _ in range(3):
        run(COUNTS, tmp_path)
    told = values(AllProcesses(tmp_path).collect())
    assert told["playground_executions_total"] == told["playground_execution_duration_seconds_count"] == 3
    assert told["playground_execution_duration_seconds_sum"] == pytest.approx(0.9)
    assert "playground_provider_calls_in_flight" not in told


def test_a_forked_child_counts_for_itself(tmp_path: Path) -> None:
    run(FORKS, tmp_path)
    assert values(AllProcesses(tmp_path).collect())["playground_executions_total"] == 12
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_files_of_the_dead_become_one_and_say_the_same(tmp_path: Path) -> None:
    run(COUNTS, tmp_path)
    (made,) = tmp_path.glob("counter_*.db")
    (lasted,) = tmp_path.glob("histogram_*.db")
    for number in range(MOST_DEAD):
        (tmp_path / f"counter_{2**22 + number}-1.db").write_bytes(made.read_bytes())
        (tmp_path / f"histogram_{2**22 + number}-1.db").write_bytes(lasted.read_bytes())
    for _ in range(2):
        told = values(AllProcesses(tmp_path).collect())
        assert told["playground_executions_total"] == MOST_DEAD + 1
        assert told["playground_execution_duration_seconds_count"] == MOST_DEAD + 1
        assert len(list(tmp_path.glob("*.db"))) == 2
    run(COUNTS, tmp_path)
    assert values(AllProcesses(tmp_path).collect())["playground_executions_total"] == MOST_DEAD + 2


def test_an_id_that_is_given_out_again_is_another_process(tmp_path: Path) -> None:
    run(COUNTS, tmp_path)
    (gauge,) = tmp_path.glob("gauge_livesum_*.db")
    mine, before = identity_of(os.getpid()), f"{os.getpid()}-1"
    assert mine != before
    (tmp_path / f"gauge_livesum_{mine}.db").write_bytes(gauge.read_bytes())
    (tmp_path / f"gauge_livesum_{before}.db").write_bytes(gauge.read_bytes())
    assert values(AllProcesses(tmp_path).collect())["playground_provider_calls_in_flight"] == 1
    assert [file.name for file in tmp_path.glob("gauge_*")] == [f"gauge_livesum_{mine}.db"]


def test_a_start_of_the_service_begins_with_nothing(tmp_path: Path) -> None:
    folder = emptied(tmp_path)
    run(COUNTS, folder)
    assert list(folder.iterdir())
    assert list(emptied(tmp_path).iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_names_are_few_and_names() -> None:
    names = Names(2)
    assert [names.of(name) for name in ("a", "b", "c", "a")] == ["a", "b", OTHER, "a"]
    assert [Names(9).of(odd) for odd in ("two words", "", "x" * 200, "a\nb", 'a"b')] == [OTHER] * 5


def test_waits_at_once_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 15.0])
    monkeypatch.setattr("foundation.metrics.elsewhere.time.monotonic", lambda: next(now))
    waits = Elsewhere()
    waits.begin()
    waits.begin()
    assert waits.until(12.0) == 2
    waits.end()
    assert waits.until(14.0) == 4
    waits.end()
    assert waits.seconds == waits.until(99.0) == 5


def test_without_a_collector_nothing_is_loaded_that_sends_spans(tmp_path: Path) -> None:
    run(SENDS_NO_SPANS, tmp_path)
