"""A small real model on this machine."""

from playground.providers.local.adapter import LocalAdapter

__all__ = ["LocalAdapter"]
