"""Renders Jinja2 templates in a process that can be killed; a program of its own, which knows nothing of the service.

Reads one JSON object from standard input and writes one to standard output:
`{"texts": [...], "values": {...} | null}` → `{"texts": [...]}`, `{"names": [...]}` (no values: which names
are used), or `{"error": {"code", "message"}}`.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import StrictUndefined, meta, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

CPU_SECONDS = 1
MEMORY_BYTES = 512 * 1024 * 1024
LONGEST_OUTPUT = 1_000_000
MOST_ROUNDS = 10_000
COUNTED = "counted_by_the_service"


class TooMuch(Exception):
    """A limit was reached; the arguments are its code and a sentence."""


class Rounds:
    """Counts the rounds of all loops of one rendering together."""

    def __init__(self) -> None:
        self._left = MOST_ROUNDS

    def __call__(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._left -= 1
            if self._left < 0:
                raise TooMuch("too_many_rounds", f"Loops may take {MOST_ROUNDS} rounds in all.")
            yield item


def environment() -> SandboxedEnvironment:
    """Sandboxed, strict about names, without loaders: nothing can be included or imported."""
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    made.filters[COUNTED] = Rounds()
    return made


def compiled(env: SandboxedEnvironment, text: str) -> Template:
    """The template, with every loop counted."""
    tree = env.parse(text)
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, COUNTED, [], [], None, None, lineno=loop.lineno)
    return Template.from_code(env, env.compile(tree), dict(env.globals))


def rendered(env: SandboxedEnvironment, text: str, values: dict[str, Any]) -> str:
    """The text; stops as soon as it is too long."""
    parts: list[str] = []
    length = 0
    for part in compiled(env, text).generate(values):
        length += len(part)
        if length > LONGEST_OUTPUT:
            raise TooMuch("output_too_large", f"The rendered text is longer than {LONGEST_OUTPUT} characters.")
        parts.append(part)
    return "".join(parts)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What is written to standard output."""
    env = environment()
    try:
        if asked["values"] is None:
            for text in asked["texts"]:
                compiled(env, text)
            found = [meta.find_undeclared_variables(env.parse(text)) for text in asked["texts"]]
            return {"names": sorted(set().union(*found) - env.globals.keys())}
        return {"texts": [rendered(env, text, asked["values"]) for text in asked["texts"]]}
    except TooMuch as error:
        return refusal(*error.args)
    except TemplateSyntaxError as error:
        return refusal("syntax_error", f"Line {error.lineno}: {error.message}")
    except UndefinedError as error:
        return refusal("undefined", str(error.message))
    except SecurityError as error:
        return refusal("refused", f"The sandbox refuses this: {error}")
    except (MemoryError, RecursionError):
        return refusal("too_large", "The template needs more memory than it may have.")
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        return refusal("cannot_render", f"{type(error).__name__}: {error}"[:500])


def refusal(code: str, message: str) -> dict[str, Any]:
    """An error in the answer's shape."""
    return {"error": {"code": code, "message": message}}


def main() -> None:
    """Bounds itself first."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS + 1, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
