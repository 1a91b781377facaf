"""What scorers share that hold each part of an output against each part of a text."""

from __future__ import annotations

from evaluation_app.scorers.isolation.limits import LONG_WORK
from evaluation_app.scorers.reference import Comparing
from evaluation_app.scorers.scorer import P


class Pairwise(Comparing[P]):
    """A comparison of every character, or word, of the one text with every one of the other."""

    longest = 100_000
    in_place = 20_000
    limits = LONG_WORK
    libraries = ("rapidfuzz",)
