"""`manage.py check_keys`: whether every sealed row can be opened; the start asks, and stops when not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.sealing.rows import missing_keys


class Command(BaseCommand):
    """Fails with the ids of the keys that ENCRYPTION_KEYS lacks."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Looks at the key ids in the database."""
        if missing := sorted(missing_keys()):
            raise CommandError(f"ENCRYPTION_KEYS lacks keys that stored rows need: {', '.join(missing)}")
