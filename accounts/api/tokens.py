"""API tokens over REST (api.md, "Identity"), and web tokens taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.bearer import api_tokens, revocation
from accounts.bearer.bodies import NewTokenSerializer
from accounts.bearer.identity import user_id_of
from accounts.bearer.scopes import Scope
from accounts.bearer.web_tokens import TokenRefused, verify
from accounts.models import ApiToken
from accounts.requests import principal
from foundation.problems import FieldError, invalid
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer


class ApiTokenSerializer(serializers.Serializer[Any]):
    """An API token; its secret is nowhere to be had."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    ending = serializers.CharField(help_text="The last four signs of its secret.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    revoked_at = serializers.DateTimeField(allow_null=True)


class MadeTokenSerializer(ApiTokenSerializer):
    """A new API token with its secret, this once."""

    token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`. It is not shown again.")


class ApiTokensSerializer(serializers.Serializer[Any]):
    """All of them, the newest first."""

    results = ApiTokenSerializer(many=True)


class RevokeSerializer(StrictSerializer):
    """A web token to take back."""

    token = serializers.CharField(max_length=8_192, required=False, help_text="Left out: the one that is sent with.")


class TokensView(APIView):
    """`GET | POST /api/auth/tokens`."""

    @extend_schema(operation_id="api_tokens_list", responses=ApiTokensSerializer)
    def get(self, request: Request) -> Response:
        """Your API tokens, with those that no longer let anybody in."""
        rows = ApiToken.objects.filter(user=principal(request)).order_by("-created_at", "-id")
        return Response(ApiTokensSerializer({"results": rows}).data)

    @extend_schema(
        operation_id="api_tokens_create",
        request=NewTokenSerializer,
        responses={201: MadeTokenSerializer, **problems(400, 409)},
    )
    def post(self, request: Request) -> Response:
        """A token by which a program acts for you, within scopes. Tokens make no tokens."""
        user = principal(request)
        token, secret = api_tokens.make(user=user, made_by=user, **body_of(request, NewTokenSerializer))
        shown = {**ApiTokenSerializer(token).data, "token": secret}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class ApiTokenView(APIView):
    """`DELETE /api/auth/tokens/{id}`."""

    @extend_schema(operation_id="api_tokens_revoke", responses={204: None, **problems(404)})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """It lets nobody in any more; streams and sockets that it holds open end within five seconds."""
        api_tokens.revoke(user=principal(request), token_id=token_id)
        return Response(status=204)


class RevokeView(APIView):
    """`POST /api/auth/token/revoke`."""

    @extend_schema(request=RevokeSerializer, responses={204: None, **problems(400)})
    def post(self, request: Request) -> Response:
        """Takes a web token of your own back (access or refresh, by its `jti`), or the API token that you send."""
        given, user = body_of(request, RevokeSerializer), principal(request)
        sent = request.headers.get("Authorization", "").partition(" ")[2].strip()
        token = given.get("token") or sent
        if api_tokens.is_api_token(token):
            found = api_tokens.token_of(token)
            if found is None or found.user_id != user.id:
                raise _not_yours()
            api_tokens.revoke(user=user, token_id=found.id)
            return Response(status=204)
        try:
            claims = async_to_sync(verify)(token)
        except TokenRefused as error:
            raise invalid([FieldError("token", "invalid", str(error))]) from None
        if user_id_of(claims.subject) != user.id:
            raise _not_yours()
        revocation.revoke(claims)
        return Response(status=204)


def _not_yours() -> Exception:
    return invalid([FieldError("token", "invalid", "This is no living token of yours.")])
