"""In which language an output is written."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from evaluation_app.scorers.parameters import Parameters, Threshold
from evaluation_app.scorers.reading.fences import without_blocks
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer

FEWEST_LETTERS: Final = 10
"""Below, any language is a guess."""
LEAST_LIKELY: Final = 0.2
"""Below, the likeliest language is a guess too: names, code, figures."""
LETTERS_OF_A_SIGN: Final = 4
"""What a character of Chinese, Japanese or Korean counts."""
PASSAGE: Final = 500
"""Characters."""
MOST_PASSAGES: Final = 5
LANGUAGES: Final = frozenset(
    [
        "af",
        "am",
        "an",
        "ar",
        "as",
        "az",
        "ba",
        "be",
        "bg",
        "bn",
        "br",
        "bs",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "dz",
        "el",
        "en",
        "eo",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fo",
        "fr",
        "fy",
        "ga",
        "gd",
        "gl",
        "gu",
        "ha",
        "he",
        "hi",
        "hr",
        "ht",
        "hu",
        "hy",
        "id",
        "ig",
        "is",
        "it",
        "ja",
        "jv",
        "ka",
        "kk",
        "km",
        "kn",
        "ko",
        "ku",
        "ky",
        "la",
        "lb",
        "lg",
        "ln",
        "lo",
        "lt",
        "lv",
        "mg",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "ne",
        "nl",
        "nn",
        "no",
        "oc",
        "om",
        "or",
        "pa",
        "pl",
        "ps",
        "pt",
        "qu",
        "ro",
        "ru",
        "rw",
        "sa",
        "se",
        "si",
        "sk",
        "sl",
        "sn",
        "so",
        "sq",
        "sr",
        "st",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "tk",
        "tl",
        "tr",
        "tt",
        "ug",
        "uk",
        "ur",
        "uz",
        "vi",
        "vo",
        "wa",
        "xh",
        "yo",
        "zh",
        "zu",
    ]
)
"""Codes of ISO 639-1. The detector knows languages without one too, such as Nigerian Pidgin: it takes code for that."""
_SAME: Final = {"nb": "no", "iw": "he", "in": "id"}
_SIGN: Final = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")


def _known(language: str) -> str:
    main = re.split("[-_]", language.lower())[0]
    if _SAME.get(main, main) not in LANGUAGES:
        raise ValueError("This is no language that can be told: give a code of ISO 639-1, such as en or pt-BR.")
    return _SAME.get(main, main)


class LanguageParameters(Parameters):
    """Of `language`."""

    language: Annotated[str, Field(min_length=2, max_length=35), AfterValidator(_known)]
    """A code of ISO 639-1, such as `en`; regions (`pt-BR`) do not count."""
    threshold: Threshold = 0.0
    """The least likelihood with which the output passes; no other language may be likelier."""


class Language(Scorer[LanguageParameters]):
    """How likely the output is written in the language (py3langid); code blocks are left out.

    No score for a text too short to tell (fewer than ten letters), or like no language.
    """

    name = "language"
    title = "Is written in"
    parameters = LanguageParameters
    libraries = ("py3langid",)
    in_place = 50_000

    def score(self, sample: Sample) -> Score:
        """The likelihood; none for a short text."""
        text = without_blocks(sample.output)
        if _letters(text) < FEWEST_LETTERS:
            return Score.unknown("The output is too short for its language to be told.")
        likelihoods = _likelihoods(text)
        best, value = max(likelihoods, key=lambda name: likelihoods[name]), likelihoods.get(self.params.language, 0.0)
        if likelihoods[best] < LEAST_LIKELY:
            return Score.unknown("No language is likely enough to be told.")
        passed = best == self.params.language and value >= self.params.threshold
        return Score(value, passed, f"Most likely {best} ({likelihoods[best]:.2f}).")

    @classmethod
    def warm(cls) -> None:
        """Loads the model."""
        _identifier()


def _likelihoods(text: str) -> dict[str, float]:
    """Of each language, over passages: the detector's own likelihoods are those of short texts."""
    last = max(len(text) - PASSAGE, 0)
    starts = sorted({last * part // (MOST_PASSAGES - 1) for part in range(MOST_PASSAGES)}) if last > PASSAGE else [0]
    sums: dict[str, float] = {}
    for start in starts:
        for label, likelihood in _identifier().rank(text[start : start + PASSAGE]):
            sums[label] = sums.get(label, 0.0) + float(likelihood)
    return {name: min(round(likelihood / len(starts), 6), 1.0) for name, likelihood in sums.items()}


def _letters(text: str) -> int:
    signs = len(_SIGN.findall(text))
    return sum(map(str.isalpha, text[:10_000])) + signs * (LETTERS_OF_A_SIGN - 1)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Loaded once in a process, from the package's own folder."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
