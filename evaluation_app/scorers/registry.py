"""Every scorer, by name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final

from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.figures.cost import Cost
from evaluation_app.scorers.figures.latency import Latency
from evaluation_app.scorers.judges.llm_judge import LlmJudge
from evaluation_app.scorers.judges.pairwise import PairwiseJudge
from evaluation_app.scorers.likeness.bleu import Bleu
from evaluation_app.scorers.likeness.chrf import Chrf
from evaluation_app.scorers.likeness.levenshtein import Levenshtein
from evaluation_app.scorers.likeness.rouge_l import RougeL
from evaluation_app.scorers.likeness.semantic import Semantic
from evaluation_app.scorers.likeness.similarity import Similarity
from evaluation_app.scorers.outside.webhook import Webhook
from evaluation_app.scorers.scorer import AnyScorer
from evaluation_app.scorers.structure.equals_json import EqualsJson
from evaluation_app.scorers.structure.json_path import JsonPath
from evaluation_app.scorers.structure.json_schema import JsonSchema
from evaluation_app.scorers.structure.tool_called import ToolCalled
from evaluation_app.scorers.structure.valid_schema import ValidSchema
from evaluation_app.scorers.text.contains import Contains, NotContains
from evaluation_app.scorers.text.edges import EndsWith, StartsWith
from evaluation_app.scorers.text.exact import Exact
from evaluation_app.scorers.text.language import Language
from evaluation_app.scorers.text.length import Length
from evaluation_app.scorers.text.numeric import Numeric
from evaluation_app.scorers.text.refusal import Refusal
from evaluation_app.scorers.text.regex import Regex

_SCORERS: Final[dict[str, type[AnyScorer[Any]]]] = {}


def register(kinds: Iterable[type[AnyScorer[Any]]]) -> None:
    """Makes scorers known, also those of other packages."""
    for kind in kinds:
        if kind.name in _SCORERS:
            raise ValueError(f"There are two scorers called {kind.name}")
        _SCORERS[kind.name] = kind


def made(name: Any, params: Any = None) -> AnyScorer[Any]:
    """The scorer; raises InvalidScorer, whose path begins with `scorer` or with `params`."""
    kind = _SCORERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidScorer(_unknown(name), ("scorer",))
    try:
        return kind.of({} if params is None else params)
    except InvalidScorer as error:
        raise error.below("params") from None


def described() -> list[dict[str, Any]]:
    """Each one's name, title, description, parameters (JSON Schema) and max_output_characters."""
    return [kind.described() for kind in _SCORERS.values()]


def names() -> tuple[str, ...]:
    """In the order in which a page lists them."""
    return tuple(_SCORERS)


def _unknown(name: Any) -> str:
    if not isinstance(name, str):
        return "The name of a scorer is a text."
    near = get_close_matches(name[:100], _SCORERS, n=1)
    return f"There is no scorer of this name{f'; did you mean {near[0]}?' if near else '.'}"


register([Contains, Exact, Regex, Semantic, NotContains, StartsWith, EndsWith, Numeric, Length, Language, Refusal])
register([EqualsJson, JsonSchema, JsonPath, ValidSchema, ToolCalled])
register([Levenshtein, Similarity, RougeL, Bleu, Chrf])
register([Latency, Cost])
register([LlmJudge, PairwiseJudge, Webhook])
