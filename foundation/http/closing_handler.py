"""Django's ASGI handler, with its promise kept that every answer is closed.

The stock handler closes what was sent and what its client left, but not an answer that broke while it was sent: its
thread then keeps its connection to the database, and after sixteen of them nobody gets one.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http.response import HttpResponseBase


class ClosingHandler(ASGIHandler):
    """The handler of ordinary views."""

    async def send_response(self, response: HttpResponseBase, send: Any) -> None:
        """Sends the answer; one that breaks is closed, in the thread of its view, before anybody hears of it."""
        try:
            await super().send_response(response, send)
        except Exception:
            await sync_to_async(response.close)()
            raise
