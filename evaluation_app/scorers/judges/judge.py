"""What every judge has: a model, a rubric, and how much of it is asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field

from evaluation_app.scorers.outside.desk import REPEATED
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.scorer import OutsideScorer

ASKED_AT_MOST: Final = 2
"""Times, where a reply tells no verdict."""
FRAME: Final = 4_000
"""Bytes of a judge's prompt that are ours, at most."""


class Judged(Parameters):
    """Of every judge."""

    rubric: Annotated[str, Field(min_length=1, max_length=20_000)]
    """What makes an answer good: the judge goes by nothing else."""
    model_id: Annotated[str, Field(pattern=r"^[^/\s]+/\S+$", max_length=255)]
    """The model that judges, as provider/model."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """The model's own where it is left out."""
    max_tokens: Annotated[int, Field(ge=16, le=65_536)] = 2_048
    """Of the judge's reply, its thoughts included."""


J = TypeVar("J", bound=Judged)


class Judge(OutsideScorer[J]):
    """A model's opinion of an answer."""

    @property
    def model_id(self) -> str:
        """Who judges."""
        return self.params.model_id

    @property
    def asked_of_model(self) -> Mapping[str, Any]:
        """Parameters of the judge's calls."""
        told: dict[str, Any] = {"max_tokens": self.params.max_tokens}
        if self.params.temperature is not None:
            told["temperature"] = self.params.temperature
        return told

    @property
    def size(self) -> int:
        """Bytes of a prompt beside what is judged."""
        return len(self.params.rubric.encode()) + FRAME

    def calls(self, *, is_repeated: bool) -> int:
        """How many calls judging one sample takes at most."""
        times = REPEATED if is_repeated else 1
        return self.questions * times * ASKED_AT_MOST

    @property
    @abstractmethod
    def questions(self) -> int:
        """How many questions one verdict takes."""

    @property
    def shows_several(self) -> int:
        """How many answers stand in a question."""
        return 1
