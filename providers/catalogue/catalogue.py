"""The models that this installation knows, in memory; reread from the database now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from django.utils import timezone

from providers.base import ListedModel
from providers.catalogue import facts
from providers.catalogue.info import ModelInfo, describe
from providers.models import CatalogueModel
from providers.registry import ProviderEntry

BATCH: Final = 1_000


class Catalogue:
    """Models by id. An unlisted one is described from the price table, and kept once it was used."""

    def __init__(self) -> None:
        self._models: dict[str, ModelInfo] = {}
        self._unlisted: dict[str, ModelInfo] = {}
        self._noted: set[str] = set()
        self._providers: dict[str, ProviderEntry] = {}

    def load(self, providers: Iterable[ProviderEntry]) -> None:
        """Reads the rows of these providers' models; an ordinary blocking call.

        What a provider is known to have without being asked is there before its first listing.
        """
        by_slug = {provider.slug: provider for provider in providers}
        rows = {row.id: row for row in CatalogueModel.objects.filter(provider__in=by_slug)}
        for row in _known(by_slug.values()):
            kept = rows.setdefault(row.id, row)
            if kept.listed_at is None:
                kept.listed_at, kept.details = row.listed_at, kept.details or row.details
        self._models = {row_id: _described(rows[row_id], by_slug[rows[row_id].provider]) for row_id in sorted(rows)}
        self._providers = by_slug
        self._unlisted.clear()
        self._noted.clear()

    def models(self) -> list[ModelInfo]:
        """Every known model, by id."""
        return list(self._models.values())

    def has(self, model_id: str) -> bool:
        """Whether a model was listed or used before."""
        return model_id in self._models

    def is_news(self, model_id: str) -> bool:
        """Whether a model was neither listed nor used before; true once."""
        if model_id in self._models or model_id in self._noted:
            return False
        self._noted.add(model_id)
        return True

    def info(self, model_id: str, provider: ProviderEntry) -> ModelInfo:
        """What is known of a model, listed or not."""
        known = self._models.get(model_id) or self._unlisted.get(model_id)
        if known is None:
            if len(self._unlisted) > 1_000:
                self._unlisted.clear()
            known = self._unlisted[model_id] = describe(
                model_id,
                price_prefix=provider.price_prefix,
                wire=provider.wire,
                is_self_hosted=provider.is_self_hosted,
                is_listed=False,
            )
        return known

    def named(self, model_id: str, *, like: ModelInfo) -> ModelInfo | None:
        """A model by the name that `like`'s provider gave it; None when that provider has gone."""
        provider = self._providers.get(like.provider)
        return self.info(model_id, provider) if provider else None


def _known(providers: Iterable[ProviderEntry]) -> Iterator[CatalogueModel]:
    now = timezone.now()
    for provider in providers:
        for model in provider.known_models:
            model_id, details = f"{provider.slug}/{model.name}", dict(model.details)
            yield CatalogueModel(id=model_id, provider=provider.slug, listed_at=now, details=details)


def _described(row: CatalogueModel, provider: ProviderEntry) -> ModelInfo:
    """A row that does not hold is described without what does not, and says why it is not run."""
    in_details = facts.faults(row.details, "details", only_known=False)
    in_overrides = facts.faults(row.overrides, "overrides", only_known=True)
    wrong = [*facts.id_faults(row.id, row.provider), *in_details, *in_overrides]
    described = describe(
        row.id,
        price_prefix=provider.price_prefix,
        wire=provider.wire,
        is_self_hosted=provider.is_self_hosted,
        details={} if in_details else row.details,
        overrides={} if in_overrides else row.overrides,
        is_listed=row.listed_at is not None,
        unavailable_reason=f"Its row in the catalogue does not hold: {' '.join(wrong)}" if wrong else "",
    )
    return described if described.provider == row.provider else replace(described, provider=row.provider)


def note_use(model_id: str) -> None:
    """Keeps an unlisted model that worked, so that the catalogue shows it from now on."""
    CatalogueModel.objects.update_or_create(
        id=model_id,
        defaults={"last_used_at": timezone.now()},
        create_defaults={"provider": model_id.partition("/")[0], "last_used_at": timezone.now()},
    )


def note_listing(provider: ProviderEntry, models: Iterable[ListedModel]) -> int:
    """Keeps what a provider lists now (`facts.sound`); models that it lists no longer are marked unlisted.

    Gives the number of those kept.
    """
    now = timezone.now()
    rows = [
        CatalogueModel(
            id=f"{provider.slug}/{model.name}", provider=provider.slug, listed_at=now, details=dict(model.details)
        )
        for model in facts.sound(models, slug=provider.slug)
    ]
    CatalogueModel.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["listed_at", "details"],
    )
    gone = CatalogueModel.objects.filter(provider=provider.slug, listed_at__lt=now)
    gone.update(listed_at=None)
    return len(rows)
