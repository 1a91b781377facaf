"""Texts as vectors of their meaning (WordLlama), from the package's own folder: nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

BLIND_SPOT = "Words are compared, not claims: it cannot see “not”."


def embedded(texts: Sequence[str]) -> Any:
    """A row a text, of length 1; a text without any known word is a row of zeros."""
    import numpy

    rows: Any = numpy.asarray(model().embed(list(texts)), dtype=float)
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    return numpy.divide(rows, lengths, out=numpy.zeros_like(rows), where=lengths > 0)


@lru_cache(maxsize=1)
def model() -> Any:
    """Loaded once in a process: 0.6 s."""
    import wordllama

    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
