"""Models that behave: what each says, by its name."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import orjson

from tests.servers.provider_simulator.judges import judged, recommended
from tests.servers.provider_simulator.question import Question, example_of
from tests.servers.provider_simulator.steps import END_OF_BODY, Pause, Step, chunk, head, streamed, whole
from tests.servers.provider_simulator.wires import WIRE, Answer, Tool

TOKENS = re.compile(r"tokens-(\d+)(?:-every-(\d+)ms)?(?:-after-(\d+)ms)?$")
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "then", "sleeps", "in", "grass")

_asked: Counter[str] = Counter()

SLOW_JUDGE = 0.5
"""Seconds."""


def tokens(count: int, model: str = "tokens") -> Answer:
    """So many one-word tokens."""
    text = tuple(f"{WORDS[index % len(WORDS)]} " for index in range(count))
    return Answer(model, text=text, usage=(12, count))


def answer_of(question: Question) -> Answer:
    """What a model that behaves says; a name that is not known echoes."""
    match question.model:
        case "reasoning":
            return Answer(question.name, ("The answer", " is 42."), ("Six times", " seven."), usage=(9, 12))
        case "think-tags":
            text = ("<thi", "nk>Six times", " seven.</th", "ink>\n\nThe answer", " is 42.")
            return Answer(question.name, text, usage=(9, 12))
        case "json":
            value = example_of(question.schema) if question.schema else {"answer": "text", "score": 0.5}
            text = tuple(re.findall(r".{1,6}", orjson.dumps(value).decode()))
            return Answer(question.name, text, usage=(9, len(text)))
        case "tool-script":
            return _scripted(question)
        case "tool-call" | "tool-call-two":
            return _calling(question)
        case "length":
            return Answer(question.name, ("cut ", "short"), finish="length", usage=(9, 2))
    if match := TOKENS.match(question.model):
        return tokens(int(match[1]), question.name)
    if question.model.startswith("judge"):
        return judged(question)
    if question.model == "recommends":
        return recommended(question)
    if question.model == "one-of":
        return _one_of(question)
    return _echo(question)


def _one_of(question: Question) -> Answer:
    """One after the other of the texts between bars, whoever asks."""
    texts = question.last_text.split("|")
    _asked[question.last_text] += 1
    text = texts[(_asked[question.last_text] - 1) % len(texts)]
    return Answer(question.name, (text,), usage=(9, len(text.split())))


def _echo(question: Question) -> Answer:
    text = tuple(re.findall(r"\s*\S+\s*$|\s*\S+", question.last_text)) or ("",)
    prompt = sum(len(str(message.get("content")).split()) for message in question.messages)
    return Answer(question.name, text, usage=(prompt, len(text)))


def _calling(question: Question) -> Answer:
    """Calls the first tool (the first two), with the user's words when they are JSON; then repeats the result."""
    if question.answers_a_tool or not question.tools:
        return Answer(question.name, ("The tool said: ", question.last_text), usage=(20, 4))
    calls = []
    for position, (name, schema) in enumerate(question.tools[: 2 if question.model == "tool-call-two" else 1]):
        words = question.last_text.strip()
        arguments = words if words.startswith("{") else orjson.dumps(example_of(schema)).decode()
        calls.append(Tool(f"call_{position}", name, arguments))
    return Answer(question.name, tools=tuple(calls), finish="tool_calls", usage=(20, 8))


def _scripted(question: Question) -> Answer:
    """The first user's words are JSON: a list of rounds, each the calls to make (`[[name, arguments], …]`), with words
    before them where it is `{"say", "calls"}`. "again" in the place of the first never ends. At last it repeats the
    result.
    """
    rounds, at = orjson.loads(question.first_text), question.rounds
    if rounds[0] != "again" and at >= len(rounds):
        return Answer(question.name, ("The tool said: ", question.last_text), usage=(20, 4))
    step = [[question.tools[0][0], {}]] if rounds[0] == "again" else rounds[at]
    said, wanted = (step["say"], step["calls"]) if isinstance(step, dict) else ("", step)
    calls = tuple(
        Tool(f"call_{position}", name, arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode())
        for position, (name, arguments) in enumerate(wanted)
    )
    return Answer(question.name, (said,) if said else (), tools=calls, finish="tool_calls", usage=(20, 8))


def script_of(question: Question) -> list[Step]:
    """The whole answer as steps to write."""
    match = TOKENS.match(question.model)
    if match and question.is_streamed:
        key = (question.wire, question.name, int(match[1]), int(match[2] or 0), int(match[3] or 0))
        return _paced(*key, question.wants_usage)
    if match:
        return _counted(question.wire, question.name, int(match[1]), int(match[2] or 0), int(match[3] or 0))
    wire, answer = WIRE[question.wire], answer_of(question)
    if question.is_streamed:
        steps = streamed(wire.content_type, wire.stream(answer, question.wants_usage).all())
    else:
        steps = whole(200, wire.body(answer))
    return [Pause(SLOW_JUDGE), *steps] if question.model == "judge-slow" else steps


@lru_cache(maxsize=512)
def _paced(wire_name: str, name: str, count: int, every_ms: int, after_ms: int, wants_usage: bool) -> list[Step]:
    """Cached, because benchmarks ask for the same thing again and again."""
    wire = WIRE[wire_name]
    pieces = wire.stream(tokens(count, name), wants_usage)
    steps: list[Step] = [head(200, wire.content_type)]
    if after_ms:
        steps.append(Pause(after_ms / 1000))
    steps.extend(map(chunk, pieces.opening))
    for piece in pieces.tokens:
        if every_ms:
            steps.append(Pause(every_ms / 1000))
        steps.append(chunk(piece))
    return [*steps, *map(chunk, [*pieces.finish, *pieces.usage, *pieces.done]), END_OF_BODY]


@lru_cache(maxsize=512)
def _counted(wire_name: str, name: str, count: int, every_ms: int, after_ms: int) -> list[Step]:
    answer = whole(200, WIRE[wire_name].body(tokens(count, name)))
    wait = (after_ms + count * every_ms) / 1000
    return [Pause(wait), *answer] if wait else answer
