"""Of every table it is decided how long its rows are kept, and every hold reaches what it is on."""

from __future__ import annotations

from django.apps import apps

from privacy.keeping import DECISIONS, OfKind, With
from privacy.models import Covers
from privacy.retention.kinds import KINDS

PRUNED_BY_ITSELF = {"audit"}
"""Known where this release has it."""
OF_OTHERS = {"django_migrations"}
"""Tables without a model."""


def tables() -> set[str]:
    """Every table that has a model."""
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def test_of_every_table_it_is_decided_how_long_its_rows_are_kept() -> None:
    assert tables() - set(DECISIONS) == set(), "tell it in <app>/keeping/retention.py"
    assert set(DECISIONS) - tables() - OF_OTHERS == set()


def test_what_goes_with_another_goes_with_a_table_that_is_there() -> None:
    assert {each.table for each in DECISIONS.values() if isinstance(each, With)} <= tables()


def test_kinds_that_tables_name_are_known() -> None:
    named = {each.kind for each in DECISIONS.values() if isinstance(each, OfKind)}
    assert named - PRUNED_BY_ITSELF == set(KINDS) - PRUNED_BY_ITSELF


def test_a_hold_of_each_sort_reaches_rows_of_each_kind() -> None:
    from privacy.holds import _reaches
    from privacy.retention.kinds import Kind

    reached = {covers for found in _reaches.values() for covers, _ in found}
    assert reached == set(Covers)
    for kind in KINDS.values():
        if isinstance(kind, Kind):
            of_it = {covers for covers, _ in _reaches[kind.rows().model._meta.db_table]}
            assert {Covers.USER, Covers.ORGANISATION} <= of_it, kind.name
