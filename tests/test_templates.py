"""Every template is one, whether or not a page of another test draws it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = Path(settings.BASE_DIR, "templates")
KEPT_BY_THEMSELVES: Final = {
    "playground/_compose.html": "static/js/draft.js",
    "playground/_reply.html": "static/js/reply_draft.js",
    "templates_app/_editor.html": "static/js/template_draft.js",
    "evaluation_app/review/_item.html": "static/js/review.js",
    "admin/templates_app/import.html": "a hidden file, no words",
    "evaluation_app/datasets/import.html": "a file that was read, no words",
    "reference/part.html": "a call that is tried: it may hold a token",
}
"""Forms with long texts that need no `data-keeps`, and why."""


@pytest.mark.parametrize("path", sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")))
def test_it_compiles(path: str) -> None:
    assert get_template(path)


def test_what_is_written_at_length_is_kept() -> None:
    lost = set()
    for path in FOLDER.rglob("*.html"):
        forms = re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
        written = (form for form in forms if "<textarea" in form or "_area.html" in form)
        if any("data-keeps=" not in form for form in written):
            lost.add(str(path.relative_to(FOLDER)))
    assert lost == set(KEPT_BY_THEMSELVES)
