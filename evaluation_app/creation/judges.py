"""The judges of a test: each once, with what is refused of them before anything is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evaluation_app.scorers.judges.judge import Judge
from evaluation_app.scorers.judges.llm_judge import LlmJudge
from evaluation_app.scorers.judges.pairwise import PairwiseJudge
from evaluation_app.scorers.registry import made
from foundation.problems import FieldError, Problem, invalid
from providers.catalogue import listing

JUDGES: Final = frozenset({LlmJudge.name, PairwiseJudge.name})
Judges = dict[str, tuple[Judge[Any], bool]]
"""By hash: the judge, and whether passing depends on it in any case."""


def judges_in(scorers: Sequence[Sequence[Mapping[str, Any]]]) -> Judges:
    """The judges among the scorers of all cases, in the order in which they come."""
    found: Judges = {}
    for each in (scorer for case in scorers for scorer in case if scorer["scorer"] in JUDGES):
        judge: Any = made(each["scorer"], each.get("params"))
        _, was_required = found.get(judge.scorer_hash, (None, False))
        found[judge.scorer_hash] = (judge, was_required or bool(each.get("required", True)))
    return found


def kept(judges: Judges) -> list[dict[str, Any]]:
    """As a test's policy has them: `{scorer, scorer_hash, model_id, is_required}`."""
    return [
        {"scorer": judge.name, "scorer_hash": key, "model_id": judge.model_id, "is_required": is_required}
        for key, (judge, is_required) in judges.items()
    ]


def check_judges(judges: Judges, *, variants: int) -> None:
    """Raises Problem for a judge whose provider is not here, or that compares with a variant that is not there."""
    for judge, _ in judges.values():
        if listing.model(judge.model_id) is None:
            slug = judge.model_id.partition("/")[0]
            message = f"The judge's model: there is no provider {slug!r} here. GET /api/providers/status lists them."
            raise Problem(404, "unknown_provider", message, errors=[FieldError("scorers", "unknown_provider", message)])
        if isinstance(judge, PairwiseJudge) and judge.params.against == "first_variant" and variants < 2:
            message = "A pairwise judge compares with the first variant: name two, or compare with the expected text."
            raise invalid([FieldError("scorers", "invalid_scorer", message)])
