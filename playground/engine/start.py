"""How an execution begins: what it needs is found, its row made, its run launched."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import psycopg
from psycopg import errors as postgres

from accounts.idempotency import check_key
from accounts.models import User
from foundation.context import request_id
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid, not_found, unavailable
from playground.engine import cache
from playground.engine.attempts import Target
from playground.engine.host import Engine, engine
from playground.engine.lifecycle import Claim
from playground.engine.resolve import Resolved, resolve
from playground.engine.run import Run
from playground.models import IdempotencyKey, PromptExecution, Status
from playground.stream.log import KEPT_AFTER_A_PLAIN_RUN, KEPT_AFTER_A_STREAM
from playground.stream.publisher import Outlet
from providers.base import Message
from providers.line.fitting import count_characters
from providers.registry import HOW_TO_CONFIGURE
from sessions_app.access import session_to_run_in

SURELY_A_TOKEN: Final = 6
"""Characters; a prompt longer than its model's window at this rate cannot fit, whatever the tokenizer."""

_launching: set[asyncio.Task[Started]] = set()


@dataclass(frozen=True, slots=True)
class Started:
    """An execution that has begun, now or (the same idempotency key) before."""

    id: UUID
    run: Run | None
    """The run, when it lives in this process."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An execution that may begin: everything about it has been checked, nothing is written."""

    machine: Engine
    record: PromptExecution
    targets: list[Target]
    messages: list[Message]


async def prepare(*, user: User, asked: Mapping[str, Any], **record: Any) -> Prepared:
    """Everything that can be refused before a row is made; raises Problem.

    `asked` is what a door has checked (`bodies.execution`); `record` are columns that no body sets.
    """
    machine = await engine()
    if machine.runner.is_draining:
        raise unavailable("The service is being restarted.")
    resolved = await resolve(user, asked)
    targets = await _targets(machine, resolved.body)
    session_id = await session_to_run_in(user, resolved.session_id)
    messages = messages_of(resolved.body)
    _check_window(targets[0], messages)
    return Prepared(machine, _record(user, session_id, resolved, targets[0], machine, record), targets, messages)


async def begin(prepared: Prepared, *, claim: Claim | None = None, is_streamed: bool = True) -> Started:
    """Makes the row and launches the run."""
    machine, record, targets = prepared.machine, prepared.record, prepared.targets
    kept_for = KEPT_AFTER_A_STREAM if is_streamed else KEPT_AFTER_A_PLAIN_RUN
    outlet = Outlet(machine.tails.open(record.id), machine.publisher, kept_for=kept_for)
    outlet.tail.is_local = True
    run = Run(record, model=targets[0].model, outlet=outlet, messages=prepared.messages, is_streamed=is_streamed)
    # A caller that leaves now must not leave a row behind that nobody runs.
    launching = asyncio.create_task(_launch(machine, run, targets, claim))
    _launching.add(launching)
    launching.add_done_callback(_launching.discard)
    return await asyncio.shield(launching)


async def _launch(machine: Engine, run: Run, targets: list[Target], claim: Claim | None) -> Started:
    made = await _make_row(machine, run, claim)
    if claim is not None and not made:
        return await _begun_before(machine, claim)
    run.say_started()
    _tell(machine, run)
    key = _cache_key(run.record, run.messages)
    machine.runner.launch(run, targets, cache_key=key)
    return Started(run.id, run)


def _tell(machine: Engine, run: Run) -> None:
    """Lets the engine's companions know of the run, now and when its end is stored."""

    def tell(_: object = None) -> None:
        for companion in machine.companions:
            companion.run_changed(run.record)

    tell()
    run.stored.add_done_callback(tell)


def messages_of(asked: Mapping[str, Any]) -> list[Message]:
    """The messages that the model gets: system prompt with context, earlier turns, the prompt."""
    system = asked.get("system_prompt") or ""
    if context := asked.get("context"):
        facts = orjson.dumps(context, option=orjson.OPT_INDENT_2).decode()
        system = f"{system}\n\nContext:\n{facts}".strip()
    messages: list[Message] = [{"role": "system", "content": system}] if system else []
    messages += [dict(message) for message in asked.get("messages", ())]
    if prompt := asked.get("prompt"):
        messages.append({"role": "user", "content": prompt})
    return messages


