"""Pictures of the pages: `make screenshots` writes docs/screenshots/ anew, in the light, the dark, and on a phone.

No test: it has no name that pytest collects by itself, and is run only when it is named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from playwright.sync_api import ViewportSize

from tests.browser.conftest import DESK, PHONE, Visit, Visitor

FOLDER: Final = Path(settings.BASE_DIR, "docs", "screenshots")
QUALITY: Final = 80
LOOKS: Final[dict[str, tuple[ViewportSize, str]]] = {
    "light": (DESK, "light"),
    "dark": (DESK, "dark"),
    "phone": (PHONE, "light"),
}
ANSWER: Final = """Three ways to say when a service is ready:

| Way | Tells | Cost |
|:--|:--|--:|
| `/health/live` | the process answers | 1 ms |
| `/health` | all that it needs is well | 12 ms |
| a first call | that a model answers | $0.0001 |

1. Ask `/health` until it is **200**.
2. Then send traffic:

```python
import httpx

assert httpx.get("http://localhost:3006/health").status_code == 200
```
"""
TEMPLATE: Final = {
    "name": "Answer to a support ticket",
    "category": "Support",
    "description": "A short, kind answer that says what happens next.",
    "tags": ["support", "mail"],
    "prompt": "Answer this ticket of {{customer}} in at most {{sentences}} sentences.\n\n{{ticket}}",
    "system_prompt": "You write for a support team. Never promise a date.",
    "variables": [
        {"name": "customer", "type": "string", "required": True},
        {"name": "sentences", "type": "number", "default_value": 4},
        {"name": "ticket", "type": "string", "required": True},
    ],
}
PAGES: Final = {
    "compare": "/compare",
    "templates": "/templates",
    "template": "{template}",
    "sessions": "/sessions",
    "evaluations": "/evaluations",
    "evaluation-builder": "/evaluations/new",
    "analytics": "/analytics",
    "estimate": "/analytics/estimate",
    "providers": "/providers",
    "tools": "/tools",
    "settings": "/settings",
    "help": "/help",
    "api": "/api/docs/executions",
    "monitoring": "/monitoring",
    "admin": "/admin/",
    "admin-templates": "/admin/templates_app/prompttemplate/",
}


def made(visitor: Visitor, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the API makes of it, for the one who looks."""
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Origin": visitor.address}
    response = visitor.page.context.request.post(f"{visitor.address}{path}", headers=headers, data=body)
    assert response.ok, response.text()
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("look", LOOKS)
def test_pictures(visit: Visit, look: str) -> None:
    size, scheme = LOOKS[look]
    FOLDER.mkdir(exist_ok=True)
    visitor = visit(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.page

    def picture(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}-{look}.jpg", type="jpeg", quality=QUALITY, caret="initial")

    visitor.open()
    template = made(visitor, "/api/templates", TEMPLATE | {"name": f"{TEMPLATE['name']} ({look})"})
    visitor.run(ANSWER, model="openai/echo")
    visitor.ended("completed")
    picture("playground")
    page.get_by_role("button", name="Code", exact=True).click()
    page.locator("[data-snippet]:visible").wait_for()
    picture("playground-code")
    page.get_by_role("button", name="Rendered", exact=True).click()
    visitor.run("A provider that cuts its answer", model="openai/fault-cut-at-5")
    visitor.ended("failed")
    picture("playground-failed")
    page.keyboard.press("Control+k")
    page.keyboard.type("te")
    page.locator(".palette-line").first.wait_for()
    picture("palette")
    page.keyboard.press("Escape")
    for name, path in PAGES.items():
        visitor.open(path.format(template=f"/templates/{template['id']}"))
        picture(name)
