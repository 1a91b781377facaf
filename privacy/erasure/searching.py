"""A search for words in everything that is kept: rows, what is sealed in them, files, Valkey. It takes little memory.

Rows are read some at a time, by their keys; what is sealed is opened, and looked at, and forgotten. A find says where,
and never what.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import orjson
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django_redis import get_redis_connection

from foundation.sealing.encryption import CannotDecrypt, keyring
from foundation.sealing.fields import Sealed, SealedJSONField
from foundation.sealing.files import bucket
from foundation.sealing.files.opening import pieces
from foundation.sealing.files.row import SealedFile
from privacy.erasure.steps import NotYet

ROWS_OF_A_STRETCH: Final = 500
FILES_OF_A_STRETCH: Final = 20
"""Of files, and of rows with one, which is read with them."""
AT_ONCE: Final = 20
"""Rows that are held in memory: one may take megabytes."""
PIECE: Final = 2**16
NOT_LOOKED_AT: Final = ("postgres", "valkey", "static")
"""Folders of the data folder: what the servers keep, which is searched through them, and the program's own files."""


class NotLooked(NotYet):
    """What could not be looked at is not told to be empty."""

    def __init__(self) -> None:
        super().__init__("The object store is away: what lies there is looked through once it is back.")


@dataclass(frozen=True, slots=True)
class Find:
    """A place that holds one of the words."""

    kind: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} {self.where}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a place that has been looked at."""

    place: str
    finds: list[Find]
    after: str | None
    """What to go on after (a key, a file); None: this place is done."""


Look = Callable[[Sequence[bytes], str | None], Iterator[tuple[list[Find], str | None]]]
"""Looks for words, from the beginning or after something: finds of each piece, and what to go on after."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to look: a table, the files, Valkey."""

    name: str
    look: Look


_openers: Final[dict[str, Callable[[str, bytes], bytes]]] = {}


def opens(prefix: str, open_value: Callable[[str, bytes], bytes]) -> None:
    """Tells how values of keys of Valkey that begin so are opened: by the key and a value as it is kept."""
    _openers[prefix] = open_value


def places() -> Iterator[Place]:
    """All of them, in the order in which they are searched."""
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in sorted(connection.introspection.table_names()):
        yield Place(table, _table(table, known.get(table)))
    yield Place("valkey", _valkey)
    yield Place("objects", _objects)
    yield Place("files", _files)


def search(words: Iterable[str], *, at: Iterable[Place] | None = None) -> Iterator[Find]:
    """Where one of the words stands, however it is written there: in clear, escaped, in hexadecimal; in any case."""
    for stretch in stretches(words, at=at):
        yield from stretch.finds


def stretches(
    words: Iterable[str], *, at: Iterable[Place] | None = None, place: str = "", after: str | None = None
) -> Iterator[Stretch]:
    """The same, piece by piece: who is stopped goes on with the `place` and `after` of the last one.

    No piece keeps a transaction open longer than it takes to read some rows.
    """
    forms = [form for word in words if word for form in _forms(word)]
    listed = list(places() if at is None else at) if forms else []
    names = [each.name for each in listed]
    begin = names.index(place) if place in names else 0
    for each in listed[begin:]:
        if each.name == place and after is None:
            continue
        for finds, reached in each.look(forms, after if each.name == place else None):
            yield Stretch(each.name, finds, reached)


def _forms(word: str) -> Iterator[bytes]:
    plain = word.lower().encode()
    escaped = orjson.dumps(word.lower())[1:-1]
    yield from dict.fromkeys((plain, escaped, plain.hex().encode(), word.encode().hex().encode()))


def _holds(text: bytes, forms: Sequence[bytes]) -> bool:
    lowered = text.lower()
    if any(form in lowered for form in forms):
        return True
    if text.isascii() or all(form.isascii() for form in forms):
        return False  # signs beyond ASCII are all that this has not told small from capital
    lowered = text.decode("utf-8", "replace").lower().encode()
    return any(form in lowered for form in forms)


def _table(table: str, model: type[models.Model] | None) -> Look:
    """By the table's key, a transaction a stretch."""
    key, columns = _key_of(model), _columns_in_clear(model)
    is_of_files = model is not None and issubclass(model, SealedFile)
    at_most = FILES_OF_A_STRETCH if is_of_files else ROWS_OF_A_STRETCH

    def look(forms: Sequence[bytes], after: str | None) -> Iterator[tuple[list[Find], str | None]]:
        while True:
            keys, finds = list[str](), list[Find]()
            with transaction.atomic():
                for where, row in _rows(table, columns, key, after, at_most):
                    keys.append(where)
                    if _holds(row.encode(), forms):
                        finds.append(Find(table, where))
                if model is not None:
                    finds += _sealed(model, keys, forms)
            after = keys[-1] if len(keys) == at_most else None
            yield finds, after
            if after is None:
                return

    return look


def _key_of(model: type[models.Model] | None) -> str:
    """The column by which rows are walked; where there is none, how they lie in the table."""
    column = model._meta.pk.column if model is not None and model._meta.pk is not None else None
    return f't."{column}"' if column else "t.ctid"


