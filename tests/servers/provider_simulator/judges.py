"""Models that judge: an answer is good when it holds the first word of the rubric, and the way it is told differs."""

from __future__ import annotations

import re

import orjson

from tests.servers.provider_simulator.question import Question
from tests.servers.provider_simulator.wires import Answer

BLOCK = re.compile(r"<([a-z0-9.-]+)-([0-9a-f]{12})>\n(.*?)\n</\1-\2>", re.DOTALL)


def judged(question: Question) -> Answer:
    """What the judge of this name says; `judge` tells the truth in plain JSON."""
    text = _reply(question)
    return Answer(question.name, tuple(re.findall(r".{1,12}", text, re.DOTALL)), usage=(30, 12))


def _reply(question: Question) -> str:
    told = {name: text for name, _, text in BLOCK.findall(question.last_text)}
    verdict = _verdict(question, told)
    plain = orjson.dumps(verdict).decode()
    match question.model:
        case "judge-in-a-fence":
            return f"Here you are:\n```json\n{plain}\n```\n"
        case "judge-in-words":
            return f"I have read it {{carefully}}. My verdict is {plain} and I stand by it."
        case "judge-escaped":
            return orjson.dumps(plain).decode()
        case "judge-half-escaped":
            return plain.replace('"', '\\"')
        case "judge-thinks":
            return f'<think>First I thought {{"verdict": "fail"}}.</think>\n{plain}'
        case "judge-unsure":
            return plain if "whole reply" in question.last_text else "It depends."
        case "judge-mumbles":
            return "It depends."
        case "judge-torn":
            return '{"verdict": "pass"} or rather {"verdict": "fail"}'
    return plain


def _verdict(question: Question, told: dict[str, str]) -> dict[str, object]:
    wanted, asked = told["rubric"].split()[0], str(question.body["messages"])
    if "first-answer" in told:
        first, second = (wanted in told[name] for name in ("first-answer", "second-answer"))
        winner = "tie" if first == second else "first" if first else "second"
        return {"reason": f"{wanted} decides.", "winner": "first" if question.model == "judge-first" else winner}
    is_good = wanted in told["answer"]
    if "whole number from 1 to 5" in asked:
        return {"reason": f"{wanted} is {'' if is_good else 'not '}there.", "score": 5 if is_good else 2}
    return {"reason": f"{wanted} is {'' if is_good else 'not '}there.", "verdict": "pass" if is_good else "fail"}


def recommended(question: Question) -> Answer:
    """Proposals for a prompt: one that is better, one that loses a variable, one that changes nothing."""
    told = {name: text for name, _, text in BLOCK.findall(question.last_text)}
    # The prompt, else the last of the messages.
    name = "prompt" if "prompt" in told else [each for each in told if each.startswith("messages.")][-1]
    prompt = told[name]
    proposals = [
        {"title": "Ask for the word alone", "reason": "The answers say more.", name: prompt.replace("no", "yes")},
        {"title": "Say less", "reason": "Shorter.", name: "Nothing at all"},
        {"title": "As it is", "reason": "It is fine.", name: prompt},
    ]
    text = f"Here they are: {orjson.dumps({'proposals': proposals}).decode()}"
    return Answer(question.name, tuple(re.findall(r".{1,12}", text, re.DOTALL)), usage=(300, 120))
