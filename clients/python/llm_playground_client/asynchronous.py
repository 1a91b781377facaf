"""The client for asynchronous code: `Client`, awaited."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from llm_playground_client import flows
from llm_playground_client.asynchronous_streaming import AsyncStream
from llm_playground_client.cache import Cache
from llm_playground_client.carrying import RETRIES, Arriving, arguments, away_or_raise, settings
from llm_playground_client.choosing import rendered_here, rendered_without
from llm_playground_client.configuration import Token
from llm_playground_client.errors import PlaygroundError, Unreachable
from llm_playground_client.execution import Execution
from llm_playground_client.flows import Wanted
from llm_playground_client.folder import template_in
from llm_playground_client.messages import AWAY, Answer, Flow, Request, pause_before_next
from llm_playground_client.prompt import Prompt
from llm_playground_client.rendering.values import as_json
from llm_playground_client.template import Template

Result = TypeVar("Result")
logger = logging.getLogger("llm_playground_client")


class AsyncClient:
    """As `Client`, for one event loop."""

    def __init__(
        self,
        url: str | None = None,
        token: Token | None = None,
        *,
        folder: str | PathLike[str] | None = None,
        ttl: float = 60.0,
        timeout: float = 10.0,
        retries: int = RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(**settings(url, token, timeout), transport=transport)
        self._folder = None if folder is None else Path(folder)
        self._cache = Cache(ttl)
        self._retries = retries
        self._fetching: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes its connections."""
        for task in self._fetching:
            task.cancel()
        await self._http.aclose()

    async def get_prompt(
        self,
        slug: str,
        *,
        label: str | None = None,
        version: int | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Prompt:
        """As `Client.get_prompt`."""
        template = await self.get_template(slug, label=label, version=version)
        values = as_json(variables or {})
        here = rendered_here(template, values, is_away=self._cache.is_away)
        if here is not None:
            return here
        try:
            return await self._carried_out(flows.rendered(template, values))
        except Unreachable as away:
            return rendered_without(template, values, away)

    async def get_template(self, slug: str, *, label: str | None = None, version: int | None = None) -> Template:
        """A version of a template with its texts as they are written, from where `get_prompt` has it."""
        wanted = Wanted(slug, label, version)
        known = self._cache.get(wanted)
        if known is not None:
            if self._cache.claims_fetch(wanted):
                task = asyncio.create_task(self._fetch_anew(wanted, known))
                self._fetching.add(task)
                task.add_done_callback(self._fetching.discard)
            return known
        if self._cache.is_away and (kept := self._in_folder(wanted)):
            return kept
        try:
            template = await self._carried_out(flows.fetched(wanted))
        except Unreachable as away:
            if kept := self._in_folder(wanted):
                logger.warning("%s comes from its file: %s", slug, away)
                return kept
            raise
        self._cache.keep(wanted, template)
        return template

    def _in_folder(self, wanted: Wanted) -> Template | None:
        template = template_in(self._folder, wanted) if self._folder else None
        if template is not None:
            self._cache.keep(wanted, template)
        return template

    async def _fetch_anew(self, wanted: Wanted, known: Template) -> None:
        try:
            self._cache.keep(wanted, await self._carried_out(flows.fetched(wanted, known=known)))
        except PlaygroundError as error:
            if not self._http.is_closed:
                self._cache.failed(wanted, error)

    async def run(
        self,
        slug: str | None = None,
        *,
        prompt: Any = None,
        label: str | None = None,
        version: int | None = None,
        variables: Mapping[str, Any] | None = None,
        model_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Execution:
        """Runs a template or a prompt and waits for its end; `fields` are others of the API's body.

        Raises ProblemError when it failed, with its `execution_id`; TimedOut when it takes longer than its time.
        """
        wanted = None if slug is None else Wanted(slug, label, version)
        body = {**fields, "prompt": prompt, "model_id": model_id, "parameters": parameters}
        return await self._carried_out(flows.executed(wanted, variables, body, key=idempotency_key))

    def stream(
        self,
        slug: str | None = None,
        *,
        prompt: Any = None,
        label: str | None = None,
        version: int | None = None,
        variables: Mapping[str, Any] | None = None,
        model_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> AsyncStream:
        """As `run`, event by event: `async with client.stream(…) as events: async for event in events: …`.

        Each event comes once, over lost connections too; who leaves before the end cancels the run.
        """
        wanted = None if slug is None else Wanted(slug, label, version)
        body = {**fields, "prompt": prompt, "model_id": model_id, "parameters": parameters}
        return AsyncStream(self._http, self._carried_out, flows.run_of(wanted, variables, body), key=idempotency_key)

    async def execution(self, execution_id: str) -> Execution:
        """A run as it is now."""
        return await self._carried_out(flows.execution(execution_id))

    async def cancel(self, execution_id: str) -> Execution:
        """Asks a run to stop."""
        return await self._carried_out(flows.execution(execution_id, cancels=True))

    async def import_(self, document: str | bytes | Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """What an import of templates did, or would do: `created`, `updated`, `skipped`, `entries`."""
        return await self._carried_out(flows.imported(document, dry_run=dry_run))

    async def export(self, slug: str | None = None, *, format: str = "json", **query: Any) -> str:
        """A template, or all of yours, as a document (json, yaml) or as code; `query`: label, version, model_id."""
        return await self._carried_out(flows.exported(slug, format=format, query=query))

    async def templates(self, **query: Any) -> list[dict[str, Any]]:
        """Templates that the query of GET /api/templates asks for: `owner="me"`, `label=…`, `search=…`."""
        return await self._carried_out(flows.listed(query))

    async def move_label(self, slug: str, label: str, version: int) -> None:
        """Points a label at a version."""
        await self._carried_out(flows.labelled(slug, label, version))

    async def _carried_out(self, flow: Flow[Result]) -> Result:
        try:
            request = next(flow)
            while True:
                request = flow.send(await self._answer(request))
        except StopIteration as end:
            result: Result = end.value
            return result

    async def _answer(self, request: Request) -> Answer:
        tried = 0
        while True:
            answer = await self._tried(request)
            pause = pause_before_next(request, answer, tried, self._retries)
            if pause is None:
                return self._told(answer)
            await asyncio.sleep(pause)
            tried += 1

    def _told(self, answer: Answer | Unreachable) -> Answer:
        is_away = isinstance(answer, Unreachable) or answer.status in AWAY
        self._cache.notes(is_away=is_away)
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    async def _tried(self, request: Request) -> Answer | Unreachable:
        try:
            arriving = Arriving(request, self._http.timeout)
            async with self._http.stream(**arguments(request)) as response:
                async for piece in response.aiter_bytes():
                    arriving.take(piece)
                return arriving.answer(response)
        except (httpx.HTTPError, RuntimeError) as error:
            return away_or_raise(error, self._http.base_url)
