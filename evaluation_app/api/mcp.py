"""Tests as MCP tools: one is begun, and read while and after it runs."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from rest_framework import serializers

from accounts.models import User
from evaluation_app.api.tests import told_to
from evaluation_app.creation.bodies import ComparedSerializer, ProbabilisticSerializer
from evaluation_app.creation.creating import create
from evaluation_app.representation import test_json
from foundation.database.threads import in_database_thread
from foundation.rest.serializers import StrictSerializer, checked_json
from playground.gateway.mcp.offered import Offered, arguments_schema, offer
from playground.gateway.targets import template_id_of

ANY_OBJECT: Final = {"type": "object"}


class OneTest(StrictSerializer):
    """Which test."""

    test_id = serializers.UUIDField()


def _begun(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in asked.items() if name != "template"}
    if "template" in asked:
        body["template_id"] = template_id_of(user, asked["template"], field="template")
    rules = ComparedSerializer if "variants" in body else ProbabilisticSerializer
    return {**test_json(create(user=user, asked=checked_json(rules(), body))), "role": "owner"}


def _state(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    test_id: UUID = checked_json(OneTest(), asked)["test_id"]
    return told_to(user, test_id)


def declare() -> None:
    """To be called when the app is ready."""
    text = {"type": "string"}
    cases = {"type": "array", "items": ANY_OBJECT, "description": "{input, expected_output?, scorers?, name?} each"}
    scorers = {"type": "array", "items": ANY_OBJECT, "description": "{scorer, params} each, such as contains or regex"}
    offer(
        Offered(
            name="evaluate",
            description="Begins a test of a prompt or template by repeated runs over cases (with variants: a comparison"
            " of two to eight); answers at once, evaluation tells how far it is and what it shows.",
            parameters=arguments_schema(
                ("name", "parameters"),
                name=text,
                template={**text, "description": "A template's id or slug, in the place of prompt."},
                version={"type": "integer", "minimum": 1},
                label=text,
                prompt=text,
                system_prompt=text,
                model_id={**text, "description": "provider/model"},
                variants={"type": "array", "items": ANY_OBJECT, "minItems": 2, "maxItems": 8},
                test_cases=cases,
                dataset_id=text,
                scorers=scorers,
                parameters={**ANY_OBJECT, "description": "runs, confidence, max_cost, early_stop; the model's own"},
                confirm_cost={"type": "boolean"},
            ),
            door=("POST", "/api/evaluation/probabilistic"),
            run=lambda user, asked, call: in_database_thread(_begun, user, asked),
            asks_models=True,
        ),
        Offered(
            name="evaluation",
            description="Tells a test: how far it is, and once it has ended its figures with their intervals.",
            parameters=arguments_schema(("test_id",), test_id={**text, "description": "As evaluate gave it."}),
            door=("GET", "/api/evaluation/-"),
            run=lambda user, asked, call: in_database_thread(_state, user, asked),
            is_read_only=True,
        ),
    )
