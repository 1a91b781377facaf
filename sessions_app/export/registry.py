"""The formats that a session can be exported in."""

from __future__ import annotations

from typing import Final

from sessions_app.export.bundle import BUNDLE
from sessions_app.export.format import Format
from sessions_app.export.jsonl import JSONL
from sessions_app.export.markdown import MARKDOWN
from sessions_app.export.openai_jsonl import OPENAI_JSONL
from sessions_app.export.parquet import PARQUET
from sessions_app.export.table import CSV

FORMATS: Final[dict[str, Format]] = {
    known.name: known for known in (BUNDLE, JSONL, CSV, PARQUET, MARKDOWN, OPENAI_JSONL)
}
