"""How long errors are kept."""
