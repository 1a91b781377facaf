"""Plain bytes to a sealed file, the file to the storage."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage

from foundation.sealing.encryption import keyring
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

    Raises whatever the storage raises: its libraries share no class.
    """
    file.seek(0)
    row.storage_name = default_storage.save(f"{row.folder}/{row.pk}-{uuid4().hex}", File(file))
    row.sealed_with = keyring().current.hex()
