"""What the machine itself tells of the installation: the version that runs on it, and the room on its disk."""

from __future__ import annotations

import shutil

from django.conf import settings
from prometheus_client.core import Metric

from foundation.metrics.standing import gauge, register


async def build() -> list[Metric]:
    """The version."""
    return [gauge("build_info", "The version that runs.", {(settings.VERSION,): 1}, "version")]


async def storage() -> list[Metric]:
    """The file system of the data folder."""
    disk = shutil.disk_usage(settings.DATA_DIR)
    return [
        gauge("disk_free_bytes", "Room in the file system of the data folder.", {(): disk.free}),
        gauge("disk_size_bytes", "Its size.", {(): disk.total}),
    ]


def declare() -> None:
    """To be called when the app is ready."""
    register("build", build)
    register("storage", storage)
