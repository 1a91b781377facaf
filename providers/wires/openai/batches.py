"""OpenAI's batch interface (https://platform.openai.com/docs/api-reference/batch): files of lines, in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import quote
from uuid import uuid4

import orjson

from providers.base import ProviderRequest, Timeouts
from providers.errors import ProviderFailure
from providers.wires.batches import BatchAdapter, Fate, Outcome, Search, Standing, id_in
from providers.wires.failures import Refusal, failure_of, malformed
from providers.wires.json_shapes import as_list, load_object
from providers.wires.json_shapes import count as counted

OVER: Final = frozenset({"completed", "expired", "cancelled", "failed"})
OUR_NAME: Final = "playground_batch"
FULL: Final = "token_limit_exceeded"
PAGES: Final = 20
"""More pages of a listing than this are not asked for: batches are listed from the newest on."""


class OpenAIBatches(BatchAdapter):
    """The part of the adapter that speaks it."""

    most_requests: ClassVar[int] = 50_000
    most_bytes: ClassVar[int] = 200_000_000

    def batch_line(self, custom_id: str, request: ProviderRequest) -> bytes:
        body = self._body(replace(request, is_streamed=False))
        return orjson.dumps({"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body})

    async def send_batch(self, name: str, lines: Sequence[bytes], *, timeouts: Timeouts) -> str:
        file_id = await self._upload(name, lines, timeouts)
        told = await self._get(
            f"{self._base_url}/batches",
            method="POST",
            body=orjson.dumps(
                {
                    "input_file_id": file_id,
                    "endpoint": "/v1/chat/completions",
                    "completion_window": "24h",
                    "metadata": {OUR_NAME: name},
                }
            ),
            timeouts=timeouts,
        )
        return id_in(told)

    async def _upload(self, name: str, lines: Sequence[bytes], timeouts: Timeouts) -> str:
        mark = uuid4().hex.encode()
        body = b"".join(
            [
                b'--%b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' % mark,
                b'--%b\r\nContent-Disposition: form-data; name="file"; filename="%b.jsonl"\r\n' % (mark, name.encode()),
                b"Content-Type: application/jsonl\r\n\r\n",
                b"\n".join(lines),
                b"\n\r\n--%b--\r\n" % mark,
            ]
        )
        headers = {**self._headers, "Content-Type": f"multipart/form-data; boundary={mark.decode()}"}
        call = self._transport.call(
            "POST",
            f"{self._base_url}/files",
            headers=headers,
            body=body,
            timeouts=timeouts,
            body_bytes=self._limits.body_bytes,
        )
        async with call:
            await self._check(call)
            return id_in(load_object(await call.read_all()))

    async def find_batch(
        self, name: str, *, count: int, since: datetime, is_ours: Callable[[str], bool], timeouts: Timeouts
    ) -> Search:
        after = ""
        for _ in range(PAGES):
            page = await self._get(f"{self._base_url}/batches?limit=100{after}", timeouts=timeouts)
            rows = [row for row in as_list(page.get("data"), "data") if isinstance(row, dict)]
            for row in rows:
                if (row.get("metadata") or {}).get(OUR_NAME) == name:
                    return Search(found=id_in(row))
            is_old = bool(rows) and isinstance(made := rows[-1].get("created_at"), int) and made < since.timestamp()
            if page.get("has_more") is not True or is_old or not rows:
                return Search()
            after = f"&after={quote(id_in(rows[-1]), safe='')}"
        return Search(is_open=True)

    async def batch_standing(self, batch_id: str, *, timeouts: Timeouts) -> Standing:
        told = await self._get(self._address(batch_id), timeouts=timeouts)
        counts = told.get("request_counts")
        counts = counts if isinstance(counts, Mapping) else {}
        files = [told.get("output_file_id"), told.get("error_file_id")]
        refusal, is_full = self._refusal(told) if told.get("status") == "failed" else (None, False)
        return Standing(
            is_over=told.get("status") in OVER,
            answered=counted(counts.get("completed")) or 0,
            failed=counted(counts.get("failed")) or 0,
            results=tuple(f"{self._base_url}/files/{quote(each, safe='')}/content" for each in files if each),
            refusal=refusal,
            is_full=is_full,
        )

    def _refusal(self, told: Mapping[str, Any]) -> tuple[ProviderFailure, bool]:
        errors = told.get("errors")
        listed = errors.get("data") if isinstance(errors, Mapping) else None
        first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], Mapping) else {}
        code, message = str(first.get("code") or ""), str(first.get("message") or "The batch was refused.")
        return failure_of(Refusal(400, message, code=code), secrets=self._secrets), code == FULL

    def _address(self, batch_id: str) -> str:
        return f"{self._base_url}/batches/{quote(batch_id, safe='')}"

    def _outcome(self, line: dict[str, Any]) -> Outcome:
        custom_id, error, response = line["custom_id"], line.get("error"), line.get("response")
        if isinstance(error, Mapping):
            code = str(error.get("code") or "")
            if code in ("batch_expired", "batch_cancelled"):
                return Outcome(custom_id, Fate.EXPIRED if code == "batch_expired" else Fate.CANCELLED, [])
            refusal = Refusal(400, str(error.get("message") or code), code=code)
            return Outcome(custom_id, Fate.FAILED, [], failure_of(refusal, secrets=self._secrets))
        if not isinstance(response, Mapping):
            return Outcome(custom_id, Fate.FAILED, [], malformed("A line of the results has no answer"))
        status, body = response.get("status_code"), response.get("body")
        if isinstance(status, int) and status != 200:
            return Outcome(custom_id, Fate.FAILED, [], self._failure(status, {}, orjson.dumps(body)))
        return self._read(custom_id, body)