def _columns_in_clear(model: type[models.Model] | None) -> str:
    """What the database makes text of: what is sealed is read as it is, with its row."""
    if model is None:
        return "t"
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, SealedJSONField)]
    listed = ", ".join(f'"{field.column}"' for field in fields)
    return f"ROW({listed})"


def _rows(table: str, columns: str, key: str, after: str | None, at_most: int) -> Iterator[tuple[str, str]]:
    beyond = f"WHERE {key} > %s" if after is not None else ""
    with connection.chunked_cursor() as cursor:
        # Names of tables and columns are the database's own.
        query = f'SELECT {key}::text, {columns}::text FROM "{table}" t {beyond} ORDER BY {key} LIMIT {at_most}'  # noqa: S608
        cursor.execute(query, [after] if after is not None else [])
        while some := cursor.fetchmany(AT_ONCE):
            yield from some


def _sealed(model: type[models.Model], keys: Sequence[str], forms: Sequence[bytes]) -> Iterator[Find]:
    fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedJSONField)]
    if not fields and not issubclass(model, SealedFile):
        return
    for row in model._base_manager.filter(pk__in=keys).order_by("pk").iterator(chunk_size=AT_ONCE):
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
        return keyring().open(value, place=field.place(row))
    except CannotDecrypt:
        return value  # whose key is gone, nobody reads; but what was never sealed, everybody


def _contents(row: SealedFile) -> Iterator[bytes]:
    try:
        yield from pieces(row)
    except (FileNotFoundError, CannotDecrypt):
        return
    except Exception as error:  # whatever a storage raises: its libraries share no class
        raise NotLooked from error


def _in_pieces(found: Iterable[bytes], forms: Sequence[bytes]) -> bool:
    longest, before = max(map(len, forms)), b""
    for piece in found:
        if _holds(before + piece, forms):
            return True
        before = (before + piece)[-longest:]
    return False


def _valkey(forms: Sequence[bytes], after: str | None) -> Iterator[tuple[list[Find], str | None]]:
    """By the cursor of SCAN, which means something to the process only that gave it."""
    redis: Any = get_redis_connection("default")
    process = redis.info("server")["run_id"]
    begun, _, reached = (after or "").partition(":")
    cursor = int(reached) if begun == process else 0
    while True:
        cursor, keys = redis.scan(cursor, count=ROWS_OF_A_STRETCH)
        finds = [Find("valkey", _without_its_id(key)) for key in keys if _is_found(redis, key, forms)]
        yield finds, f"{process}:{cursor}" if cursor else None
        if not cursor:
            return


def _without_its_id(key: bytes) -> str:
    name = key.decode("utf-8", "replace")
    return name.rpartition(":")[0] or name


def _is_found(redis: Any, key: bytes, forms: Sequence[bytes]) -> bool:
    name = key.decode("utf-8", "replace")
    opener = next((found for prefix, found in _openers.items() if name.startswith(prefix)), None)
    return any(
        _holds(value, forms) or (opener is not None and _holds(_unsealed(opener, name, value), forms))
        for value in chain([key], _values(redis, key))
    )


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


def _objects(forms: Sequence[bytes], after: str | None) -> Iterator[tuple[list[Find], str | None]]:
    """Names of what the object storage holds; the bytes are looked at with their rows."""
    yield [Find("object", name) for name in _stored() if _holds(name.encode(), forms)], None


def _stored() -> Iterator[str]:
    for model in apps.get_models():
        if issubclass(model, SealedFile):
            try:
                _, names = default_storage.listdir(model.folder)
            except FileNotFoundError:
                continue
            except Exception as error:  # whatever a storage raises: its libraries share no class
                if not bucket.is_missing(error):
                    raise NotLooked from error
                continue
            yield from (f"{model.folder}/{name}" for name in names)


def _files(forms: Sequence[bytes], after: str | None) -> Iterator[tuple[list[Find], str | None]]:
    """Files of the data folder that are no server's own, logs among them, one after another by their names."""
    folder: Path = settings.DATA_DIR
    done = Path(after).parts if after is not None else ()
    names = (name for name in _names(folder) if name.parts > done and name.parts[0] not in NOT_LOOKED_AT)
    while some := list(islice(names, FILES_OF_A_STRETCH)):
        finds = [Find("file", str(name)) for name in some if _in_pieces(_read(folder / name), forms)]
        yield finds, str(some[-1])
    yield [], None


def _names(folder: Path, below: Path = Path()) -> Iterator[Path]:
    for entry in sorted(_entries_of(folder / below), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if (below / entry.name).parts[0] not in NOT_LOOKED_AT:
                yield from _names(folder, below / entry.name)
        elif entry.is_file():
            yield below / entry.name


def _entries_of(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, PermissionError):
        return []  # gone meanwhile, or a server's own


def _read(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while piece := opened.read(PIECE):
                yield piece
    except OSError:
        return
