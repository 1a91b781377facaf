"""The doors of other vendors' clients as the OpenAPI document describes them: plain async views, which
drf-spectacular does not see."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema

from foundation.rest.json_shapes import TEXT, WHOLE, Shape, listed, maybe, one_of, shaped, word
from playground.gateway.chat import openapi as chat
from playground.gateway.described import KEY, OpenAIDoor, OpenAIError, refusals
from playground.gateway.mcp import openapi as mcp
from playground.gateway.messages import openapi as messages
from playground.gateway.responses import openapi as responses
from playground.gateway.traces import openapi as traces

VERSION: Final = OpenApiParameter(
    "anthropic-version", str, OpenApiParameter.HEADER, description="With it, the answer has Anthropic's shape."
)
OPENAIS: Final = shaped("*", id=TEXT, object=word("model"), created=WHOLE, owned_by=TEXT)
ANTHROPICS: Final = shaped(
    "*", type=word("model"), id=TEXT, display_name=TEXT, created_at={**TEXT, "format": "date-time"}
)


class VendorModel(Shape):
    """A model, or a template that is released, in the shape of the vendor whose client asks."""

    schema = one_of(OPENAIS, ANTHROPICS)


class VendorModels(Shape):
    """All of them, on one page."""

    schema = one_of(
        shaped("*", object=word("list"), data=listed(OPENAIS)),
        shaped(
            "*",
            data=listed(ANTHROPICS),
            has_more={"type": "boolean"},
            first_id=maybe(TEXT),
            last_id=maybe(TEXT),
        ),
    )


class Models(OpenAIDoor):
    """GET /v1/models."""

    @extend_schema(
        operation_id="vendor_models_list",
        auth=KEY,
        parameters=[VERSION],
        responses={200: VendorModels, **refusals(OpenAIError, 403)},
    )
    def get(self) -> None:
        """The models that you may use, and the templates with the label production or latest, by the id that runs
        them."""


class OneModel(OpenAIDoor):
    """GET /v1/models/{id}."""

    @extend_schema(
        operation_id="vendor_models_retrieve",
        auth=KEY,
        parameters=[VERSION, OpenApiParameter("model_id", str, OpenApiParameter.PATH)],
        responses={200: VendorModel, **refusals(OpenAIError, 403)},
    )
    def get(self) -> None:
        """One model or template; ids contain slashes, colons and at signs."""


documented: list[Any] = [
    *chat.documented,
    *responses.documented,
    *messages.documented,
    path("v1/models", Models.as_view()),
    path("v1/models/<path:model_id>", OneModel.as_view()),
    *traces.documented,
    *mcp.documented,
]
