"""Pictures of the pages: `make screenshots` writes docs/screenshots/ anew, in the light, the dark, and on a phone.

No test: it has no name that pytest collects by itself, and is run only when it is named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.browser.test_evaluations import built, ended

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
BETTER: Final = "Answer this ticket of {{customer}} kindly, in at most {{sentences}} sentences.\n\n{{ticket}}"
TRIED: Final = "Say a word that is kind"
VARIANTS: Final = [{"model_id": f"openai/{name}"} for name in ("echo", "tokens-3")]
PAGES: Final = {
    "history": "/history",
    "compare": "/compare",
    "comparisons": "/comparisons",
    "templates": "/templates",
    "template": "{template}",
    "template-editor": "{template}/edit",
    "template-versions": "{template}/versions",
    "sessions": "/sessions",
    "evaluations": "/evaluations",
    "evaluation-builder": "/evaluations/new",
    "datasets": "/datasets",
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


def made(visitor: Visitor, path: str, body: dict[str, Any], *, method: str = "POST") -> dict[str, Any]:
    """What the API makes of it, for the one who looks."""
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Origin": visitor.address}
    response = visitor.page.context.request.fetch(f"{visitor.address}{path}", method=method, headers=headers, data=body)
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
    made(visitor, f"/api/templates/{template['id']}", {"prompt": BETTER, "note": "Kinder"}, method="PATCH")
    visitor.run(ANSWER, model="openai/echo")
    visitor.ended("completed")
    picture("playground")
    page.locator("#reply-text").fill("And how does a program wait for it?")
    page.keyboard.press("Control+Enter")
    page.locator(".thread .turn").wait_for()
    visitor.ended("completed")
    picture("conversation")
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
    compared = made(visitor, "/api/comparisons", {"prompt": TRIED, "variants": VARIANTS})
    visitor.open(f"/comparisons/{compared['id']}")
    expect(page.locator("[data-column] .badge-completed")).to_have_count(len(VARIANTS))
    picture("comparison")
    for name, path in PAGES.items():
        visitor.open(path.format(template=f"/templates/{template['id']}"))
        picture(name)
    visitor.open("/sessions")
    page.get_by_role("link", name="Playground", exact=True).last.click()
    page.locator(".timeline").wait_for()
    picture("session")
    built(visitor, other="openai/tokens-3", runs="4").get_by_role("button", name="Start").click()
    ended(page)
    picture("evaluation")
