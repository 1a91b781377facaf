"""Runs exported programs, given as JSON on standard input, with the SDKs that Python finds first."""

from __future__ import annotations

import json
import sys

for source in json.load(sys.stdin):
    exec(compile(source, "exported.py", "exec"), {"__name__": "__main__"})
