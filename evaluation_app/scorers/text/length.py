"""How long an output is."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field, model_validator

from evaluation_app.scorers.parameters import Misplaced, Parameters
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reading.words import SIGNS
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer
from foundation.words import number

Count = Annotated[int, Field(ge=0)]
_SIGN: Final = re.compile(f"[{SIGNS}]")
_PIECE: Final = re.compile(rf"[^\s{SIGNS}]+")
_LETTER: Final = re.compile(r"[^\W_]")


class LengthParameters(Parameters):
    """Of `length`; at least one is needed."""

    min_characters: Count | None = None
    """The fewest characters."""
    max_characters: Count | None = None
    """The most characters."""
    min_words: Count | None = None
    """The fewest words."""
    max_words: Count | None = None
    """The most words."""

    @model_validator(mode="after")
    def _can_be_kept(self) -> LengthParameters:
        pairs = {"characters": (self.min_characters, self.max_characters), "words": (self.min_words, self.max_words)}
        for name, (least, most) in pairs.items():
            if least is not None and most is not None and least > most:
                raise Misplaced("The most is less than the fewest.", (f"max_{name}",))
        if all(bound is None for pair in pairs.values() for bound in pair):
            raise ValueError("At least one bound is needed: min_characters, max_characters, min_words, max_words.")
        return self


class Length(Scorer[LengthParameters]):
    """1.0 when the output has as many characters and words as it may.

    Characters are Unicode code points in NFC, white space among them, as in JSON Schema's maxLength: é is one, an emoji
    put together of several counts each part. Words are what stands between white space and has a letter or a digit; of
    Chinese and Japanese, each character.
    """

    name = "length"
    title = "Length"
    parameters = LengthParameters

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        text = normal(sample.output)
        characters, words = len(text), _words(text)
        bounds = self.params
        fits = all(
            (least is None or count >= least) and (most is None or count <= most)
            for count, least, most in (
                (characters, bounds.min_characters, bounds.max_characters),
                (words, bounds.min_words, bounds.max_words),
            )
        )
        return Score.binary(fits, f"The output has {number(characters)} characters and {number(words)} words.")


def _words(text: str) -> int:
    pieces = sum(1 for piece in _PIECE.finditer(text) if _LETTER.search(piece[0]))
    return len(_SIGN.findall(text)) + pieces
