"""The order of the test files: those of one folder are spread over the whole run.

Files of one folder are of one kind: some compute, some wait for clocks and for programs that die. One folder after the
other, the waiting ones would come together, and half of the machine would idle meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)  # after pytest-django has put those first that roll back
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The n-th of a folder's m files comes after (n + ½)/m of the run; the tests of a file keep their order."""
    folders = defaultdict[Path, dict[Path, None]](dict)
    for item in items:
        folders[item.path.parent][item.path] = None
    place = {file: (n + 0.5) / len(files) for files in folders.values() for n, file in enumerate(files)}
    items.sort(key=lambda item: (place[item.path], item.path))
