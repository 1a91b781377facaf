"""From a template's content and values to the prompt that is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from foundation.problems import Problem
from templates_app.content import Content, Engine
from templates_app.rendering import jinja, plain
from templates_app.rendering.placeholders import names_in
from templates_app.variables.validation import checked_values

Result = TypeVar("Result")
THREADS: Final = 2
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="values")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent, and the values that it was made with (defaults included)."""

    prompt: str
    system_prompt: str
    values: dict[str, Any]


def used_names(content: Content) -> list[str]:
    """The variables that the texts use; a Problem when the texts are no templates of their engine."""
    if content.engine == Engine.JINJA2:
        return jinja.names_in((content.prompt, content.system_prompt))
    return names_in(content.prompt, content.system_prompt)


def used_names_among(contents: Iterable[Content]) -> Callable[[Content], list[str]]:
    """`used_names` for these contents, which are looked at together: a document has thousands of versions."""
    known = jinja.names_of((each.prompt, each.system_prompt) for each in contents if each.engine == Engine.JINJA2)

    def used(content: Content) -> list[str]:
        told = known.get((content.prompt, content.system_prompt)) if content.engine == Engine.JINJA2 else None
        if isinstance(told, Problem):
            raise told
        return used_names(content) if told is None else told

    return used


def render(content: Content, given: Mapping[str, Any]) -> Rendered:
    """The rendered texts; a Problem names each variable that does not fit (`variables.tone`)."""
    if content.engine == Engine.JINJA2:
        values = _values(content, given)
        prompt, system_prompt = jinja.render((content.prompt, content.system_prompt), values)
        return Rendered(prompt, system_prompt, values)
    return _render_plain(content, given)


async def render_soon(content: Content, given: Mapping[str, Any]) -> Rendered:
    """As `render`, for asynchronous code: no thread of a view or of the ORM is taken."""
    if content.engine == Engine.JINJA2:
        values = await _in_a_thread(_values, content, given)
        prompt, system_prompt = await jinja.render_soon((content.prompt, content.system_prompt), values)
        return Rendered(prompt, system_prompt, values)
    return await _in_a_thread(_render_plain, content, given)


async def _in_a_thread(work: Callable[[Content, Mapping[str, Any]], Result], *args: Any) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)


def _values(content: Content, given: Mapping[str, Any]) -> dict[str, Any]:
    # What is used and not declared is the sandbox's to refuse: it may stand in a branch that is not taken.
    return checked_values(content.variables, [], given)


def _render_plain(content: Content, given: Mapping[str, Any]) -> Rendered:
    values = checked_values(content.variables, used_names(content), given)
    return Rendered(plain.render(content.prompt, values), plain.render(content.system_prompt, values), values)
