"""A model that judges an answer by a rubric."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.judges.judge import Judge, Judged
from evaluation_app.scorers.judges.reply import said_in, word_of
from evaluation_app.scorers.judges.wording import FAIRLY, ONLY_JSON, material
from evaluation_app.scorers.outside.desk import REPEATED, Desk, Question, Said
from evaluation_app.scorers.sample import Sample, Score

PASS, FAIL = "pass", "fail"
_WORDS: Final = {
    **dict.fromkeys(("pass", "passed", "true", "yes"), PASS),
    **dict.fromkeys(("fail", "failed", "false", "no"), FAIL),
}
HIGHEST: Final = 5


class LlmJudgeParameters(Judged):
    """How it judges."""

    scale: Literal["pass_fail", "one_to_five"] = "pass_fail"
    """What it answers with."""
    passes_from: Annotated[int, Field(ge=1, le=HIGHEST)] = 4
    """The least of one to five that passes."""


class LlmJudge(Judge[LlmJudgeParameters]):
    """A model judges the answer by your rubric: pass or fail, or 1 to 5. Its rate is an opinion until it has been
    measured against people."""

    name = "llm_judge"
    title = "A model judges it by a rubric"
    parameters = LlmJudgeParameters

    @property
    def questions(self) -> int:
        """One."""
        return 1

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        """The first verdict counts; further ones only show whether the judge repeats itself."""
        said = await desk.opinion(self._question(sample), self._read)
        if desk.is_repeated:
            for repeat in range(1, REPEATED):
                try:
                    await desk.opinion(self._question(sample, repeat), self._read)
                except ScorerError:
                    # It has judged: that it does not always is no fault of this answer.
                    break
        return self._score(said)

    def _question(self, sample: Sample, repeat: int = 0) -> Question:
        verdict, mark = f'"verdict": "{PASS}" or "{FAIL}"', f'"score": a whole number from 1 to {HIGHEST}'
        system = (
            f"You judge an answer of a language model by a rubric. {FAIRLY} {ONLY_JSON}: "
            f'{{"reason": one or two sentences, {verdict if self._is_binary else mark}}}.'
        )
        if not self._is_binary:
            system += f" {HIGHEST} fulfils the rubric wholly, 1 not at all."
        prompt = material(self.params.rubric, sample, {"answer": sample.output})
        return Question(self.model_id, system, prompt, self.asked_of_model, repeat=repeat)

    @property
    def _is_binary(self) -> bool:
        return self.params.scale == "pass_fail"

    def _read(self, reply: str) -> Said:
        return said_in(reply, _verdict if self._is_binary else _mark)

    def _score(self, said: Said) -> Score:
        reason = said.reason or "The judge gave no reason."
        if self._is_binary:
            return Score.binary(said.choice == PASS, reason)
        mark = int(said.choice)
        return Score((mark - 1) / (HIGHEST - 1), mark >= self.params.passes_from, f"{mark} of {HIGHEST}: {reason}")


def _verdict(told: Mapping[str, Any]) -> str | None:
    given = told.get("verdict")
    return _WORDS.get(str(given).lower() if isinstance(given, bool) else word_of(told, "verdict"))


def _mark(told: Mapping[str, Any]) -> str | None:
    given = told.get("score")
    if isinstance(given, str):
        given = word_of(told, "score").partition("/")[0].strip()
        given = int(given) if given.isascii() and given.isdecimal() and len(given) == 1 else None
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    return str(int(given)) if 1 <= given <= HIGHEST and given == int(given) else None
