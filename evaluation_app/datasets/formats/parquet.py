"""Parquet: a row a case; what is structured is JSON. Of tables of somebody else's, a column is a variable.

Where a cell is null, the case is without that value.

A file that somebody sends is read by a process of its own (`parquet_program`), with limits: a few kilobytes may come to
gigabytes, and a broken one may end its reader.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from evaluation_app.datasets.formats.csv_table import PLAIN, weight_in
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading, refused
from evaluation_app.datasets.formats.plain_expected import expected_of_text
from evaluation_app.datasets.inputs import exact_json
from foundation.downloads import parquet
from foundation.downloads.columns import Column, Kind, figure, json, text
from foundation.problems import FieldError, invalid
from foundation.processes import BASIC, OF_PYTHON, passed_on
from foundation.words import number

MARK: Final = b"llm-playground-dataset"
JSON_COLUMNS: Final = ("tags", "input", "expected_output", "scorers")
COLUMNS: Final = (
    text("key"), text("name"), text("split"), text("cluster"), figure("weight", Kind.NUMBER), json("tags"),
    text("origin"),
    Column("is_generated", Kind.BOOLEAN, lambda row: row["is_generated"]),
    json("input"), json("expected_output"), json("scorers"),
)  # fmt: skip
CHANGES: Final = {
    "no_number": "NaN or infinity is no value that a case can have, and is left out.",
    "no_number_within": "NaN or infinity is no value that a case can have: null stands in its place.",
    "rounded": "The decimal number has more digits than are kept, and is rounded.",
}
PATIENCE: Final = 60
"""Seconds that the reader has, its start included."""
PROGRAM: Final = "evaluation_app.datasets.formats.parquet_program"


def read(data: bytes, reading: Reading) -> Read:
    """The cases of the file; raises Problem."""
    if not data.startswith(b"PAR1") or not data.endswith(b"PAR1"):
        raise refused("malformed_parquet", "The file is no Parquet file, or a part of one.")
    told = _run(data)
    found = Read()
    # What passes through a data frame loses its mark, and keeps its columns.
    is_ours = told["is_ours"] or {*told["columns"]} == {column.name for column in COLUMNS}
    for name in told["left_out"]:
        found.note(name[:100], "not_carried", "A column of bytes has no place in a case.")
    found.columns = {name: name if is_ours else _meaning(name, reading) for name in told["columns"]}
    for at, name, change in told["changes"]:
        found.note(f"cases.{at}.{name}"[:200], change, f"Row {number(at + 1)}, column {name[:60]}: {CHANGES[change]}")
    for at, row in enumerate(told["rows"]):
        found.add(_ours(at, row) if is_ours else _body(at, row, found, reading))
    return found


def _run(data: bytes) -> Any:
    # The child has nothing of ours: neither keys nor the database's address.
    environment = passed_on((*BASIC, *OF_PYTHON))
    command = [sys.executable, "-m", PROGRAM]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise refused("too_large", "The file takes too long to read.") from None
    if ended.returncode:
        sentence = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        is_told = sentence.startswith("refused: ")
        message = (
            sentence.removeprefix("refused: ") if is_told else "The file cannot be read: it is broken, or too large."
        )
        raise refused("malformed_parquet", message[:300])
    return orjson.loads(ended.stdout)


def _meaning(name: str, reading: Reading) -> str:
    if reading.types and name in reading.types.names:
        return "input"
    return PLAIN.get(name) or ("expected_output" if name in ("expected", "expected_output") else "input")


def _ours(number: int, row: Mapping[str, Any]) -> Body:
    return {
        name: _opened(value, f"cases.{number}.{name}") if name in JSON_COLUMNS else value
        for name, value in row.items()
        if value is not None
    }


def _opened(text: Any, place: str) -> Any:
    try:
        return exact_json(str(text).encode())
    except ValueError as error:
        raise invalid([FieldError(place, "malformed_json", f"JSON is expected here: {error}.")]) from None


def _body(number: int, row: Mapping[str, Any], found: Read, reading: Reading) -> Body:
    body: Body = {"input": {}}
    for name, value in row.items():
        meaning = found.columns[name]
        if value is None:
            continue
        place = f"cases.{number}.{name}"
        if meaning == "input":
            body["input"][name] = value
        elif meaning in body:
            raise invalid([FieldError(place, "repeated", f"Two columns say what {meaning} is: keep one of them.")])
        elif meaning == "expected_output":
            body[meaning] = value if isinstance(value, dict) else _expected(value, reading, place)
        elif meaning == "tags":
            body[meaning] = value if isinstance(value, list) else [str(value)]
        elif meaning == "weight":
            body[meaning] = weight_in(value) if isinstance(value, str) else value
        else:
            body[meaning] = str(value)
    return body


def _expected(value: Any, reading: Reading, place: str) -> dict[str, Any]:
    if isinstance(value, list):
        raise invalid([FieldError(place, "type", "A text is expected here, or an object with a type.")])
    return expected_of_text(reading.scorer, str(value), place=place)


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """The file, with the dataset's name and version in its schema."""
    metadata = {"format": MARK.decode(), "name": str(about["name"]), "dataset_version": str(about["version"])}
    return parquet.written(COLUMNS, cases, metadata)


PARQUET: Final = Format("parquet", "Parquet", "application/vnd.apache.parquet", ".parquet", read, write)
