"""Nobody pays for numpy, scipy and statsmodels before the first figure that needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import pkgutil, sys
import evaluation_app.statistics as statistics
for module in pkgutil.walk_packages(statistics.__path__, "evaluation_app.statistics."):
    __import__(module.name)
print(sorted({"numpy", "scipy", "statsmodels", "pandas", "django"} & set(sys.modules)))
"""


def test_importing_the_statistics_loads_no_library_of_numbers() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
