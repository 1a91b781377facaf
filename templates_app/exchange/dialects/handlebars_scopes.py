"""What the words of a Handlebars tag mean as an expression of Jinja2, by the blocks that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from templates_app.exchange.dialects.handlebars import Block, Node, Place
from templates_app.exchange.mapping.braces import Names

ROOT: Final = ""
_STEP: Final = re.compile(r"[^\W\d]\w*")
_INDEX: Final = re.compile(r"\[?(\d{1,9})\]?")
_NUMBER: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
_LOOP: Final = {"@index": "loop.index0", "@first": "loop.first", "@last": "loop.last"}
_LITERALS: Final = {"true": "true", "false": "false", "null": "none", "undefined": "none"}
_COMPARED: Final = {
    "eq": "==", "equals": "==", "===": "==", "==": "==", "ne": "!=", "neq": "!=", "!==": "!=", "!=": "!=",
    "gt": ">", ">": ">", "gte": ">=", ">=": ">=", "lt": "<", "<": "<", "lte": "<=", "<=": "<=",
}  # fmt: skip
_METHODS: Final = frozenset(name for of in (dict, list) for name in dir(of) if not name.startswith("_"))
"""What a dot would find on the value itself, before its members."""
_CONDITIONS: Final = frozenset({"if", "unless", "each", "with"})


class NoCounterpart(Exception):
    """A tag says what Jinja2 cannot, or what only its own program knows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What `this` is: the expression of a value, empty for the variables themselves; `key` where it has one."""

    this: str = ROOT
    key: str = ""
    outer: Scope | None = None
    is_loop: bool = False


class Expressions:
    """Writes expressions, and keeps which variables they use."""

    def __init__(self, names: Names, *, optional: Iterable[str]) -> None:
        self._names = names
        self._optional = set(optional)
        self.used: dict[str, None] = {}

    def of(self, words: Sequence[str], scope: Scope) -> str:
        """The expression of the words behind a helper's name, or of a path; raises NoCounterpart."""
        left = list(words)
        value = self._call(left, scope)
        if left:
            raise NoCounterpart
        return value

    def variable(self, name: str) -> str:
        """Our name of a variable, which counts as used."""
        ours = self._names.of(name)
        self.used[ours] = None
        return ours

    def _call(self, left: list[str], scope: Scope) -> str:
        """A helper with its arguments, or one value; the words that it takes are gone from `left`."""
        if left and left[0] in ("and", "or", "not", "lookup", *_COMPARED) and len(left) > 1 and left[1] != ")":
            helper = left.pop(0)
            values = []
            while left and left[0] != ")":
                values.append(self._one(left, scope))
            return self._helped(helper, values)
        value = self._one(left, scope)
        if left and left[0] in ("=", ">", "<", ">=", "<=", "==", "===", "!=", "!=="):
            sign = left.pop(0)
            if sign in (">", "<") and left[:1] == ["="]:
                sign += left.pop(0)
            if sign not in _COMPARED:
                raise NoCounterpart
            return f"{value} {_COMPARED[sign]} {self._one(left, scope)}"
        return value

    def _one(self, left: list[str], scope: Scope) -> str:
        if not left:
            raise NoCounterpart
        word = left.pop(0)
        if word == "(":
            value = self._call(left, scope)
            if left[:1] != [")"]:
                raise NoCounterpart
            left.pop(0)
            return f"({value})"
        return self._value(word, scope)

    @staticmethod
    def _helped(helper: str, values: Sequence[str]) -> str:
        if helper in ("and", "or") and len(values) > 1:
            return f" {helper} ".join(values)
        if helper == "not" and len(values) == 1:
            return f"not {values[0]}"
        if helper == "lookup" and len(values) == 2:
            return f"{values[0]}[{values[1]}]"
        if helper in _COMPARED and len(values) == 2:
            return f"{values[0]} {_COMPARED[helper]} {values[1]}"
        raise NoCounterpart

    def _value(self, word: str, scope: Scope) -> str:
        if word[0] in "\"'":
            text = word[1:-1].replace("\\", "\\\\").replace("'", "\\'")
            return f"'{text}'"
        if word in _LITERALS or _NUMBER.fullmatch(word):
            return _LITERALS.get(word, word)
        return self._path(word, scope)

    def _path(self, word: str, scope: Scope) -> str:
        at: Scope | None = scope
        while word == ".." or word.startswith("../"):
            at = at.outer if at else None
            word = word[3:] or "this"
        if at is None:
            raise NoCounterpart
        if word.startswith("@root."):
            at, word = Scope(), word.removeprefix("@root.")
        elif word.startswith("@"):
            return self._of_loop(word, at, is_own=at is scope)
        steps = [step for step in word.removeprefix("./").replace("/", ".").split(".") if step]
        if steps[:1] == ["this"]:
            steps = steps[1:]
        return self._stepped(at, steps)

    @staticmethod
    def _of_loop(word: str, scope: Scope, *, is_own: bool) -> str:
        within = scope
        while not within.is_loop and within.outer:
            within = within.outer
        if not within.is_loop or not is_own:
            raise NoCounterpart
        if word == "@key" and within.key:
            return within.key
        if word not in _LOOP:
            raise NoCounterpart
        return _LOOP[word]

    def _stepped(self, scope: Scope, steps: list[str]) -> str:
        value, rest = scope.this, steps
        if value == ROOT:
            if not steps or not _STEP.fullmatch(steps[0]):
                raise NoCounterpart
            value, rest = self.variable(steps[0]), steps[1:]
            if steps[0] in self._optional:
                value = f"{value} | default('')" if not rest else f"({value} | default({{}}))"
        for at, step in enumerate(rest):
            if step == "length" and at == len(rest) - 1:
                value = f"{value} | length"
            elif index := _INDEX.fullmatch(step):
                value = f"{value}[{index[1]}]"
            elif step in _METHODS:
                value = f"{value}['{step}']"
            elif _STEP.fullmatch(step):
                value = f"{value}.{step}"
            else:
                raise NoCounterpart
        return value


def words_of(nodes: Iterable[Node]) -> Iterator[str]:
    """Every word of every tag."""
    for node in nodes:
        if isinstance(node, Place | Block):
            yield from node.words
        if isinstance(node, Block):
            yield from words_of([*node.body, *node.otherwise])


def conditions_of(nodes: Iterable[Node], *, is_root: bool = True) -> set[str]:
    """The variables that a text asks for before it uses them: they may lack."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Block):
            if is_root and node.words[0] in _CONDITIONS:
                words = (word.partition(".")[0] for word in node.words[1:])
                found |= {word for word in words if _STEP.fullmatch(word)}
            is_inner = is_root and node.words[0] not in ("each", "with")
            found |= conditions_of(node.body, is_root=is_inner) | conditions_of(node.otherwise, is_root=is_root)
    return found - {"this", *_LITERALS, *_COMPARED, "and", "or", "not", "lookup"}
