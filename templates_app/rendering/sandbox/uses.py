"""What a Jinja2 text makes of its names: which types each use of one allows, and whether it needs a value.

Runs where `language` does. Nothing is evaluated: only the tree of the text is read, in the order of its rendering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import nodes

from templates_app.rendering.sandbox.evidence import (
    ARRAY,
    BOOLEAN,
    DEFAULTS,
    FILTERS,
    METHODS,
    NUMBER,
    NUMERIC_TESTS,
    OBJECT,
    ORDER,
    STRING,
    Types,
    defined_in,
    made,
    names_of,
    undefined_in,
)


class Uses:
    """Walks a tree from its beginning, as it is rendered."""

    def __init__(self) -> None:
        self.types: dict[str, list[Types]] = {}
        self.needed: set[str] = set()
        self._shown: set[str] = set()
        """Names of which more is asked than whether they hold."""
        self._asked: set[str] = set()
        self._hints: dict[str, str] = {}
        """Types of the defaults that stand in the text."""
        self._bound: frozenset[str] = frozenset()
        """Names that the text itself gives a meaning here."""
        self._guarded: frozenset[str] = frozenset()
        """Names that are known to have a value here, or to need none."""

    def of(self, name: str) -> dict[str, Any]:
        """What the text makes of a name: the `types` that all its uses allow, what its form makes `likely` else, and
        whether it is `required`."""
        allowed = self.types.get(name, [])
        fit = [kind for kind in min(allowed, key=len) if all(kind in each for each in allowed)] if allowed else []
        likely = STRING if allowed and not fit else self._hints.get(name, "")
        if not likely and name in self._asked and name not in self._shown:
            likely = BOOLEAN
        is_needed = name in self.needed or name not in self._shown | self._asked
        return {"name": name, "types": fit, "likely": likely, "required": is_needed}

    def visit(self, node: nodes.Node) -> None:
        """Notes what this part of the tree makes of names from outside."""
        seen: Callable[[Any], None] = getattr(self, f"_{type(node).__name__.lower()}", self._others)
        seen(node)

    def _others(self, node: nodes.Node) -> None:
        for child in node.iter_child_nodes():
            self.visit(child)

    def _all(self, body: Iterable[nodes.Node], *, bound: Iterable[str] = ()) -> None:
        """A part whose own names end with it."""
        before = self._bound, self._guarded
        self._bound |= {*bound}
        for node in body:
            self.visit(node)
        self._bound, self._guarded = before

    def _name(self, node: nodes.Name) -> None:
        self._use(node.name)

    def _use(self, name: str, types: Types = ()) -> None:
        if name in self._bound:
            return
        if types:
            self.types.setdefault(name, []).append(types)
        self._shown.add(name)
        if name not in self._guarded:
            self.needed.add(name)

    def _expect(self, node: nodes.Node | None, types: Types) -> None:
        """Visits an expression whose value is to be of one of these types."""
        match node:
            case None:
                return
            case nodes.Name():
                self._use(node.name, types)
            case nodes.Filter() if node.name in DEFAULTS:
                self._default(node, types)
            case _ if not types:
                self.visit(node)
            case nodes.CondExpr():
                self._condition(node.test, [node.expr1], [node.expr2], types)
            case nodes.Add() | nodes.And() | nodes.Or():
                self._expect(node.left, types)
                self._expect(node.right, types)
            case nodes.Filter(name="reverse" | "sort" | "unique" | "list") | nodes.Getitem(arg=nodes.Slice()):
                # What they are made of is made of the same.
                self._expect(node.node, tuple(kind for kind in types if kind in (ARRAY, STRING)) or (ARRAY,))
            case _:
                self.visit(node)

    # Statements.

    def _for(self, node: nodes.For) -> None:
        self._expect(node.iter, (ARRAY,) if isinstance(node.target, nodes.Tuple) else (ARRAY, OBJECT))
        names = names_of(node.target)
        self._all([node.test] if node.test else [], bound=names)
        self._all(node.body, bound=(*names, "loop"))
        self._all(node.else_)

    def _if(self, node: nodes.If) -> None:
        self._condition(node.test, node.body, [*node.elif_, *node.else_])
        # {% if x is not defined %}{% set x = 1 %}{% endif %}: from here on it has a value.
        set_here = {name for each in node.body if isinstance(each, nodes.Assign) for name in names_of(each.target)}
        self._guarded |= set_here & undefined_in(node.test)

    def _condition(self, test: nodes.Node, body: Iterable[Any], otherwise: Iterable[Any], types: Types = ()) -> None:
        self._truth(test)
        for part, guarded in ((body, defined_in(test)), (otherwise, undefined_in(test))):
            before = self._bound, self._guarded
            self._guarded |= guarded
            for each in part:
                if types:
                    self._expect(each, types)
                elif each is not None:
                    self.visit(each)
            self._bound, self._guarded = before

    def _condexpr(self, node: nodes.CondExpr) -> None:
        self._condition(node.test, [node.expr1], [node.expr2])

    def _assign(self, node: nodes.Assign) -> None:
        self.visit(node.node)
        self._bound |= names_of(node.target)

    def _assignblock(self, node: nodes.AssignBlock) -> None:
        self._all([*node.body, *([node.filter] if node.filter else [])])
        self._bound |= names_of(node.target)

    def _with(self, node: nodes.With) -> None:
        for value in node.values:
            self.visit(value)
        self._all(node.body, bound={name for target in node.targets for name in names_of(target)})

    def _macro(self, node: nodes.Macro) -> None:
        self._all(node.defaults)
        self._bound |= {node.name}
        own = {name for each in node.args for name in names_of(each)}
        self._all(node.body, bound=(*own, "caller", "varargs", "kwargs"))

    def _callblock(self, node: nodes.CallBlock) -> None:
        self.visit(node.call)
        self._all(node.defaults)
        self._all(node.body, bound={name for each in node.args for name in names_of(each)})

    # Expressions.

    def _truth(self, node: nodes.Node) -> None:
        """An expression of which only matters whether it holds."""
        match node:
            case nodes.Name() if node.name not in self._bound:
                self._asked.add(node.name)
                if node.name not in self._guarded:
                    self.needed.add(node.name)
            case nodes.Not():
                self._truth(node.node)
            case nodes.And() | nodes.Or():
                is_and = isinstance(node, nodes.And)
                guarded = defined_in(node.left) if is_and else undefined_in(node.left)
                self._truth(node.left)
                before, self._guarded = self._guarded, self._guarded | guarded
                self._truth(node.right)
                self._guarded = before
            case nodes.Filter() if node.name in DEFAULTS and isinstance(node.node, nodes.Name):
                self._asked.add(node.node.name)
                self._default(node, is_shown=False)
            case _:
                self.visit(node)

    def _not(self, node: nodes.Not) -> None:
        self._truth(node)

    def _and(self, node: nodes.And) -> None:
        self._truth(node.left)
        before, self._guarded = self._guarded, self._guarded | defined_in(node.left)
        self.visit(node.right)
        self._guarded = before

    def _default(self, node: nodes.Filter, types: Types = (), *, is_shown: bool = True) -> None:
        inner = node.node
        if not isinstance(inner, nodes.Name):
            # Its parts may be missing, the whole may not.
            if inner is not None:
                self.visit(inner)
        elif inner.name not in self._bound:
            if types:
                self.types.setdefault(inner.name, []).append(types)
            if is_shown:
                self._shown.add(inner.name)
            if node.args and (hint := made(node.args[0])):
                self._hints.setdefault(inner.name, hint)
        for each in (*node.args, *node.kwargs):
            self.visit(each)

    def _filter(self, node: nodes.Filter) -> None:
        if node.name in DEFAULTS:
            self._default(node)
            return
        types = FILTERS.get(node.name, ())
        if node.name == "tojson" and (node.args or node.kwargs):
            types = (OBJECT, ARRAY)  # indented: nobody does that with a text
        self._expect(node.node, types)
        for each in (*node.args, *node.kwargs):
            self.visit(each)

    def _test(self, node: nodes.Test) -> None:
        if node.name in ("defined", "undefined") and isinstance(node.node, nodes.Name):
            if node.node.name not in self._bound:
                self._asked.add(node.node.name)
            return
        self._expect(node.node, (NUMBER,) if node.name in NUMERIC_TESTS else ())
        for each in (*node.args, *node.kwargs):
            self.visit(each)

    def _call(self, node: nodes.Call) -> None:
        called = node.node
        if isinstance(called, nodes.Getattr):
            if called.attr in METHODS:
                self._expect(called.node, METHODS[called.attr])
            else:
                self._expect(called.node, (OBJECT,))
        elif called is not None:
            self.visit(called)
        is_range = isinstance(called, nodes.Name) and called.name == "range"
        for each in node.args:
            self._expect(each, (NUMBER,) if is_range else ())
        for kwarg in node.kwargs:
            self.visit(kwarg)

    def _getattr(self, node: nodes.Getattr) -> None:
        self._expect(node.node, (OBJECT,))

    def _getitem(self, node: nodes.Getitem) -> None:
        match node.arg:
            case nodes.Const(value=str()):
                self._expect(node.node, (OBJECT,))
            case nodes.Const(value=int()) | nodes.Neg():
                self._expect(node.node, (ARRAY, STRING))
            case nodes.Slice():
                self._expect(node.node, (STRING, ARRAY))
            case _:
                self.visit(node.node)
        self.visit(node.arg)

    def _binary(self, node: Any) -> None:
        if isinstance(node, nodes.Mod) and made(node.left) == STRING:
            self._others(node)  # "%s" % x
            return
        repeats = isinstance(node, nodes.Mul) and STRING in (made(node.left), made(node.right))
        for side in (node.left, node.right):
            self._expect(side, () if repeats and made(side) == STRING else (NUMBER,))

    _sub = _div = _floordiv = _pow = _mod = _mul = _binary

    def _add(self, node: nodes.Add) -> None:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            self._expect(side, (made(other),) if made(other) else ())

    def _neg(self, node: nodes.Neg | nodes.Pos) -> None:
        self._expect(node.node, (NUMBER,))

    _pos = _neg

    def _compare(self, node: nodes.Compare) -> None:
        sides = [node.expr, *(each.expr for each in node.ops)]
        for position, operand in enumerate(node.ops):
            self._compared(sides[position], operand.op, sides[position + 1], is_again=position > 0)

    def _compared(self, left: nodes.Node, op: str, right: nodes.Node, *, is_again: bool) -> None:
        if op in ("in", "notin"):
            kinds = {made(each) for each in right.items} if isinstance(right, (nodes.List, nodes.Tuple)) else set()
            self._expect(left, (kind,) if len(kinds) == 1 and (kind := kinds.pop()) else ())
            self.visit(right)
            return
        kinds_of = made(right), made(left)
        for side, kind in zip((left, right), kinds_of, strict=True):
            if is_again and side is left and not kind:
                continue
            types: Types = (kind,) if kind else ((NUMBER, STRING) if op in ORDER else ())
            self._expect(side, types)
