"""Everything that is known of a test's judges (`GET /api/evaluation/{id}/judges`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from evaluation_app.figures.totals import variant_names
from evaluation_app.judges.agreement import Agreement, State, agreement_of
from evaluation_app.judges.bias import Bias, bias_of
from evaluation_app.judges.families import family_of
from evaluation_app.judges.rates import Rates, rates_of
from evaluation_app.judges.verdicts import Judge, Pair, Verdict, compared, judges_of, verdicts_of
from evaluation_app.models import EvaluationTest, JudgeCall
from evaluation_app.scorers.judges.pairwise import FIRST, SECOND, TIE
from evaluation_app.statistics.figures import Estimate, as_json

MOST_DISAGREEMENTS: Final = 100
WORDS: Final = {
    State.UNCALIBRATED: "a judge's opinion, not calibrated: nobody has looked at what it judged",
    State.WEAK: "a judge's opinion: it does not surely agree with people",
    State.CALIBRATED: "a judge's opinion, and it agrees with people",
}


def report_of(test: EvaluationTest) -> list[dict[str, Any]]:
    """For each judge of the test: agreement with people, the rates they would give, and what sways it."""
    return [_of_judge(test, judge) for judge in judges_of(test.policy)]


def _of_judge(test: EvaluationTest, judge: Judge) -> dict[str, Any]:
    names, pairs, verdicts = variant_names(test), compared(test.id, judge), verdicts_of(test.id, judge)
    agreement = agreement_of(test, judge, here=pairs)
    bias = bias_of(test.id, judge, verdicts, confidence=test.confidence)
    rates = [] if judge.is_pairwise else rates_of(names, verdicts, pairs, agreement, confidence=test.confidence)
    spent = JudgeCall.objects.filter(sample__test=test, scorer_hash=judge.scorer_hash)
    return {
        "scorer": judge.scorer,
        "scorer_hash": judge.scorer_hash,
        "model_id": judge.model_id,
        "is_required": judge.is_required,
        "state": agreement.state,
        "sentence": WORDS[agreement.state],
        "verdicts": len(verdicts),
        **_agreement_json(judge, agreement),
        "disagreements": _disagreements(pairs, names),
        "rates": [_rates_json(each) for each in rates],
        "preferences": _preferences(names, verdicts) if judge.is_pairwise else [],
        "bias": _bias_json(bias),
        "same_family": _relatives(test, judge),
        "cost": float(spent.aggregate(cost=Sum("execution__estimated_cost"))["cost"] or 0),
    }


def _agreement_json(judge: Judge, agreement: Agreement) -> dict[str, Any]:
    kappa = agreement.kappa
    return {
        "labels": agreement.labels,
        "tests": agreement.tests,
        "kappa": kappa.kappa.as_json if kappa else None,
        "agreement": kappa.agreement if kappa else None,
        "least_kappa": settings.ENV.evaluation_judge_kappa,
        "confusion": {"classes": list(judge.classes), "judge_by_people": agreement.table},
    }


def _disagreements(pairs: Sequence[Pair], names: dict[UUID, str]) -> list[dict[str, Any]]:
    return [
        {
            "sample_id": verdict.sample_id,
            "case": verdict.index,
            "run": verdict.run,
            "variant": names.get(verdict.variant_id),
            "judge": verdict.choice,
            "people": person,
        }
        for verdict, person in pairs
        if verdict.choice != person
    ][:MOST_DISAGREEMENTS]


def _preferences(names: dict[UUID, str], verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """By variant: how often its answer was the better one, as good, and the worse one."""
    found = []
    for variant_id, name in names.items():
        said = Counter(verdict.choice for verdict in verdicts if verdict.variant_id == variant_id)
        if said:
            found.append({"variant": name, "better": said[FIRST], "tie": said[TIE], "worse": said[SECOND]})
    return found


def _rates_json(rates: Rates) -> dict[str, Any]:
    here = rates.here
    return {
        "variant": rates.variant,
        "raw": here.raw.as_json,
        "people": here.people.as_json,
        "corrected": here.corrected.as_json,
        "corrected_by_other_tests": rates.elsewhere,
        "labels": here.labels,
        "disagreements": here.disagreements,
    }


def _bias_json(bias: Bias) -> dict[str, Any]:
    def told(figure: Estimate | None) -> dict[str, Any] | None:
        return figure.as_json if figure else None

    return {
        "order_flips": told(bias.order_flips),
        "repeatability": told(bias.repeats),
        "length": as_json(bias.length),
        "unreadable_replies": bias.unreadable,
        "replies": bias.replies,
    }


def _relatives(test: EvaluationTest, judge: Judge) -> list[str]:
    """Models on trial that are of the judge's family."""
    family = family_of(judge.model_id)
    models = test.variants.order_by("position").values_list("model_id", flat=True)
    return [model_id for model_id in dict.fromkeys(models) if family_of(model_id) == family]
