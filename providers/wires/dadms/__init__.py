"""DADMS's LLM Service."""

from providers.wires.dadms.adapter import DADMSAdapter

__all__ = ["DADMSAdapter"]
