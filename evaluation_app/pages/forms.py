"""The builder's form: what was typed, and the body that it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.http import QueryDict

from evaluation_app.datasets.formats.csv_table import rows_of
from evaluation_app.datasets.formats.plain_expected import expected_of_text
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import FieldError, Problem, invalid
from foundation.words import counted
from templates_app.rendering.placeholders import names_in

EXPECTED: Final = "expected"
NAMED: Final = {"name": "name", "case": "name", "cluster": "cluster"}
"""Columns of the cases that are no variables."""
WEIGHT: Final = "weight"
NUMBERS: Final = ("runs", "temperature", "max_tokens", "max_cost")
FURTHER: Final = "parameters"
"""The field of what else the model is sent, as a JSON object."""
BESIDE: Final = "beside"
"""The field of what goes along with the prompt, as a JSON object: what a run was asked that has no field of its own."""
LISTS: Final = {
    "messages": ("earlier turn", "earlier turns"),
    "attachments": ("picture or file", "pictures and files"),
    "tools": ("tool", "tools"),
}
GOES_ALONG: Final = (*LISTS, "context")
FIELDS: Final = (
    "name", "prompt", "system_prompt", "model_id", "other_model_id", "template_id", "version", "cases", "scorer",
    "threshold", "rubric", "judge_model_id", "runs", "temperature", "max_tokens", "max_cost", "early_stop",
    "dataset_id", "split", "speed", FURTHER, BESIDE,
)  # fmt: skip
BY_EXPECTED: Final = {
    "contains": "The answer contains it",
    "exact": "The answer is it, to the letter",
    "regex": "The answer matches it (a regular expression)",
    "semantic": "The answer means about the same",
    "numeric": "The last number in the answer is it",
    "equals_json": "The answer is this JSON",
}
"""Scorers that need one text of a case, in the form's words."""
JUDGE: Final = ("llm_judge", "A model judges it by a rubric")
MODEL: Final = re.compile(r"[^/\s]+/\S+")
OTHERS: Final = re.compile(r"[^,\s]+")
"""Further models, with commas between them."""
UNKNOWN_PROVIDER: Final = "unknown_provider"
NO_SUCH_PROVIDER: Final = "There is no such provider here. Choose a model that the field offers."


