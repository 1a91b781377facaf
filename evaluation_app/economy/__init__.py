"""Samples that wait in providers' batches: at half the price, within a day."""
