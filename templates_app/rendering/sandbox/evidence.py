"""What the parts of a Jinja2 text tell about types and needs: words of the language, and the form of expressions."""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

STRING, NUMBER, BOOLEAN, ARRAY, OBJECT = "string", "number", "boolean", "array", "object"
Types = tuple[str, ...]
"""Types that a use allows, the likeliest first."""

FILTERS: Final[dict[str, Types]] = {
    **dict.fromkeys(("join", "map", "select", "reject", "selectattr", "rejectattr", "sort", "unique"), (ARRAY,)),
    **dict.fromkeys(("batch", "slice", "sum", "groupby", "list"), (ARRAY,)),
    **dict.fromkeys(("first", "last", "random", "min", "max", "reverse"), (ARRAY, STRING)),
    **dict.fromkeys(("dictsort", "items", "xmlattr"), (OBJECT,)),
    **dict.fromkeys(("round", "abs", "filesizeformat"), (NUMBER,)),
    **dict.fromkeys(("upper", "lower", "title", "capitalize", "trim", "replace", "truncate", "wordwrap"), (STRING,)),
    **dict.fromkeys(("wordcount", "indent", "striptags", "center", "urlize", "format"), (STRING,)),
}
METHODS: Final[dict[str, Types]] = {
    **dict.fromkeys(("items", "keys", "values", "get"), (OBJECT,)),
    **dict.fromkeys(("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split"), (STRING,)),
    **dict.fromkeys(("splitlines", "replace", "startswith", "endswith", "format", "join", "casefold"), (STRING,)),
    **dict.fromkeys(("swapcase", "find", "rfind", "isdigit", "isalpha", "isupper", "islower", "zfill"), (STRING,)),
    **dict.fromkeys(("removeprefix", "removesuffix", "partition", "rsplit", "center", "ljust", "rjust"), (STRING,)),
    **dict.fromkeys(("index", "count"), (ARRAY, STRING)),
}
MADE_BY: Final = {
    **dict.fromkeys(("length", "count", "int", "float", "round", "abs", "sum", "wordcount"), NUMBER),
    **dict.fromkeys(("upper", "lower", "title", "capitalize", "trim", "replace", "join", "string"), STRING),
    **dict.fromkeys(("list", "sort", "map", "select", "selectattr", "unique"), ARRAY),
}
"""What a filter makes, whatever it was given."""
NUMERIC_TESTS: Final = frozenset({"odd", "even", "divisibleby"})
ORDER: Final = frozenset({"lt", "lteq", "gt", "gteq"})
DEFAULTS: Final = frozenset({"default", "d"})


def names_of(target: nodes.Node) -> frozenset[str]:
    """The names that an assignment makes; `ns.x = 1` makes none."""
    if isinstance(target, nodes.Name):
        return frozenset({target.name})
    return frozenset(each.name for each in target.find_all(nodes.Name))


def defined_in(test: nodes.Node) -> frozenset[str]:
    """The names that have a value where this holds."""
    match test:
        case nodes.Test(name="defined", node=nodes.Name(name=name)):
            return frozenset({name})
        case nodes.Not():
            return undefined_in(test.node)
        case nodes.And():
            return defined_in(test.left) | defined_in(test.right)
    return frozenset()


def undefined_in(test: nodes.Node) -> frozenset[str]:
    """The names that have a value where this does not hold."""
    match test:
        case nodes.Test(name="undefined", node=nodes.Name(name=name)):
            return frozenset({name})
        case nodes.Not():
            return defined_in(test.node)
        case nodes.Or():
            return undefined_in(test.left) | undefined_in(test.right)
    return frozenset()


def made(node: nodes.Node | None) -> str:
    """The type of what an expression makes, where its form alone tells; else empty."""
    match node:
        case nodes.Const(value=bool()):
            return BOOLEAN
        case nodes.Const(value=int() | float()):
            return NUMBER
        case nodes.Const(value=str()) | nodes.Concat() | nodes.TemplateData():
            return STRING
        case nodes.List() | nodes.Tuple():
            return ARRAY
        case nodes.Dict():
            return OBJECT
        case nodes.Filter() if node.name in DEFAULTS and node.args:
            return made(node.args[0])
        case nodes.Filter():
            return MADE_BY.get(node.name, "")
        case nodes.Getattr(node=nodes.Name(name="loop")):
            return BOOLEAN if node.attr in ("first", "last") else NUMBER
        case nodes.Mul() if STRING in (made(node.left), made(node.right)):
            return STRING
        case nodes.Mod() if made(node.left) == STRING:
            return STRING
        case nodes.Sub() | nodes.Div() | nodes.FloorDiv() | nodes.Pow() | nodes.Mod() | nodes.Mul() | nodes.Neg():
            return NUMBER
        case nodes.Add():
            return made(node.left) or made(node.right)
    return ""
