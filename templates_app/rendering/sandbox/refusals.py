"""Why a Jinja2 text cannot be read or rendered, as a sentence for whoever wrote it: what, and on which line."""

from __future__ import annotations

import re
from typing import Any, Final

from jinja2 import nodes
from jinja2.exceptions import (
    FilterArgumentError,
    SecurityError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
)

from templates_app.rendering.sandbox.limits import LONGEST_MESSAGE

FILE: Final = "<template>"
"""What Jinja2 calls a text that has no file."""
LOADING: Final = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
}
NO_FILES: Final = "there are no files here to take it from. {{> slug}} inserts another template's text."
_OPERANDS: Final = re.compile(r"unsupported operand type\(s\) for (\S+): '(\w+)' and '(\w+)'")
_CONCATENATED: Final = re.compile(r'can only concatenate (\w+) \(not "(\w+)"\) to \w+')
_COMPARED: Final = re.compile(r"'(\S+)' not supported between instances of '(\w+)' and '(\w+)'")
_OF_ONE: Final = re.compile(r"bad operand type for (?:unary (\S+)|(\w+\(\))): '(\w+)'")
_LACKS: Final = re.compile(r"'(\w+)' object is not (iterable|callable|subscriptable|reversible|a mapping)")
_LENGTH: Final = re.compile(r"object of type '(\w+)' has no len\(\)")
_NO_PART: Final = re.compile(r"'(\w+)(?:' object| object') has no (?:attribute|element) (.*)")
_ARGUMENTS: Final = re.compile(
    r"(?:[\w.]+\.)?(?:do_|test_|sync_do_)?(\w+)\(\) (missing|takes|got|argument)\b(.*)", re.S
)
_WORDS: Final = {
    "str": "text", "int": "a number", "float": "a number", "bool": "true or false", "list": "a list", "tuple": "a list",
    "dict": "an object", "NoneType": "none", "Undefined": "nothing", "StrictUndefined": "nothing",
    "function": "a function", "method": "a function", "builtin_function_or_method": "a function", "Macro": "a macro",
}  # fmt: skip
_LACKING: Final = {
    "iterable": "has no items to go through",
    "callable": "is no function, and cannot be called",
    "subscriptable": "has no parts to take",
    "reversible": "cannot be turned round",
    "a mapping": "has no names and values",
}


class TooMuch(Exception):
    """A limit was reached; the arguments are its code and a sentence."""


class NoFiles(Exception):
    """The text wants to load another one; the arguments are the tag and its line."""


def refuse_loading(tree: nodes.Template) -> None:
    """Raises `NoFiles` for the first tag that takes in another file."""
    found = next(tree.find_all(tuple(LOADING)), None)
    if found is not None:
        raise NoFiles(LOADING[type(found)], found.lineno)


def refusal(error: BaseException, position: int) -> dict[str, Any]:
    """Why the text at that position cannot be rendered, in the answer's shape."""
    code, message = _told(error)
    told = message[:LONGEST_MESSAGE].encode(errors="backslashreplace").decode().replace("\x00", "\\x00")
    return {"error": {"code": code, "message": told, "text": position}}


def _told(error: BaseException) -> tuple[str, str]:
    match error:
        case TooMuch():
            return error.args
        case NoFiles(args=(tag, line)):
            return "cannot_render", f"Line {line}: {{% {tag} %}} cannot be used: {NO_FILES}"
        case TemplateSyntaxError():
            return "syntax_error", f"Line {error.lineno}: {error.message}"
        case UndefinedError():
            return "undefined", f"{_place(error)}{_of_nothing(str(error.message))}"
        case SecurityError():
            return "refused", f"{_place(error)}The sandbox refuses this: {error}"
        case MemoryError() | RecursionError():
            return "too_large", "The template needs more memory than it may have, or goes round in a circle."
    return "cannot_render", f"{_place(error)}{_sentence(error)}"


def _place(error: BaseException) -> str:
    """The line of the text that was being rendered, where it is known."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"Line {line}: " if line else ""


def _sentence(error: BaseException) -> str:
    """What went wrong, without the words of the language that Jinja2 is written in."""
    said = " ".join(str(error.args[0]).split()) if error.args else ""
    match error:
        case ZeroDivisionError():
            return "A number is divided by zero."
        case OverflowError():
            return "A number grows too large."
        case AttributeError():
            return _of_nothing(said)
        case ValueError() if said.startswith("Exceeds the limit"):
            return "A number grows too large."
        case KeyError() | IndexError():
            return f"There is no {said} in what is asked for it."
        case FilterArgumentError() | TemplateRuntimeError():
            return _ended(said) if said else "The template asks for what cannot be done."
        case TypeError():
            return _of_types(said)
        case ValueError() if "unpack" in said:
            return "A loop gives a name to each part of its items, and an item has another number of parts."
        case ValueError() if said.startswith("invalid literal for int") or "could not convert" in said:
            return f"What should be a number is none: {said.rpartition(': ')[2]}."
    return (
        f"A value cannot be used as the template does: {_ended(said)}" if said else "The template cannot be rendered."
    )


def _of_nothing(said: str) -> str:
    if found := _NO_PART.search(said):
        return f"{_word(found[1]).capitalize()} has no {found[2]}."
    return _ended(said)


def _of_types(said: str) -> str:
    if found := _OPERANDS.search(said):
        sign, left, right = found.groups()
        return f"{sign.split('=')[0]} does not go between {_word(left)} and {_word(right)}."
    if found := _CONCATENATED.search(said):
        return f"+ does not go between {_word(found[1])} and {_word(found[2])}; ~ joins anything as text."
    if found := _COMPARED.search(said):
        return f"{found[1]} does not compare {_word(found[2])} with {_word(found[3])}."
    if found := _OF_ONE.search(said):
        return f"{found[1] or found[2]} cannot be asked of {_word(found[3])}."
    if found := _LACKS.search(said):
        return f"{_word(found[1]).capitalize()} {_LACKING[found[2]]}."
    if found := _LENGTH.search(said):
        return f"{_word(found[1]).capitalize()} has no length."
    if found := _ARGUMENTS.search(said):
        return f"{found[1]} was given other arguments than it takes: {found[2]}{_ended(found[3])}"
    return f"A value is of another type than its use needs: {_ended(said)}"


def _word(name: str) -> str:
    return _WORDS.get(name, "such a value")


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
