"""Jinja2 in processes that can be killed. `language` and `program` run there, and know nothing of the service."""
