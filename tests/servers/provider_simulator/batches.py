"""Both vendors' batch interfaces. What a batch does, its first request's model tells (README.md)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.servers.provider_simulator import errors
from tests.servers.provider_simulator.answers import answer_of, tokens
from tests.servers.provider_simulator.ledger import Ledger
from tests.servers.provider_simulator.question import Question
from tests.servers.provider_simulator.steps import Cut, Reset, Script, chunk, head, json_answer, whole
from tests.servers.provider_simulator.wires import WIRE

PATH = re.compile(r"/v1/(?:messages/)?batches(?:/([\w-]+))?(?:/(cancel|results))?$")
FILE = re.compile(r"/v1/files/([\w-]+)/content$")
NAME = re.compile(r"batch(?:-after-(\d+)ms)?(?:-(expired|partly|cut|lost|never|500|429|forever))?(?:-once)?$")


@dataclass(slots=True)
class Batch:
    id: str
    wire: str
    lines: list[dict[str, Any]]
    metadata: dict[str, Any]
    made: float = field(default_factory=time.time)
    seconds: float = 0.0
    how: str = ""
    is_cancelled: bool = False
    reads: int = 0

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or time.time() >= self.made + self.seconds

    @property
    def left(self) -> int:
        """How many of its requests were not worked off."""
        if self.how == "expired":
            return len(self.lines) // 2
        return len(self.lines) - len(self.lines) // 3 if self.is_cancelled else 0


class Batches:
    """All that were made, and the files that were sent for them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.faulted: set[str] = set()

    def answer(self, method: str, path: str, query: str, head_: bytes, body: bytes) -> Script | None:
        """None: it is no page of these interfaces."""
        if path == "/v1/files" and method == "POST":
            id_ = f"file-{len(self.files)}"
            self.files[id_] = body.partition(b"application/jsonl\r\n\r\n")[2].rpartition(b"\r\n--")[0]
            return json_answer({"id": id_, "object": "file", "purpose": "batch"})
        if match := FILE.match(path):
            id_, _, kind = match[1].rpartition("-")
            return self._results(self.batches[id_], is_errors=kind == "errors")
        if (match := PATH.match(path)) is None:
            return None
        wire = "anthropic" if "/messages/" in path else "openai"
        if match[1] is None:
            return self._make(wire, body) if method == "POST" else self._list(wire)
        batch = self.batches.get(match[1])
        if batch is None:
            return errors.refuse(wire, replace(errors.NO_MODEL, message="no such batch"))
        if match[2] == "cancel":
            if batch.is_over:
                return errors.refuse(wire, errors.WRONG)
            batch.is_cancelled = True
            self.ledger.open("cancel", wire).end(finished=True)
        if match[2] == "results":
            return self._results(batch, is_errors=None)
        return json_answer(_told(batch))

    def _make(self, wire: str, body: bytes) -> Script:
        asked = orjson.loads(body)
        if wire == "openai":
            lines = [orjson.loads(line) for line in self.files[asked["input_file_id"]].splitlines() if line.strip()]
            lines = [{"custom_id": line["custom_id"], "params": line["body"]} for line in lines]
        else:
            lines = asked["requests"]
        name = lines[0]["params"]["model"]
        match = NAME.match(name.partition("@")[0])
        seconds, how = (float(match[1] or 0) / 1000, match[2] or "") if match else (0.0, "")
        if how in ("500", "429", "lost", "never") and name not in self.faulted:
            self.faulted.add(name)
            if how in ("500", "429"):
                return errors.refuse(wire, errors.LIMITED if how == "429" else errors.Error(500, "It broke."))
            if how == "lost":
                self._keep(wire, lines, asked, seconds, how)
            return [Reset()] if how == "lost" else [Cut()]
        batch = self._keep(wire, lines, asked, seconds, how)
        return json_answer(_told(batch))

    def _keep(self, wire: str, lines: list[Any], asked: dict[str, Any], seconds: float, how: str) -> Batch:
        id_ = f"{'msgbatch' if wire == 'anthropic' else 'batch'}_{len(self.batches)}"
        batch = Batch(id_, wire, lines, asked.get("metadata") or {}, seconds=86_400 if how == "forever" else seconds)
        batch.how = how
        self.batches[id_] = batch
        for line in lines:
            self.ledger.open(line["params"]["model"], f"{wire} batch").end(finished=True)
        self.ledger.open(f"batch of {lines[0]['params']['model']}", wire).end(finished=True)
        return batch

    def _list(self, wire: str) -> Script:
        rows = [_told(batch) for batch in reversed(self.batches.values()) if batch.wire == wire]
        return json_answer({"object": "list", "data": rows[:100], "has_more": False})

    def _results(self, batch: Batch, *, is_errors: bool | None) -> Script:
        batch.reads += 1
        answered, rest = batch.lines[batch.left :], batch.lines[: batch.left]
        if batch.how == "partly":
            rest, answered = answered[:1], answered[1:]
        told = [_line(batch, line) for line in reversed(answered)] if not is_errors else []
        if is_errors is not False:
            told += [_unanswered(batch, line) for line in rest]
        lines = b"\n".join(told) + b"\n"
        if batch.how == "cut" and batch.reads == 1:
            return [head(200, "application/x-jsonl"), chunk(lines[: len(lines) // 2]), Cut()]
        return whole(200, lines, "application/x-jsonl")


def _line(batch: Batch, line: dict[str, Any]) -> bytes:
    question = Question.read(batch.wire, orjson.dumps(line["params"]))
    answer = tokens(4, question.name) if "tokens" in question.model else answer_of(question)
    body = orjson.loads(WIRE[batch.wire].body(answer))
    if batch.wire == "anthropic":
        return orjson.dumps({"custom_id": line["custom_id"], "result": {"type": "succeeded", "message": body}})
    response = {"status_code": 200, "request_id": "req", "body": body}
    return orjson.dumps({"id": "batch_req", "custom_id": line["custom_id"], "response": response, "error": None})


def _unanswered(batch: Batch, line: dict[str, Any]) -> bytes:
    kind = "errored" if batch.how == "partly" else "canceled" if batch.is_cancelled else "expired"
    refused = orjson.loads(errors.body_of(batch.wire, errors.WRONG))
    if batch.wire == "anthropic":
        result = {"type": kind, **({"error": refused} if kind == "errored" else {})}
        return orjson.dumps({"custom_id": line["custom_id"], "result": result})
    told: dict[str, Any] = {"id": "batch_req", "custom_id": line["custom_id"], "response": None, "error": None}
    if kind == "errored":
        told["response"] = {"status_code": 400, "request_id": "req", "body": refused}
    else:
        told["error"] = {"code": "batch_cancelled" if kind == "canceled" else "batch_expired", "message": "Not run."}
    return orjson.dumps(told)


def _told(batch: Batch) -> dict[str, Any]:
    count, left = len(batch.lines), batch.left if batch.is_over else 0
    wrong = 1 if batch.how == "partly" and batch.is_over else 0
    done = count - left - wrong if batch.is_over else 0
    if batch.wire == "anthropic":
        unrun = {"canceled": left if batch.is_cancelled else 0, "expired": 0 if batch.is_cancelled else left}
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if batch.is_over else "in_progress",
            "request_counts": {
                "processing": 0 if batch.is_over else count, "succeeded": done, "errored": wrong, **unrun,
            },
            "created_at": datetime.fromtimestamp(batch.made, UTC).isoformat(),
            "results_url": "https://elsewhere.example/results" if batch.is_over else None,
        }  # fmt: skip
    over = "cancelled" if batch.is_cancelled else "expired" if batch.how == "expired" else "completed"
    return {
        "id": batch.id,
        "object": "batch",
        "status": over if batch.is_over else "in_progress",
        "created_at": int(batch.made),
        "metadata": batch.metadata,
        "request_counts": {"total": count, "completed": done, "failed": wrong},
        "output_file_id": f"{batch.id}-output" if batch.is_over and done else None,
        "error_file_id": f"{batch.id}-errors" if batch.is_over and left + wrong else None,
    }
