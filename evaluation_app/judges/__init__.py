"""Judges measured against people: whether they agree, what sways them, and the rate that people would give."""
