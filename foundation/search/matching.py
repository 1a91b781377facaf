"""What is searched for without an index: texts that are opened or read, one after the other."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.search.folding import fold


class Sought:
    """The parts of a search, folded; each has to be somewhere."""

    def __init__(self, text: str) -> None:
        self._parts = tuple(dict.fromkeys(fold(text).split()))

    def __bool__(self) -> bool:
        return bool(self._parts)

    def is_in(self, texts: Iterable[str | None]) -> bool:
        """Whether the texts hold every part between them, anywhere in a word."""
        whole = fold("\n".join(text for text in texts if text))
        return all(part in whole for part in self._parts)
