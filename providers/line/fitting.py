"""From what the user set to what the model is sent: nothing is dropped, and nothing changed, in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.words import number
from providers.base import Message
from providers.catalogue.info import ModelInfo
from providers.families.family import EFFORTS, Family, Pair
from providers.families.thinking import LEAST_BUDGET, has_room, plan
from providers.tokens import tokens_of_input

OURS: Final = frozenset({"fallback_models", "timeout", "cache", "max_cost"})
"""Parameters that the engine obeys and no provider sees."""
NEEDS: Final = {"reasoning_effort": ("reasoning", "does not think"), "tool_choice": ("tools", "takes no tools")}
"""What a model must be able to do for a parameter to mean anything."""
CHARACTERS_A_TOKEN: Final = 4
"""Rule of thumb for English and code, used where only a model's own tokenizer would know."""
TYPICAL_ANSWER: Final = 2048
"""Tokens that an answer without a limit is counted as where its provider limits tokens a minute."""
UNKNOWN_ANSWER: Final = 16_384
"""Tokens that an answer without a limit is taken to have at most where nobody tells what the model can write."""


@dataclass(slots=True)
class Fitted:
    """What is sent; the names of what is not, or not wholly; and why, also for what was changed."""

    sent: dict[str, Any]
    reasons: dict[str, str] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set)

    @property
    def dropped(self) -> list[str]:
        """The names of what is not sent, in order."""
        return sorted(self._dropped)

    def drop(self, name: str, why: str) -> None:
        self.sent.pop(name, None)
        self._dropped.add(name)
        self.reasons[name] = why

    def shorten(self, name: str, value: list[Any], why: str) -> None:
        """Sends a part of it; none of it where nothing is left."""
        before = self.reasons.get(name)
        self.drop(name, f"{before} {why}" if before else why)
        if value:
            self.sent[name] = value

    def change(self, name: str, value: Any, why: str) -> None:
        self.sent[name] = value
        self.reasons[name] = why


