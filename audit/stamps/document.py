"""What a stamp is made over: the heads of a round, and the stamp before it.

Lines of JSON in UTF-8: number of the stamp and hash of the one before, then each head as AUDIT_HEAD_FILE has it. So
one call stamps every chain, and no stamp can be changed or taken out from under a later one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from audit.chain.heads import Head, UnreadableHead, lines_of, parse

GENESIS: Final = "0" * 64
"""What stands in the place of the hash before the first."""


class UnreadableDocument(Exception):
    """It is not of this form."""


@dataclass(frozen=True, slots=True)
class Document:
    """What one stamp says."""

    number: int
    previous: str
    """`digest` of the stamp before."""
    heads: Sequence[Head]


def write(document: Document) -> str:
    """The text that is stamped, and kept as it is."""
    first = orjson.dumps({"number": document.number, "previous": document.previous})
    return (first + b"\n" + lines_of(document.heads)).decode()


def read(text: str) -> Document:
    """What `write` wrote, and nothing else: an authority stamps whatever it is given."""
    first, *rest = text.removesuffix("\n").split("\n")
    try:
        given = orjson.loads(first)
        document = Document(int(given["number"]), str(given["previous"]), [parse(line.encode()) for line in rest])
    except (ValueError, KeyError, TypeError, OverflowError, UnreadableHead):
        raise UnreadableDocument from None
    if write(document) != text or not all(map(_can_be_a_head, document.heads)):
        raise UnreadableDocument
    return document


def _can_be_a_head(head: Head) -> bool:
    """Whether the database can be asked for it."""
    return 0 < head.number < 2**63 and "\0" not in head.organisation


def digest(text: str, response: bytes) -> str:
    """SHA-256 of a stamp: its document, and what the authority answered; as hex digits."""
    return hashlib.sha256(text.encode() + response).hexdigest()
