"""What one template may take, and what it may not make."""

import re
from typing import Final

CPU_SECONDS: Final = 2.0
"""For the texts of one rendering together, or for the names of one text. No template waits for anything: its time is
CPU time, which waiting for a turn or for a busy machine does not use up."""
SECONDS: Final = 10.0
"""By the clock on the wall, for whatever else holds a child up."""
MEMORY_BYTES: Final = 512 * 1024 * 1024
LONGEST_OUTPUT: Final = 1_000_000
LONGEST_MESSAGE: Final = 500
MOST_ROUNDS: Final = 10_000
NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: PostgreSQL keeps the one nowhere, UTF-8 has no bytes for the other."""
