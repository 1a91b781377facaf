"""Scorers that ask a model for its opinion: an opinion, until it has been measured against people."""
