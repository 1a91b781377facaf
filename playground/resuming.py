"""An execution whose tools stopped it, gone on with: a person has allowed a call, its caller has run one, somebody has
changed a result, or the service went down between two rounds.

What goes on is an execution of its own, the next turn after the one that stopped. So nothing waits in a process, and
what was paid for is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid, not_found
from playground import executing
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution, Status
from playground.tools.calling import ANSWERED, APPROVED, AWAITING_APPROVAL, COMPLETED, FAILED, INCOMPLETE
from playground.tools.turns import turns_of
from sessions_app.models import PlaygroundSession

CARRIED: Final = ("system_prompt", "context", "tools")
REFUSED: Final = "A person has refused this call: it was not run."


async def resume(*, user: User, execution_id: UUID, body: Mapping[str, Any], origin: Origin, key: str | None) -> UUID:
    """Goes on after the execution's calls as the body has them: `results` (`[{id, result | error}]`), `approve`,
    `refuse` (ids); the id of what goes on. `key` is the caller's Idempotency-Key. Raises a Problem that names what
    does not hold."""
    claim = executing.claim_of(user, key, {"resumes": str(execution_id), **body}, route="resume")
    ask = await _ask(user, execution_id, body, origin)
    # The id of one that was allowed says already that it is the same, whatever key it comes with.
    return await executing.begin(ask, claim=None if ask.execution_id else claim)


async def _ask(user: User, execution_id: UUID, body: Mapping[str, Any], origin: Origin) -> Ask:
    old = await in_database_thread(_find, user, execution_id)
    entries = [dict(each) for each in (old.answer or {}).get("tool_executions", ())]
    number = _round_of(entries, body)
    calls = [each for each in entries if each.get("round", _last_round(old)) == number]
    _decide(calls, body)
    if missing := [each["id"] for each in calls if each["status"] not in (*ANSWERED, APPROVED, INCOMPLETE)]:
        message = f"These calls have no result yet: {', '.join(missing)[:500]}."
        raise invalid([FieldError("results", "missing", message)])
    earlier = _before(old, entries, number)
    text = _said(old, number)
    request = {name: old.request[name] for name in CARRIED if old.request.get(name)}
    allowed = sorted(each["id"] for each in calls if each["status"] == APPROVED)
    if allowed:
        request |= {"messages": earlier, "allowed": {"response": text, "tool_executions": calls}}
    else:
        request["messages"] = [*earlier, *turns_of(text, calls)]
    return Ask(
        user=user,
        origin=origin,
        model_id=old.model_id,
        request=request,
        parameters=dict(old.parameters or {}),
        session_id=old.session_id,
        template_version_id=old.template_version_id,
        parent_id=old.id,
        facts={"resumes": str(old.id)},
        is_cost_confirmed=body.get("confirm_cost", False),
        # Allowed twice, as by a second click, it is run once.
        execution_id=uuid5(old.id, "allowed:" + ",".join(allowed)) if allowed else None,
    )


def _find(user: User, execution_id: UUID) -> PromptExecution:
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).first()
    if found is None:
        raise not_found("The execution")
    if not PlaygroundSession.objects.editable_by(user).filter(id=found.session_id).exists():
        raise Problem(403, "forbidden", "You may read this session, not run in it.")
    if not Status(found.status).is_final:
        raise Problem(409, "execution_running", "It has not ended yet.")
    return found


def _last_round(old: PromptExecution) -> int:
    return len((old.answer or {}).get("rounds", ())) + 1


def _round_of(entries: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> int:
    """The round that is gone on after: that of the calls which the body names, else the last that was whole."""
    last: int = max((each.get("round", 0) for each in entries), default=0)
    rounds: dict[str, int] = {each["id"]: each.get("round", last + 1) for each in entries}
    named = {
        **{each["id"]: f"results.{at}.id" for at, each in enumerate(body.get("results", ()))},
        **{id: f"approve.{at}" for at, id in enumerate(body.get("approve", ()))},
        **{id: f"refuse.{at}" for at, id in enumerate(body.get("refuse", ()))},
    }
    if errors := [
        FieldError(place, "unknown", "It has no call of this id.") for id, place in named.items() if id not in rounds
    ]:
        raise invalid(errors)
    meant = {rounds[id] for id in named}
    if len(meant) > 1:
        raise invalid([FieldError(next(iter(named.values())), "other_round", "These calls were not made together.")])
    if meant:
        return meant.pop()
    if not entries:
        raise Problem(409, "nothing_to_resume", "It has called no tool: there is nothing to go on after.")
    open_ = [each for each in entries if each["status"] not in (*ANSWERED, INCOMPLETE)]
    return last + 1 if open_ or not last else last


def _decide(calls: list[dict[str, Any]], body: Mapping[str, Any]) -> None:
    """Writes what the body says into the calls of the round."""
    by_id = {each["id"]: each for each in calls}
    for at, given in enumerate(body.get("results", ())):
        call = by_id[given["id"]]
        if call["status"] == INCOMPLETE:
            raise invalid(
                [FieldError(f"results.{at}.id", "incomplete", "The answer ended in the middle of this call.")]
            )
        for name in ("result", "error", "truncated"):
            call.pop(name, None)
        failed = "error" in given
        call |= (
            {"status": FAILED, "error": given["error"]} if failed else {"status": COMPLETED, "result": given["result"]}
        )
        call["edited"] = True
    for place, verdict in (("approve", {"status": APPROVED}), ("refuse", {"status": FAILED, "error": REFUSED})):
        for at, id in enumerate(body.get(place, ())):
            if by_id[id]["status"] != AWAITING_APPROVAL:
                raise invalid([FieldError(f"{place}.{at}", "not_awaiting", "This call awaits no approval.")])
            by_id[id] |= verdict


def _before(old: PromptExecution, entries: Sequence[Mapping[str, Any]], number: int) -> list[dict[str, Any]]:
    """The conversation up to the round."""
    turns = list(old.request.get("messages", ()))
    if prompt := old.request.get("parts") or old.request.get("prompt"):
        turns.append({"role": "user", "content": prompt})
    for before in range(1, number):
        turns += turns_of(_said(old, before), [each for each in entries if each.get("round") == before])
    return turns


def _said(old: PromptExecution, number: int) -> str:
    answer = old.answer or {}
    rounds = answer.get("rounds", ())
    said: str = rounds[number - 1].get("response", "") if number <= len(rounds) else answer.get("response", "")
    return said
