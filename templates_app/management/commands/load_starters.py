"""`manage.py load_starters`: puts the starter library into the database; harmless when it is there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from templates_app.starter.loading import load


class Command(BaseCommand):
    """Adds starter templates that are missing, and updates those that nobody has changed."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Loads and tells."""
        done = load()
        self.stdout.write(f"{done.added} added, {done.updated} updated, {done.kept} left as they are")
