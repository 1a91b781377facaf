"""A provider's invoice or usage export, laid beside what the service counted and billed itself. Nothing is kept."""
