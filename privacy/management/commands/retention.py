"""`manage.py retention`: removes what has been kept long enough, or says what would go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.models import RetentionRun
from privacy.retention import running
from privacy.retention.kinds import KINDS


class Command(BaseCommand):
    help = "Removes what rules say has been kept long enough. It may be killed and started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--kind", default="", help="of this kind only")
        parser.add_argument("--organisation", help="of this organisation only; an empty one: of those who have none")

    def handle(self, *, dry_run: bool, kind: str, organisation: str | None, **options: Any) -> None:
        if kind and kind not in KINDS:
            raise CommandError(f"--kind: {kind!r} is none of {', '.join(KINDS)}.")
        run = running.begin(is_dry=dry_run, kind=kind, organisation=organisation)
        running.work(run)
        run.refresh_from_db()
        self._tell(run)

    def _tell(self, run: RetentionRun) -> None:
        seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0
        found = run.figures.order_by("kind", "organisation")
        for each in found:
            span = f", {each.first_at:%Y-%m-%d} to {each.last_at:%Y-%m-%d}" if each.first_at and each.last_at else ""
            whose = each.organisation or "no organisation"
            self.stdout.write(
                f"{each.kind} of {whose}: {each.rows} ({each.size} bytes{span}) before {each.before:%Y-%m-%d};"
                f" {each.held} held, {each.needed} still needed, {each.failed_files} files left for the next sweep"
            )
        word = "would go" if run.is_dry else "gone"
        total = sum(each.rows for each in found)
        self.stdout.write(f"{total} {word} in {seconds:.1f} s")
