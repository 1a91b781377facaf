"""How a test is made: its rows, and the ring for whoever runs it."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import orjson
from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from accounts.noting import asking_token
from evaluation_app import lifecycle
from evaluation_app.creation.checking import Checked, Variant, checked
from evaluation_app.creation.from_dataset import with_cases
from evaluation_app.creation.judges import kept
from evaluation_app.creation.planning import dearest_by_model
from evaluation_app.models import DatasetVersion, EvaluationCase, EvaluationTest, EvaluationVariant
from evaluation_app.models.test import ECONOMY
from evaluation_app.running import statements
from playground.engine.confirmation import check_cost
from sessions_app.models import PlaygroundSession

LARGEST_INSERT: Final = 500


def create(*, user: User, asked: Mapping[str, Any]) -> EvaluationTest:
    """The test that a body asks for, which begins as soon as there is a place; raises Problem."""
    return with_cases(user, asked, lambda whole, version: _created(user, whole, version))


def _created(user: User, asked: Mapping[str, Any], version: DatasetVersion | None) -> EvaluationTest:
    made_of = checked(user, asked)
    cases, runs, max_cost = asked["test_cases"], asked["parameters"]["runs"], _ceiling(asked)
    if settings.CONFIRM_COST_ABOVE is not None and not asked.get("confirm_cost"):
        check_cost([*dearest_by_model(user, asked, made_of).items()], ceiling=max_cost)
    a_case = len(made_of.variants) * runs
    with transaction.atomic():
        test = EvaluationTest.objects.create(
            name=asked["name"],
            user=user,
            session=PlaygroundSession.objects.create(
                user=user, name=asked["name"], project_id=asked.get("project_id", ""), is_hidden=True
            ),
            token_id=asking_token(),
            tags=asked.get("tags", []),
            seed=asked.get("seed", secrets.randbelow(2**53)),
            runs=runs,
            policy=_policy(asked, made_of),
            max_cost=max_cost,
            blocks=len(cases),
            samples=len(cases) * a_case,
            dataset_version=version,
            split=asked.get("split", ""),
        )
        _make_variants(test, made_of.variants)
        _make_cases(test, cases, made_of.scorers, open_samples=a_case)
        with connection.cursor() as cursor:
            cursor.execute(statements.MAKE_SAMPLES, {"test": test.id, "runs": runs})
        lifecycle.ring(test.id)
    return test


def _ceiling(asked: Mapping[str, Any]) -> Decimal | None:
    given = asked["parameters"].get("max_cost")
    return None if given is None else Decimal(str(given))


def _policy(asked: Mapping[str, Any], made_of: Checked) -> dict[str, Any]:
    parameters = asked["parameters"]
    names = ("concurrency", "error_policy", "comparisons", "project_id")
    given = {name: asked[name] for name in names if name in asked}
    return {
        "confidence": parameters.get("confidence", 0.95),
        **({"early_stop": True} if parameters.get("early_stop") else {}),
        "timeout": parameters.get("timeout", settings.ENV.evaluation_default_timeout),
        **given,
        **({"speed": ECONOMY} if asked.get("speed") == ECONOMY else {}),
        **({"judges": kept(made_of.judges)} if made_of.judges else {}),
    }


def _make_variants(test: EvaluationTest, variants: Sequence[Variant]) -> None:
    EvaluationVariant.objects.bulk_create(
        EvaluationVariant(
            test=test,
            position=position,
            name=variant.name,
            model_id=variant.model_id,
            template_version=variant.version,
            body=variant.body,
            content_hash=hashlib.sha256(orjson.dumps(variant.body, option=orjson.OPT_SORT_KEYS)).hexdigest(),
            prices=variant.prices,
        )
        for position, variant in enumerate(variants)
    )


def _make_cases(
    test: EvaluationTest,
    cases: Sequence[Mapping[str, Any]],
    scorers: Sequence[list[dict[str, Any]]],
    *,
    open_samples: int,
) -> None:
    blocks = _drawn(cases, test.seed)
    rows = [
        EvaluationCase(
            id=uuid4(),
            test=test,
            position=position,
            block=blocks[position],
            key=case.get("id") or _content_key(case),
            name=case.get("name", ""),
            cluster=case.get("cluster", ""),
            weight=case.get("weight", 1.0),
            tags=case.get("tags", []),
            input=case.get("input", {}),
            scorers=scorers[position],
            expected=case.get("expected_output"),
            origin=case.get("origin", ""),
            is_generated=case.get("is_generated", False),
            open_samples=open_samples,
        )
        for position, case in enumerate(cases)
    ]
    EvaluationCase.objects.bulk_create(rows, batch_size=LARGEST_INSERT)


def _drawn(cases: Sequence[Mapping[str, Any]], seed: int) -> list[int]:
    """The place of each case in the work: an order of cases that means something must not colour a partial result.

    Clusters are drawn, and the cases of one follow each other: whoever looks on the way sees whole clusters.
    """
    clusters: dict[Any, list[int]] = {}
    for position, case in enumerate(cases):
        clusters.setdefault(case.get("cluster") or position, []).append(position)
    drawn = list(clusters.values())
    random.Random(seed).shuffle(drawn)  # noqa: S311 - no secret
    order = [position for cluster in drawn for position in cluster]
    return sorted(range(len(cases)), key=order.__getitem__)


def _content_key(case: Mapping[str, Any]) -> str:
    content = [case.get("input", {}), case.get("expected_output")]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
