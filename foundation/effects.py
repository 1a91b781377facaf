"""Named effects: what an app must have done within another app's change, in the same statement and transaction.

Whose change it is names a moment, says which rows an effect may read there, and puts the registered statements into
its own; so it names no other app's table. Effects of a moment run in the order of their names.

An effect is one or more common table expressions. At a moment that asks for leave it writes nothing, and the one that
is called like the effect has the column `id`: the rows that it lets in, never more than there is room for, however many
ask in one statement or beside it.
"""

from __future__ import annotations

_effects: dict[str, dict[str, str]] = {}


def register(moment: str, name: str, statement: str) -> None:
    """Has `statement` done whenever `moment` comes; to be called when its app is ready."""
    if _effects.setdefault(moment, {}).setdefault(name, statement) != statement:
        raise ValueError(f"{moment}: the effect {name!r} is there already")


def registered(moment: str) -> dict[str, str]:
    """What has to be done at `moment`, by name."""
    return dict(sorted(_effects.get(moment, {}).items()))
