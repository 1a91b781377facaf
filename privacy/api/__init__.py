"""Retention, holds, erasures and own data over REST."""
