"""Named effects: what an app must have done within another app's change, in the same statement and transaction.

Whose change it is names a moment, says which rows an effect may read there, and puts the registered statements into
its own; so it names no other app's table. Effects of a moment run in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator

_effects: dict[str, dict[str, str]] = {}


def register(moment: str, name: str, statement: str) -> None:
    """Has `statement` done whenever `moment` comes; to be called when its app is ready."""
    if _effects.setdefault(moment, {}).setdefault(name, statement) != statement:
        raise ValueError(f"{moment}: the effect {name!r} is there already")


def statements(moment: str) -> Iterator[str]:
    """What has to be done at `moment`."""
    return (statement for _, statement in sorted(_effects.get(moment, {}).items()))
