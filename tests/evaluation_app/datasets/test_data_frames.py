"""Parquet, as data frames write it: types are kept, and what cannot be kept is told with row and column."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats.registry import FORMATS
from tests.evaluation_app.datasets.conftest import Shelf
from tests.evaluation_app.datasets.odd_cases import ODD, bodies, refusal, told


def parquet_of(columns: dict[str, Any]) -> bytes:
    """A file as data frames write it."""
    import pyarrow
    import pyarrow.parquet

    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file, compression="zstd")
    return file.getvalue()


async def test_a_data_frame_keeps_its_types(shelf: Shelf):
    columns = {
        "city": ["Graz", "Wien"],
        "count": [5, None],
        "share": [0.5, float("nan")],
        "is_big": [True, False],
        "list": [["a"], []],
        "raw": [b"x", b"y"],
        "expected": ["A", None],
        "split": ["smoke", "train"],
    }
    dataset = await shelf.make()
    sent = await shelf.send(dataset, parquet_of(columns), format="parquet")
    assert [note["place"] for note in sent.body["notes"]] == ["raw", "cases.1.share"]
    first, second = await shelf.cases(dataset)
    assert first["input"] == {"city": "Graz", "count": 5, "share": 0.5, "is_big": True, "list": ["a"]}
    assert (first["split"], first["expected_output"]) == ("smoke", {"type": "contains", "keywords": ["A"]})
    assert second["input"] == {"city": "Wien", "is_big": False, "list": []}


def test_numbers_of_a_data_frame_that_cannot_be_kept_are_noted_with_row_and_column():
    columns = {
        "city": ["Graz", "Wien"],
        "share": [0.5, float("nan")],
        "most": [float("-inf"), 1.0],
        "list": [[1.0, float("nan")], [2.0]],
        "price": [Decimal("0.10"), Decimal("12345678901234567.89")],
        "expected": [1.0, float("nan")],
    }
    read = told("parquet", parquet_of(columns))
    assert [body["input"] for body in read.bodies] == [
        {"city": "Graz", "share": 0.5, "list": [1.0, None], "price": 0.1},
        {"city": "Wien", "most": 1.0, "list": [2.0], "price": 12345678901234567.89},
    ]
    assert [(note.place, note.code) for note in read.notes] == [
        ("cases.0.most", "no_number"),
        ("cases.0.list", "no_number_within"),
        ("cases.1.share", "no_number"),
        ("cases.1.price", "rounded"),
        ("cases.1.expected", "no_number"),
    ]
    assert read.notes[2].message.startswith("Row 2, column share: ")


def test_a_file_of_ours_that_passed_through_a_data_frame_is_ours_still():
    import pyarrow.parquet

    cases = bodies(ODD)
    file = b"".join(FORMATS["parquet"].write({"name": "D", "version": 1}, cases))
    table = pyarrow.parquet.read_table(io.BytesIO(file)).replace_schema_metadata(None)
    again = told("parquet", parquet_of({name: table[name] for name in reversed(table.column_names)}))
    assert bodies(checked_cases(again.bodies, types=None)) == bodies(checked_cases(cases, types=None))


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"a": ["x"], "expected": ["x"], "expected_output": ["y"]}, "repeated"),
        ({"a": ["x"], "expected": [["x", "y"]]}, "type"),
    ],
)
def test_columns_of_a_data_frame_that_say_no_one_thing_are_refused(columns: dict[str, Any], code: str):
    assert refusal("parquet", parquet_of(columns))[1] == code


async def test_a_small_file_that_comes_to_gigabytes_is_refused(shelf: Shelf):
    bomb = parquet_of({"a": ["x" * 1_000_000] * 5_000})
    assert len(bomb) < 100_000
    dataset = await shelf.make()
    refused = await shelf.send(dataset, bomb, format="parquet")
    assert refused.status == 400, refused.body
    assert "bytes" in refused.body["errors"][0]["message"]
    many = await shelf.send(dataset, parquet_of({"a": ["x"] * 10_001}), format="parquet")
    assert (many.status, many.body["errors"][0]["field"]) == (400, "cases")


@pytest.mark.parametrize("at", [4, 40, -60, -20])
async def test_a_broken_file_breaks_nothing(shelf: Shelf, at: int):
    file = bytearray(parquet_of({"a": ["x", "y"], "b": [1, 2]}))
    file[at] ^= 0xFF
    dataset = await shelf.make()
    sent = await shelf.send(dataset, bytes(file), format="parquet")
    assert sent.status in (200, 400)
    assert (await shelf.call("GET", dataset, ""))["name"]
