"""A model that says which of two answers is better, asked both ways round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from evaluation_app.scorers.errors import InvalidScorer, ScorerError, refused
from evaluation_app.scorers.judges.judge import Judge, Judged
from evaluation_app.scorers.judges.reply import said_in, word_of
from evaluation_app.scorers.judges.wording import FAIRLY, ONLY_JSON, material
from evaluation_app.scorers.outside.desk import REPEATED, Desk, NoRival, Question, Said
from evaluation_app.scorers.sample import Sample, Score

FIRST, SECOND, TIE = "first", "second", "tie"
_WORDS: Final = {
    **dict.fromkeys(("first", "1", "a"), FIRST),
    **dict.fromkeys(("second", "2", "b"), SECOND),
    **dict.fromkeys(("tie", "equal", "both", "neither"), TIE),
}
_TURNED: Final = {FIRST: SECOND, SECOND: FIRST, TIE: TIE}
SHARE: Final = {FIRST: 1.0, TIE: 0.5, SECOND: 0.0}


class PairwiseParameters(Judged):
    """What is compared with what."""

    against: Literal["first_variant", "expected"] = "first_variant"
    """The other answer: that of the test's first variant to the same case in the same run, or the expected text."""
    tie_passes: bool = True
    """Whether an answer that is as good passes."""


class PairwiseJudge(Judge[PairwiseParameters]):
    """A model says which of two answers is better by your rubric. It is asked both ways round; where its choice goes
    with the order, that is a tie. Its rate is an opinion until it has been measured against people."""

    name = "pairwise_judge"
    title = "A model prefers it to another answer"
    parameters = PairwiseParameters

    @property
    def questions(self) -> int:
        """One each way round."""
        return 2

    @property
    def shows_several(self) -> int:
        """The answer and its rival."""
        return 2

    def check_case(self, expected: Any) -> None:
        """A case must expect a text where that is the rival."""
        if self.params.against == "expected" and not isinstance(expected, str):
            raise InvalidScorer("The case must expect a text (its value) to compare with.", ("against",))

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        """1 where this answer is better, 0.5 where neither is, 0 where the other is."""
        try:
            rival = self._expected(sample) if self.params.against == "expected" else await desk.rival()
        except NoRival as why:
            return Score.unknown(str(why))
        said = [await desk.opinion(self._question(sample, rival, order=order), _read) for order in (0, 1)]
        if desk.is_repeated:
            for repeat in range(1, REPEATED):
                try:
                    await desk.opinion(self._question(sample, rival, repeat=repeat), _read)
                except ScorerError:
                    # It has judged: that it does not always is no fault of this answer.
                    break
        straight, turned = said[0].choice, _TURNED[said[1].choice]
        if straight != turned:
            return self._score(TIE, f"Its choice goes with the order. {said[0].reason} / {said[1].reason}")
        return self._score(straight, said[0].reason)

    def _score(self, choice: str, reason: str) -> Score:
        words = {FIRST: "Better than the other", TIE: "Neither is better", SECOND: "The other is better"}[choice]
        passed = choice == FIRST or (choice == TIE and self.params.tie_passes)
        return Score(SHARE[choice], passed, f"{words}: {reason}" if reason else f"{words}.")

    def _expected(self, sample: Sample) -> str:
        if not isinstance(sample.expected, str):
            raise refused("The case expects no text to compare with.")
        return sample.expected

    def _question(self, sample: Sample, rival: str, *, order: int = 0, repeat: int = 0) -> Question:
        system = (
            f"Two language models answered the same question. You say which answer is better by a rubric. {FAIRLY} "
            f'{ONLY_JSON}: {{"reason": one or two sentences, "winner": "{FIRST}", "{SECOND}" or "{TIE}"}}.'
        )
        answers = [sample.output, rival] if order == 0 else [rival, sample.output]
        named = {"first-answer": answers[0], "second-answer": answers[1]}
        # As the other answer it must not stand there as the right one too.
        shown = replace(sample, expected=None) if self.params.against == "expected" else sample
        prompt = material(self.params.rubric, shown, named)
        return Question(self.model_id, system, prompt, self.asked_of_model, order=order, repeat=repeat)


def _read(reply: str) -> Said:
    return said_in(reply, _winner)


def _winner(told: Mapping[str, Any]) -> str | None:
    return _WORDS.get(word_of(told, "winner"))
