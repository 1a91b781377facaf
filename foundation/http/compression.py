"""Answers in gzip, where it is worth it: text of two kilobytes and more, and never what is told as it happens.

Django's own middleware does it, with its random bytes against BREACH, weak ETags and `Vary`. Small answers pay a look
at their length; a large one is packed in a thread. Static files were packed when they were collected.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

SMALLEST: Final = 2_048
LARGEST_IN_PLACE: Final = 32_768
"""Bytes that take the event loop less than a millisecond."""
TEXT: Final = re.compile(r"text/|application/([a-z.-]+\+)?(json|jsonl|yaml|javascript)\b", re.IGNORECASE)
AS_IT_HAPPENS: Final = "text/event-stream"
UNWANTED: Final = re.compile(r"\bgzip\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$)", re.IGNORECASE)


class Compression(GZipMiddleware):
    """Packs what is text and large for whoever takes gzip."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        middleware: Any = self
        response: Any = await middleware.get_response(request)
        if not _is_worth_it(response) or UNWANTED.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response  # type: ignore[no-any-return]
        if response.streaming or len(response.content) <= LARGEST_IN_PLACE:
            return self.process_response(request, response)
        return await asyncio.to_thread(self.process_response, request, response)


def _is_worth_it(response: Any) -> bool:
    kind = response.headers.get("Content-Type", "")
    if not TEXT.match(kind) or kind.startswith(AS_IT_HAPPENS):
        return False
    if response.streaming:
        # A length or a range was promised, or an ordinary iterator would be read whole.
        return bool(response.is_async) and not ({"Content-Length", "Content-Range"} & set(response.headers))
    return len(response.content) >= SMALLEST
