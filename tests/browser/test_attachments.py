"""Pictures and files on the page: pasted, dropped, chosen; sent, and seen again."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import FilePayload, Page, expect

from providers.models import CatalogueModel
from tests.browser.comparing import prepare
from tests.browser.conftest import WAIT, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.playground.conftest import MakeProvider, make_provider
from tests.playground.media import big_png, data_url, pdf, png, some_png
from tests.servers.service import Service

__all__ = ["make_provider"]

LARGE = 9 * 2**20
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
    """The contents of the last messages that the provider got for a model, once it was asked."""
    until = time.monotonic() + WAIT / 1000
    while True:
        with urlopen(f"{service.simulator.url}/requests") as response:
            bodies = [each["body"] for each in json.load(response)]
        if found := [body["messages"][-1]["content"] for body in bodies if body.get("model") == model]:
            return found
        assert time.monotonic() < until, f"{model} was not asked."
        time.sleep(0.05)


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


GREYED = """(element) => {
  const greyed = [];
  for (let each = element; each; each = each.parentElement) {
    const { opacity, filter } = getComputedStyle(each);
    if (opacity !== "1" || filter !== "none") greyed.push(each.localName);
  }
  return greyed;
}"""


@pytest.fixture
def blind(make_provider: MakeProvider) -> str:
    """A model that is known to see nothing."""
    slug = make_provider()
    CatalogueModel.objects.create(id=f"{slug}/blind", provider=slug, overrides={"capabilities": ["tools"]})
    return f"{slug}/blind"


def test_a_model_that_cannot_see_says_so_at_the_part_and_greys_the_thumbnail_alone(
    visitor: Visitor, blind: str
) -> None:
    page = visitor.page
    reason = f"{blind} cannot see pictures."
    visitor.open("/")
    visitor.choose(blind)
    expect(page.locator("#attachments-note")).to_have_text(reason)
    paste(page, png())
    part = page.locator("#attached li")
    expect(part.locator(".reason")).to_have_text(reason)
    expect(page.locator("#attachments-note")).to_be_hidden()
    assert part.locator("img").evaluate(GREYED) == ["img"]
    for plain in (part.get_by_role("button"), part.get_by_role("textbox"), part.locator(".reason")):
        assert plain.evaluate(GREYED) == []
    assert violations(visitor) == []
    page.locator("#prompt").fill("kept")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-attachments")).to_have_text(reason)
    expect(page.locator("#error-prompt")).to_be_empty()
    expect(page.locator("#prompt")).to_have_value("kept")
    expect(page.locator("article")).to_have_count(0)
    visitor.choose("openai/gpt-4o")
    expect(part.locator(".reason")).to_be_hidden()
    assert part.locator("img").evaluate(GREYED) == []
    visitor.choose(blind)
    page.get_by_role("button", name="Remove shot.png").click()
    expect(part).to_have_count(0)


def test_what_the_interface_of_a_provider_does_not_carry_is_said_as_well(visitor: Visitor) -> None:
    """Of the model nothing is known; Ollama's wire has pictures and no PDFs."""
    page = visitor.page
    visitor.choose("ollama/echo")
    page.locator("#files").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    part = page.locator("#attached li")
    expect(part.locator(".reason")).to_have_text("The provider of ollama/echo takes no PDFs.")
    assert part.get_by_role("button").evaluate(GREYED) == []


def test_without_javascript_the_file_goes_with_the_form(visit: Visit) -> None:
    earlier = visit()
    earlier.open()
    earlier.run(model="openai/echo")
    earlier.ended("completed")
    visitor = visit(java_script_enabled=False)
    visitor.open()
    page = visitor.page
    # Larger than a body of JSON may be, and no larger than a file that a script uploads.
    page.locator("#files").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": big_png(LARGE)})
    page.locator("#prompt").fill("without a script")
    page.locator("#run").click()
    expect(page.locator("#execution .attached img")).to_have_count(1)


