"""What samples show: pure functions of case totals, one question a file; no model, no database, no clock.

`summary` and `comparing` are the ways in for results, `planning` before a run, `early_stopping` during one. Every
method was chosen by measured coverage (docs/decisions/027-methods-by-coverage.md, `python -m bench.statistics`), so a
library's first choice does not replace one without a simulation. Importing this package loads neither numpy nor scipy:
both come with the first figure that needs them.
"""
