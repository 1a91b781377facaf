"""Whether the stored rows' keys have to be looked for: only after ENCRYPTION_KEYS has changed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from foundation.sealing.encryption import keyring

STAMP = "keys-checked"


def is_due() -> bool:
    """Whether these keys were not checked against the stored rows yet."""
    stamp = _stamp()
    return not stamp.exists() or stamp.read_text() != _key_ids()


def remember() -> None:
    """To be called after a check that found nothing missing."""
    _stamp().write_text(_key_ids())


def _stamp() -> Path:
    return Path(settings.DATA_DIR) / STAMP


def _key_ids() -> str:
    return " ".join(sorted(key_id.hex() for key_id in keyring().key_ids))
