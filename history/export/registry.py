"""The formats that a session can be exported in."""

from __future__ import annotations

from typing import Final

from history.export.bundle import BUNDLE
from history.export.format import Format
from history.export.jsonl import JSONL
from history.export.markdown import MARKDOWN
from history.export.openai_jsonl import OPENAI_JSONL
from history.export.parquet import PARQUET
from history.export.table import CSV

FORMATS: Final[dict[str, Format]] = {
    known.name: known for known in (BUNDLE, JSONL, CSV, PARQUET, MARKDOWN, OPENAI_JSONL)
}
