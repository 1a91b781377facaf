"""What the Python snippets have in common: constants, substitution, and a function with a parameter a variable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.export_code import value_texts
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import headline, one_line, python_function, python_parameters
from templates_app.rendering.placeholders import PLACE

OPENAI: Final = "openai>=1.55.3"
ANTHROPIC: Final = "anthropic>=0.40.0"
LITELLM: Final = "litellm>=1.106.2"
"""The oldest that run beside today's other packages, and send what the playground sends."""
_ANNOTATIONS: Final = {
    VariableType.STRING: "str",
    VariableType.NUMBER: "float",
    VariableType.BOOLEAN: "bool",
    VariableType.ARRAY: "list[Any]",
    VariableType.OBJECT: "dict[str, Any]",
    VariableType.IMAGE: "dict[str, str]",
    VariableType.FILE: "dict[str, str]",
    VariableType.MESSAGES: "list[dict[str, Any]]",
}
_ITEMS: Final = {"string": "str", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
_TAKEN: Final = frozenset({"ask", "fill", "written", "json", "os", "re", "annotations", "litellm"})
_PLAIN: Final = rf'''
PLACE = re.compile(r"{PLACE}")


def fill(text: str, values: dict[str, Any]) -> str:
    """The text with its variables' values, strings as they are and all else as JSON; a value is not looked at again."""

    def value_at(place: re.Match[str]) -> str:
        slashes = place[1][::2]  # Before braces, two backslashes stand for one.
        if place[3] is None:
            return slashes + "{{{{" if place[2] else slashes
        value = values.get(place[3], "")
        return slashes + (value if isinstance(value, str) else WRITTEN)

    return PLACE.sub(value_at, text)
'''
_JINJA2_IMPORTS: Final = ("from jinja2 import StrictUndefined", "from jinja2.sandbox import SandboxedEnvironment")
_JINJA2: Final = '''
ENGINE = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def fill(text: str, values: dict[str, Any]) -> str:
    """The text rendered by Jinja2 in its sandbox; a name without a value is an error."""
    return ENGINE.from_string(text).render(values)
'''


def program(
    handover: Handover,
    *,
    notes: Iterable[str],
    imports: Iterable[str],
    constants: dict[str, str],
    ask: str,
    taken: frozenset[str] = frozenset(),
) -> str:
    """A whole program. `imports`: lines for third-party packages; `constants`: source by name; `ask`: source of
    the function `ask(values)`, which gives the answer; `taken`: other names of its source."""
    is_jinja = handover.content.engine is Engine.JINJA2
    called = function(handover, taken=taken)
    filling = _JINJA2 if is_jinja else _filling(handover.content)
    parts = [
        # In the first two lines a comment could declare an encoding (PEP 263), so people's words come further down.
        '"""A prompt as a function."""',
        "\n".join(f"# {line}" for line in (*headline(handover), *notes)),
        "from __future__ import annotations",
        "\n".join(_standard_imports(ask, called, is_jinja=is_jinja)),
        "\n".join([*imports, *(_JINJA2_IMPORTS if is_jinja else ())]),
        "\n".join(f"{name} = {source}" for name, source in constants.items()) + filling,
    ]
    return "\n\n".join(parts) + f"\n\n{ask.strip()}\n\n\n{called}"


def needed(content: Content, package: str) -> str:
    """What is to be installed, as words of a shell."""
    others = " jinja2" if content.engine is Engine.JINJA2 else ""
    return f'"{package}"{others}'


def _filling(content: Content) -> str:
    if value_texts.holds_numbers(content):
        return f"\n{value_texts.PYTHON}\n{_PLAIN}".replace("WRITTEN", "written(value)")
    return _PLAIN.replace("WRITTEN", 'json.dumps(value, ensure_ascii=False, separators=(",", ":"))')


def _standard_imports(ask: str, called: str, *, is_jinja: bool) -> list[str]:
    modules = [] if is_jinja else ["json", "re"]
    modules += [name for name in ("base64", "os", "secrets") if f"{name}." in ask]
    modules += ["re"] if is_jinja and "re." in ask else []
    names = "Any, Literal" if ": Literal[" in called else "Any"
    return [*(f"import {module}" for module in sorted(modules)), f"from typing import {names}"]


def text_literal(text: str) -> str:
    """A string's source, a line of the text a line."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return literal(text)
    return "(\n" + "".join(f"    {literal(line)}\n" for line in lines) + ")"


def literal(value: Any) -> str:
    """A JSON value's source, in double quotes where that needs no escape."""
    match value:
        case str():
            source = repr(value)
            return source if '"' in source else f'"{source[1:-1]}"'
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{literal(name)}: {literal(held)}' for name, held in value.items())}}}"
        case _:
            return repr(value)


def arguments_literal(arguments: dict[str, Any]) -> str:
    """The source of an object, a member a line."""
    lines = "".join(f"    {literal(name)}: {literal(value)},\n" for name, value in arguments.items())
    return f"{{\n{lines}}}" if lines else "{}"


def function(handover: Handover, *, taken: frozenset[str] = frozenset()) -> str:
    """The function that production calls, and a call of it with the example."""
    variables = handover.content.variables
    name = python_function(handover.name, taken=_TAKEN | taken)
    parameters = python_parameters(handover.content.variable_names, taken={"ask"})
    signature = "".join(_parameter(each, parameters[each.name]) for each in variables)
    passed = "".join(_passed(each, parameters[each.name]) for each in variables)
    given = handover.example_call.items()
    arguments = "".join(f"            {parameters[each]}={literal(value)},\n" for each, value in given)
    head = f"def {name}(\n    *,\n{signature}) -> str:" if signature else f"def {name}() -> str:"
    body = f"    return ask({{\n{passed}    }})" if passed else "    return ask({})"
    call = f"\n        {name}(\n{arguments}        )\n    " if arguments else f"{name}()"
    return f'{head}\n    """The model\'s answer."""\n{body}\n\n\nif __name__ == "__main__":\n    print({call})\n'


def _parameter(variable: Variable, parameter: str) -> str:
    return f"{_comment(variable)}    {parameter}: {_annotation(variable)}{_default(variable)},\n"


def _passed(variable: Variable, parameter: str) -> str:
    """What may be left out and has no default is no value at all, rather than None."""
    name = literal(variable.name)
    if variable.required or variable.has_default:
        return f"        {name}: {parameter},\n"
    return f"        **({{}} if {parameter} is None else {{{name}: {parameter}}}),\n"


def _comment(variable: Variable) -> str:
    said = one_line(variable.description)
    return f"    # {said}\n" if said else ""


def _annotation(variable: Variable) -> str:
    rules = {rule.name: rule.value for rule in variable.rules}
    annotation = _ANNOTATIONS[variable.type]
    if variable.type is VariableType.ARRAY and rules.get("item_type") in _ITEMS:
        annotation = f"list[{_ITEMS[rules['item_type']]}]"
    choices = rules.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(each, str) for each in choices):
        annotation = f"Literal[{', '.join(map(literal, choices))}]"
    is_nullable = not variable.required and (not variable.has_default or variable.default_value is None)
    return f"{annotation} | None" if is_nullable else annotation


def _default(variable: Variable) -> str:
    if variable.has_default:
        return f" = {literal(variable.default_value)}"
    return "" if variable.required else " = None"
