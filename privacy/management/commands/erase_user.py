"""`manage.py erase_user`: erases a person, and shows that nothing that names them is left."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem
from privacy.erasure import erasing, lifecycle
from privacy.erasure.preview import preview
from privacy.models import Erasure

PATIENCE: Final = lifecycle.LEASE.total_seconds() + 60
"""Seconds in which what is in the way may pass: the lease of one that was killed, too."""


class Command(BaseCommand):
    help = "Erases a person: their export first, then everything of theirs. It may be killed and started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="id or user name")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, and what would stay")
        parser.add_argument("--no-export", action="store_true", help="make no file of their data first")

    def handle(self, *, person: str, dry_run: bool, no_export: bool, **options: Any) -> None:
        erasure = None if dry_run else self._going_on(person)
        if erasure is None:
            subject = _found(person)
            if dry_run:
                self._tell(preview(subject))
                return
            erasure = self._begun(subject, with_export=not no_export)
        self._work(erasure)

    def _going_on(self, person: str) -> Erasure | None:
        """One that was begun: the person may not be known by their name any more."""
        try:
            return lifecycle.open_of(UUID(person))
        except ValueError:
            known = User.objects.filter(username=person).first()
            return lifecycle.open_of(known.id) if known else None

    def _begun(self, subject: User, *, with_export: bool) -> Erasure:
        return lifecycle.request(subject=subject, by=None, with_export=with_export)

    def _work(self, erasure: Erasure) -> None:
        if erasure.status == Erasure.Status.REQUESTED:
            try:
                lifecycle.approve(erasure_id=erasure.id, by=None, now=timezone.now())
            except Problem as problem:
                raise CommandError(problem.detail) from None
        ends = time.monotonic() + PATIENCE
        while not erasing.go_on(erasure.id):
            now = lifecycle.get(erasure.id)
            if now.status == Erasure.Status.HELD or time.monotonic() > ends:
                reason = now.reason or "Somebody else is at it."
                raise CommandError(f"It could not be finished yet: {reason} Start it again, or leave it to the worker.")
            time.sleep(0.5)
        done = lifecycle.get(erasure.id)
        self._tell(done.counts)
        if done.own_data_id:
            self.stdout.write(f"Their data, for seven days: /api/privacy/erasures/{done.id}/export")
        for find in done.finds:
            self.stdout.write(f"still named in {find}")
        self.stdout.write(f"{len(done.finds)} places still name them.")

    def _tell(self, counts: dict[str, int]) -> None:
        for name, rows in counts.items():
            self.stdout.write(f"{name}: {rows}")


def _found(person: str) -> User:
    try:
        found = User.objects.filter(id=UUID(person)).first()
    except ValueError:
        found = User.objects.filter(username=person).first()
    if found is None:
        raise CommandError(f"Nobody is known as {person!r}.")
    return found
