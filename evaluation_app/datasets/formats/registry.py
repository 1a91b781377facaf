"""The formats that a dataset can come in and go out in."""

from __future__ import annotations

from typing import Final

from evaluation_app.datasets.formats.csv_table import CSV
from evaluation_app.datasets.formats.format import Format
from evaluation_app.datasets.formats.jsonl import JSONL
from evaluation_app.datasets.formats.parquet import PARQUET
from evaluation_app.datasets.formats.promptfoo import PROMPTFOO
from evaluation_app.datasets.formats.yaml_text import YAML

FORMATS: Final[dict[str, Format]] = {known.name: known for known in (CSV, JSONL, PARQUET, YAML, PROMPTFOO)}
SUFFIXES: Final = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip
MEDIA_TYPES: Final = {
    "text/csv": "csv", "text/tab-separated-values": "csv", "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/json": "jsonl", "application/vnd.apache.parquet": "parquet", "application/yaml": "yaml",
    "application/x-yaml": "yaml", "text/yaml": "yaml",
}  # fmt: skip


def format_named(name: str, *, file_name: str = "", media_type: str = "") -> Format | None:
    """The format of this name; without one, that of the file's name or type. None where neither tells."""
    if not name:
        ending = f".{file_name.rpartition('.')[2].lower()}" if "." in file_name else ""
        name = SUFFIXES.get(ending) or MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower(), "")
    return FORMATS.get(name)
