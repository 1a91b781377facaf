"""Answers of a test put before people: which, to whom, what they said, and how far they agree."""
