"""Every template is one, whether or not a page of another test draws it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = Path(settings.BASE_DIR, "templates")


@pytest.mark.parametrize("path", sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")))
def test_it_compiles(path: str) -> None:
    assert get_template(path)
