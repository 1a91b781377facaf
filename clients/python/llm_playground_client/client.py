"""The client for ordinary code."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from llm_playground_client import flows
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
from llm_playground_client.streaming import Stream
from llm_playground_client.template import Template

Result = TypeVar("Result")
logger = logging.getLogger("llm_playground_client")


class Client:
    """Prompts, runs and templates of one service, for one token; may be used by many threads at once.

    `url` and `token` come from PLAYGROUND_URL and PLAYGROUND_TOKEN where they are left out; `token` may be a function
    that gives the present one. `folder` holds pulled templates for when the service is away. A template is fresh for
    `ttl` seconds; `timeout` is how long an answer may take, but for runs.
    """

    def __init__(
        self,
        url: str | None = None,
        token: Token | None = None,
        *,
        folder: str | PathLike[str] | None = None,
        ttl: float = 60.0,
        timeout: float = 10.0,
        retries: int = RETRIES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(**settings(url, token, timeout), transport=transport)
        self._folder = None if folder is None else Path(folder)
        self._cache = Cache(ttl)
        self._retries = retries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def get_prompt(
        self,
        slug: str,
        *,
        label: str | None = None,
        version: int | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Prompt:
        """The rendered prompt of a template (slug, `owner/slug` or id), as of a label or version, else the newest.

        From the cache while it is fresh; past that at once, while a new one is fetched; else from the service; while
        that is away from the folder. Raises ProblemError (`TemplateNotFound`, `AmbiguousSlug`) for what the service or
        the values refuse, NeedsService or Unreachable while it is away.
        """
        template = self.get_template(slug, label=label, version=version)
        values = as_json(variables or {})
        here = rendered_here(template, values, is_away=self._cache.is_away)
        if here is not None:
            return here
        try:
            return self._carried_out(flows.rendered(template, values))
        except Unreachable as away:
            return rendered_without(template, values, away)

    def get_template(self, slug: str, *, label: str | None = None, version: int | None = None) -> Template:
        """A version of a template with its texts as they are written, from where `get_prompt` has it."""
        wanted = Wanted(slug, label, version)
        known = self._cache.get(wanted)
        if known is not None:
            if self._cache.claims_fetch(wanted):
                threading.Thread(target=self._fetch_anew, args=(wanted, known), daemon=True).start()
            return known
        if self._cache.is_away and (kept := self._in_folder(wanted)):
            return kept
        try:
            template = self._carried_out(flows.fetched(wanted))
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

    def _fetch_anew(self, wanted: Wanted, known: Template) -> None:
        try:
            self._cache.keep(wanted, self._carried_out(flows.fetched(wanted, known=known)))
        except PlaygroundError as error:
            if not self._http.is_closed:
                self._cache.failed(wanted, error)

    def run(
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
        return self._carried_out(flows.executed(wanted, variables, body, key=idempotency_key))

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
    ) -> Stream:
        """As `run`, event by event: `with client.stream(…) as events: for event in events: …`.

        Each event comes once, over lost connections too; who leaves before the end cancels the run.
        """
        wanted = None if slug is None else Wanted(slug, label, version)
        body = {**fields, "prompt": prompt, "model_id": model_id, "parameters": parameters}
        return Stream(self._http, self._carried_out, flows.run_of(wanted, variables, body), key=idempotency_key)

    def execution(self, execution_id: str) -> Execution:
        """A run as it is now."""
        return self._carried_out(flows.execution(execution_id))

    def cancel(self, execution_id: str) -> Execution:
        """Asks a run to stop."""
        return self._carried_out(flows.execution(execution_id, cancels=True))

    def import_(self, document: str | bytes | Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """What an import of templates did, or would do: `created`, `updated`, `skipped`, `entries`."""
        return self._carried_out(flows.imported(document, dry_run=dry_run))

    def export(self, slug: str | None = None, *, format: str = "json", **query: Any) -> str:
        """A template, or all of yours, as a document (json, yaml) or as code; `query`: label, version, model_id."""
        return self._carried_out(flows.exported(slug, format=format, query=query))

    def templates(self, **query: Any) -> list[dict[str, Any]]:
        """Templates that the query of GET /api/templates asks for: `owner="me"`, `label=…`, `search=…`."""
        return self._carried_out(flows.listed(query))

    def move_label(self, slug: str, label: str, version: int) -> None:
        """Points a label at a version."""
        self._carried_out(flows.labelled(slug, label, version))

    def _carried_out(self, flow: Flow[Result]) -> Result:
        try:
            request = next(flow)
            while True:
                request = flow.send(self._answer(request))
        except StopIteration as end:
            result: Result = end.value
            return result

    def _answer(self, request: Request) -> Answer:
        tried = 0
        while True:
            answer = self._tried(request)
            pause = pause_before_next(request, answer, tried, self._retries)
            if pause is None:
                return self._told(answer)
            time.sleep(pause)
            tried += 1

    def _told(self, answer: Answer | Unreachable) -> Answer:
        is_away = isinstance(answer, Unreachable) or answer.status in AWAY
        self._cache.notes(is_away=is_away)
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    def _tried(self, request: Request) -> Answer | Unreachable:
        try:
            arriving = Arriving(request, self._http.timeout)
            with self._http.stream(**arguments(request)) as response:
                for piece in response.iter_bytes():
                    arriving.take(piece)
                return arriving.answer(response)
        except (httpx.HTTPError, RuntimeError) as error:
            return away_or_raise(error, self._http.base_url)
