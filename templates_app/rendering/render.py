"""From a template's content and values to the prompt that is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from foundation.problems import Problem
from templates_app.call.assembly import Marks, messages_of
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.errors import cannot_render
from templates_app.partials.references import without
from templates_app.rendering import jinja, plain
from templates_app.rendering.placeholders import names_in
from templates_app.variables.validation import checked_values

Result = TypeVar("Result")
THREADS: Final = 2
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="values")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent, and the values that it was made with (defaults included).

    `prompt` and `system_prompt` are those of `messages`: the last user text, and what its system turns say.
    """

    prompt: str
    system_prompt: str
    values: dict[str, Any]
    messages: list[dict[str, Any]]


def used_names(content: Content) -> list[str]:
    """The variables that the texts use; a Problem when the texts are no templates of their engine."""
    return [variable.name for variable in used_variables(content)]


def used_variables(content: Content) -> list[Variable]:
    """As `used_names`, each as the texts use it: of Jinja2's, type and need are told by loops, parts and defaults."""
    if content.engine == Engine.JINJA2:
        return _variables(jinja.uses_in(_sources(content), fields=_fields(content)))
    return [Variable(name) for name in names_in(*_texts(content))]


def _variables(uses: Iterable[jinja.Use]) -> list[Variable]:
    return [Variable(use.name, VariableType(use.type), required=use.required) for use in uses]


def _fields(content: Content) -> list[str]:
    return [field for field, _ in content.texts]


def _texts(content: Content) -> list[str]:
    return [text for _, text in content.texts]


def _sources(content: Content) -> list[str]:
    """The texts as Jinja2 may read them: a reference to a partial is none of its words."""
    return [text for _, text in _places(content)]


def _places(content: Content) -> tuple[tuple[str, str], ...]:
    return tuple((field, without(text, engine=content.engine)) for field, text in content.texts)


def used_variables_among(contents: Iterable[Content]) -> Callable[[Content], list[Variable]]:
    """`used_variables` for these contents, which are looked at together: a document has thousands of versions."""
    known = jinja.uses_of(_places(each) for each in contents if each.engine == Engine.JINJA2)

    def used(content: Content) -> list[Variable]:
        told = known.get(_places(content)) if content.engine == Engine.JINJA2 else None
        if isinstance(told, Problem):
            raise told
        return used_variables(content) if told is None else _variables(told)

    return used


def render(content: Content, given: Mapping[str, Any]) -> Rendered:
    """The rendered call; a Problem names each variable that does not fit (`variables.tone`)."""
    if content.engine == Engine.JINJA2:
        values = _values(content, given)
        marks = Marks(content, values)
        texts = jinja.render(_texts(content), marks.values, fields=_fields(content))
        return _assembled(content, texts, marks, values)
    return _render_plain(content, given)


async def render_soon(content: Content, given: Mapping[str, Any]) -> Rendered:
    """As `render`, for asynchronous code: no thread of a view or of the ORM is taken."""
    if content.engine == Engine.JINJA2:
        values = await _in_a_thread(_values, content, given)
        marks = Marks(content, values)
        texts = await jinja.render_soon(_texts(content), marks.values, fields=_fields(content))
        return _assembled(content, texts, marks, values)
    return await _in_a_thread(_render_plain, content, given)


async def _in_a_thread(work: Callable[[Content, Mapping[str, Any]], Result], *args: Any) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)


def _values(content: Content, given: Mapping[str, Any]) -> dict[str, Any]:
    # What is used and not declared is the sandbox's to refuse: it may stand in a branch that is not taken.
    return checked_values(content.variables, [], given, slots=content.slots)


def _render_plain(content: Content, given: Mapping[str, Any]) -> Rendered:
    values = checked_values(content.variables, used_names(content), given, slots=content.slots)
    marks = Marks(content, values)
    written = marks.values
    return _assembled(content, [_plain(field, text, written) for field, text in content.texts], marks, values)


def _plain(field: str, text: str, values: Mapping[str, Any]) -> str:
    try:
        return plain.render(text, values)
    except Problem as problem:
        raise cannot_render(problem.detail, code=problem.code, field=field) from None


def _assembled(content: Content, texts: Sequence[str], marks: Marks, values: dict[str, Any]) -> Rendered:
    messages = messages_of(content, texts, marks, values)
    if not content.messages:
        return Rendered(_text(messages[-1]["content"]), texts[1], values, messages)
    asked = [_text(message["content"]) for message in messages if message["role"] == "user"]
    said = [_text(message["content"]) for message in messages if message["role"] == "system"]
    return Rendered(asked[-1] if asked else "", "\n\n".join(said), values, messages)


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")
