"""The models that a template can be tried on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync

from accounts.models import User
from providers.catalogue.listing import DOWN, RESTING, model, models_for, unwell


class ModelChoice(NamedTuple):
    """The models that can be asked now, as (id, name), and the one to begin with; any other may be named by its id."""

    models: list[tuple[str, str]]
    chosen: str


def model_choice(user: User, wanted: Iterable[str]) -> ModelChoice:
    """All of them; chosen is the first of `wanted` that some provider has, else one that can be asked and has not
    failed lately.
    """
    rows = [row for row in models_for(user) if row.get("available", True)]
    chosen = next((each for each in wanted if each and (model(each) or {}).get("available")), "") or _likeliest(rows)
    return ModelChoice(sorted((str(row["id"]), str(row.get("name") or row["id"])) for row in rows), chosen)


def _likeliest(rows: list[dict[str, Any]]) -> str:
    told = async_to_sync(unwell)()
    away = {name for name, how in told.items() if how in (DOWN, RESTING)}
    able = [row for row in rows if not {row["id"], row["id"].partition("/")[0]} & away]
    able.sort(key=lambda row: (not row.get("is_listed", True), row["id"] in told))
    return next((str(row["id"]) for row in able), "")
