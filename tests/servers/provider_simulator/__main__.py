"""Runs the simulator alone: `python -m tests.servers.provider_simulator --port 0`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import uvloop

from tests.servers.provider_simulator.server import ProviderSimulator


async def serve(port: int) -> None:
    async with ProviderSimulator(port=port) as simulator:
        print(f"listening on {simulator.url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve(arguments.port))


main()
