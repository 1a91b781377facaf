"""Plain bytes to a sealed file, the file to the storage."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage

from foundation.sealing.encryption import keyring
from foundation.sealing.files import bucket
from foundation.sealing.files.row import SealedFile
from foundation.sealing.frames import sealed


@contextmanager
def sealed_file(row: SealedFile, pieces: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """A temporary file with the frames of `pieces`, to be opened as `row`'s only."""
    with tempfile.TemporaryFile() as file:
        for frame in sealed(pieces, place=row.place):
            file.write(frame)
        yield file


def store(row: SealedFile, file: IO[bytes]) -> None:
    """Puts it into the storage and tells the row object where; saving the row is the caller's.

    Raises whatever the storage raises: its libraries share no class. A bucket that is not there is made.
    """
    name = f"{row.folder}/{row.pk}-{uuid4().hex}"
    try:
        row.storage_name = _saved(name, file)
    except Exception as error:
        if not bucket.is_missing(error):
            raise
        bucket.make()
        row.storage_name = _saved(name, file)
    row.sealed_with = keyring().current.hex()


def _saved(name: str, file: IO[bytes]) -> str:
    file.seek(0)
    saved = default_storage.save(name, File(file))
    try:
        path = Path(default_storage.path(saved))
    except NotImplementedError:
        return saved  # no file of this machine: the store has answered for it
    # As a row that is committed, it is there after the power has failed.
    for each in (path, path.parent):
        _synced(each)
    return saved


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
