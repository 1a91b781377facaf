"""`manage.py reencrypt`: after a new first key in ENCRYPTION_KEYS, seals everything with it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.rows import reseal


class Command(BaseCommand):
    """May be interrupted, repeated, and run while the service runs; afterwards the old keys can go."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Seals and counts."""
        try:
            self.stdout.write(f"{reseal()} rows sealed with the current key")
        except CannotDecrypt as error:
            raise CommandError(str(error)) from None
