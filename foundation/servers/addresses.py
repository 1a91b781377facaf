"""Where the embedded servers listen: sockets that only this data folder's owner can reach."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote

DATABASE = "playground"
ROLE = "playground"
# A UNIX socket's path ends at 107 bytes (sun_path); PostgreSQL appends "/.s.PGSQL.5432.lock".
LONGEST_FOLDER = 80


def socket_folder(data_dir: Path) -> Path:
    """The folder of both sockets: inside the data folder, or a short one when that path is too long."""
    inside = data_dir.resolve() / "run"
    if len(str(inside)) <= LONGEST_FOLDER:
        return inside
    name = hashlib.sha256(str(inside).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"llm-playground-{name}"


def database_url(data_dir: Path) -> str:
    """URL of the embedded PostgreSQL."""
    return f"postgresql://{ROLE}@{quote(str(socket_folder(data_dir)), safe='')}/{DATABASE}"


def redis_url(data_dir: Path) -> str:
    """URL of the embedded Valkey."""
    return f"unix://{socket_folder(data_dir) / 'valkey.sock'}"
