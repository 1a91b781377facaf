"""Files of the object storage: sealed frame by frame, each bound to the row that knows where it lies."""
