"""Which suites ask a model: as what is tested, or as a judge."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from accounts.models import User
from evaluation_app.models import Suite
from foundation.sealing.encryption import CannotDecrypt
from providers.retiring.uses import Use

AT_ONCE = 200


def find(models: Collection[str], seen_by: User | None) -> Iterator[Use]:
    """A use for each suite and model."""
    seen = Suite.objects.all() if seen_by is None else Suite.objects.visible_to(seen_by)
    for suite in seen.order_by("id").iterator(AT_ONCE):
        try:
            named = set(_named(suite.tests))
        except CannotDecrypt:
            continue  # whoever looks at the suite is told
        for model_id in sorted(named & set(models)):
            yield Use(model_id, "suite", suite.id, suite.name, "", suite.user_id)


def _named(value: Any) -> Iterator[str]:
    """Every model that bodies of tests name, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name == "model_id":
                yield inner
            else:
                yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)
