"""`python -m llm_playground_client` is `playground`."""

from __future__ import annotations

from llm_playground_client.command.main import run

if __name__ == "__main__":
    run()
