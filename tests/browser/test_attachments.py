"""Pictures and files on the page: pasted, dropped, chosen; sent, and seen again."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import FilePayload, Page, expect

from providers.models import CatalogueModel
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_compare import prepare
from tests.playground.media import data_url, pdf, png, some_png
from tests.servers.service import Service

PASTE = """([base64, name, type]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const prompt = document.getElementById("prompt");
  prompt.focus();
  prompt.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def paste(page: Page, data: bytes, name: str = "shot.png", media_type: str = "image/png") -> None:
    """As a browser does it when a picture is in the clipboard."""
    page.evaluate(PASTE, [base64.b64encode(data).decode(), name, media_type])


def sent(service: Service, model: str) -> list[Any]:
    """The contents of the last messages that the provider got for a model."""
    with urlopen(f"{service.simulator.url}/requests") as response:
        bodies = [each["body"] for each in json.load(response)]
    return [body["messages"][-1]["content"] for body in bodies if body.get("model") == model]


def test_a_pasted_picture_is_sent_and_seen_in_the_history(visitor: Visitor, service: Service) -> None:
    page, picture = visitor.page, some_png()
    model = f"echo@{uuid.uuid4().hex[:8]}"
    visitor.choose(f"openai/{model}")
    paste(page, picture)
    thumbnail = page.locator("#attached img")
    expect(thumbnail).to_be_visible()
    page.get_by_label("Alt text of shot.png").fill("A blue square")
    visitor.run("What is this?")
    visitor.ended("completed")
    (content,) = sent(service, model)
    assert {"type": "image_url", "image_url": {"url": data_url(picture)}} in content
    assert {"type": "text", "text": "What is this?"} in content
    shown = page.locator("#execution .attached img")
    expect(shown).to_have_attribute("alt", "A blue square")
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 4
    page.locator("[data-opens=history]").click()
    row = page.locator("#history .history-row").first.locator("img")
    expect(row).to_have_attribute("alt", "A blue square")
    page.reload()
    expect(page.locator("#attached img")).to_have_attribute("alt", "A blue square")


def test_a_file_is_chosen_and_removed_and_a_wrong_one_is_refused_in_place(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("kept")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    paper = FilePayload(name="paper.pdf", mimeType="application/pdf", buffer=pdf())
    drawing = FilePayload(name="drawing.png", mimeType="image/png", buffer=svg)
    page.locator("#files").set_input_files([paper, drawing])
    expect(page.locator("#attached .file-chip")).to_have_text("paper.pdf")
    expect(page.locator("#error-attachments")).to_contain_text("SVG")
    expect(page.locator("#prompt")).to_have_value("kept")
    page.get_by_role("button", name="Remove paper.pdf").click()
    expect(page.locator("#attached li")).to_have_count(0)
    assert page.locator("#attachments-sent").input_value() == "[]"


def test_a_model_that_cannot_see_says_so_and_greys_the_picture(visitor: Visitor) -> None:
    page = visitor.page
    CatalogueModel.objects.create(id="openai/blind", provider="openai", overrides={"capabilities": ["tools"]})
    visitor.open("/")
    paste(page, png())
    expect(page.locator("#attached img")).to_be_visible()
    visitor.choose("openai/blind")
    expect(page.locator("#attachments-note")).to_contain_text("cannot see pictures")
    expect(page.locator("#attached li")).to_have_class("is-refused")
    visitor.choose("openai/gpt-4o")
    expect(page.locator("#attachments-note")).to_be_hidden()
    expect(page.locator("#attached li")).not_to_have_class("is-refused")


def test_all_columns_of_a_comparison_get_the_picture(visitor: Visitor, service: Service) -> None:
    page, picture = visitor.page, some_png()
    models = [f"openai/echo@{uuid.uuid4().hex[:8]}" for _ in range(2)]
    prepare(visitor, models, "Compare this")
    paste(page, picture)
    expect(page.locator("#attached img")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("article .attached img")).to_have_count(2)
    for model in models:
        (content,) = sent(service, model.partition("/")[2])
        assert {"type": "image_url", "image_url": {"url": data_url(picture)}} in content


def test_without_javascript_the_file_goes_with_the_form(visit: Visit) -> None:
    earlier = visit()
    earlier.open()
    earlier.run(model="openai/echo")
    earlier.ended("completed")
    visitor = visit(java_script_enabled=False)
    visitor.open()
    page = visitor.page
    page.locator("#files").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": some_png()})
    page.locator("#prompt").fill("without a script")
    page.locator("#run").click()
    expect(page.locator("#execution .attached img")).to_have_count(1)
