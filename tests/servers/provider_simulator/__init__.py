"""A provider made for tests and benchmarks: three wires on a raw socket, behaviour chosen by the model's name.

    python -m tests.servers.provider_simulator --port 0      prints: listening on http://127.0.0.1:PORT
    async with ProviderSimulator() as sim: sim.base_url      in a test

`POST /v1/chat/completions` (OpenAI), `POST /v1/messages` (Anthropic), `POST /api/chat` (Ollama),
`GET /v1/models`, `GET /api/tags`, `POST /api/show`; `GET /ledger`, `GET /ledger?open=1`, `DELETE /ledger`,
`GET /requests` (the last 100, with headers and body). README.md lists the model names.
"""

from tests.servers.provider_simulator.server import ProviderSimulator

__all__ = ["ProviderSimulator"]
