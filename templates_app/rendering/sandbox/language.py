"""What Jinja2 may do here: sandboxed, strict about names, its loops and its output bounded.

Runs in a child process that can be killed, and knows nothing of the service. A question is
`{"texts": [...], "values": {...}}`, answered by `{"texts": [...]}`, or `{"names_of": [...]}`, answered by
`{"names": [[use, ...] | {"error"}, ...]}`, each use as `Uses.of` tells it. What cannot be done is
`{"error": {"code", "message", "text"}}`; `text` is the position of the text that it is about.
"""

from __future__ import annotations

import os
import resource
import signal
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import Template
from jinja2.sandbox import SandboxedEnvironment

from foundation.processes import die_with_parent
from foundation.words import number
from templates_app.rendering.sandbox.limits import (
    CPU_SECONDS,
    LONGEST_OUTPUT,
    MEMORY_BYTES,
    MOST_ROUNDS,
    NO_TEXT,
)
from templates_app.rendering.sandbox.refusals import TooMuch, refusal, refuse_loading
from templates_app.rendering.sandbox.uses import Uses

NICENESS: Final = 3
"""Whoever waits for a page goes first."""
COUNTED: Final = "counted_by_the_service"


class Rounds:
    """Counts the rounds of all loops of one rendering together."""

    def __init__(self) -> None:
        self._left = MOST_ROUNDS

    def __call__(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._left -= 1
            if self._left < 0:
                raise TooMuch("too_many_rounds", f"Loops may take {number(MOST_ROUNDS)} rounds in all.")
            yield item


class NamesCollector(CodeGenerator):
    """Notes the names that a template looks up. It evaluates nothing: constants stay as they are written."""

    def __init__(self, env: SandboxedEnvironment) -> None:
        super().__init__(env, None, None, optimized=False)
        self.names: set[str] = set()

    def enter_frame(self, frame: Frame) -> None:
        """Looks at what the frame takes from outside."""
        super().enter_frame(frame)
        loads = frame.symbols.loads.values()
        self.names |= {name for action, name in loads if action == "resolve" and name not in self.environment.globals}

    def _output_child_to_const(self, node: Any, frame: Any, finalize: Any) -> str:
        raise nodes.Impossible


def environment() -> SandboxedEnvironment:
    """Sandboxed, strict about names, without loaders: nothing can be included or imported."""
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    made.filters[COUNTED] = Rounds()
    return made


def parsed(env: SandboxedEnvironment, text: str) -> nodes.Template:
    """The tree of a text, which takes in no other one. Ways to write the same characters are one name."""
    tree = env.parse(text)
    refuse_loading(tree)
    if not text.isascii():
        for name in tree.find_all(nodes.Name):
            name.name = unicodedata.normalize("NFKC", name.name)
        for argument in tree.find_all(nodes.Keyword):
            argument.key = unicodedata.normalize("NFKC", argument.key)
    return tree


def compiled(env: SandboxedEnvironment, text: str) -> Template:
    """The template, with every loop counted."""
    tree = parsed(env, text)
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
            raise TooMuch("output_too_large", f"The rendered text is longer than {number(LONGEST_OUTPUT)} characters.")
        parts.append(part)
    whole = "".join(parts)
    if odd := NO_TEXT.search(whole):
        place = f"Character {odd.start() + 1} of the rendered text is U+{ord(odd[0]):04X}"
        raise TooMuch("invalid_character", f"{place}, which can be neither stored nor sent.")
    return whole


def uses_of(env: SandboxedEnvironment, text: str) -> list[dict[str, Any]]:
    """What the text makes of each name that it takes from outside; an exception when it is no Jinja2 that could run."""
    tree, found, uses = parsed(env, text), NamesCollector(env), Uses()
    uses.visit(tree)
    found.visit(tree)
    compile(found.stream.getvalue(), "<template>", "exec")  # type: ignore[attr-defined]
    return [uses.of(name) for name in sorted(found.names)]


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question; the process is ended when it takes too long."""
    if "names_of" in question:
        return {"names": [_uses(text) for text in question["names_of"]]}
    env, texts = environment(), list[str]()
    start_clock()
    try:
        for text in question["texts"]:
            texts.append(rendered(env, text, question["values"]))
    except Exception as error:
        return refusal(error, len(texts))
    finally:
        stop_clock()
    return {"texts": texts}


def _uses(text: str) -> list[dict[str, Any]] | dict[str, Any]:
    start_clock()
    try:
        return uses_of(environment(), text)
    except Exception as error:
        return refusal(error, 0)
    finally:
        stop_clock()


def start_clock() -> None:
    """From now on this process has `CPU_SECONDS`: SIGPROF ends it, in the middle of whatever it does."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)


def stop_clock() -> None:
    """Nothing is measured any more."""
    signal.setitimer(signal.ITIMER_PROF, 0)


def prepare() -> None:
    """Bounds this process; to be called once, before its first question."""
    die_with_parent(signal.SIGKILL)
    # The pool's handler would wait for a calculation that does not end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    environment().from_string("{% for x in y %}{{ x|upper }}{% endfor %}").render(y=["warm"])
