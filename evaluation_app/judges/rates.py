"""The rate that people would give, by variant: from their labels in this test, else from those in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from evaluation_app.judges.agreement import Agreement
from evaluation_app.judges.verdicts import Pair, Verdict
from evaluation_app.scorers.judges.llm_judge import PASS
from evaluation_app.statistics.calibration import Calibration, calibrate, rogan_gladen
from evaluation_app.statistics.calibration import Verdict as Outcome


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one variant."""

    variant: str
    here: Calibration
    """From the labels of this test."""
    elsewhere: float | None
    """By Rogan and Gladen, from the judge's errors in other tests; None where there are labels here, or none tell."""


def rates_of(
    names: dict[UUID, str],
    verdicts: Sequence[Verdict],
    pairs: Sequence[Pair],
    agreement: Agreement,
    *,
    confidence: float,
) -> list[Rates]:
    """For each variant, in order; of judges that pass or fail."""
    people = {pair.verdict.sample_id: pair.person == PASS for pair in pairs}
    told = []
    for variant_id, name in names.items():
        mine = [verdict for verdict in verdicts if verdict.variant_id == variant_id]
        outcomes = [Outcome(each.case, each.passed, people.get(each.sample_id)) for each in mine]
        here = calibrate(outcomes, confidence=confidence)
        told.append(Rates(name, here, None if pairs else _elsewhere(here, agreement)))
    return told


def _elsewhere(here: Calibration, agreement: Agreement) -> float | None:
    (both, only_judge), (only_people, neither) = agreement.table
    if here.raw.value is None or not both + only_people or not only_judge + neither:
        return None
    sensitivity, specificity = both / (both + only_people), neither / (only_judge + neither)
    return rogan_gladen(here.raw.value, sensitivity, specificity)