def why_not(name: str, *, supported: frozenset[str], model: ModelInfo) -> str:
    """Why this model is not sent a parameter; empty where it is. What nothing is known of is tried."""
    if name in model.family.refuses:
        return f"{model.family.name or model.name} takes no {name}."
    if name not in supported:
        return f"The interface of this provider has no {name}."
    needed, otherwise = NEEDS.get(name, ("", ""))
    if needed and model.capabilities_known and needed not in model.capabilities:
        return f"{model.name} {otherwise}."
    return ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A parameter that is not sent while another one is; with `value`, only while that one has this value."""

    parameter: str
    beside: str
    value: float | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        return {"parameter": self.parameter, "beside": self.beside, "value": self.value, "reason": self.reason}


def refused_beside(model: ModelInfo, *, supported: frozenset[str]) -> list[Beside]:
    """What this model does not take side by side, in the order in which `fit` judges it.

    What is left out does not keep out another: each holds while the one that stays is sent itself.
    """
    family = model.family
    can_think = not why_not("reasoning_effort", supported=supported, model=model)
    found: list[Beside] = []
    if can_think and has_room(family, most=model.max_output_tokens):
        found += [
            Beside(name, "reasoning_effort", None, _while_it_thinks(family, name))
            for name in sorted(family.thinking_refuses)
        ]
    return found + [
        Beside(name, pair.stays, pair.at, _beside(family, pair, name))
        for pair in family.together
        for name in pair.these
        if name != pair.stays
    ]


def fit(
    parameters: Mapping[str, Any],
    *,
    supported: frozenset[str],
    model: ModelInfo,
    messages: Sequence[Message] = (),
    tools: Sequence[Any] = (),
) -> Fitted:
    """What of the parameters this model is sent with these messages and tools."""
    fitted = Fitted({name: value for name, value in parameters.items() if name not in OURS and value is not None})
    for name in list(fitted.sent):
        if why := why_not(name, supported=supported, model=model):
            fitted.drop(name, why)
    _fit_tool_choice(fitted, tools)
    _fit_thinking(fitted, model, messages)
    _fit_together(fitted, model.family)
    _fit_ranges(fitted, model.family)
    _fit_stops(fitted, model.family)
    _fit_limit(fitted, model, messages, tools)
    return fitted


def _fit_tool_choice(fitted: Fitted, tools: Sequence[Any]) -> None:
    if "tool_choice" in fitted.sent and not tools:
        fitted.drop("tool_choice", "There are no tools to choose from.")


def _fit_thinking(fitted: Fitted, model: ModelInfo, messages: Sequence[Message]) -> None:
    family, effort = model.family, fitted.sent.get("reasoning_effort")
    if effort is None:
        return
    if why := _why_no_thinking(fitted, model, messages):
        fitted.drop("reasoning_effort", why)
        return
    if effort not in family.efforts:
        nearest = _nearest(effort, family.efforts)
        fitted.change("reasoning_effort", nearest, f"{family.name} has no effort {effort}: {nearest} was sent.")
    for name in sorted(family.thinking_refuses & fitted.sent.keys()):
        fitted.drop(name, _while_it_thinks(family, name))


def _why_no_thinking(fitted: Fitted, model: ModelInfo, messages: Sequence[Message]) -> str:
    family = model.family
    if not family.forced_tools and fitted.sent.get("tool_choice") not in (None, "auto", "none"):
        return f"{family.name} does not think where a tool is forced (tool_choice)."
    if not has_room(family, most=model.max_output_tokens):
        return f"Thinking takes at least {number(LEAST_BUDGET)} tokens, and this model writes no more in all."
    if family.thinking in ("budget", "adaptive") and messages and messages[-1]["role"] == "tool":
        # The API then wants its own signed thoughts back, which are not kept.
        return f"{family.name} does not think again over a tool's result."
    return ""


def _nearest(effort: str, taken: Sequence[str]) -> str:
    """The taken level nearest to this one; of two as near, the higher."""
    at = EFFORTS.index(effort)
    return min(reversed(taken), key=lambda level: abs(EFFORTS.index(level) - at))


def _fit_together(fitted: Fitted, family: Family) -> None:
    for pair in family.together:
        present = [name for name in pair.these if name in fitted.sent]
        if len(present) < 2 or pair.stays not in present or pair.at not in (None, fitted.sent[pair.stays]):
            continue
        for name in present:
            if name != pair.stays:
                fitted.drop(name, _beside(family, pair, name))


def _beside(family: Family, pair: Pair, name: str) -> str:
    of_value = "" if pair.at is None else f" {pair.at:g}"
    return f"{family.name} takes no {name} beside {pair.stays}{of_value}."


def _while_it_thinks(family: Family, name: str) -> str:
    return f"{family.name} takes no {name} while it thinks (reasoning_effort)."


def _fit_ranges(fitted: Fitted, family: Family) -> None:
    for name, (lowest, highest) in family.ranges.items():
        value = fitted.sent.get(name)
        if value is not None and not lowest <= value <= highest:
            end = lowest if value < lowest else highest
            fitted.change(name, end, f"{family.name} takes {lowest:g} to {highest:g}: {end:g} was sent.")


def _fit_stops(fitted: Fitted, family: Family) -> None:
    given = fitted.sent.get("stop_sequences")
    if not given:
        return
    stops = list(given)
    if not family.blank_stops and (written := [stop for stop in stops if stop.strip()]) != stops:
        stops = written
        fitted.shorten("stop_sequences", stops, f"{family.name} takes no stop sequence of white space alone.")
    if family.most_stops is not None and len(stops) > family.most_stops:
        most = family.most_stops
        fitted.shorten("stop_sequences", stops[:most], f"{family.name} takes {most}: the first {most} were sent.")


def _fit_limit(fitted: Fitted, model: ModelInfo, messages: Sequence[Message], tools: Sequence[Any]) -> None:
    """The answer's own limit; what thinking adds to it, the wire adds (`families.thinking.plan`)."""
    family, asked = model.family, fitted.sent.get("max_tokens")
    limit = model.max_output_tokens or family.max_output_tokens
    if asked is None:
        if family.needs_limit and limit and "max_tokens" not in fitted.dropped:
            fitted.sent["max_tokens"] = _within_window(limit, model, messages, tools)
        return
    if limit and asked > limit:
        fitted.change(
            "max_tokens", limit, f"{model.name} writes {number(limit)} tokens at most: {number(limit)} was sent."
        )
        return
    thought = plan(family, fitted.sent, most=model.max_output_tokens)
    if thought.budget and thought.max_tokens and thought.max_tokens - thought.budget < asked:
        left = thought.max_tokens - thought.budget
        fitted.reasons["max_tokens"] = (
            f"{model.name} writes {number(thought.max_tokens)} tokens at most, "
            f"up to {number(thought.budget)} of them thoughts: "
            f"{number(left)} are left for the answer."
        )


def _within_window(limit: int, model: ModelInfo, messages: Sequence[Message], tools: Sequence[Any]) -> int:
    """The model's own limit, as far as the prompt leaves room for it: one that does not fit is refused."""
    if model.context_window is None:
        return limit
    room = model.context_window - tokens_of_input(messages, tools)
    return min(limit, max(room, TYPICAL_ANSWER))


def longest_answer(model: ModelInfo, parameters: Mapping[str, Any]) -> int:
    """Tokens that an answer, thoughts included, may have at most; UNKNOWN_ANSWER where nothing tells."""
    family = model.family
    limit = model.max_output_tokens or family.max_output_tokens
    thought = plan(family, parameters, most=model.max_output_tokens).max_tokens
    return thought or limit or min(UNKNOWN_ANSWER, model.context_window or UNKNOWN_ANSWER)


def count_characters(messages: list[Message]) -> int:
    """Characters of text in all messages; pictures count as none."""
    total = 0
    for message in messages:
        content = message.get("content") or ""
        parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        total += sum(len(part) for part in parts)
    return total


def estimated_tokens(characters: int) -> int:
    """A rough count of tokens, rounded up."""
    return -(-characters // CHARACTERS_A_TOKEN)
