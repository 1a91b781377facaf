"""What is taken as a picture or file: told from its bytes, limited, refused before anything is written."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from playground.models import Attachment
from tests.cast import CLOCK, Person
from tests.playground.media import GIF, JPEG, WEBP, chunk, pdf, pdf_bomb, png, some_png
from tests.playground.uploads import upload, uploaded


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(), "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (pdf(), "application/pdf"),
        ("Grüße\n".encode(), "text/plain"),
    ],
)
async def test_what_is_taken_is_told_from_its_bytes(author: Person, data: bytes, media_type: str):
    answer = await upload(author, data, "a.exe", "application/octet-stream")
    assert (answer.status, answer.body["media_type"]) == (201, media_type)


def archive() -> bytes:
    """A ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", "a")
    return packed.getvalue()


def huge_png() -> bytes:
    """A few bytes that a viewer would make 4 thousand million pixels of."""
    head = (65_535).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def animated_bomb() -> bytes:
    """A GIF of 60,000 frames."""
    head, frame = GIF[:19], GIF[19:-1]
    return head + frame * 60_000 + b";"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n and no more", "broken_file"),
        (png()[:-30], "broken_file"),
        (b"\xff\xd8\xff\xe0 no picture", "broken_file"),
        (b"GIF89a", "broken_file"),
        (b"%PDF-1.4 that ends at once", "broken_file"),
        (png() + archive(), "more_than_one_file"),
        (GIF + b"<script>alert(1)</script>", "more_than_one_file"),
        (JPEG + pdf(), "more_than_one_file"),
        (pdf() + archive(), "more_than_one_file"),
        (b"text\n%PDF-1.4\n", "more_than_one_file"),
        (huge_png(), "too_large_unpacked"),
        (animated_bomb(), "too_large_unpacked"),
        (pdf_bomb(), "too_large_unpacked"),
        (pdf(1).replace(b"/Count 1", b"/Count 999999"), "too_large_unpacked"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_media_type"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- --><svg/>", "unsupported_media_type"),
        (archive(), "unsupported_media_type"),
        (b"\x7fELF\0\0", "unsupported_media_type"),
        (b"nul \0 text", "unsupported_media_type"),
        (b"\xff\xfe\x00", "unsupported_media_type"),
    ],
)
async def test_what_is_not_taken_is_refused_and_nothing_is_written(author: Person, data: bytes, code: str):
    answer = await upload(author, data)
    assert answer.status == 400
    assert [(error["field"], error["code"]) for error in answer.body["errors"]] == [("file", code)]
    assert not await in_database_thread(Attachment.objects.filter(user=author.user).exists)


async def test_21_mb_are_refused_while_they_come(author: Person):
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(21):
            yield b"a" * 1_000_000

    headers = {**author.headers, "Content-Type": "multipart/form-data; boundary=b"}
    async with aiohttp.ClientSession(timeout=CLOCK) as session:
        try:
            async with session.post(f"{author.url}/api/artifacts", data=pieces(), headers=headers) as response:
                assert response.status == 413
                assert (await response.json(content_type=None))["code"] == "too_large"
        except aiohttp.ClientConnectionError:
            pass  # it was cut off in the middle of its body, which is the other way of saying so
    assert not await in_database_thread(Attachment.objects.filter(user=author.user).exists)


async def test_the_same_file_again_is_the_same_artifact(author: Person, stranger: Person):
    picture = some_png()
    first, second = await asyncio.gather(uploaded(author, picture), uploaded(author, picture))
    assert first == second == await uploaded(author, picture, "other.png")
    assert await uploaded(stranger, picture) != first
