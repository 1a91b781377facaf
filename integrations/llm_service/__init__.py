"""The LLM Service beside its answers, which `providers/wires/dadms` reads."""
