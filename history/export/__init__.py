"""A session's executions as a file: one format a file, found by `registry.FORMATS`."""
