"""Every answer of a test in a file: read back by somebody else's reader, and enough to find every figure again."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import random
import re
import tracemalloc
from typing import Any

import pyarrow.parquet
import pytest
from scipy.stats import norm, t

from evaluation_app.export import rows as reading
from evaluation_app.export.columns import COLUMNS
from evaluation_app.export.rows import rows
from evaluation_app.export.table import write_csv
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.downloads.spreadsheet import restored
from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.export.stored import Run, a_test, exported
from tests.evaluation_app.test_running import words
from tests.history.test_export import HOSTILE

STABLE = (
    "id test_id test_status variant model case case_key case_name cluster tags run outcome passed score error_code "
    "error_message prompt_tokens completion_tokens total_tokens cost judge_cost latency ended_at execution_id input "
    "expected reasons scores output weight"
)


def read_csv(content: bytes) -> list[dict[str, str]]:
    """The lines by their columns."""
    assert content.startswith(codecs.BOM_UTF8)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_every_format_holds_what_the_samples_door_tells(bench: Bench, provider: str):
    cases = [{**case, "cluster": "c", "tags": ["a", "b"], "name": "Named"} for case in words("one", "two")]
    made = await bench.begin(
        name="Carried", prompt="Say {{word}}", model_id=f"{provider}/echo", parameters={"runs": 2},
        test_cases=[*cases, *words("three", expected="four")],
    )  # fmt: skip
    test = await bench.ended(made["id"])
    samples = await bench.samples(made["id"])
    whole = json.loads(await exported(bench.person, made["id"], "json"))
    assert (whole["format"], whole["version"]) == ("llm-playground-evaluation", 1)
    assert {name: whole["test"][name] for name in test if name not in ("variants", "role")} == {
        name: value for name, value in test.items() if name not in ("variants", "role")
    }
    assert whole["test"]["variants"][0]["body"]["prompt"] == "Say {{word}}"
    assert [{name: row[name] for name in samples[0]} for row in whole["samples"]] == samples
    first = whole["cases"][0]
    assert (first["case"], first["input"], first["cluster"], first["tags"]) == (0, {"word": "one"}, "c", ["a", "b"])
    assert (first["name"], first["expected"]) == ("Named", {"type": "contains", "keywords": ["one"]})
    assert first["key"] == samples[0]["case_key"]

    lines = read_csv(await exported(bench.person, made["id"], "csv"))
    assert [line["id"] for line in lines] == [each["id"] for each in samples]
    assert [line["output"] for line in lines] == [each["output"] for each in samples]
    assert [line["passed"] for line in lines] == ["true"] * 4 + ["false"] * 2
    assert json.loads(lines[0]["input"]) == {"word": "one"}
    assert json.loads(lines[4]["scores"]) == samples[4]["scores"]
    assert samples[4]["scores"][0]["reason"] in lines[4]["reasons"]
    assert (lines[0]["tags"], lines[0]["test_status"], lines[0]["model"]) == ("a, b", "completed", f"{provider}/echo")

    table = pyarrow.parquet.read_table(io.BytesIO(await exported(bench.person, made["id"], "parquet")))
    assert table.schema.metadata[b"status"] == b"completed"
    taken: list[dict[str, Any]] = table.to_pylist()
    assert [row["id"] for row in taken] == [each["id"] for each in samples]
    assert [row["passed"] for row in taken] == [True] * 4 + [False] * 2
    assert [str(table.schema.field(name).type) for name in ("passed", "case", "cost")] == ["bool", "int64", "double"]
    assert taken[0]["ended_at"].tzinfo is not None


def test_columns_are_stable():
    assert " ".join(column.name for column in COLUMNS) == STABLE


async def test_a_test_that_still_runs_gives_what_is_there(bench: Bench, provider: str):
    made = await bench.begin(
        name="Slow", prompt="{{word}}", model_id=f"{provider}/tokens-900-every-100ms", test_cases=words("a", "b"),
        parameters={"runs": 2},
    )  # fmt: skip
    await bench.ended(made["id"], "running")
    whole = json.loads(await exported(bench.person, made["id"], "json"))
    assert (whole["test"]["status"], whole["test"]["results"], len(whole["samples"])) == ("running", None, 4)
    lines = read_csv(await exported(bench.person, made["id"], "csv"))
    assert {(line["test_status"], line["passed"]) for line in lines} == {("running", "")}
    assert {line["outcome"] for line in lines} <= {"pending", "claimed"}
    table = pyarrow.parquet.read_table(io.BytesIO(await exported(bench.person, made["id"], "parquet")))
    assert (table.num_rows, table.schema.metadata[b"status"]) == (4, b"running")
    await bench.steer(made["id"], "cancel")
    await bench.ended(made["id"])


async def test_no_cell_is_a_formula_and_each_comes_back(author: Person):
    texts = [*HOSTILE, "a\x00b", "]]>", "<script>alert(1)</script>", "a | b\r\nc"]

    def stored() -> EvaluationTest:
        cases = [{"input": {"word": text}, "name": text.replace("\x00", "")[:255]} for text in texts]
        return a_test(author, lambda _, case, __: Run("failed", texts[case], texts[case]), cases=cases)

    test = await in_database_thread(stored)
    lines = read_csv(await exported(author, test.id, "csv"))
    for line, text in zip(lines, texts, strict=True):
        for cell in line.values():
            assert not re.match(r"\s*[=+\-@＝]", cell)  # noqa: RUF001
        assert restored(line["output"]) == text
        assert json.loads(line["input"]) == {"word": text}
    table = pyarrow.parquet.read_table(io.BytesIO(await exported(author, test.id, "parquet")))
    assert table["output"].to_pylist() == texts
    whole = json.loads(await exported(author, test.id, "json"))
    assert [row["output"] for row in whole["samples"]] == texts


def recomputed(lines: list[dict[str, str]], confidence: float) -> tuple[float, float, float]:
    """The rate and its ends from the lines of one variant, by the published formulas alone."""
    skipped = {line["case"] for line in lines if line["outcome"] == "skipped"}
    groups: dict[str, list[int]] = {}
    for line in lines:
        if line["passed"] and line["case"] not in skipped:
            group = f"cluster {line['cluster']}" if line["cluster"] else f"case {line['case']}"
            groups.setdefault(group, []).append(line["passed"] == "true")
    sizes, passes = [len(group) for group in groups.values()], [sum(group) for group in groups.values()]
    count, n = len(sizes), sum(sizes)
    rate = sum(passes) / n
    if n == count:
        worth, critical = float(n), float(norm.ppf((1 + confidence) / 2))
    else:
        within = sum(x - x * x / m for x, m in zip(passes, sizes, strict=True)) / (n - count)
        between = sum(m * (x / m - rate) ** 2 for x, m in zip(passes, sizes, strict=True)) / (count - 1)
        k0 = (n - sum(m * m for m in sizes) / n) / (count - 1)
        whole = between + (k0 - 1) * within
        icc = min(1.0, max(0.0, (between - within) / whole)) if whole > 1e-12 else 1.0
        rarer = min(sum(x < m for x, m in zip(passes, sizes, strict=True)), sum(x > 0 for x in passes))
        weight = rarer / (rarer + 2)
        shrunk = weight * icc + (1 - weight)
        worth = n / (1 + (sum(m * m for m in sizes) / n - 1) * shrunk)
        critical = float(t.ppf((1 + confidence) / 2, count - 1))
    z2 = critical**2
    centre = (rate + z2 / (2 * worth)) / (1 + z2 / worth)
    half = critical * math.sqrt(rate * (1 - rate) / worth + z2 / (4 * worth**2)) / (1 + z2 / worth)
    return rate, centre - half, centre + half


@pytest.mark.parametrize(
    ("cases", "runs", "is_clustered"), [(12, 1, False), (9, 5, False), (20, 3, True), (8, 4, False)]
)
async def test_figures_can_be_found_again_from_the_table(author: Person, cases: int, runs: int, is_clustered: bool):
    drawn = random.Random(cases)

    def outcome(variant: int, case: int, run: int) -> Run:
        # The last case was never asked in full, and some answers never came.
        if runs > 1 and case == cases - 1 and run == runs:
            return Run("skipped")
        if runs > 1 and drawn.random() < 0.1:
            return Run("errored", reason="Too slow")
        return Run("passed" if drawn.random() < 0.4 + 0.3 * variant * (case % 2) + 0.2 * (case % 3) / 2 else "failed")

    def stored() -> EvaluationTest:
        given = [
            {"input": {"n": place}, "cluster": f"document {place // 3}" if is_clustered else ""}
            for place in range(cases)
        ]
        return a_test(author, outcome, cases=given, runs=runs, variants=["A", "B"], policy={"confidence": 0.9})

    test = await in_database_thread(stored)
    lines = read_csv(await exported(author, test.id, "csv"))
    told = (await author.get(f"/api/evaluation/{test.id}")).body["results"]
    assert len(lines) == 2 * cases * runs
    for variant in told["variants"]:
        interval = variant["success_rate_interval"]
        assert interval["method"] in ("wilson", "wilson_shrunk_icc_t")
        found = recomputed([line for line in lines if line["variant"] == variant["name"]], 0.9)
        shown = (variant["success_rate"], interval["low"], interval["high"])
        assert found == pytest.approx(shown, abs=1e-9)
    assert sum(float(line["cost"]) for line in lines) == pytest.approx(told["usage"]["estimated_cost"])


async def test_variants_of_one_name_are_told_apart_as_in_the_results(author: Person):
    def stored() -> EvaluationTest:
        return a_test(author, lambda variant, *_: Run("failed" if variant else "passed"),
                      cases=[{}, {}], variants=["same", "same"])  # fmt: skip

    test = await in_database_thread(stored)
    assert test.results
    rates = {each["name"]: each["success_rate"] for each in test.results["variants"]}
    for line in read_csv(await exported(author, test.id, "csv")):
        assert rates[line["variant"]] == (line["passed"] == "true")
    assert len(rates) == 2


@pytest.mark.parametrize(("slice_", "bite"), [(1, 1), (7, 3), (16, 500), (2_000, 4)])
async def test_slices_are_whole_and_in_order(author: Person, monkeypatch: pytest.MonkeyPatch, slice_: int, bite: int):
    monkeypatch.setattr(reading, "SLICE", slice_)
    monkeypatch.setattr(reading, "BITE", bite)

    def written() -> bytes:
        test = a_test(
            author, lambda variant, case, run: Run(response=f"{case} {variant} {run}"),
            cases=[{}] * 5, runs=4, variants=["A", "B"],
        )  # fmt: skip
        return b"".join(write_csv(test))

    lines = read_csv(await in_database_thread(written))
    places = [(case, variant, run) for case in range(5) for variant in range(2) for run in (1, 2, 3, 4)]
    assert [line["output"] for line in lines] == [" ".join(map(str, place)) for place in places]


async def test_long_answers_are_never_held_together(author: Person):
    letters, answers = 40_000, 1_000

    def measured() -> tuple[int, int]:
        text = "x" * letters
        test = a_test(author, lambda *_: Run(response=text), cases=[{}] * 10, runs=answers // 10)
        tracemalloc.start()
        try:
            size = sum(len(row["output"]) for row in rows(test))
            return size, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    size, peak = await in_database_thread(measured)
    assert size == letters * answers
    assert peak < size / 2
