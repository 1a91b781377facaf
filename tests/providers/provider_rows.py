"""Providers that are Python classes, for tests."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings

from providers.models import Provider

CLASSES = "tests.servers.provider_classes"
NAMES = (
    "Works", "RaisesWhenMade", "ExitsWhenMade", "CannotTell", "CannotTellOfOne", "TakesNothing", "NoProvider",
    "NotThere", "BreaksInAnswer", "QuotesThePrompt", "AnswersNonsense", "ListingRaises", "ListingExits",
    "ListingIsNone", "EndsInASentence", "ListingHangs", "ListsOddly", "ListsTenThousand",
)  # fmt: skip


@pytest.fixture
def classes_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """PROVIDER_CLASSES of this process names all of them."""
    allowed = (*(f"{CLASSES}.{name}" for name in NAMES), "tests.servers.unimportable.Provider")
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"provider_classes": allowed}))


def row_of_class(path: str, *, key: str = "") -> Provider:
    """A provider of this class."""
    row = Provider(slug=f"c{uuid.uuid4().hex[:10]}", name="C", wire="python", python_class=path)
    row.set_key(key)
    row.save()
    return row
