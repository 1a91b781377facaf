"""Whether an output is what was wanted: scorers, each with parameters of its own, and the verdict of several.

A sample goes through `judging.judge`, one scorer of it through `running.score`. Nothing here knows a database.
"""
