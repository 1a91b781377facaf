"""Where files lie in a test: in a folder, or in a real S3 server, by the same settings as in production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from tests.servers.object_store import BUCKET, KEY, SECRET, ObjectStore


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One for all of a worker's tests that want it; its bucket is made by the first file."""
    with ObjectStore(Path(tmp_path_factory.mktemp("object-store"))) as store:
        yield store


def storages(store: ObjectStore, *, secret: str = SECRET, bucket: str = BUCKET, read_timeout: float = 20) -> Any:
    """STORAGES that lead there (config.settings)."""
    client_config = Config(
        connect_timeout=3, read_timeout=read_timeout, retries={"mode": "standard", "max_attempts": 2}
    )
    options = {
        "endpoint_url": store.url,
        "access_key": KEY,
        "secret_key": secret,
        "bucket_name": bucket,
        "querystring_auth": True,
        "max_memory_size": 2**20,
        "client_config": client_config,
    }
    from django.conf import settings

    return {**settings.STORAGES, "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}


@pytest.fixture(params=["files", "s3"])
def in_files_and_s3(request: pytest.FixtureRequest, settings: Any) -> None:
    """The test runs once with each."""
    if request.param == "s3":
        settings.STORAGES = storages(request.getfixturevalue("object_store"))
