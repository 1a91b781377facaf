"""How far the people of a queue agree with each other, beyond chance, and where they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from evaluation_app.models import ReviewKind, ReviewLabel, ReviewQueue
from evaluation_app.review.raters import names_of
from evaluation_app.review.said import labels_of
from evaluation_app.statistics.agreement import Kappa, kappa_of_cases
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.figures import Estimand, Estimate, Missing
from evaluation_app.statistics.proportions import success_rate

CLASSES: Final[dict[str, tuple[bool | str, ...]]] = {
    ReviewKind.SINGLE: (True, False),
    ReviewKind.PAIRWISE: ("a", "b", "tie"),
}
MEAN_OF_PAIRS: Final = "mean_pairwise_cohens_kappa"

Verdicts = dict[UUID, bool | str]
"""Of one item, by rater."""


def agreement_of(queue: ReviewQueue) -> dict[str, Any]:
    """κ of two raters with its interval; of more, the mean over all pairs of them, weighted by what both judged.

    Ratings from 1 to 5 count as what they say: passes or not. `agreement` is the plain share of pairs of labels that
    agree, its interval over cases.
    """
    labels = list(labels_of(queue).filter(is_skip=False))
    by_item: dict[UUID, list[ReviewLabel]] = defaultdict(list)
    for label in labels:
        by_item[label.item_id].append(label)
    shared = {item: given for item, given in by_item.items() if len(given) > 1}
    verdicts = {
        case: [{label.rater_id: _class_of(label) for label in given} for given in items]
        for case, items in _cases(shared).items()
    }
    confidence = queue.test.confidence
    pairs = _pairs(verdicts, CLASSES[queue.kind], confidence)
    names = names_of(queue)
    return {
        "items": len(shared),
        "raters": len({rater for items in verdicts.values() for each in items for rater in each}),
        "kappa": _kappa(pairs, len(verdicts), confidence).as_json,
        "agreement": _share(shared, confidence).as_json,
        "pairs": [
            {
                "raters": [{"id": rater, "name": names[rater]} for rater in both],
                "items": items,
                "kappa": kappa.kappa.as_json,
            }
            for both, (items, kappa) in pairs.items()
        ],
        "disagreements": [
            _disagreement(given, names) for given in shared.values() if len(set(map(_class_of, given))) > 1
        ],
    }


def _class_of(label: ReviewLabel) -> bool | str:
    return bool(label.passed) if label.passed is not None else str(label.winner)


def _pairs(
    verdicts: Mapping[str, Sequence[Verdicts]], classes: tuple[bool | str, ...], confidence: float
) -> dict[tuple[UUID, UUID], tuple[int, Kappa]]:
    """Two raters who judged the same, with the items that both did and their κ; `verdicts` by case."""
    tables: defaultdict[tuple[UUID, UUID], dict[str, list[list[int]]]] = defaultdict(dict)
    for case, items in verdicts.items():
        for given in items:
            for one, other in combinations(sorted(given), 2):
                table = tables[one, other].setdefault(case, [[0] * len(classes) for _ in classes])
                table[classes.index(given[one])][classes.index(given[other])] += 1
    found = {both: kappa_of_cases(list(by_case.values()), confidence) for both, by_case in sorted(tables.items())}
    return {both: (kappa.kappa.n, kappa) for both, kappa in found.items()}


def _kappa(pairs: dict[Any, tuple[int, Kappa]], cases: int, confidence: float) -> Estimate:
    if len(pairs) == 1:
        ((_, kappa),) = pairs.values()
        return kappa.kappa
    method, estimand = MEAN_OF_PAIRS if pairs else "cohens_kappa", Estimand.CASES_LIKE_THESE
    told = [(n, kappa.kappa.value) for n, kappa in pairs.values()]
    known = [(n, value) for n, value in told if value is not None]
    if not known:
        reason = Missing.NO_VARIATION if pairs else Missing.TOO_FEW_LABELS
        return Estimate(None, estimand, method, 0, cases, confidence, reason=reason)
    n = sum(n for n, _ in known)
    return Estimate(sum(n * value for n, value in known) / n, estimand, method, n, cases, confidence)


def _cases(shared: dict[UUID, list[ReviewLabel]]) -> dict[str, list[list[ReviewLabel]]]:
    """The labels of items, by what counts as one case."""
    found: dict[str, list[list[ReviewLabel]]] = defaultdict(list)
    for given in shared.values():
        case = given[0].item.sample.case
        found[f"cluster {case.cluster}" if case.cluster else f"case {case.id}"].append(given)
    return found


def _share(shared: dict[UUID, list[ReviewLabel]], confidence: float) -> Estimate:
    clusters = []
    for items in _cases(shared).values():
        both = [_class_of(one) == _class_of(other) for given in items for one, other in combinations(given, 2)]
        clusters.append(Passes(n=len(both), passed=sum(both)))
    return success_rate(clusters, confidence=confidence)


def _disagreement(given: Sequence[ReviewLabel], names: Mapping[UUID, str]) -> dict[str, Any]:
    """An item with what each rater said of it."""
    item = given[0].item
    return {
        "item": item.id,
        "position": item.position,
        "case": item.sample.case.position,
        "case_key": item.sample.case.key,
        "samples": [each for each in (item.sample_id, item.other_sample_id) if each],
        "labels": [
            {
                "rater": {"id": label.rater_id, "name": names[label.rater_id]},
                "passed": label.passed,
                "rating": label.rating,
                "winner": label.winner or None,
                "comment": label.comment,
            }
            for label in given
        ],
    }
