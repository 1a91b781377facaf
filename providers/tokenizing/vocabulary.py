"""OpenAI's own tokenizers, from the files that LiteLLM ships: read as data, with no import of it and no network.

A vocabulary is read with the first text that asks for it and stays for the process (about 75 MB for the larger one):
whoever serves people asks `counter`, whose program holds it.
Source of the patterns and of which model has which: tiktoken, `tiktoken_ext/openai_public.py` and `tiktoken/model.py`.
"""

from __future__ import annotations

import base64
import importlib.util
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import tiktoken
from tiktoken.model import encoding_name_for_model

FOLDER: Final = "litellm_core_utils/tokenizers"
MOST_AT_ONCE: Final = 10_000
"""Characters; the tokenizer's regular expressions run out of stack on much longer runs of white space."""
BREAK: Final = re.compile(r"\n(?=[^\W_])")
"""Where no token reaches over: behind an end of line, before a letter or digit."""
_LETTERS: Final = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CAPITALS: Final = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_ENDING: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A file by its name (the SHA-1 of the address that it was published at), and how text is cut before it."""

    file: str
    pattern: str


VOCABULARIES: Final[Mapping[str, Vocabulary]] = {
    "o200k_base": Vocabulary(
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "|".join(
            [
                rf"[^\r\n\p{{L}}\p{{N}}]?{_CAPITALS}*{_LETTERS}+{_ENDING}",
                rf"[^\r\n\p{{L}}\p{{N}}]?{_CAPITALS}+{_LETTERS}*{_ENDING}",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            ]
        ),
    ),
    "cl100k_base": Vocabulary(
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
        r"|\s+(?!\S)|\s",
    ),
}
SAME_AS: Final = {"o200k_harmony": "o200k_base"}
"""The same words; only the marks around messages differ."""
_reading = threading.Lock()


def tokenizer_of(model: str) -> str | None:
    """The tokenizer of a model by the name that its maker gave it (`gpt-4o-mini`); None where it is not at hand."""
    try:
        named = encoding_name_for_model(model.rpartition("/")[2].lower())
    except KeyError:
        return None
    known = SAME_AS.get(named, named)
    return known if known in VOCABULARIES and _file(known) else None


def count(text: str, tokenizer: str) -> int:
    """Tokens of a text, marks of messages in it taken as ordinary words.

    A text of over MOST_AT_ONCE characters is cut where no token reaches over; one without such a place may count a
    token more for each 10,000 characters.
    """
    encoding = _encoding(tokenizer)
    return sum(len(encoding.encode_ordinary(piece)) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > MOST_AT_ONCE:
        end = start + MOST_AT_ONCE
        for match in BREAK.finditer(text, start + MOST_AT_ONCE // 2, end):
            end = match.end()
        yield text[start:end]
        start = end
    yield text[start:]


@cache
def _file(tokenizer: str) -> Path | None:
    package = importlib.util.find_spec("litellm")
    if package is None or package.origin is None:
        return None
    found = Path(package.origin).parent / FOLDER / VOCABULARIES[tokenizer].file
    return found if found.is_file() else None


def _encoding(tokenizer: str) -> tiktoken.Encoding:
    with _reading:  # two threads that come first would both read it
        return _read(tokenizer)


@cache
def _read(tokenizer: str) -> tiktoken.Encoding:
    file = _file(tokenizer)
    if file is None:
        raise LookupError(f"LiteLLM ships no vocabulary of {tokenizer}.")
    ranks = {}
    for line in file.read_bytes().splitlines():
        word, _, rank = line.partition(b" ")
        ranks[base64.b64decode(word)] = int(rank)
    return tiktoken.Encoding(
        tokenizer, pat_str=VOCABULARIES[tokenizer].pattern, mergeable_ranks=ranks, special_tokens={}
    )
