"""What an execution needs before it begins: all that can be refused is refused here, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from foundation.context import request_id
from foundation.problems import FieldError, Problem, invalid, unavailable
from foundation.words import number
from playground.attachments import references
from playground.engine import reservation
from playground.engine.ask import Ask
from playground.engine.attempts import Target
from playground.engine.host import Engine, engine
from playground.engine.masking import facts_of, masked_for, sent_of
from playground.models import PromptExecution, Status, split_metadata
from playground.tools import registry
from playground.tools.tool import Tool
from privacy.masking.sending import Asked, Masked
from providers.base import Message
from providers.parts import counting, taking
from providers.registry import HOW_TO_CONFIGURE
from sessions_app.access import place_to_run_in
from templates_app.parameters import response_format_errors

SURELY_A_TOKEN: Final = 6
"""Characters; a prompt longer than its model's window at this rate cannot fit, whatever the tokenizer."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An execution that may begin: everything about it has been checked, nothing is written."""

    machine: Engine
    record: PromptExecution
    targets: list[Target]
    messages: list[Message]
    is_given_id: bool
    """Whether its id was asked for: then it may have begun before."""
    patience: float = 0.0
    """As its Ask has it."""
    project_id: str = ""
    """Of its session."""
    token_id: UUID | None = None
    """As its Ask has it."""
    masking: Masked | None = None
    """What is sent in place of its messages, in a project that masks."""
    tools: Mapping[str, Tool] = field(default_factory=dict)
    """The registered tools that it offers, by name."""

    @property
    def sent(self) -> Asked:
        """What a provider gets to read of it."""
        return sent_of(self.record, self.messages, self.masking)

    @property
    def dearest_cost(self) -> Decimal:
        """USD that one attempt at the dearest of its models may cost; 0 where no price is known."""
        return max(target.needed.cost for target in self.targets)

    @property
    def is_priced(self) -> bool:
        """Whether the price of each of its models is known."""
        return all(target.model.price_known for target in self.targets)

    def within(self, max_cost: Decimal) -> Prepared:
        """The same, with USD that all its attempts together may cost."""
        self.record.max_cost = max_cost
        return self


async def prepare(ask: Ask) -> Prepared:
    """Everything that can be refused before a row is made; raises Problem."""
    machine = await engine()
    if machine.runner.is_draining:
        raise unavailable("The service is being restarted.")
    _check_structure(ask.parameters)
    ask = replace(ask, request=await references.looked_up(ask.user, ask.request))
    ask, offered = await _with_tools(ask)
    messages = ask.messages()
    targets = await _targets(machine, ask, messages)
    _check_parts(targets, ask)
    place = await place_to_run_in(ask.user, ask.session_id, is_evaluating=ask.origin.is_batch)
    masking = await masked_for(place.project_id, ask)
    if masking is not None:
        targets = [target.reading(masking.sent) for target in targets]
    first = targets[0]
    _check_window(first, messages)
    if ask.max_cost is not None:
        reservation.check_max_cost(ask.max_cost, model=first.model, needed=first.needed, parameters=ask.parameters)
    ask = replace(ask, request=await references.kept(ask.user, ask.request))
    if masking is not None and any(references.placed(ask.request)):
        # With references in place of the data that came.
        masking = await masked_for(place.project_id, ask)
    facts = {**ask.facts, **facts_of(masking, ask)}
    record = _record(machine, replace(ask, facts=facts), place.session_id, first)
    return Prepared(
        machine,
        record,
        targets,
        ask.messages(),
        is_given_id=ask.execution_id is not None,
        patience=ask.patience,
        project_id=place.project_id,
        token_id=ask.token_id,
        masking=masking,
        tools=offered,
    )


async def recall(ask: Ask, *, session_id: UUID, project_id: str) -> Prepared:
    """An execution that was sent by another way, and is answered: what would refuse its beginning now, such as a model
    that was switched off since, refuses nothing. Raises Problem where its provider or a file of it is gone.
    """
    machine = await engine()
    ask = replace(ask, request=await references.looked_up(ask.user, ask.request))
    given = reservation.most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))
    if machine.lines.get(ask.model_id.partition("/")[0]) is None:
        await machine.reload_soon()
    target = _target(machine, ask.model_id, "model_id", ask.parameters, given, is_sent=True)
    ask = replace(ask, request=await references.kept(ask.user, ask.request))
    record = _record(machine, ask, session_id, target)
    return Prepared(
        machine,
        record,
        [target],
        ask.messages(),
        is_given_id=ask.execution_id is not None,
        project_id=project_id,
        token_id=ask.token_id,
    )


