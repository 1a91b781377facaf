"""How near two texts are, by letters or by words."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz.distance import JaroWinkler, LCSseq, Levenshtein

WORD: Final = re.compile(r"\w+")


def levenshtein(a: str, b: str) -> int:
    """Insertions, deletions and substitutions of characters between two texts."""
    return int(Levenshtein.distance(a, b))


def jaro_winkler(a: str, b: str) -> float:
    """Jaro's similarity with Winkler's bonus for a common prefix of up to four characters, 0…1."""
    return float(JaroWinkler.similarity(a, b, prefix_weight=0.1))


def rouge_l_f1(candidate: str, reference: str) -> float:
    """F1 of the longest common subsequence of words, any script, case put aside (Lin 2004, β = 1).

    0 where one text has no word and the other has; 1 where neither has.
    """
    ours, theirs = WORD.findall(candidate.lower()), WORD.findall(reference.lower())
    if not ours and not theirs:
        return 1.0
    return 2 * LCSseq.similarity(ours, theirs) / (len(ours) + len(theirs))
