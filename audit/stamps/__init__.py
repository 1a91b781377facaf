"""Time stamps of the chains' heads (RFC 3161): what is stamped, by whom, where it is kept, and its check."""
