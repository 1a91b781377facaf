"""A conversation and a failure at their place: at each width, in the light and in the dark."""

from __future__ import annotations

import os
import uuid

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_everybody import violations

MIDDLE: ViewportSize = {"width": 1024, "height": 768}
WIDE: ViewportSize = {"width": 1440, "height": 900}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ANSWER = """Here it is:

```python
def area(r: float) -> float:
    \"\"\"Of a circle.\"\"\"
    return 3.14159 * r ** 2  # squared
```

so that $a_1 * b_2 * c$ and \\(x_1\\) stay. | 1 |"""


def looked_at(visitor: Visitor, name: str, size: ViewportSize) -> None:
    """Holds the page to what every page is held to, and keeps its pictures where SCREENSHOTS names a folder."""
    page: Page = visitor.page
    assert violations(visitor) == []
    assert page.evaluate(OVERFLOW) <= 0
    assert page.locator(".execution").evaluate("article => article.getBoundingClientRect().right - innerWidth") <= 0
    if folder := os.environ.get("SCREENSHOTS"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=f"{folder}/{name}-{size['width']}-{scheme}.png", caret="initial")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


@pytest.mark.parametrize("size", [PHONE, MIDDLE, WIDE], ids=["390", "1024", "1440"])
def test_a_conversation_and_a_failure_fit_every_page(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    visitor.open("/")
    visitor.run("How large is a circle?", model="openai/echo")
    visitor.ended("completed")
    page.locator("#reply-text").fill(ANSWER)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".thread .turn")).to_have_count(1)
    visitor.ended("completed")
    page.locator(".thread").get_by_label("Leave out").click()
    page.get_by_text("Insert a turn by hand").click()
    page.locator(".asked .turn-edit > summary").click()
    looked_at(visitor, "conversation", size)
    visitor.run(model=f"openai/fault-cut-at-5@{uuid.uuid4().hex[:8]}")
    visitor.ended("failed")
    if page.locator(".failure-others").count():
        page.locator(".failure-others > summary").click()
    looked_at(visitor, "cut", size)
    visitor.run(model=f"openai/fault-401@{uuid.uuid4().hex[:8]}")
    visitor.ended("failed")
    looked_at(visitor, "refused", size)
