"""`manage.py encryption status`: which keys stored values need; `encryption rotate`: all of them the first one.

See docs/decisions/053-encryption.md.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from foundation import context
from foundation.sealing.encryption import keyring
from foundation.sealing.files.resealing import reseal_files
from foundation.sealing.rotation import rotate
from foundation.sealing.standing import Standing, missing, others, standings
from foundation.sealing.tables import SealedTable, sealed_tables
from foundation.words import number

NAMED: Final = 20
"""Files that are told by their place."""
TOLD_EVERY: Final = 1_000
"""Rows."""
BY_ROTATION: Final = "encryption rotate"
"""What the audit log says of rows that it writes anew."""


class Command(BaseCommand):
    """Keys of everything that is sealed."""

    help = "Tells which encryption keys stored values need, or seals all of them with the first key."

    def add_arguments(self, parser: CommandParser) -> None:
        """status [--only-missing] | rotate."""
        parser.add_argument("what", choices=("status", "rotate"))
        parser.add_argument("--only-missing", action="store_true", help="status: tell only of keys that are missing.")

    def handle(self, *args: Any, what: str, only_missing: bool, **options: Any) -> None:
        """Ends with 0 where nothing is left to do, else with 1."""
        if what == "rotate":
            is_done = self._rotate()
        elif only_missing:
            is_done = self._nothing_missing(standings())
        else:
            is_done = self._status()
        if not is_done:
            sys.exit(1)

    def _status(self) -> bool:
        found = standings()
        self.stdout.write(f"First key of ENCRYPTION_KEYS: {keyring().current.hex()}")
        for each in found:
            self.stdout.write(f"{each.place}: {_told(each)}")
        left = _total(others(found))
        is_whole = self._nothing_missing(found)
        self.stdout.write(f"Left to rotate: {number(left)} values" if left else "Nothing is left to rotate.")
        return is_whole and not left

    def _nothing_missing(self, found: list[Standing]) -> bool:
        """Whether every key is here; names those that are not, and what needs them."""
        lacking = missing(found)
        for key, places in sorted(lacking.items()):
            counts = ", ".join(f"{place}: {count}" for place, count in places.items())
            self.stderr.write(f"ENCRYPTION_KEYS lacks key {key}, which {_total({key: places})} values need ({counts})")
        return not lacking

    def _rotate(self) -> bool:
        before = standings()
        self.stdout.write(f"Sealing with key {keyring().current.hex()}: {_total(others(before))} values have another.")
        # Rows of watched tables are written: the log says by what.
        token = context.asker.set(context.Asker(by=BY_ROTATION))
        try:
            refused = [said for table in sealed_tables() for said in self._rotate_table(table)]
            refused += self._rotate_files()
        finally:
            context.asker.reset(token)
        for said in refused:
            self.stderr.write(said)
        after = standings()
        is_whole = self._nothing_missing(after)
        left = _total(others(after))
        self.stdout.write(
            f"{number(left)} values have another key still: run this again." if left else "No value needs another key."
        )
        return is_whole and not refused and not left

    def _rotate_table(self, table: SealedTable) -> list[str]:
        told = 0

        def tell(count: int) -> None:
            nonlocal told
            if count - told >= TOLD_EVERY:
                told = count
                self._say(f"{table.name}: {number(count)} rows so far")

        done = rotate(table, tell=tell)
        if done.count:
            self._say(f"{table.name}: {number(done.count)} rows sealed with the first key")
        refused = []
        if done.unreadable:
            refused.append(f"{done.unreadable} rows of {table.name} cannot be opened: {', '.join(done.named)}")
        if done.held:
            refused.append(f"{done.held} rows of {table.name} were held by somebody all the time")
        return refused

    def _rotate_files(self) -> list[str]:
        try:
            done = reseal_files()
        except DatabaseError:
            raise
        except Exception as error:  # whatever a storage raises: its libraries share no class
            return [f"The object store does not answer ({type(error).__name__}). Run this again for its files."]
        self._say(f"{done.count} files sealed with the first key")
        if done.lost:
            self._say(f"{len(done.lost)} files are not in the object store: {', '.join(done.lost[:NAMED])}")
        if done.unreadable:
            return [f"{len(done.unreadable)} files cannot be opened: {', '.join(done.unreadable[:NAMED])}"]
        return []

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _told(each: Standing) -> str:
    parts = [f"{each.current} with the first key"]
    parts += [
        f"{count} with key {key}" if key else f"{count} of which only the file tells"
        for key, count in each.others.items()
    ]
    parts += [f"{count} with key {key}, which is missing" for key, count in each.missing.items()]
    if each.lost:
        parts.append(f"{each.lost} that the object store lacks")
    return ", ".join(parts)


def _total(by_key: dict[str, dict[str, int]]) -> int:
    return sum(sum(places.values()) for places in by_key.values())
