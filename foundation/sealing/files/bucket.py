"""The bucket behind the storage, where that is one: made when the first file comes, and asked how it does.

It is made then and not at the start: a store that is away at the start keeps nobody from running prompts, and one
whose bucket somebody has removed has it again.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from django.core.files.storage import default_storage

logger = logging.getLogger(__name__)

NO_BUCKET: Final = frozenset({"NoSuchBucket", "404"})


def is_missing(error: Exception) -> bool:
    """Whether the store said that there is no such bucket."""
    response: Any = getattr(error, "response", None)
    return isinstance(response, dict) and response.get("Error", {}).get("Code") == "NoSuchBucket"


def make() -> None:
    """Makes it; raises whatever the store raises."""
    storage: Any = default_storage
    storage.bucket.create()
    logger.warning("bucket_made", extra={"bucket": storage.bucket.name})


def answers() -> bool:
    """Whether the store takes our key and has the bucket, or has none yet. Waits as long as its client does."""
    storage: Any = default_storage
    try:
        storage.connection.meta.client.head_bucket(Bucket=storage.bucket.name)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        response: Any = getattr(error, "response", None)
        code = response.get("Error", {}).get("Code") if isinstance(response, dict) else ""
        if code not in NO_BUCKET:
            logger.warning("object_store_away", extra={"reason": type(error).__name__})
        return code in NO_BUCKET
    return True
