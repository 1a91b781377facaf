"""The export dialog: its form, and the large exports that are made or wait to be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from foundation.presentation.words import size
from foundation.words import age, number
from history.models import ExportArtifact

WORDS: Final = {
    "json": "JSON bundle, can be imported again",
    "jsonl": "JSON lines",
    "csv": "CSV, for spreadsheets",
    "parquet": "Parquet, for data frames",
    "markdown": "Markdown, to read",
    "openai-jsonl": "OpenAI JSON lines, for fine-tuning",
}
STATUSES: Final = ("completed", "failed", "cancelled")


@dataclass
class ExportForm:
    """What stands in the dialog."""

    given: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_post(cls, data: Mapping[str, str]) -> ExportForm:
        """The form as it was sent; empty fields are not meant."""
        given = {name: data.get(name, "").strip() for name in ("format", "from", "to", "status")}
        return cls({name: value for name, value in given.items() if value})

    @property
    def query(self) -> str:
        """Itself as the query of GET /api/sessions/{id}/export."""
        return urlencode(self.given)

    @property
    def formats(self) -> list[tuple[str, str, bool]]:
        """What can be chosen."""
        chosen = self.given.get("format", "json")
        return [(name, words, name == chosen) for name, words in WORDS.items()]

    @property
    def statuses(self) -> list[tuple[str, bool]]:
        """What can be chosen."""
        return [(status, status == self.given.get("status")) for status in STATUSES]


class ArtifactView:
    """A large export; `artifact_json` is the API's."""

    def __init__(self, artifact: ExportArtifact, artifact_json: Mapping[str, Any], *, now: datetime) -> None:
        self.artifact = artifact
        self.id = artifact.id
        self.format = WORDS.get(artifact.format, artifact.format).partition(",")[0]
        self.status = str(artifact_json["status"])
        self.percent = round(100 * artifact_json["progress"])
        self.download: str | None = artifact_json["download_url"]
        self.error: str = artifact_json["error"] or ""
        self.age = age(artifact.created_at)
        self.hours_left = max(1, round((artifact.expires_at - now).total_seconds() / 3600))

    @property
    def is_made(self) -> bool:
        """Whether more is to come."""
        return self.status in ("pending", "running")

    @property
    def runs(self) -> str:
        """How many it holds."""
        return number(self.artifact.rows_total)

    @property
    def done(self) -> str:
        """How many are written, as far as it was told."""
        return number(self.artifact.rows_done)

    @property
    def size(self) -> str:
        """The file's."""
        return size(self.artifact.size)
