"""Accounts in the admin."""

from accounts.admin import tokens, users

__all__ = ["tokens", "users"]
