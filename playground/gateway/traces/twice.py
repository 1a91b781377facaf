"""One call that is told by several spans is one call: an SDK tells of it, and what is wrapped around the SDK does too.

Spans are of one call where one lies directly within the other, or where both name the same response at the same time;
those that came by another request are not seen. A span around several calls that were answered is none of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from playground.gateway.traces.call import Call
from playground.gateway.traces.span import Span

Told = tuple[Span, Call]
Place = tuple[str, str]
"""Trace and span."""


def told_once(calls: Sequence[Told]) -> list[Told]:
    """One span a call, in their order; it takes from the others what it does not tell itself."""
    kept = _of_responses(_of_nested(calls))
    order = {_place(span): number for number, (span, _) in enumerate(calls)}
    return sorted(kept, key=lambda told: order[_place(told[0])])


def _of_nested(calls: Sequence[Told]) -> list[Told]:
    """From the innermost outwards, without recursion: a chain may be as long as somebody likes."""
    of_place = {_place(span): (span, call) for span, call in calls}
    waiting = dict.fromkeys(of_place, 0)
    for span, _ in of_place.values():
        if _parent(span) in waiting:
            waiting[_parent(span)] += 1
    found: dict[Place, list[Told]] = defaultdict(list)
    ready = [place for place, inner in waiting.items() if not inner]
    kept: list[Told] = []
    seen: set[Place] = set()
    while ready:
        place = ready.pop()
        seen.add(place)
        told = _resolved(of_place[place], found.pop(place, []))
        parent = _parent(of_place[place][0])
        if parent not in waiting:
            kept += told
            continue
        found[parent] += told
        waiting[parent] -= 1
        if not waiting[parent]:
            ready.append(parent)
    # What is within itself has no outside: each is kept.
    return [*kept, *(told for place, told in of_place.items() if place not in seen)]


def _resolved(outer: Told, inner: list[Told]) -> list[Told]:
    answered = [told for told in inner if not told[0].is_error]
    if len(answered) > 1:
        return answered
    return [_merged([outer, *(answered or inner)])]


def _of_responses(calls: Iterable[Told]) -> list[Told]:
    """Those that name the same response, and whose times overlap."""
    groups: list[list[Told]] = []
    of_response: dict[str, list[list[Told]]] = defaultdict(list)
    for span, call in sorted(calls, key=lambda told: told[0].started):
        same = next((group for group in of_response[call.response_id] if _overlaps(group[-1][0], span)), None)
        if call.response_id and same is not None:
            same.append((span, call))
            continue
        groups.append([(span, call)])
        of_response[call.response_id].append(groups[-1])
    return [_merged(group) for group in groups]


def _overlaps(one: Span, other: Span) -> bool:
    return one.started < other.ended and other.started < one.ended


def _merged(calls: list[Told]) -> Told:
    """The one that tells most; of two that tell as much, the first."""
    span, call = max(calls, key=lambda told: _telling(told[1]))
    for _, other in calls:
        call.asked, call.answers = call.asked or other.asked, call.answers or other.answers
        call.tools, call.parameters = call.tools or other.tools, call.parameters or other.parameters
        if call.usage.prompt_tokens is None and call.usage.completion_tokens is None:
            call.usage = other.usage
        if call.first_token is None:
            call.first_token = other.first_token
        for name in ("answered_model", "conversation", "finish_reason", "model", "provider", "response_id"):
            setattr(call, name, getattr(call, name) or getattr(other, name))
    return span, call


def _telling(call: Call) -> int:
    return 2 * call.has_prompt + 2 * call.has_answer + (call.usage.prompt_tokens is not None)


def _place(span: Span) -> Place:
    return span.trace_id, span.span_id


def _parent(span: Span) -> Place:
    return span.trace_id, span.parent_id
