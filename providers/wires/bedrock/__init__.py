"""Bedrock's Converse API, as far as its answers go: LiteLLM writes and signs the requests."""
