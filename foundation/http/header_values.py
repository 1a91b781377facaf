"""What can stand in a header of ours (RFC 9110, 5.5): keys of people who copy a line too much."""

from __future__ import annotations

import re
from typing import Final

VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
UNSENDABLE: Final = "a header holds printable ASCII characters and no line feed"


def can_be_sent(value: str) -> bool:
    """Whether a header can have this value."""
    return VALUE.fullmatch(value) is not None
