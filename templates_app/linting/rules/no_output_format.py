"""An answer in whatever shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern, sentence_start, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import NAMES_A_FORMAT, TALKS

LONG_ENOUGH: Final = 20
"""Words; a shorter prompt is a question, and its answer has the shape of an answer."""
# The answer has parts, and nobody knows their order.
_ASKS: Final = r"(?:what|which|who|whom|whose|why|how|where|when|whether)"
HAS_PARTS: Final = words(
    rf"{_ASKS}\b[^?.\n]{{0,160}}(?:,|\band) {_ASKS}",
    r"(?:analy[sz]e|compare|evaluate|assess|contrast|investigate|audit) (?:[\w-]+ ){0,3}(?:\{\{|the|these|this"
    r"|those|both"
    r"|our|my|each|all|how|whether"
    r"|two)",
    r"(?:extract|identify|determine|collect|gather|find|recommend|suggest|predict|name) (?:the|all|any|every"
    r"|which|what|\w+ing)",
    r"(?:let me know|tell (?:me|us)|find out|figure out|report (?:on|back)|look (?:at|through|into)|go (?:over"
    r"|through))",
    r"(?:your|some|any|me|us|an?) (?:thoughts|insights?|opinion|assessment|view|findings|evaluation|analysis)",
    r"pros and cons",
    r"advantages and (?:dis)?advantages",
    r"strengths and weaknesses",
)
# A text by its kind, a rewritten text or a choice has a shape already.
HAS_A_SHAPE: Final = sentence_start(
    r"(?:please )?(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e|shorten|simplify|continue|complete)",
    r"(?:please )?(?:write|compose|draft|create|generate|design|build|develop|implement) (?:me )?(?:an?|the|some|\d+)",
)


@register("no-output-format")
class NoOutputFormat(LintRule):
    """An answer of several parts is asked for, no text says how they stand, and no response_format is set.

    Prompts that talk (a role to play, an assistant's manner) and those whose answer has a shape by its kind, such as
    a story or a translation, need no format.
    """

    severity = Severity.WARNING
    title = "No output format named"
    reason = "Without one, each run and each model answers in another shape."
    advice = "Say what the answer consists of and in which order: a table, JSON with these keys, two paragraphs."
    example = "Answer with a Markdown table with the columns Risk, Cause and Measure."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if draft.prompt.word_count < LONG_ENOUGH or not draft.is_english or draft.content.tools:
            return
        if draft.content.parameters.get("response_format") or any(map(draft.says, (NAMES_A_FORMAT, NAMES_THE_ANSWER))):
            return
        if draft.prompt.has(TALKS) or draft.prompt.has(HAS_A_SHAPE):
            return
        if any(True for _ in draft.prompt.find(HAS_PARTS)):
            yield self.finding("Nothing says what the answer is to look like.")


NAMES_THE_ANSWER: Final = pattern(r"(?im)^[ \t]*(?:final |helpful )?(?:answer|output|result|response)s?[^:\n]{0,20}:")
