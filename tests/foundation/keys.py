"""Other ENCRYPTION_KEYS than the run's own, as after a rotation and a restart."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from config import environment
from foundation.sealing import encryption

NEW = bytes(range(32))
UseKeys = Callable[..., None]


def written(*keys: bytes) -> str:
    """ENCRYPTION_KEYS with these keys."""
    return ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)


def old() -> bytes:
    """The key of the running service."""
    return settings.SECRETS.encryption_keys[0]


def read_configuration_again() -> None:
    """As a start would."""
    for remembered in (environment.load, environment.secrets, encryption.keyring):
        remembered.cache_clear()
    settings.SECRETS = environment.secrets()


@pytest.fixture
def use_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseKeys]:
    """Gives this process other ENCRYPTION_KEYS, as a restart would."""

    def use(*keys: bytes) -> None:
        monkeypatch.setenv("ENCRYPTION_KEYS", written(*keys))
        read_configuration_again()

    yield use
    monkeypatch.undo()
    read_configuration_again()
