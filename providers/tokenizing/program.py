"""A program of its own: counts tokens with vocabularies that the service's processes need not hold.

Reads JSON objects, one a line, from standard input: `{"tokenizer", "texts"}`. Writes the tokens of each text as a JSON
array, one line a question. It ends with its standard input, or when nothing was asked for IDLE seconds.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path
from typing import Final

if __name__ == "__main__":  # started in isolation, without the service on its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from providers.tokenizing import vocabulary

IDLE: Final = 300.0
"""Seconds; a vocabulary takes 75 MB and is read again in half a second."""


def serve(idle: float = IDLE) -> None:
    """Answers until nobody asks any more."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while select.select([questions], [], [], idle)[0] and (line := questions.readline()):
        asked = json.loads(line)
        told = [vocabulary.count(text, asked["tokenizer"]) for text in asked["texts"]]
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    serve()