async def _with_tools(ask: Ask) -> tuple[Ask, dict[str, Tool]]:
    """The request with its registered tools as they are now, and these; a Problem where there is none of that name."""
    given = ask.request.get("tools") or ()
    if not any(tool.get("registered") for tool in given):
        return ask, {}
    known = await registry.tools()
    wanted = {at: tool["name"] for at, tool in enumerate(given) if tool.get("registered")}
    message = "There is no such tool here: GET /api/tools lists them."
    if errors := [
        FieldError(f"tools.{at}.name", "unknown_tool", message) for at, name in wanted.items() if name not in known
    ]:
        raise invalid(errors)
    tools = [known[wanted[at]].definition() if at in wanted else tool for at, tool in enumerate(given)]
    return replace(ask, request={**ask.request, "tools": tools}), {name: known[name] for name in wanted.values()}


async def _targets(machine: Engine, ask: Ask, messages: list[Message]) -> list[Target]:
    named = {"model_id": ask.model_id}
    fallbacks = ask.parameters.get("fallback_models", ())
    named |= {f"parameters.fallback_models.{position}": model_id for position, model_id in enumerate(fallbacks)}
    if any(machine.lines.get(model_id.partition("/")[0]) is None for model_id in named.values()):
        # It may have been added a moment ago.
        await machine.reload_soon()
    given = reservation.most_of_input(messages, ask.parameters, ask.request.get("tools", ()))
    return [_target(machine, model_id, field, ask.parameters, given) for field, model_id in named.items()]


def _target(
    machine: Engine, model_id: str, field: str, parameters: Mapping[str, Any], given: int, *, is_sent: bool = False
) -> Target:
    slug, _, name = model_id.partition("/")
    line = machine.lines.get(slug)
    if line is None or not name:
        advice = HOW_TO_CONFIGURE.get(slug, "GET /api/providers/status lists the providers.")
        error = FieldError(field, "unknown_provider", f"There is no provider {slug!r} here. {advice}")
        raise Problem(404, "unknown_provider", error.message, errors=[error])
    if line.provider.unavailable_reason and not is_sent:
        raise Problem(503, "provider_unavailable", line.provider.unavailable_reason)
    model = machine.catalogue.info(model_id, line.provider)
    if model.unavailable_reason and not is_sent:
        raise Problem(503, "model_unavailable", model.unavailable_reason)
    return Target(model, line, reservation.dearest(model, given=given, parameters=parameters))


def _check_window(target: Target, messages: list[Message]) -> None:
    window, characters = target.model.context_window, counting.characters(messages)
    if window and characters > window * SURELY_A_TOKEN:
        raise invalid(
            [
                FieldError(
                    "prompt",
                    "context_window_exceeded",
                    f"{number(characters)} characters do not fit into "
                    f"the {number(window)} tokens of {target.model.id}.",
                )
            ]
        )


def _check_structure(parameters: Mapping[str, Any]) -> None:
    """Also what no door has judged lately: a template's parameters, a run that is repeated."""
    if errors := [*response_format_errors(parameters.get("response_format"))]:
        place = "parameters.response_format"
        raise invalid([error._replace(field=f"{place}.{error.field}") for error in errors])


def _check_parts(targets: list[Target], ask: Ask) -> None:
    """A Problem where one of the models, or its wire, does not take a picture or a file."""
    errors = [
        FieldError(field, "not_supported", reason)
        for field, part in references.placed(ask.request)
        for target in targets
        if (reason := taking.refusal(part, model=target.model, taken=taking.taken_by(target.line.provider.adapter)))
    ]
    if errors:
        raise invalid(errors)


def _record(machine: Engine, ask: Ask, session_id: UUID, target: Target) -> PromptExecution:
    plain, notes = split_metadata(ask.metadata)
    return PromptExecution(
        id=ask.execution_id or uuid4(),
        session_id=session_id,
        user_id=ask.user.id,
        model_id=target.model.id,
        request=references.bare(ask.request),
        parameters=dict(ask.parameters),
        notes=notes,
        metadata={**plain, **ask.facts, "request_id": request_id.get(), "cached": False},
        status=Status.RUNNING if target.line.gate.is_free(target.model.id) else Status.PENDING,
        created_at=datetime.now(UTC),
        runner_id=machine.runner.id,
        template_version_id=ask.template_version_id,
        parent_id=ask.parent_id,
        origin=ask.origin,
        max_cost=ask.max_cost,
        reserved_cost=target.needed.cost,
        reserved_tokens=target.needed.tokens,
    )
