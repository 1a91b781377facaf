"""Text of some size travels in gzip; what is small, is told as it happens, or is packed already does not."""

from __future__ import annotations

import gzip
import re
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def raw(url: str, method: str = "GET", **sent: Any) -> tuple[int, Any, bytes]:
    """Status, headers and the bytes as they came."""
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(method, url, **sent) as response,
    ):
        return response.status, response.headers, await response.read()


async def test_a_page_its_style_and_a_large_document_are_packed(author: Person, browser: Browser):
    page = await browser.get("/")
    style = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    assert style
    for path, by in (("/", browser.cookie_header), ("/api/schema", author.headers), (style[1], {})):
        status, headers, plain = await raw(author.url + path, headers={**by, "Accept-Encoding": "identity"})
        assert (status, headers.get("Content-Encoding")) == (200, None)
        status, headers, packed = await raw(author.url + path, headers={**by, **TAKES_GZIP})
        assert (status, headers["Content-Encoding"]) == (200, "gzip"), path
        assert "accept-encoding" in headers["Vary"].lower(), path
        assert int(headers["Content-Length"]) == len(packed) < len(plain) / 2, path
        assert abs(len(gzip.decompress(packed)) - len(plain)) < 200, path
        _, headers, _ = await raw(author.url + path, headers={**by, "Accept-Encoding": "gzip;q=0, identity"})
        if not path.startswith("/static/"):
            assert "Content-Encoding" not in headers


async def test_two_packed_answers_are_not_of_one_length(author: Person):
    lengths = set()
    for _ in range(12):
        _, _, packed = await raw(f"{author.url}/api/schema", headers={**author.headers, **TAKES_GZIP})
        lengths.add(len(packed))
    assert len(lengths) > 1


async def test_a_small_answer_is_sent_as_it_is(author: Person, provider: str):
    for path in ("/api/auth/me", "/health/live", "/api/nothing"):
        _, headers, _ = await raw(author.url + path, headers={**author.headers, **TAKES_GZIP})
        assert "Content-Encoding" not in headers, path
    body = {"model_id": f"{provider}/echo", "prompt": "x"}
    _, headers, _ = await raw(
        f"{author.url}/api/prompts/execute", "POST", json=body, headers={**author.headers, **TAKES_GZIP}
    )
    assert "Content-Encoding" not in headers
    body["prompt"] = "x " * 4_000
    _, headers, packed = await raw(
        f"{author.url}/api/prompts/execute", "POST", json=body, headers={**author.headers, **TAKES_GZIP}
    )
    assert headers["Content-Encoding"] == "gzip"
    assert body["prompt"].encode() in gzip.decompress(packed)


async def test_a_stream_is_told_as_it_happens(author: Person, provider: str):
    body = {"model_id": f"{provider}/echo", "prompt": "x " * 4_000}
    status, headers, text = await raw(
        f"{author.url}/api/prompts/execute/stream", "POST", json=body, headers={**author.headers, **TAKES_GZIP}
    )
    assert (status, headers.get("Content-Encoding")) == (200, None)
    assert text.startswith((b"id:", b":", b"event:"))


async def test_a_tag_of_a_packed_answer_is_a_tag_all_the_same(author: Person):
    made = await author.post("/api/templates", {"name": "n", "category": "c", "prompt": "long " * 1_000})
    path = f"{author.url}/api/templates/{made.body['id']}"
    _, headers, _ = await raw(path, headers={**author.headers, **TAKES_GZIP})
    assert headers["Content-Encoding"] == "gzip"
    tag = headers["ETag"]
    assert tag.startswith("W/")
    status, _, left = await raw(path, headers={**author.headers, **TAKES_GZIP, "If-None-Match": tag})
    assert (status, left) == (304, b"")
    changed = await author.call("PUT", f"/api/templates/{made.body['id']}", {
        "name": "m", "category": "c", "prompt": "long " * 1_000,
    }, headers={"If-Match": tag})  # fmt: skip
    assert changed.status == 200, changed.body
