"""What a rate's band means, told by what it speaks of."""

from __future__ import annotations

import pytest

from evaluation_app.pages.presentation.rate import RateView
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.proportions import success_rate


@pytest.mark.parametrize(
    ("cases", "said", "unsaid"),
    [
        ([Passes(2, 1)] * 12, "if your cases are like those that will come", "this one case"),
        ([Passes(10, 7)], "where the rate of this one case lies", "cases are like"),
        ([], "", "band"),
    ],
)
def test_a_band_is_explained_as_what_it_is(cases: list[Passes], said: str, unsaid: str) -> None:
    told = RateView(as_json(success_rate(cases))).meaning
    assert said in told
    assert unsaid not in told
