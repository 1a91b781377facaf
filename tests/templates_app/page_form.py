"""The editor's form as a browser without scripts would send it back."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser


class EditorForm(HTMLParser):
    """Reads the fields of #editor into `fields`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._is_inside = False
        self._select = ""
        self._reads = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == "editor"
        if not self._is_inside:
            return
        name = given.get("name") or ""
        if tag == "textarea":
            self.fields[name], self._reads = "", name
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value") or ""
            self._reads = "" if "value" in given else self._select
        elif tag == "input" and given.get("type") == "checkbox":
            self.fields |= {name: "on"} if "checked" in given else {}
        elif tag == "input":
            self.fields[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._reads:
            # The first line break belongs to the tag.
            self.fields[self._reads] = self.fields[self._reads].removeprefix("\n")
        if tag in ("textarea", "option"):
            self._reads = ""
        elif tag == "form":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._reads:
            self.fields[self._reads] += data


def fields_of(page: str) -> dict[str, str]:
    """The form's fields as they stand."""
    return EditorForm(page).fields


def errors_of(page: str) -> list[str]:
    """The messages that stand at fields."""
    parts = (part.partition(">")[2].partition("<")[0] for part in page.split('class="field-error"')[1:])
    return [text for text in map(str.strip, map(unescape, parts)) if text]
