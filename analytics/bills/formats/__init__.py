"""Files that providers give out, one format a file; each knows itself by its header."""
