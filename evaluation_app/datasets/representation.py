"""Datasets in JSON (api.md, "Evaluation")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F

from evaluation_app.datasets.writing import Saved
from evaluation_app.models import Dataset, DatasetCase, DatasetVersion, Split
from foundation.rest.conditional import etag


def tag_of(dataset: Dataset) -> str:
    """Its ETag."""
    return etag(dataset.id, dataset.revision)


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    """The dataset with its newest version, and how many cases of each kind that has."""
    return listed_json([dataset])[0]


def listed_json(datasets: Sequence[Dataset]) -> list[dict[str, Any]]:
    """Datasets, with two queries for all of them."""
    newest = DatasetVersion.objects.filter(dataset__in=datasets, number=F("dataset__newest"))
    versions = {version.dataset_id: version for version in newest}
    rows = DatasetCase.objects.filter(dataset__in=datasets, until__isnull=True).order_by()
    counts: Counter[tuple[Any, str, bool]] = Counter()
    for key, split, is_generated, count in rows.values_list("dataset", "split", "is_generated").annotate(n=Count("id")):
        counts[key, split, is_generated] = count
    return [_dataset_json(dataset, versions[dataset.id], counts) for dataset in datasets]


def _dataset_json(dataset: Dataset, version: DatasetVersion, counts: Mapping[Any, int]) -> dict[str, Any]:
    both = (False, True)
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "template_id": dataset.template_id,
        "archived": dataset.archived,
        "version": version_json(version),
        "case_count": version.case_count,
        "splits": {split.value: sum(counts[dataset.id, split.value, each] for each in both) for split in Split},
        "generated_count": sum(counts[dataset.id, split.value, True] for split in Split),
        "created_at": dataset.created_at,
        "updated_at": dataset.updated_at,
    }


def version_json(version: DatasetVersion) -> dict[str, Any]:
    """What a dataset held at one time."""
    return {
        "id": version.id,
        "number": version.number,
        "note": version.note,
        "author_id": version.author_id,
        "content_hash": version.content_hash,
        "case_count": version.case_count,
        "created_at": version.created_at,
    }


def saved_json(saved: Saved) -> dict[str, Any]:
    """What came of a change of cases."""
    return {
        "version": version_json(saved.version),
        "added": saved.added,
        "changed": saved.changed,
        "removed": saved.removed,
        "unchanged": saved.unchanged,
        "keys": list(saved.keys),
    }
