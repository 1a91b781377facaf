"""The execution doors as the OpenAPI document describes them.

They are plain async views (playground.api.executions), which drf-spectacular does not see; these classes
stand in for them in the document only and are never routed.
"""

from __future__ import annotations

import inspect
from typing import Any, Final

from django.urls import path
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from foundation.rest.openapi import IDEMPOTENCY_KEY, StandIn, problems
from playground.bodies.comparison import ComparisonJSON, ComparisonSerializer, ReplaySerializer, VoteSerializer
from playground.bodies.execution import (
    ExecuteSerializer,
    PromptExecutionSerializer,
    ProviderToolSerializer,
    UsageSerializer,
)
from playground.bodies.tools import ResumeSerializer, ToolListJSON, ToolTriedJSON, TryToolSerializer

ASKED: Final = OpenApiExample(
    "A prompt",
    value={
        "model_id": "local/smollm2-135m",
        "system_prompt": "Answer in one sentence.",
        "prompt": "What is a prompt template?",
        "parameters": {"temperature": 0.7, "max_tokens": 128},
    },
    request_only=True,
)
COMPARED: Final = OpenApiExample(
    "Two temperatures",
    value={
        "prompt": "What is a prompt template?",
        "variants": [
            {"model_id": "local/smollm2-135m", "parameters": {"temperature": 0}},
            {"model_id": "local/smollm2-135m", "parameters": {"temperature": 1}},
        ],
    },
    request_only=True,
)
STREAMED: Final = OpenApiExample(
    "Events",
    value=(
        'id: 1\nevent: started\ndata: {"execution_id": "…", "session_id": "…", "model_id": "local/smollm2-135m", '
        '"timestamp": "2026-01-01T00:00:00Z"}\n\n'
        'id: 2\nevent: token\ndata: {"text": "A template"}\n\n'
        'id: 3\nevent: usage\ndata: {"prompt_tokens": 31, "completion_tokens": 2, "total_tokens": 33, '
        '"estimated_cost": 0.0, "details": {"cache_read_tokens": null, "cache_write_tokens": null, '
        '"reasoning_tokens": null, "input_image_tokens": null, "input_audio_tokens": null}, "cost_lines": []}\n\n'
        'id: 4\nevent: completed\ndata: {"id": "…", "status": "completed", "response": "A template"}\n\n'
    ),
    media_type="text/event-stream",
    response_only=True,
)


class StartedEvent(serializers.Serializer[Any]):
    """`started`, always the first."""

    execution_id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    model_id = serializers.CharField()
    timestamp = serializers.DateTimeField()


class TextEvent(serializers.Serializer[Any]):
    """`token`, `reasoning`: a piece of text."""

    text = serializers.CharField()


class ToolCallEvent(serializers.Serializer[Any]):
    """`tool_call`: a tool that the model wants called."""

    id = serializers.CharField()
    tool_name = serializers.CharField()
    arguments = serializers.JSONField()


class ToolProgressEvent(serializers.Serializer[Any]):
    """`tool_progress`: how far a call has come, by its tool's own word; twice a second at most, and not kept."""

    id = serializers.CharField()
    tool_name = serializers.CharField()
    done = serializers.FloatField(help_text="In the tool's own measure.")
    total = serializers.FloatField(allow_null=True, help_text="In the same measure, where it is known.")
    message = serializers.CharField(allow_blank=True)


class ToolResultEvent(serializers.Serializer[Any]):
    """`tool_result`: what a call of a registered tool came to, or that it awaits a person."""

    id = serializers.CharField()
    tool_name = serializers.CharField()
    arguments = serializers.JSONField()
    status = serializers.ChoiceField(choices=["completed", "failed", "awaiting_approval"])
    result = serializers.JSONField(required=False)
    error = serializers.CharField(required=False)
    truncated = serializers.BooleanField(required=False, help_text="The result was cut, and is text.")
    execution_time = serializers.FloatField(required=False, help_text="seconds")


class RoundEvent(serializers.Serializer[Any]):
    """`round`: the model goes on after its calls; `token`s from here on are a new text, those before it stand apart."""

    round = serializers.IntegerField(min_value=2)


class ToolCallPartEvent(serializers.Serializer[Any]):
    """`tool_call_part`: how a call has grown that is still being written, and that nobody may run yet."""

    position = serializers.IntegerField(help_text="Tells the calls of one answer apart.")
    id = serializers.CharField(help_text="As it is by now; may be empty.")
    tool_name = serializers.CharField(help_text="As it is by now; may be empty.")
    arguments = serializers.CharField(help_text="Text that was added to them.")