@dataclass(slots=True)
class TestForm:
    """Everything as it was typed."""

    given: dict[str, str] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    """Of the template that is tested: columns that are called so are values of theirs, whatever else the name means."""
    left: str = ""
    """What of the run that it began with does not go along, in a sentence."""

    @classmethod
    def from_post(cls, post: QueryDict) -> TestForm:
        """What the form has sent."""
        return cls({name: post.get(name, "") for name in FIELDS})

    def __getattr__(self, name: str) -> str:
        if name in FIELDS:
            return self.given.get(name, "")
        raise AttributeError(name)

    def body(self) -> tuple[str, dict[str, Any]]:
        """`compare` where further models are named, else `probabilistic`, and its body; raises Problem."""
        parameters = self._further() | {
            name: typed_number(self.given[name]) for name in NUMBERS if self.given.get(name, "").strip()
        }
        shared: dict[str, Any] = {
            "name": self.given.get("name", "").strip() or "Test",
            **self._on_what(),
            "parameters": parameters,
            **({"speed": self.given["speed"]} if self.given.get("speed") else {}),
        }
        if self._is_judged:
            shared["scorers"] = [{"scorer": JUDGE[0], "params": self._judging()}]
        asked = self._asked()
        first, others = self.given.get("model_id", "").strip(), OTHERS.findall(self.given.get("other_model_id", ""))
        if not others:
            return "probabilistic", {**shared, **asked, **({"model_id": first} if first else {})}
        if self.given.get("early_stop"):
            parameters["early_stop"] = True
        variants = [{"name": model, "model_id": model, **asked} for model in (first, *others)]
        return "compare", {**shared, "variants": variants}

    def _judging(self) -> dict[str, str]:
        rubric, model_id = self.given.get("rubric", ""), self.given.get("judge_model_id", "").strip()
        faults = [] if rubric.strip() else [FieldError("rubric", "required", "Say what makes an answer good.")]
        if not MODEL.fullmatch(model_id):
            message = "Name the model that judges as provider/model: the field offers those that are here."
            faults.append(FieldError("judge_model_id", "invalid", message))
        if faults:
            raise invalid(faults)
        return {"rubric": rubric, "model_id": model_id}

    @property
    def _is_judged(self) -> bool:
        return self.given.get("scorer") == JUDGE[0]

    def _on_what(self) -> dict[str, Any]:
        """The dataset that is chosen, else the cases that were typed."""
        if dataset_id := self.given.get("dataset_id"):
            split = self.given.get("split", "")
            return {"dataset_id": dataset_id, **({"split": split} if split else {})}
        return {"test_cases": self._cases()}

    @property
    def along(self) -> list[str]:
        """What goes along with the prompt, in words."""
        try:
            beside = self._beside()
        except Problem:
            return []
        lists = {name: value for name, value in beside.items() if isinstance(value, list) and value}
        told = [counted(len(lists[name]), *words) for name, words in LISTS.items() if name in lists]
        return [*told, *(["facts given with the system prompt"] if beside.get("context") else [])]

    def _asked(self) -> dict[str, Any]:
        return {**self._beside(), **self._prompt()}

    def _prompt(self) -> dict[str, Any]:
        if template_id := self.given.get("template_id"):
            version = self.given.get("version", "")
            return {"template_id": template_id, **({"version": int(version)} if version.isdecimal() else {})}
        asked = {"prompt": self.given.get("prompt", "")}
        if system := self.given.get("system_prompt", "").strip():
            asked["system_prompt"] = system
        return asked

    def _further(self) -> dict[str, Any]:
        return self._object(FURTHER, 'A JSON object is expected, such as {"top_p": 0.9}.')

    def _beside(self) -> dict[str, Any]:
        found = self._object(BESIDE, "A JSON object is expected.")
        return {name: found[name] for name in GOES_ALONG if name in found}

    def _object(self, name: str, expected: str) -> dict[str, Any]:
        if not (text := self.given.get(name, "").strip()):
            return {}
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise invalid([FieldError(name, "invalid", f"This is no JSON: {error}.")]) from None
        if not isinstance(found, dict):
            raise invalid([FieldError(name, "invalid", expected)])
        return found

    def _cases(self) -> list[dict[str, Any]]:
        """A line a case, under a line of names: as a spreadsheet is pasted (tabs), or as CSV."""
        text = self.given.get("cases", "").replace("\r\n", "\n")
        if not text.strip():
            return [{}]
        try:
            names, *rows = [*rows_of(text)] or [[]]
        except Problem as problem:
            raise _at_cases(problem.errors[0]["message"]) from None
        names = [name.strip() for name in names]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise _at_cases(f"The column {repeated[0]!r} is there twice.")
        if not rows:
            raise _at_cases("The first line names the columns: variables, and “expected”. Cases come below it.")
        return [self._case(number, names, row) for number, row in enumerate(rows)]

    def _case(self, number: int, names: list[str], values: list[str]) -> dict[str, Any]:
        if len(values) > len(names):
            raise _at_cases(f"Case {number + 1} has {len(values)} columns, the first line {len(names)}.")
        row = dict(zip(names, values, strict=False))
        variables = self.variables | {*names_in(self.prompt, self.system_prompt)}
        named = NAMED.keys() - variables
        weight = "" if WEIGHT in variables else row.pop(WEIGHT, "")
        case: dict[str, Any] = {NAMED[name]: value for name, value in row.items() if name in named and value}
        if weight.strip():
            case["weight"] = _weight(number, weight)
        expected = row.get(EXPECTED, "")
        if expected:
            case["expected_output"] = self._expected(number, expected)
        case["input"] = {name: value for name, value in row.items() if name not in named and name != EXPECTED}
        return case

    def _expected(self, number: int, text: str) -> dict[str, Any]:
        if self._is_judged:
            return {"value": text}
        kind = self.given.get("scorer") or "contains"
        try:
            expected = expected_of_text(kind if kind in BY_EXPECTED else "contains", text, place="cases")
        except Problem as problem:
            raise _at_cases(f"Case {number + 1}: {problem.errors[0]['message']}") from None
        if kind == "semantic" and self.given.get("threshold", "").strip():
            expected["semantic_threshold"] = self._threshold()
        return expected

    def _threshold(self) -> float:
        least = typed_number(self.given["threshold"])
        if isinstance(least, str) or not 0 <= least <= 1:
            raise invalid([FieldError("threshold", "invalid", "A number from 0 to 1 is expected.")])
        return least


def _weight(number: int, text: str) -> float:
    weight = typed_number(text)
    if isinstance(weight, str):
        raise _at_cases(f"Case {number + 1}: {text[:40]!r} is no weight.")
    return weight


def _at_cases(sentence: str) -> Problem:
    return invalid([FieldError("cases", "invalid", sentence)])


def errors_by_field(problem: Problem) -> dict[str, str]:
    """Sentences by the form's fields; what belongs to none stands under the empty name."""
    told: dict[str, str] = {}
    for error in problem.errors:
        if error["code"] == UNKNOWN_PROVIDER:
            place, _ = _placed(error["field"], "")
            # Of scorers the judge alone has a model.
            told.setdefault("judge_model_id" if place == "scorer" else place, NO_SUCH_PROVIDER)
        else:
            told.setdefault(*_placed(error["field"], error["message"]))
    if not told:
        told[""] = problem.detail or problem.title
    return told


def _placed(place: str, message: str) -> tuple[str, str]:
    parts = place.split(".")
    if parts == ["variants"]:
        return "other_model_id", message
    if parts[0] == "variants" and len(parts) > 2:
        parts = (["other_model_id"] if parts[1] != "0" and parts[2] == "model_id" else []) + parts[2:]
    if parts[0] == "test_cases":
        number = f"Case {int(parts[1]) + 1}" if len(parts) > 1 and parts[1].isdecimal() else "Cases"
        inside = f", {parts[-1]}" if len(parts) > 3 and parts[2] == "input" else ""
        return "cases", f"{number}{inside}: {message}"
    if parts[0] == "scorers":
        return {"rubric": "rubric", "model_id": "judge_model_id"}.get(parts[-1], "scorer"), message
    if parts[0] == FURTHER and len(parts) > 1:
        name = parts[1]
        return (name, message) if name in FIELDS else (FURTHER, f"{'.'.join(parts[1:])}: {message}")
    if parts[0] in GOES_ALONG:
        return BESIDE, f"{place}: {message}"
    return (parts[0] if parts[0] in FIELDS else ""), message
