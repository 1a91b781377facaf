"""The streams that requests and sockets of a web process read: beside its engine, which knows no reader."""

from __future__ import annotations

from playground.engine.host import Companion, Engine, engine
from playground.stream.readers import Readers


class OpenStreams(Companion):
    """The readers of one web process."""

    def __init__(self, engine: Engine) -> None:
        self.readers = Readers(tails=engine.tails, log=engine.log)

    async def stop(self) -> None:
        """Follows no other process's streams any more."""
        await self.readers.stop()


async def readers() -> Readers:
    """The readers of this process."""
    return (await engine()).companion(OpenStreams).readers
