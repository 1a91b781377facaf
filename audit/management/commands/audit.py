"""`manage.py audit verify`: whether the log is whole; `manage.py audit publish`: its heads, now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit import heads, verifying
from audit.chaining import link_waiting


class Command(BaseCommand):
    """The audit log's own door."""

    help = "Checks the audit log, or publishes the heads of its chains."

    def add_arguments(self, parser: CommandParser) -> None:
        """verify [--organisation X] [--head FILE] | publish [--head FILE]."""
        parser.add_argument("what", choices=("verify", "publish"))
        parser.add_argument("--organisation", help="Only this one's chain; '' is that of whoever has none.")
        parser.add_argument("--head", type=Path, help="The file with published heads; left out: AUDIT_HEAD_FILE.")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Says what was found; ends with 1 where a chain is broken."""
        path: Path | None = options["head"] or settings.ENV.audit_head_file
        if what == "publish":
            self._publish(path)
        elif not self._verify(path, options["organisation"]):
            sys.exit(1)

    def _publish(self, path: Path | None) -> None:
        if path is None:
            raise CommandError("Name a file with --head, or set AUDIT_HEAD_FILE.")
        link_waiting()
        try:
            for head in heads.publish(path, now=timezone.now()):
                self.stdout.write(f"{head.organisation or '(no organisation)'}: number {head.number}, {head.hash}")
        except (OSError, heads.UnreadableHead) as error:
            raise CommandError(str(error)) from None

    def _verify(self, path: Path | None, organisation: str | None) -> bool:
        is_whole = True
        try:
            told = {head.organisation for head in heads.read(path)} if path else set()
            chosen = sorted({*verifying.organisations(), *told}) if organisation is None else [organisation]
            for each in chosen:
                chain = verifying.verify(each, published=heads.read(path) if path else (), now=timezone.now())
                if chain.fault is not None:
                    is_whole = False
                    self.stderr.write(str(chain.fault))
                else:
                    self.stdout.write(f"{each or '(no organisation)'}: {chain.length} rows, whole")
        except (OSError, heads.UnreadableHead) as error:
            raise CommandError(str(error)) from None
        for entry_id in verifying.removed_before_they_were_linked():
            is_whole = False
            self.stderr.write(f"entry {entry_id}: the row is missing: it was removed before it was linked")
        return is_whole
