"""`manage.py reencrypt`: after a new first key in ENCRYPTION_KEYS, seals everything with it."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.files.resealing import Resealed, reseal_files
from foundation.sealing.rows import reseal

NAMED: Final = 20
"""Files that are told by their place."""


class Command(BaseCommand):
    """May be interrupted, repeated, and run while the service runs; afterwards the old keys can go."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Seals and counts; rows that do not open keep no file from its new key, and files no row."""
        refused = []
        try:
            self.stdout.write(f"{reseal()} rows sealed with the current key")
        except CannotDecrypt as error:
            refused.append(str(error))
        try:
            refused += self._told(reseal_files())
        except DatabaseError:
            raise
        except Exception as error:  # whatever a storage raises: its libraries share no class
            refused.append(f"The object store does not answer ({type(error).__name__}). Run this again for its files.")
        if refused:
            raise CommandError("\n".join(refused))

    def _told(self, done: Resealed) -> list[str]:
        self.stdout.write(f"{done.count} files sealed with the current key")
        if done.lost:
            self.stdout.write(f"{len(done.lost)} files are not in the object store: {', '.join(done.lost[:NAMED])}")
        if done.unreadable:
            return [f"{len(done.unreadable)} files cannot be opened: {', '.join(done.unreadable[:NAMED])}"]
        return []
