"""Identity over REST (api.md, "Identity")."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.bearer import revocation, web_tokens
from accounts.bearer.identity import user_id_of
from accounts.bearer.web_tokens import TokenRefused
from accounts.models import Role, User
from accounts.noting import asking
from accounts.signing_in import WrongCredentials, signed_in, verify_password
from audit.acts import WEB_TOKEN
from foundation.brake import TooManyTries
from foundation.problems import Problem
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer
from foundation.search.ordering import by_name


class CredentialsSerializer(StrictSerializer):
    """Name and password of a local account."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1_000, trim_whitespace=False)


class RefreshSerializer(StrictSerializer):
    """A refresh token."""

    refresh = serializers.CharField(max_length=8_192)


class TokensSerializer(serializers.Serializer[Any]):
    """A pair of tokens; `expires_in` is the access token's life in seconds."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()


class TeamSerializer(serializers.Serializer[Any]):
    """A team that the caller is in."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    """Who the caller is."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    organisation = serializers.CharField()
    teams = TeamSerializer(many=True)


def _pair(user: User) -> dict[str, Any]:
    subject = str(user.id)
    return {
        "access": web_tokens.issue(subject, use="access", lifetime=web_tokens.ACCESS_LIFETIME),
        "refresh": web_tokens.issue(subject, use="refresh", lifetime=web_tokens.REFRESH_LIFETIME),
        "expires_in": web_tokens.ACCESS_LIFETIME,
    }


def _refuse_when_issued_elsewhere() -> None:
    if settings.ENV.jwt_jwks_url:
        raise Problem(403, "tokens_issued_elsewhere", "Tokens are issued by the service behind JWT_JWKS_URL.")


class TokenView(APIView):
    """`POST /api/auth/token`."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]

    @extend_schema(request=CredentialsSerializer, responses={200: TokensSerializer, **problems(401, 403, 429)}, auth=[])
    def post(self, request: Request) -> Response:
        """Tokens for a local account's name and password."""
        _refuse_when_issued_elsewhere()
        given = body_of(request, CredentialsSerializer)
        try:
            user = verify_password(request._request, **given)
        except WrongCredentials:
            raise Problem(401, "wrong_credentials", "Name or password is wrong.") from None
        except TooManyTries as error:
            raise Problem(429, "too_many_tries", str(error), headers={"Retry-After": str(error.retry_after)}) from None
        signed_in(user, by=WEB_TOKEN)
        return Response(_pair(user))


class RefreshView(APIView):
    """`POST /api/auth/token/refresh`."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]

    @extend_schema(request=RefreshSerializer, responses={200: TokensSerializer, **problems(401, 403)}, auth=[])
    def post(self, request: Request) -> Response:
        """New tokens for a refresh token, which is used up by that."""
        _refuse_when_issued_elsewhere()
        given = body_of(request, RefreshSerializer)
        try:
            claims = async_to_sync(web_tokens.verify)(given["refresh"])
        except TokenRefused as error:
            raise Problem(401, "not_authenticated", str(error)) from None
        user = User.objects.filter(id=user_id_of(claims.subject), is_active=True).first()
        if claims.use != "refresh" or user is None:
            raise Problem(401, "not_authenticated", "This is no refresh token of an active account.")
        with asking(user, by=WEB_TOKEN):
            is_first = revocation.revoke(claims)
        if not is_first:
            raise Problem(401, "not_authenticated", "This refresh token was used before, or revoked.")
        return Response(_pair(user))


class MeView(APIView):
    """`GET /api/auth/me`."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who the caller is."""
        user: Any = request.user
        return Response(
            {
                "id": user.id,
                "email": user.email,
                "name": str(user),
                "roles": user.roles or [Role.USER.value],
                "organisation": user.organisation,
                "teams": list(user.teams.order_by(*by_name()).values("id", "name")),
            }
        )
