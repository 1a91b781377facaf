"""The archive as it is written: a ZIP, piece by piece, of records a line each and files, with a README on top."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any, Final, cast

import orjson

from accounts.models import User
from privacy.own_data.sources import File, Files, Source, in_order

PIECE: Final = 2**18
"""Bytes that are gathered before they are handed on."""
README: Final = """Your data in the LLM Playground Service
========================================

Made on {made} for {whose}.

Files that end in .jsonl hold a record a line, each a JSON object (https://jsonlines.org); all times are UTC. Nothing of
other people is in them but their ids where they share a place with you. Passwords and secrets of tokens are kept as
hashes only, so they are not here.

{listed}
"""


class _Pieces:
    """What the ZIP's writer writes to; it cannot be gone back in, so nothing of it has to be kept."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any) -> int:
        """Takes bytes."""
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def taken(self, *, at_least: int = 0) -> Iterator[bytes]:
        """What has been written since, where it is so much."""
        if len(self._written) > at_least:
            yield bytes(self._written)
            self._written.clear()


def archive(user: User, *, now: datetime, done: Callable[[int], None]) -> Iterator[bytes]:
    """The ZIP's bytes; `done` is told of each record and file."""
    out = _Pieces()
    with zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("README.txt", _readme(user, now))
        for source in in_order():
            found = _records(folder, source, user) if isinstance(source, Source) else _files(folder, source, user)
            for _ in found:
                done(1)
                yield from out.taken(at_least=PIECE)
    yield from out.taken()


def _readme(user: User, now: datetime) -> str:
    lines = []
    for source in in_order():
        name = f"{source.name}.jsonl" if isinstance(source, Source) else f"{source.folder}/"
        lines.append(f"{name}\n    {source.meaning}\n")
    return README.format(made=f"{now:%Y-%m-%d %H:%M} UTC", whose=user, listed="\n".join(lines))


def _records(folder: zipfile.ZipFile, source: Source, user: User) -> Iterator[None]:
    with folder.open(f"{source.name}.jsonl", "w", force_zip64=True) as out:
        for record in source.records(user):
            out.write(orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n")
            yield


def _files(folder: zipfile.ZipFile, source: Files, user: User) -> Iterator[None]:
    for number, file in enumerate(source.files(user), start=1):
        with folder.open(f"{source.folder}/{number:06}-{_safe(file)}", "w", force_zip64=True) as out:
            for piece in file.pieces():
                out.write(piece)
                yield


def _safe(file: File) -> str:
    kept = "".join(sign if sign.isalnum() or sign in "._- " else "_" for sign in file.name)
    return kept.strip(". ")[-100:] or "file"