class RecastEvent(serializers.Serializer[Any]):
    """`recast`: the text of all `token` events so far was reasoning."""

    to = serializers.ChoiceField(choices=["reasoning"])

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {"from": serializers.ChoiceField(choices=["token"]), **super().get_fields()}


class RetryEvent(serializers.Serializer[Any]):
    """`retry`: the provider is asked again."""

    attempt = serializers.IntegerField()
    of = serializers.IntegerField(help_text="Attempts that one model gets.")
    reason = serializers.CharField(help_text="The code of the failure before.")
    retry_at = serializers.DateTimeField()


class FallbackEvent(serializers.Serializer[Any]):
    """`fallback`: the next of `fallback_models` is asked."""

    to = serializers.CharField()
    reason = serializers.CharField(help_text="The code of the failure before.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {"from": serializers.CharField(), **super().get_fields()}


class WaitingEvent(serializers.Serializer[Any]):
    """`waiting`: a run that waits for longer tells what for, whenever that changes: for its place in the queue before
    the provider, for a model that is left alone for a moment, then for the provider's answer."""

    place = serializers.IntegerField(required=False, help_text="In the queue; 1 is the next.")
    of = serializers.IntegerField(required=False, help_text="Calls that wait there, as the run's process sees it.")

    def get_fields(self) -> dict[str, Any]:
        # `for` is a word of Python's.
        return {"for": serializers.ChoiceField(choices=["queue", "rest", "provider"]), **super().get_fields()}


EVENT_DATA: Final[dict[str, type[serializers.Serializer[Any]]]] = {
    "started": StartedEvent,
    "token": TextEvent,
    "reasoning": TextEvent,
    "recast": RecastEvent,
    "tool_call_part": ToolCallPartEvent,
    "tool_call": ToolCallEvent,
    "tool_progress": ToolProgressEvent,
    "tool_result": ToolResultEvent,
    "round": RoundEvent,
    "provider_tool": ProviderToolSerializer,
    "retry": RetryEvent,
    "fallback": FallbackEvent,
    "waiting": WaitingEvent,
    "usage": UsageSerializer,
    "completed": PromptExecutionSerializer,
    "failed": PromptExecutionSerializer,
    "cancelled": PromptExecutionSerializer,
}


class ExecutionEvent(serializers.Serializer[Any]):
    """Each event of the stream, its fields as the format has them: text, and `data` JSON of the shape told here."""


class ExecutionEventSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The text of a stream, and what it holds."""

    target_class = ExecutionEvent

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """One event, as later OpenAPI versions have it under `itemSchema` (3.2.0, section 4.14.4)."""
        events = [
            {
                "type": "object",
                "title": name,
                "properties": {
                    "id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
                    "event": {"const": name},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": auto_schema.resolve_serializer(data, direction).ref,
                    },
                },
                "required": ["id", "event", "data"],
            }
            for name, data in EVENT_DATA.items()
        ]
        return {"description": inspect.getdoc(ExecutionEvent), "oneOf": events}


EVENTS: Final = OpenApiResponse(
    ExecutionEvent,
    description="Server-sent events: started, token, reasoning, recast, tool_call_part, tool_call, tool_progress, "
    "tool_result, "
    "round, provider_tool, "
    "retry, fallback, usage, then completed, failed or cancelled with the whole PromptExecution. `id` counts from 1 "
    "without a gap.",
    examples=[STREAMED],
)


class Execute(StandIn):
    """POST /api/prompts/execute."""

    @extend_schema(
        operation_id="prompts_execute",
        summary="Run a prompt and wait for its answer",
        request=ExecuteSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[ASKED],
        responses={200: PromptExecutionSerializer, **problems(402, 404, 409, 429, 502, 504)},
    )
    def post(self) -> None:
        """A caller that leaves does not stop the run."""


class Stream(StandIn):
    """POST /api/prompts/execute/stream."""

    @extend_schema(
        operation_id="prompts_execute_stream",
        summary="Run a prompt and follow its events",
        request=ExecuteSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[ASKED],
        responses={(200, "text/event-stream"): EVENTS, **problems(404, 409, 429)},
    )
    def post(self) -> None:
        """A reader that loses the connection goes on at GET /api/executions/{id}/stream."""


class Execution(StandIn):
    """GET /api/executions/{id}."""

    @extend_schema(operation_id="executions_retrieve", responses={200: PromptExecutionSerializer})
    def get(self) -> None:
        """One execution of yours."""


class ExecutionStream(StandIn):
    """GET /api/executions/{id}/stream."""

    @extend_schema(
        operation_id="executions_stream",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                str,
                OpenApiParameter.HEADER,
                description="Events above this number follow; what is no number that we gave out means all.",
            ),
            OpenApiParameter("after", str, description="The same, where a header cannot be set."),
        ],
        responses={(200, "text/event-stream"): EVENTS},
    )
    def get(self) -> None:
        """Every event once, in order, from any process; for an hour after the end, then the stored text."""


class Cancel(StandIn):
    """POST /api/executions/{id}/cancel."""

    @extend_schema(
        operation_id="executions_cancel",
        request=None,
        responses={
            202: OpenApiResponse(PromptExecutionSerializer, description="It is being stopped."),
            200: OpenApiResponse(PromptExecutionSerializer, description="It had ended."),
        },
    )
    def post(self) -> None:
        """Stops a run and closes the provider's connection; what came is kept."""


class Replay(StandIn):
    """POST /api/executions/{id}/replay."""

    @extend_schema(
        operation_id="executions_replay",
        request=ReplaySerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: PromptExecutionSerializer, **problems(402, 409, 429, 502, 504)},
    )
    def post(self) -> None:
        """The execution once more, with something changed or nothing; `metadata.replay_of` names the old one.

        A new prompt takes the place of the last user turn, whose pictures and files stay where it is text; what
        followed that turn goes, but for the beginning of an answer. A new system prompt takes that of the system turns.
        """


