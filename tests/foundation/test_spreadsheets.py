"""CSV that spreadsheets, and those that read after them, take as it was meant."""

from __future__ import annotations

import codecs
import csv
import io

import pandas  # type: ignore[import-untyped]
import pyarrow.csv

from foundation.downloads.columns import Kind, Row, figure, text
from foundation.downloads.spreadsheet import written

COLUMNS = (text("名前"), text("price"), figure("count", Kind.INTEGER))
ROWS: list[Row] = [{"名前": "Größe, 日本\n語", "price": "5 €", "count": 3}, {"名前": "ñ", "price": None, "count": None}]
FILE = b"".join(written(COLUMNS, ROWS))


def test_a_spreadsheet_is_told_that_it_is_utf_8():
    assert FILE.startswith(codecs.BOM_UTF8)
    assert FILE.count(codecs.BOM_UTF8) == 1
    assert b"".join(written(COLUMNS, [])) == codecs.BOM_UTF8 + '"名前","price","count"\r\n'.encode()


def test_those_who_read_csv_pass_over_the_mark():
    names = ["名前", "price", "count"]
    with io.StringIO(FILE.decode("utf-8-sig"), newline="") as file:
        assert next(csv.reader(file)) == names
    frame = pandas.read_csv(io.BytesIO(FILE))
    assert (list(frame.columns), frame["名前"][0]) == (names, "Größe, 日本\n語")
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    assert pyarrow.csv.read_csv(io.BytesIO(FILE), parse_options=options).column_names == names
