"""Whether data that comes with the code has to be loaded: a fingerprint of its files and of the database it went to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of `folder` that match `pattern`; `name` is the stamp's."""

    name: str
    folder: Path
    pattern: str

    def have_changed(self) -> bool:
        """Whether they differ from what was loaded last, or the database is another one."""
        stamp = self._stamp
        return not stamp.exists() or stamp.read_text() != self._fingerprint()

    def remember(self) -> None:
        """To be called when they are loaded."""
        self._stamp.write_text(self._fingerprint())

    @property
    def _stamp(self) -> Path:
        return Path(settings.DATA_DIR) / self.name

    def _fingerprint(self) -> str:
        database = settings.DATABASES["default"]
        digest = hashlib.sha256(f"{database['HOST']} {database['PORT']} {database['NAME']}".encode())
        for path in sorted(self.folder.glob(self.pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()