async def _targets(machine: Engine, asked: Mapping[str, Any]) -> list[Target]:
    fallbacks = asked.get("parameters", {}).get("fallback_models", ())
    named = {"model_id": asked["model_id"]}
    named |= {f"parameters.fallback_models.{position}": model_id for position, model_id in enumerate(fallbacks)}
    if any(machine.lines.get(model_id.partition("/")[0]) is None for model_id in named.values()):
        # It may have been added a moment ago.
        await machine.reload_soon()
    return [_target(machine, model_id, field) for field, model_id in named.items()]


def _target(machine: Engine, model_id: str, field: str) -> Target:
    slug, _, name = model_id.partition("/")
    line = machine.lines.get(slug)
    if line is None or not name:
        advice = HOW_TO_CONFIGURE.get(slug, "GET /api/providers/status lists the providers.")
        error = FieldError(field, "unknown_provider", f"There is no provider {slug!r} here. {advice}")
        raise Problem(404, "unknown_provider", error.message, errors=[error])
    if line.provider.unavailable_reason:
        raise Problem(503, "provider_unavailable", line.provider.unavailable_reason)
    return Target(machine.catalogue.info(model_id, line.provider), line)


def _check_window(target: Target, messages: list[Message]) -> None:
    window, characters = target.model.context_window, count_characters(messages)
    if window and characters > window * SURELY_A_TOKEN:
        raise invalid(
            [
                FieldError(
                    "prompt",
                    "context_window_exceeded",
                    f"{characters} characters do not fit into the {window} tokens of {target.model.id}.",
                )
            ]
        )


def _record(
    user: User, session_id: UUID, resolved: Resolved, target: Target, machine: Engine, more: Mapping[str, Any]
) -> PromptExecution:
    body = resolved.body
    texts = ("prompt", "system_prompt", "messages", "context", "tools", "template", "variables", "source")
    notes = {**body.get("metadata", {}), **more.get("metadata", {})}
    columns = {"template_version_id": resolved.template_version_id, "parent_id": resolved.parent_id, **more}
    columns["metadata"] = {**notes, "request_id": request_id.get(), "cached": False}
    return PromptExecution(
        id=uuid4(),
        session_id=session_id,
        user_id=user.id,
        model_id=target.model.id,
        request={name: body[name] for name in texts if name in body},
        parameters=body.get("parameters", {}),
        status=Status.RUNNING if target.line.gate.is_free() else Status.PENDING,
        created_at=datetime.now(UTC),
        runner_id=machine.runner.id,
        **columns,
    )


def claim_of(user: User, key: str | None, asked: Mapping[str, Any], *, route: str) -> Claim | None:
    """The caller's Idempotency-Key for this body at this door; a Problem when it is none."""
    if key is None:
        return None
    check_key(key)
    body = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return Claim(user.id, route, key, hashlib.sha256(body).digest())


async def _make_row(machine: Engine, run: Run, claim: Claim | None) -> bool:
    """False when the idempotency key was taken; then nothing was made."""
    made = False
    try:
        made = await machine.store.begin(run.beginning(), claim)
    except postgres.ForeignKeyViolation:
        raise not_found("The session") from None
    except psycopg.OperationalError:
        raise unavailable("The database is away.") from None
    finally:
        if not made:
            run.outlet.tail.is_local = False
            machine.tails.release(run.outlet.tail)
    return made


async def _begun_before(machine: Engine, claim: Claim) -> Started:
    taken = await in_database_thread(_taken, claim)
    if bytes(taken.body_hash) != claim.body_hash:
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key came with another body before.")
    run = machine.runner.run_of(taken.execution_id)
    return Started(taken.execution_id, run)


def _taken(claim: Claim) -> IdempotencyKey:
    return IdempotencyKey.objects.get(user_id=claim.user_id, route=claim.route, key=claim.key)


def _cache_key(record: PromptExecution, messages: list[Message]) -> str | None:
    if not cache.is_wanted(record.parameters):
        return None
    return cache.key_for(record.user_id, record.model_id, messages, record.parameters, record.request.get("tools"))
