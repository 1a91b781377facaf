"""What can be wrong with a scorer: as it is asked for, and as it works."""

from __future__ import annotations

from typing import Final

Path = tuple[str | int, ...]

TIMED_OUT: Final = "scorer_timed_out"
OUT_OF_MEMORY: Final = "scorer_out_of_memory"
CRASHED: Final = "scorer_crashed"
REFUSED: Final = "scorer_refused"


class InvalidScorer(ValueError):
    """No such scorer can be made: told before anything is run. `path` leads to the place, the text is a sentence."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.path = path

    @property
    def field(self) -> str:
        """The dotted path, as errors of the API name it: `params.pattern`."""
        return ".".join(map(str, self.path))

    def below(self, *path: str | int) -> InvalidScorer:
        """The same, of a scorer that stands at `path`."""
        return InvalidScorer(str(self), (*path, *self.path))


class ScorerError(Exception):
    """A scorer gave no score, for no fault of the output: neither passed nor failed.

    `code` is one of `scorer_timed_out`, `scorer_out_of_memory`, `scorer_crashed`, `scorer_refused`.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def refused(sentence: str) -> ScorerError:
    """The sample is none that this scorer takes."""
    return ScorerError(REFUSED, sentence)
