"""What the apps below keep, which know nothing of privacy: accounts, the audit log, and Django's own tables."""
