"""`manage.py check_statistics`: reference cases of the field, and what the command says of others."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from evaluation_app.statistics.reference.registry import STATISTICS

HERE = Path(__file__).parent
NAMES = [
    "wilson_interval",
    "clopper_pearson_interval",
    "wilson_clustered_interval",
    "clustered_standard_error",
    "clustered_t_interval",
    "mean_of_case_means_interval",
    "icc_anova",
    "standard_error",
    "paired_t",
    "paired_difference",
    "paired_difference_adjusted_interval",
    "paired_permutation_exact",
    "mcnemar_exact",
    "mcnemar_chi2",
    "fisher_exact_two_sided",
    "holm_adjusted",
    "bonferroni",
    "benjamini_hochberg",
    "cohens_d_paired",
    "pass_at_k",
    "pass_hat_k",
    "pass_hat_k_mean",
    "exact_agreement",
    "cohens_kappa",
    "rogan_gladen",
    "cases_for_half_width",
    "optimal_runs_per_case",
    "sample_size_paired",
    "sample_size_two_groups",
    "percentile_linear",
    "levenshtein",
    "jaro_winkler",
    "rouge_l_f1",
]


def run(file: Path) -> tuple[list[str], int]:
    """The lines that the command prints, and its exit status."""
    out = StringIO()
    try:
        call_command("check_statistics", str(file), stdout=out)
    except SystemExit as ended:
        return out.getvalue().splitlines(), int(str(ended.code))
    return out.getvalue().splitlines(), 0


def run_cases(folder: Path, *cases: object) -> tuple[list[str], int]:
    """The same for cases that are not in a file yet."""
    file = folder / "cases.json"
    file.write_text(json.dumps(cases))
    return run(file)


@pytest.mark.parametrize("file", ["stat_cases.json", "published_cases.json"])
def test_every_reference_case_comes_out_as_published(file: str) -> None:
    lines, status = run(HERE / file)
    assert [line for line in lines if line.startswith("FAILED")] == []
    assert lines[-1] == f"{len(json.loads((HERE / file).read_text()))} passed, 0 failed"
    assert status == 0


def test_every_name_of_the_contract_is_known() -> None:
    assert [name for name in NAMES if name not in STATISTICS] == []


def test_a_figure_that_is_off_fails_and_says_what_it_is(tmp_path: Path) -> None:
    case = {"stat": "pass_at_k", "input": {"n": 10, "c": 3, "k": 1}, "expected": {"value": 0.31}, "tolerance": 0.001}
    lines, status = run_cases(tmp_path, case, {**case, "tolerance": 0.02})
    assert re.fullmatch(r"FAILED  pass_at_k: value 0\.3\d*, not 0\.31", lines[0])
    assert lines[1:] == ["passed  pass_at_k", "1 passed, 1 failed"]
    assert status == 1


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"stat": "no_such", "input": {}, "expected": {}}, "no such statistic"),
        ({"stat": "pass_at_k", "input": {"n": 1}, "expected": {"value": 1}}, "its input does not fit"),
        ({"stat": "pass_at_k", "input": {"n": 2, "c": 3, "k": 1}, "expected": {"value": 1}}, "c must lie in 0 … 2"),
        ({"stat": "pass_at_k", "input": {"n": 3, "c": 3, "k": 1}, "expected": {"chance": 1}}, "no chance"),
        ({"stat": "pass_at_k", "input": {"n": 3, "c": 3, "k": 1}, "expected": {"error": True}}, "to be refused"),
        ({"stat": "pass_at_k", "input": {"n": 3, "c": 3, "k": 1}, "expected": None}, "expected no figure"),
        ({"stat": "pass_at_k", "input": {"n": 3, "c": 3, "k": 1}}, "a case is an object"),
        ("pass_at_k", "a case is an object"),
        ({"stat": "pass_hat_k_mean", "input": {"cases": [[1, 2, 3]], "k": 1}, "expected": {}}, "does not fit"),
        ({"stat": "pass_at_k", "input": {"n": 10**400, "c": 3, "k": 1}, "expected": {"value": 1}}, "finite number"),
    ],
)
def test_a_case_that_cannot_be_held_fails(tmp_path: Path, case: object, said: str) -> None:
    lines, status = run_cases(tmp_path, case)
    assert lines[0].startswith("FAILED")
    assert said in lines[0]
    assert lines[1:] == ["0 passed, 1 failed"]
    assert status == 1


def test_lists_are_held_within_the_tolerance(tmp_path: Path) -> None:
    case = {"stat": "holm_adjusted", "input": {"p_values": [0.01, 0.04]}, "tolerance": 0.001}
    lines, _ = run_cases(
        tmp_path, {**case, "expected": {"adjusted": [0.0204, 0.04]}}, {**case, "expected": {"adjusted": [0.02]}}
    )
    assert lines[0] == "passed  holm_adjusted"
    assert lines[1].startswith("FAILED")


@pytest.mark.parametrize("text", ["no JSON", "{}"])
def test_a_file_without_a_list_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=r"cannot be read|holds no list"):
        call_command("check_statistics", str(file))
