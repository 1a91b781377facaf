"""What the Makefile calls: looks at the Python it got, then does the work (`scripts/steps.py`).

Written so that the old Python that it turns down can read it.
"""

import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
NEWEST_MINOR = 14


def newer_python():
    # type: () -> str | None
    """Another Python of this machine that is new enough."""
    for minor in range(NEWEST_MINOR, NEEDED[1] - 1, -1):
        other = shutil.which("python3.%d" % minor)  # noqa: UP031
        if other and subprocess.call([other, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return other
    return None


def main():
    # type: () -> None
    """Runs the command of the Makefile's target."""
    if sys.version_info >= NEEDED:
        import steps  # type: ignore[import-not-found, unused-ignore]

        steps.main(sys.argv[1:])
        return
    other = newer_python()
    if other is None:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit("Python 3.11 or newer is needed, found %s (%s)." % (found, sys.executable))  # noqa: UP031
    os.execv(other, [other] + sys.argv)  # noqa: RUF005


if __name__ == "__main__":
    main()