DROP = """([files, where]) => {
  const data = new DataTransfer();
  for (const [base64, name, type] of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  const place = document.querySelector(where);
  const told = [];
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    place.dispatchEvent(event);
    told.push([kind, event.defaultPrevented, document.getElementById("attachments").classList.contains("is-over")]);
  }
  return told;
}"""
PASTE_TEXT = """([texts, files]) => {
  const data = new DataTransfer();
  for (const [type, text] of texts) data.setData(type, text);
  for (const base64 of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
  }
  const prompt = document.getElementById("prompt");
  prompt.focus();
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  prompt.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def coded(data: bytes) -> str:
    """Bytes on their way into the page."""
    return base64.b64encode(data).decode()


def uploads_of(page: Page) -> list[str]:
    """The requests that upload files, as they are made from now on."""
    made: list[str] = []
    page.on("request", lambda request: made.append(request.url) if request.url.endswith("/api/artifacts") else None)
    return made


def test_two_files_are_dropped_at_once_and_both_are_sent(visitor: Visitor, service: Service) -> None:
    page, one, two = visitor.page, some_png(), some_png()
    model = f"echo@{uuid.uuid4().hex[:8]}"
    visitor.choose(f"openai/{model}")
    files = [[coded(one), "one.png", "image/png"], [coded(two), "two.png", "image/png"]]
    told = page.evaluate(DROP, [files, "#prompt"])
    assert told[1:] == [["dragover", True, True], ["drop", True, False]]
    expect(page.locator("#attached img")).to_have_count(2)
    visitor.run("Which is which?")
    visitor.ended("completed")
    (content,) = sent(service, model)
    assert [part["image_url"]["url"] for part in content if part["type"] == "image_url"] == [
        data_url(one),
        data_url(two),
    ]


def test_a_text_that_is_dragged_is_no_file(visitor: Visitor) -> None:
    page = visitor.page
    made = uploads_of(page)
    assert page.evaluate(DROP, [[], "#prompt"])[1:] == [["dragover", False, False], ["drop", False, False]]
    assert made == []


def test_of_several_files_each_refusal_is_told(visitor: Visitor) -> None:
    page = visitor.page
    wrong = [FilePayload(name=f"{name}.png", mimeType="image/png", buffer=b"no picture \xff") for name in ("a", "b")]
    fine = FilePayload(name="c.png", mimeType="image/png", buffer=some_png())
    page.locator("#files").set_input_files([wrong[0], fine, wrong[1]])
    expect(page.locator("#attached img")).to_have_count(1)
    for name in ("a.png", "b.png"):
        expect(page.locator("#error-attachments")).to_contain_text(f"{name}:")
    page.locator("#files").set_input_files([FilePayload(name="d.png", mimeType="image/png", buffer=some_png())])
    expect(page.locator("#attached img")).to_have_count(2)
    expect(page.locator("#error-attachments")).to_be_empty()


def test_text_that_is_pasted_stays_text(visitor: Visitor) -> None:
    page = visitor.page
    made = uploads_of(page)
    assert not page.evaluate(PASTE_TEXT, [[["text/plain", "only words"]], []])
    # As office programs do it: the words, how they look, and a picture of them.
    office = [["text/plain", "a cell"], ["text/html", "<table><tr><td>a cell</table>"]]
    assert not page.evaluate(PASTE_TEXT, [office, [coded(some_png())]])
    # A picture that is copied from a page: its HTML, and the picture.
    assert page.evaluate(PASTE_TEXT, [[["text/html", "<img>"]], [coded(some_png())]])
    expect(page.locator("#attached img")).to_have_count(1)
    assert len(made) == 1


def test_keys_alone_pick_remove_and_send(visitor: Visitor, service: Service) -> None:
    page, picture = visitor.page, some_png()
    model = f"echo@{uuid.uuid4().hex[:8]}"
    # Asked for now: it takes the browser a moment, and a key that comes before opens a dialog that nobody sees.
    page.on("filechooser", lambda _: None)
    visitor.choose(f"openai/{model}")
    page.locator("#prompt").focus()
    page.keyboard.type("By keys alone")
    for name, data in (("wrong.png", some_png()), ("right.png", picture)):
        for _ in range(10):
            if page.evaluate("document.activeElement.id") == "files":
                break
            page.keyboard.press("Tab")
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files([FilePayload(name=name, mimeType="image/png", buffer=data)])
        expect(page.locator("#attached img")).to_have_count(1)
        if name == "wrong.png":
            page.keyboard.press("Shift+Tab")
            expect(page.get_by_role("button", name="Remove wrong.png")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("#attached img")).to_have_count(0)
            expect(page.locator("#files")).to_be_focused()
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    (content,) = sent(service, model)
    assert [part["image_url"]["url"] for part in content if part["type"] == "image_url"] == [data_url(picture)]


@pytest.fixture
def storage_away(service: Service) -> Iterator[None]:
    """The folder of the files is none any more, as a bucket that does not answer."""
    folder = Path(default_storage.path("attachments"))
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f"attachments-{uuid.uuid4().hex[:8]}")
    folder.rename(aside)
    folder.write_text("no folder")
    yield
    folder.unlink()
    aside.rename(folder)


def test_an_object_store_that_is_away_is_told_in_place_and_costs_nothing_that_was_typed(
    visitor: Visitor, storage_away: None
) -> None:
    page = visitor.page
    page.locator("#prompt").fill("kept")
    paste(page, some_png())
    expect(page.locator("#error-attachments")).to_have_text("shot.png: The object store is away for a moment.")
    expect(page.locator("#files")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#attached li")).to_have_count(0)
    expect(page.locator("#attachments")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#prompt")).to_have_value("kept")
    expect(page.locator(".toast")).to_have_count(0)
    visitor.run("kept", model="openai/echo")
    visitor.ended("completed")


def test_a_comparison_says_at_the_column_which_model_cannot_see(visitor: Visitor, blind: str) -> None:
    page = prepare(visitor, ["openai/gpt-4o", blind], "Compare this")
    told = {letter: page.locator(f"section.column-{letter} [data-refuses-here]") for letter in "ab"}
    expect(told["b"]).to_be_hidden()
    paste(page, png())
    expect(told["b"]).to_have_text(f"{blind} cannot see pictures.")
    expect(told["a"]).to_be_hidden()
    expect(page.locator("#attached .reason")).to_have_text(f"{blind} cannot see pictures.")
    assert violations(visitor) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-attachments")).to_have_text(f"{blind} cannot see pictures.")
    expect(page.locator("article")).to_have_count(0)
    page.get_by_role("button", name="Remove shot.png").click()
    expect(told["b"]).to_be_hidden()


def test_without_javascript_a_comparison_takes_files(visit: Visit, service: Service, blind: str) -> None:
    visitor = visit(java_script_enabled=False)
    visitor.open("/compare")
    page, picture = visitor.page, some_png()
    models = [f"echo@{uuid.uuid4().hex[:8]}" for _ in range(2)]

    def attach(name: str, data: bytes) -> None:
        page.locator("#files").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})

    def name_models(*named: str) -> None:
        for letter, model in zip("AB", named, strict=True):
            page.get_by_label(f"Model of {letter}").fill(model)

    page.locator("#prompt").fill("without a script")
    attach("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    page.locator("#run").click()
    expect(page.locator("#error-attachments")).to_contain_text("SVG")
    expect(page.locator("#prompt")).to_have_value("without a script")
    attach("a.png", big_png(LARGE))
    name_models("openai/gpt-4o", blind)
    page.locator("#column-add").click()
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(page.locator("#attachments .attached img")).to_have_count(1)
    expect(page.locator("section.column-b [data-refuses-here]")).to_have_text(f"{blind} cannot see pictures.")
    page.get_by_role("button", name="Remove column C").click()
    attach("b.png", some_png())
    page.get_by_label("Leave out a.png").check()
    page.locator("#run").click()
    expect(page.locator("#error-attachments")).to_have_text(f"{blind} cannot see pictures.")
    expect(page.locator("#attachments .attached img")).to_have_attribute("alt", "b.png")
    page.get_by_label("Leave out b.png").check()
    attach("a.png", picture)
    name_models(*(f"openai/{model}" for model in models))
    page.locator("#run").click()
    expect(page.locator("article")).to_have_count(2)
    for model in models:
        expect(page.locator("article .attached img").first).to_be_visible()
        (content,) = sent(service, model)
        assert [part["image_url"]["url"] for part in content if part["type"] == "image_url"] == [data_url(picture)]
