"""`manage.py audit verify`: whether the log is whole; `publish`: its heads, now; `prune`: its oldest entries go."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.chain import heads, verifying
from audit.chain.chaining import link_waiting
from audit.retention import prune
from audit.stamps import checking, outside
from foundation.words import number


class Command(BaseCommand):
    """The audit log's own door."""

    help = "Checks the audit log, publishes the heads of its chains, or takes its oldest entries away."

    def add_arguments(self, parser: CommandParser) -> None:
        """verify [--organisation X] [--head FILE] [--stamps FILE] | publish [--head FILE] [--stamps FILE] | prune …"""
        parser.add_argument("what", choices=("verify", "publish", "prune"))
        parser.add_argument("--organisation", help="Only this one's chain; '' is that of whoever has none.")
        parser.add_argument("--head", type=Path, help="The file with published heads; left out: AUDIT_HEAD_FILE.")
        parser.add_argument("--stamps", type=Path, help="The file with time stamps; left out: AUDIT_TIMESTAMP_FILE.")
        parser.add_argument("--days", type=int, help="Entries older than so many go; left out: RETENTION_AUDIT_DAYS.")
        parser.add_argument("--dry-run", action="store_true", help="Tells what would go, and removes nothing.")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Says what was found; ends with 1 where a chain is broken."""
        path: Path | None = options["head"] or settings.ENV.audit_head_file
        stamps: Path | None = options["stamps"] or settings.ENV.audit_timestamp_file
        if what == "publish":
            self._publish(path, stamps)
        elif what == "prune":
            self._prune(options["days"], dry_run=options["dry_run"])
        elif not self._is_whole(path, stamps, options["organisation"]):
            sys.exit(1)

    def _publish(self, path: Path | None, stamps: Path | None) -> None:
        if path is None and stamps is None:
            raise CommandError("Name a file with --head or --stamps, or set AUDIT_HEAD_FILE or AUDIT_TIMESTAMP_FILE.")
        link_waiting()
        try:
            for head in heads.publish(path, now=timezone.now()) if path else ():
                self.stdout.write(f"{head.organisation or '(no organisation)'}: number {head.number}, {head.hash}")
            if stamps:
                self.stdout.write(f"Time stamps: up to number {outside.append(stamps)}")
        except (OSError, heads.UnreadableHead) as error:
            raise CommandError(str(error)) from None
        except outside.UnreadableStamp as error:
            raise CommandError(f"{stamps}: {error}") from None

    def _prune(self, days: int | None, *, dry_run: bool) -> None:
        kept = settings.ENV.retention_audit_days if days is None else days
        if kept < 1:
            raise CommandError("Entries are kept for ever: name days with --days, or set RETENTION_AUDIT_DAYS.")
        link_waiting()
        for pruned in prune(before=timezone.now() - timedelta(days=kept), dry_run=dry_run):
            name, verb = pruned.organisation or "(no organisation)", "would go" if dry_run else "are gone"
            self.stdout.write(f"{name}: {number(pruned.entries)} entries up to number {number(pruned.number)} {verb}")
            if pruned.fault:
                self.stderr.write(f"{pruned.fault}; it and all after it stay")

    def _is_whole(self, path: Path | None, stamps: Path | None, organisation: str | None) -> bool:
        are_whole = self._verify(path, organisation)
        return self._verify_stamps(stamps, organisation) and are_whole

    def _verify_stamps(self, path: Path | None, organisation: str | None) -> bool:
        try:
            found = checking.verify(
                roots=settings.ENV.audit_timestamp_roots, kept_outside=path, organisation=organisation
            )
        except OSError as error:
            raise CommandError(str(error)) from None
        except outside.UnreadableStamp as error:
            raise CommandError(f"{path}: {error}") from None
        if found.fault:
            self.stderr.write(found.fault)
        elif found.first_at and found.last_at:
            first, last = (at.isoformat(timespec="seconds") for at in (found.first_at, found.last_at))
            self.stdout.write(f"Time stamps: {found.number}, from {first} to {last}, all hold")
        return not found.fault

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
                    since = f" from number {chain.first} on" if chain.first > 1 else ""
                    self.stdout.write(f"{each or '(no organisation)'}: {number(chain.length)} rows{since}, whole")
        except (OSError, heads.UnreadableHead) as error:
            raise CommandError(str(error)) from None
        for entry_id in verifying.removed_before_they_were_linked():
            is_whole = False
            self.stderr.write(f"entry {entry_id}: the row is missing: it was removed before it was linked")
        return is_whole
