"""Every page of a template fits a phone and holds for everybody."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import PHONE, Visit
from tests.browser.templates import BODY, make, send
from tests.browser.test_everybody import violations


def test_every_page_fits_a_phone(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    address = make(visitor, prompt="a" * 300 + " {{" + "b" * 60 + "}}", name="N" * 120)
    for path in (address, f"{address}/edit", f"{address}/versions", f"{address}/share"):
        visitor.open(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert violations(visitor) == [], path


def test_the_pages_of_a_conversation_fit_and_hold_for_everybody(visit: Visit) -> None:
    turns = [
        {"role": "system", "content": "You classify {{what}}."},
        {"role": "user", "content": "Great!"},
        {"role": "assistant", "content": "positive"},
        {"placeholder": "history"},
        {"role": "user", "content": "Classify {{text}}"},
    ]
    tools = [{"name": "look_up", "parameters": {"type": "object", "properties": {}}}]
    for name, options in LOOKS.items():
        visitor = visit(**options)
        simple = {key: value for key, value in BODY.items() if key != "prompt"}
        made = send(visitor, "POST", "/api/templates", {**simple, "messages": turns, "tools": tools})
        address = f"/templates/{made['id']}"
        for path in (address, f"{address}/edit", f"/?template={made['id']}"):
            visitor.open(path)
            assert violations(visitor) == [], (name, path)
            width = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert width <= visitor.page.viewport_size["width"], (name, path)  # type: ignore[index]


LOOKS: dict[str, dict[str, Any]] = {
    "desk": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
}
