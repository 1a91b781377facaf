"""A sealed file of any length: frames that open in their own file and place only.

Layout: length (4 bytes, big-endian) | ciphertext of up to `FRAME` bytes, again and again. The place of a frame
(foundation.sealing.encryption) is the file's own, its number, and whether it is the last: frames that are missing,
exchanged or cut off at the end do not open.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Final

from foundation.sealing.encryption import CannotDecrypt, key_id_in, keyring

FRAME: Final = 256 * 1024
LENGTH: Final = struct.Struct(">I")
LONGEST_SEALED: Final = FRAME + 1024


def sealed(chunks: Iterable[bytes], *, place: str) -> Iterator[bytes]:
    """The file's frames; there is at least one. `place` is the file's own (its table and id)."""
    number = 0
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > FRAME:
            yield _frame(bytes(waiting[:FRAME]), _place(place, number, is_last=False))
            del waiting[:FRAME]
            number += 1
    yield _frame(bytes(waiting), _place(place, number, is_last=True))


def opened(file: IO[bytes], *, place: str) -> Iterator[bytes]:
    """The plain bytes; raises CannotDecrypt where the file is not what was sealed."""
    number = 0
    current = _read(file)
    while current is not None:
        following = _read(file)
        yield keyring().open(current, place=_place(place, number, is_last=following is None))
        current, number = following, number + 1
    if not number:
        raise CannotDecrypt("the file is empty")


def key_id_of(file: IO[bytes]) -> bytes:
    """The public name of the key that sealed the file, which stands at its beginning."""
    first = _read(file)
    if first is None:
        raise CannotDecrypt("the file is empty")
    return key_id_in(first)


def _frame(plain: bytes, place: str) -> bytes:
    cipher = keyring().seal(plain, place=place)
    return LENGTH.pack(len(cipher)) + cipher


def _read(file: IO[bytes]) -> bytes | None:
    head = file.read(LENGTH.size)
    if not head:
        return None
    length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else 0
    frame = file.read(length) if 0 < length <= LONGEST_SEALED else b""
    if len(frame) != length or not frame:
        raise CannotDecrypt("a frame is cut off")
    return frame


def _place(file: str, number: int, *, is_last: bool) -> str:
    return f"{file}/{number}{'/last' if is_last else ''}"
