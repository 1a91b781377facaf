"""A small real model on this machine."""

from providers.wires.local.adapter import LocalAdapter

__all__ = ["LocalAdapter"]
