"""How far a reader of a run's events is, and what it asks for next when its connection is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llm_playground_client.errors import Unreachable
from llm_playground_client.events import Event
from llm_playground_client.execution import Execution
from llm_playground_client.messages import Request, posted

SILENCE_SECONDS: Final = 45.0
"""Three of the service's heartbeats: a connection that is silent for longer is lost."""
MOST_FAILURES: Final = 6
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0


class Reading:
    """Every event once, whatever happens to connections: none is taken twice, and the next one begins after it."""

    def __init__(self, key: str | None) -> None:
        self._key = key
        self._start: Request | None = None
        self._cursor = 0
        self._failures = 0
        self.execution_id = ""
        self.execution: Execution | None = None

    def begin(self, body: Mapping[str, Any]) -> None:
        """What is to be run; sent again it is the same run, since the service knows its key."""
        self._start = posted("/api/prompts/execute/stream", body, key=self._key, seconds=SILENCE_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether the last event has come."""
        return self.execution is not None

    @property
    def request(self) -> Request:
        """What is asked for next."""
        if self._start is not None and not self.execution_id:
            return self._start
        headers = {"Last-Event-ID": str(self._cursor)}
        return Request("GET", f"/api/executions/{self.execution_id}/stream", {}, headers, seconds=SILENCE_SECONDS)

    def takes(self, event: Event) -> bool:
        """Whether the event is new."""
        if event.id <= self._cursor or self.is_over:
            return False
        self._cursor, self._failures = event.id, 0
        self.execution_id = self.execution_id or str(event.data.get("execution_id") or "")
        self.execution = event.execution
        return True

    def pause(self, lost: Unreachable | None) -> float:
        """Seconds until the next try; raises when there were enough without any event."""
        self._failures += 1
        if self._failures > MOST_FAILURES:
            raise lost or Unreachable("The service ends the stream each time before the run has ended.")
        return min(FIRST_PAUSE * 2.0 ** (self._failures - 1), LONGEST_PAUSE)
