"""A test as a file: one format a file, found by `registry.FORMATS`."""
