"""One scorer on one sample: here when that costs nothing, in a process of its own else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evaluation_app.scorers.errors import CRASHED, OUT_OF_MEMORY, ScorerError, refused
from evaluation_app.scorers.isolation.children import children
from evaluation_app.scorers.outside.desk import Away, Desk, PutOff
from evaluation_app.scorers.reading.normal_form import half_character
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import AnyScorer, OutsideScorer, Scorer
from foundation.words import number


def score(scorer: AnyScorer[Any], sample: Sample) -> Score:
    """The score; raises ScorerError and nothing else, whatever the scorer does. May wait: call it from a thread."""
    if not isinstance(scorer, Scorer):
        raise refused(f"{scorer.name} asks somebody outside, which is not done here.")
    _look_at(scorer, sample)
    if not scorer.is_cheap(sample):
        return children().score(scorer, sample)
    with _its_own_errors():
        return scorer.score(sample)


async def score_anyhow(scorer: AnyScorer[Any], sample: Sample, desk: Desk) -> Score:
    """The score, also of a scorer that asks somebody outside, at its desk; raises ScorerError, PutOff, Away."""
    if not isinstance(scorer, OutsideScorer):
        return await asyncio.to_thread(score, scorer, sample)
    _look_at(scorer, sample)
    with _its_own_errors():
        return await scorer.ask(sample, desk)


@contextmanager
def _its_own_errors() -> Iterator[None]:
    """Whatever else a scorer raises may quote the output, and goes no further."""
    try:
        yield
    except (ScorerError, PutOff, Away):
        raise
    except MemoryError:
        raise ScorerError(OUT_OF_MEMORY, "The scorer needed more memory than there was.") from None
    except Exception as error:
        raise ScorerError(CRASHED, f"The scorer failed: {type(error).__name__}.") from None


def _look_at(scorer: AnyScorer[Any], sample: Sample) -> None:
    if len(sample.output) > scorer.longest:
        raise refused(
            f"The output is longer than {number(scorer.longest)} characters, the most that {scorer.name} judges."
        )
    if position := half_character(sample.output):
        raise refused(f"Character {number(position)} of the output is half a character (a lone surrogate).")
