"""What the command ends with."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
REFUSED: Final = 1
"""The service refused it, or the run failed."""
USAGE: Final = 2
"""The command line, PLAYGROUND_URL or PLAYGROUND_TOKEN, or a file is none."""
AWAY: Final = 3
CONFLICT: Final = 4
"""Files and service have gone apart: nothing was written."""
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


class Stop(Exception):
    """Ends the command: the text goes to stderr."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
