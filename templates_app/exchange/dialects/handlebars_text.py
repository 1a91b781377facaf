"""Handlebars' texts in the words of our engines: plain where they only put values in, else Jinja2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from templates_app.exchange.dialects.handlebars import Block, Node, Partial, Place, Text
from templates_app.exchange.dialects.handlebars_scopes import Expressions, NoCounterpart, Scope, conditions_of, words_of
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.braces import Names, written

_NAME: Final = re.compile(r"[^\W\d][\w\-]*")
_OPENING: Final = re.compile(r"\{(?=[{%#])|\{\Z")
_SLUG_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
LONGEST_SLUG: Final = 100


def slug_of(name: str) -> str:
    """How we refer to a template that others call so; a file of a partial begins with an underscore."""
    return "-".join(part for part in _SLUG_WORD.split(name.strip()) if part).lower()[:LONGEST_SLUG].strip("-")


class Writer:
    """Writes the texts of one template, and keeps what they use."""

    def __init__(self, nodes: Sequence[Node], names: Names, draft: Draft, *, required: Iterable[str]) -> None:
        self._draft = draft
        self._names = names
        self.optional = conditions_of(nodes) - set(required)
        self._expressions = Expressions(names, optional=self.optional)
        self._taken = {word.partition(".")[0] for word in words_of(nodes)}
        self.pictures: dict[str, None] = {}
        self.partials: dict[str, None] = {}

    @property
    def used(self) -> list[str]:
        """Our names of the variables, in the order of their first use."""
        return list(self._expressions.used)

    def is_plain(self, nodes: Sequence[Node]) -> bool:
        """Whether the nodes do nothing but put values into places."""
        return all(isinstance(node, Text | Partial) or (isinstance(node, Place) and _simple(node)) for node in nodes)

    def plain(self, nodes: Sequence[Node]) -> str:
        """The nodes in the words of the plain engine."""
        made: list[str] = []
        pieces: list[tuple[str, str]] = []
        for node in nodes:
            if isinstance(node, Partial):
                made += [written(pieces), self._partial(node)]
                pieces = []
            elif isinstance(node, Place):
                name = _simple(node)
                pieces.append(("", self._picture(node, name) if node.words[0] == "media" else self._variable(name)))
            else:
                pieces.append((node.source, ""))
        return "".join([*made, written(pieces)])

    def _variable(self, name: str) -> str:
        return self._expressions.variable(name)

    def jinja(self, nodes: Sequence[Node], scope: Scope | None = None) -> str:
        """The nodes in Jinja2; what has no counterpart stays as text, and is noted."""
        return "".join(self._node(node, scope or Scope()) for node in nodes)

    def _node(self, node: Node, scope: Scope) -> str:
        try:
            if isinstance(node, Block):
                return self._block(node, scope)
            if isinstance(node, Partial):
                if scope != Scope():
                    self._draft.note(f"Line {node.line}: {node.source[:60]} sees the template's own variables only.")
                return self._partial(node)
            return self._place(node, scope) if isinstance(node, Place) else _literal(node.source)
        except NoCounterpart:
            self._draft.note(f"Line {node.line}: {node.source[:100]} has no counterpart here, and stays as text.")
            if not isinstance(node, Block):
                return _literal(node.source)
            inner = self.jinja([*node.body, *node.otherwise], scope)
            return f"{_literal(node.source)}{inner}{_literal(f'{{{{/{node.words[0]}}}}}')}"

    def _place(self, node: Place, scope: Scope) -> str:
        if node.words[0] == "media":
            return self._media(node, scope)
        if node.words[0] == "section":
            self._draft.note(f"Line {node.line}: the mark {node.source[:60]} is left out.")
            return ""
        if node.words[0] == "json" and len(node.words) > 1:
            words = [word for at, word in enumerate(node.words[1:], 1) if not _is_option(node.words, at)]
            return f"{{{{ ({self._expressions.of(words, scope)}) | tojson }}}}"
        if len(node.words) != 1:
            raise NoCounterpart
        return f"{{{{ {self._expressions.of(node.words, scope)} }}}}"

    def _media(self, node: Place, scope: Scope) -> str:
        name = _simple(node)
        if name and scope == Scope():
            return f"{{{{ {self._picture(node, name)} }}}}"
        address = _media_path(node)
        if not address:
            raise NoCounterpart
        self._draft.note(f"Line {node.line}: pictures of a list have no type here: the text holds their addresses.")
        return f"{{{{ {self._expressions.of([address], scope)} }}}}"

    def _picture(self, node: Place, name: str) -> str:
        said = [word for word in node.words if word[0] in "\"'"]
        ours = self._expressions.variable(name)
        if any(kind in word.lower() for word in (name, *said) for kind in ("audio", "video")):
            self._draft.note(f"Line {node.line}: sounds and films are no parts of a message here: {ours} is text.")
        else:
            self.pictures[ours] = None
        return ours

    def _partial(self, node: Partial) -> str:
        name = node.words[0] if node.words else ""
        slug = slug_of(name.strip("\"'"))
        if not slug or name == "(":
            self._draft.note(f"Line {node.line}: {node.source[:100]} has no counterpart here, and is left out.")
            return ""
        if len(node.words) > 1:
            self._draft.note(f"Line {node.line}: what is handed to the partial {name[:60]} is not carried over.")
        self.partials[slug] = None
        return f"{{{{> {slug}}}}}"

    def _block(self, node: Block, scope: Scope) -> str:
        helper, words = node.words[0], node.words[1:]
        if node.is_partial:
            self._draft.note(f"Line {node.line}: the partial {helper[:60]} has no text of its own for its lack here.")
            return self._partial(Partial(node.source, node.line, node.words))
        if helper == "if":
            return self._condition(self._expressions.of(words, scope), node, scope)
        if helper in ("unless", "ifEquals", "unlessEquals"):
            return self._condition(self._special(helper, words, scope), node, scope)
        if helper == "each":
            return self._each(node, words, scope)
        if helper == "with":
            value = self._expressions.of(words, scope)
            return self._condition(value, node, Scope(f"({value})" if " " in value else value, outer=scope), scope)
        if helper == "section":
            self._draft.note(f"Line {node.line}: the section {' '.join(words)[:60]} is text like any other here.")
            return self.jinja(node.body, scope)
        if not words and not node.source.startswith(("{{^", "{{~^")):
            self._draft.note(f"Line {node.line}: {node.source[:60]} is read as a condition.")
            return self._condition(self._expressions.of(node.words, scope), node, scope)
        if not words:
            return self._condition(self._expressions.of(node.words, scope), node, scope)
        raise NoCounterpart

    def _special(self, helper: str, words: Sequence[str], scope: Scope) -> str:
        if helper == "unless":
            return f"not ({self._expressions.of(words, scope)})"
        return self._expressions.of(["eq" if helper == "ifEquals" else "ne", *words], scope)

    def _condition(self, value: str, node: Block, scope: Scope, outer: Scope | None = None) -> str:
        body, otherwise = self.jinja(node.body, scope), self.jinja(node.otherwise, outer or scope)
        if not node.body and node.otherwise:
            return f"{{% if not ({value}) %}}{otherwise}{{% endif %}}"
        other = f"{{% else %}}{otherwise}" if node.otherwise else ""
        return f"{{% if {value} %}}{body}{other}{{% endif %}}"

    def _each(self, node: Block, words: Sequence[str], scope: Scope) -> str:
        is_named = "as" in words
        values = self._expressions.of(list(words[: words.index("as")] if is_named else words), scope)
        if is_named:
            raise NoCounterpart
        item = self._fresh("item")
        has_key = "@key" in set(words_of(node.body))
        key = self._fresh("key") if has_key else ""
        body = self.jinja(node.body, Scope(item, key, scope, is_loop=True))
        otherwise = f"{{% else %}}{self.jinja(node.otherwise, scope)}" if node.otherwise else ""
        self._taken -= {item, key}
        over = f"({values}).items()" if " " in values else f"{values}.items()"
        head = f"{key}, {item} in {over}" if has_key else f"{item} in {values}"
        return f"{{% for {head} %}}{body}{otherwise}{{% endfor %}}"

    def _fresh(self, name: str) -> str:
        """A name that nothing has where it is used."""
        made, number = name, 1
        while made in self._taken or made in self._names.ours:
            number += 1
            made = f"{name}{number}"
        self._taken.add(made)
        return made


def _simple(node: Place) -> str:
    """The variable that a place puts in, or shows as a picture; empty where it does anything else."""
    words = node.words
    if not words:
        return ""
    word = words[0] if len(words) == 1 else _media_path(node)
    return word if _NAME.fullmatch(word) and word not in ("this", "else", "true", "false", "null") else ""


def _media_path(node: Place) -> str:
    """What `{{media url=path}}` shows."""
    words = node.words
    if words[0] != "media":
        return ""
    return next((words[at + 2] for at in range(len(words) - 2) if words[at : at + 2] == ["url", "="]), "")


def _is_option(words: Sequence[str], at: int) -> bool:
    """Whether the word is a part of `name=value`."""
    return "=" in words[max(at - 2, 0) : at] or words[at] == "=" or words[at + 1 : at + 2] == ["="]


def _literal(text: str) -> str:
    """Text of Jinja2 that is sent as it stands."""
    return _OPENING.sub("{{ '{' }}", text)