class Resume(StandIn):
    """POST /api/executions/{id}/resume."""

    @extend_schema(
        operation_id="executions_resume",
        request=ResumeSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: PromptExecutionSerializer, **problems(402, 404, 409, 429, 502, 504)},
    )
    def post(self) -> None:
        """Goes on after an execution's calls of tools: those that a person allows or refuses, those that you have run
        yourself, or with a result changed; `metadata.resumes` names the execution that stopped. A call that was
        allowed is run once, however often that is said."""


class Tools(StandIn):
    """GET /api/tools."""

    @extend_schema(operation_id="tools_list", responses={200: ToolListJSON})
    def get(self) -> None:
        """The tools that a prompt may name in `tools`, to be run here."""


class TryTool(StandIn):
    """POST /api/tools/{name}/test."""

    @extend_schema(
        operation_id="tools_test", request=TryToolSerializer, responses={200: ToolTriedJSON, **problems(404)}
    )
    def post(self) -> None:
        """Runs the tool alone with these arguments; what goes wrong in it is its `error`."""


class Compare(StandIn):
    """POST /api/comparisons."""

    @extend_schema(
        operation_id="comparisons_create",
        request=ComparisonSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[COMPARED],
        responses={202: ComparisonJSON, **problems(404, 409, 429)},
    )
    def post(self) -> None:
        """One prompt to two to six models or parameter sets; all are checked before any begins."""


class ComparisonDoor(StandIn):
    """GET /api/comparisons/{id}."""

    @extend_schema(operation_id="comparisons_retrieve", responses={200: ComparisonJSON})
    def get(self) -> None:
        """A comparison with its executions and votes."""


class Vote(StandIn):
    """POST /api/comparisons/{id}/vote."""

    @extend_schema(
        operation_id="comparisons_vote",
        request=VoteSerializer,
        responses={200: ComparisonJSON},
    )
    def post(self) -> None:
        """Your vote for the best; another one takes its place."""


documented = [
    path("api/prompts/execute", Execute.as_view()),
    path("api/prompts/execute/stream", Stream.as_view()),
    path("api/executions/<uuid:execution_id>", Execution.as_view()),
    path("api/executions/<uuid:execution_id>/stream", ExecutionStream.as_view()),
    path("api/executions/<uuid:execution_id>/cancel", Cancel.as_view()),
    path("api/executions/<uuid:execution_id>/replay", Replay.as_view()),
    path("api/executions/<uuid:execution_id>/resume", Resume.as_view()),
    path("api/tools", Tools.as_view()),
    path("api/tools/<str:name>/test", TryTool.as_view()),
    path("api/comparisons", Compare.as_view()),
    path("api/comparisons/<uuid:comparison_id>", ComparisonDoor.as_view()),
    path("api/comparisons/<uuid:comparison_id>/vote", Vote.as_view()),
]
