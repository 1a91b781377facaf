"""Short ways to ask a scorer, for tests."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.sample import Score
from evaluation_app.scorers.trying import tried


def score(scorer: str, output: str, *, case: dict[str, Any] | None = None, **params: Any) -> Score:
    """The score of an output."""
    return tried(scorer=scorer, params=params, output=output, case=case)


def passes(scorer: str, output: str, *, case: dict[str, Any] | None = None, **params: Any) -> bool:
    """Whether an output passes."""
    return score(scorer, output, case=case, **params).passed


def refusal_of(scorer: Any, params: Any, *, case: dict[str, Any] | None = None) -> tuple[str, str]:
    """The field and the sentence with which a scorer is refused."""
    with pytest.raises(InvalidScorer) as refused:
        tried(scorer=scorer, params=params, output="a text", case=case)
    return refused.value.field, str(refused.value)
