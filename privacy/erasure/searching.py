"""A search for words in everything that is kept: rows, what is sealed in them, files, Valkey. It takes little memory.

Rows are read one after another by a cursor of the server's; what is sealed is opened, and looked at, and forgotten. A
find says where, and never what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models
from django_redis import get_redis_connection

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import Sealed, SealedJSONField
from foundation.sealing.files.opening import pieces
from foundation.sealing.files.row import SealedFile

AT_ONCE: Final = 200
"""Rows that are held in memory."""
PIECE: Final = 2**16
NOT_LOOKED_AT: Final = ("postgres", "valkey", "static")
"""Folders of the data folder: what the servers keep, which is searched through them, and the program's own files."""


@dataclass(frozen=True, slots=True)
class Find:
    """A place that holds one of the words."""

    kind: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} {self.where}"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to look: a table, the files, Valkey."""

    name: str
    look: Callable[[Sequence[bytes]], Iterator[Find]]


_openers: Final[dict[str, Callable[[str, bytes], bytes]]] = {}


def opens(prefix: str, open_value: Callable[[str, bytes], bytes]) -> None:
    """Tells how values of keys of Valkey that begin so are opened: by the key and a value as it is kept."""
    _openers[prefix] = open_value


def places() -> Iterator[Place]:
    """All of them."""
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in sorted(connection.introspection.table_names()):
        yield Place(table, _table(table, known.get(table)))
    yield Place("valkey", _valkey)
    yield Place("files", _files)


def search(words: Iterable[str], *, at: Iterable[Place] | None = None) -> Iterator[Find]:
    """Where one of the words stands, however it is written there: in clear, escaped, in hexadecimal; in any case."""
    forms = [form for word in words if word for form in _forms(word)]
    for place in places() if at is None else at:
        yield from place.look(forms) if forms else ()


def _forms(word: str) -> Iterator[bytes]:
    plain = word.lower().encode()
    escaped = orjson.dumps(word.lower())[1:-1]
    yield from dict.fromkeys((plain, escaped, plain.hex().encode(), word.encode().hex().encode()))


def _holds(text: bytes, forms: Sequence[bytes]) -> bool:
    lowered = text.lower() if text.isascii() else text.decode("utf-8", "replace").lower().encode()
    return any(form in lowered for form in forms)


def _table(table: str, model: type[models.Model] | None) -> Callable[[Sequence[bytes]], Iterator[Find]]:
    def look(forms: Sequence[bytes]) -> Iterator[Find]:
        yield from _in_clear(table, _key_of(model), forms)
        if model is not None:
            yield from _sealed(model, forms)

    return look


def _key_of(model: type[models.Model] | None) -> str:
    return str(model._meta.pk.column) if model is not None and model._meta.pk is not None else "ctid"


def _in_clear(table: str, key: str, forms: Sequence[bytes]) -> Iterator[Find]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(f'SELECT "{key}"::text, t::text FROM "{table}" t')  # noqa: S608 - a table's own name
        for where, row in cursor:
            if _holds(row.encode(), forms):
                yield Find(table, where)


def _sealed(model: type[models.Model], forms: Sequence[bytes]) -> Iterator[Find]:
    fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedJSONField)]
    if not fields and not issubclass(model, SealedFile):
        return
    for row in model._base_manager.order_by("pk").iterator(chunk_size=AT_ONCE):
        for field in fields:
            if _holds(_opened(row, field), forms):
                yield Find(model._meta.db_table, f"{row.pk} {field.column}")
        if isinstance(row, SealedFile) and row.storage_name and _in_pieces(_contents(row), forms):
            yield Find("file", row.place)


def _opened(row: models.Model, field: SealedJSONField) -> bytes:
    value = row.__dict__.get(field.attname)
    if not isinstance(value, Sealed):
        return b""
    try:
        return orjson.dumps(field.opened(value, row))
    except CannotDecrypt:
        return b""  # whose key is gone, nobody reads


def _contents(row: SealedFile) -> Iterator[bytes]:
    try:
        yield from pieces(row)
    except (FileNotFoundError, CannotDecrypt):
        return


def _in_pieces(found: Iterable[bytes], forms: Sequence[bytes]) -> bool:
    longest, before = max(map(len, forms)), b""
    for piece in found:
        if _holds(before + piece, forms):
            return True
        before = (before + piece)[-longest:]
    return False


def _valkey(forms: Sequence[bytes]) -> Iterator[Find]:
    redis: Any = get_redis_connection("default")
    for key in redis.scan_iter(count=1000):
        name = key.decode("utf-8", "replace")
        opener = next((found for prefix, found in _openers.items() if name.startswith(prefix)), None)
        held = [key, *_values(redis, key)]
        if any(_holds(value, forms) or (opener and _holds(_unsealed(opener, name, value), forms)) for value in held):
            yield Find("valkey", name.rpartition(":")[0] or name)


def _unsealed(opener: Callable[[str, bytes], bytes], name: str, value: bytes) -> bytes:
    try:
        return opener(name, value)
    except (CannotDecrypt, ValueError):
        return b""


def _values(redis: Any, key: bytes) -> Iterator[bytes]:
    kind = redis.type(key).decode()
    if kind == "string":
        yield redis.get(key) or b""
    elif kind == "hash":
        for name, value in redis.hscan_iter(key):
            yield from (name, value)
    elif kind == "list":
        for start in range(0, redis.llen(key), AT_ONCE):
            yield from redis.lrange(key, start, start + AT_ONCE - 1)
    elif kind == "set":
        yield from redis.sscan_iter(key)
    elif kind == "zset":
        for value, _ in redis.zscan_iter(key):
            yield value
    elif kind == "stream":
        yield from _entries(redis, key)


def _entries(redis: Any, key: bytes) -> Iterator[bytes]:
    last = "-"
    while entries := redis.xrange(key, min=last, count=AT_ONCE):
        for number, fields in entries:
            for name, value in fields.items():
                yield b"%s\0%s\0%s" % (number, name, value)
        last = f"({entries[-1][0].decode()}"


def _files(forms: Sequence[bytes]) -> Iterator[Find]:
    """Files of the data folder that are no server's own, logs among them, and what the object storage holds."""
    folder: Path = settings.DATA_DIR
    for file in sorted(folder.rglob("*")):
        own = file.relative_to(folder).parts[0]
        if own not in NOT_LOOKED_AT and file.is_file() and _in_pieces(_read(file), forms):
            yield Find("file", str(file.relative_to(folder)))
    for name in _stored():
        if _holds(name.encode(), forms):
            yield Find("object", name)


def _stored() -> Iterator[str]:
    for model in apps.get_models():
        if issubclass(model, SealedFile):
            try:
                _, names = default_storage.listdir(model.folder)
            except (FileNotFoundError, OSError):
                continue
            yield from (f"{model.folder}/{name}" for name in names)


def _read(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while piece := opened.read(PIECE):
                yield piece
    except OSError:
        return
