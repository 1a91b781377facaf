"""REST framework's door to the body that the gate has already checked and parsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser


class GatedJSONParser(BaseParser):
    """Gives `request.json_body`, so that no second parser sees the bytes; an empty body is `{}`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = parser_context["request"] if parser_context else None
        return getattr(getattr(request, "_request", None), "json_body", {})


class AnyBody(BaseParser):
    """The body as bytes, whatever it calls itself: what it is, is looked at."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()
