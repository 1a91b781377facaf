"""One's organisation over REST, and, for its managers, its people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation, Standing, User, check_time_zone
from accounts.requests import principal
from accounts.teams.organisations import change_organisation, give_organisation_role, organisation_by
from accounts.teams.roles import check_manages_organisation, manages_organisation, organisation_of
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer

OTHER = "Another organisation's key: for administrators."


class OrganisationQuery(StrictSerializer):
    """Which organisation is meant."""

    organisation = serializers.CharField(max_length=255, required=False, help_text=OTHER)


class PeopleQuery(PageQuery):
    """Query of GET /api/organisation/members."""

    organisation = serializers.CharField(max_length=255, required=False, help_text=OTHER)


class OrganisationBody(StrictSerializer):
    """What a manager may change; its key is what tokens say, and stays."""

    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    time_zone = serializers.CharField(
        max_length=64, required=False, help_text="Its days and months begin there, such as Europe/Berlin."
    )

    def validate_time_zone(self, value: str) -> str:
        try:
            check_time_zone(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code="unknown_time_zone") from None
        return value


class RoleBody(StrictSerializer):
    """The role that somebody is to have."""

    role = serializers.ChoiceField(Standing.choices)


class OrganisationJSON(serializers.ModelSerializer[Organisation]):
    """An organisation, and whether whoever asks sees to it."""

    is_managed = serializers.SerializerMethodField(help_text="Whether you may change it and give roles in it.")

    class Meta:
        model = Organisation
        fields = ["key", "name", "time_zone", "created_at", "is_managed"]

    def get_is_managed(self, organisation: Organisation) -> bool:
        return manages_organisation(self.context["user"], organisation.key)


class OrganisationMemberJSON(serializers.ModelSerializer[User]):
    """Somebody of the organisation."""

    user_id = serializers.UUIDField(source="id")
    name = serializers.CharField(source="__str__")
    role = serializers.ChoiceField(Standing.choices, source="organisation_role")

    class Meta:
        model = User
        fields = ["user_id", "username", "name", "email", "role", "is_active", "is_service"]


class OrganisationView(APIView):
    """`/api/organisation`."""

    @extend_schema(
        operation_id="organisation_get",
        parameters=[OrganisationQuery],
        responses={200: OrganisationJSON, **problems(404)},
    )
    def get(self, request: Request) -> Response:
        """Your organisation."""
        return self._told(request, organisation_by(_key(request, OrganisationQuery)))

    @extend_schema(
        operation_id="organisation_change",
        parameters=[OrganisationQuery],
        request=OrganisationBody,
        responses={200: OrganisationJSON, **problems(400, 403, 404)},
    )
    def patch(self, request: Request) -> Response:
        """Changes its name or time zone. For its managers."""
        key, user = _key(request, OrganisationQuery), principal(request)
        check_manages_organisation(user, key)
        return self._told(request, change_organisation(key=key, change=body_of(request, OrganisationBody), by=user))

    def _told(self, request: Request, organisation: Organisation) -> Response:
        return Response(OrganisationJSON(organisation, context={"user": principal(request)}).data)


class PeopleView(APIView):
    """`GET /api/organisation/members`."""

    @extend_schema(
        operation_id="organisation_members",
        parameters=[PeopleQuery],
        responses={200: page_of(OrganisationMemberJSON), **problems(403, 404)},
    )
    def get(self, request: Request) -> Response:
        """Its people and services, by user name. For its managers."""
        key, pages = _key(request, PeopleQuery), Pages()
        check_manages_organisation(principal(request), key)
        people = User.objects.filter(organisation=key).order_by("username")
        rows: Any = pages.paginate_queryset(people, request, view=self)
        return pages.get_paginated_response(OrganisationMemberJSON(rows or (), many=True).data)


class PersonView(APIView):
    """`PATCH /api/organisation/members/{user_id}`."""

    @extend_schema(
        operation_id="organisation_role",
        parameters=[OrganisationQuery],
        request=RoleBody,
        responses={200: OrganisationMemberJSON, **problems(400, 403, 404, 409)},
    )
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Makes somebody a manager, or a member again; the last manager stays one. For managers."""
        key, user = _key(request, OrganisationQuery), principal(request)
        check_manages_organisation(user, key)
        role = Standing(body_of(request, RoleBody)["role"])
        return Response(
            OrganisationMemberJSON(give_organisation_role(key=key, user_id=user_id, role=role, by=user)).data
        )


def _key(request: Request, rules: type[StrictSerializer]) -> str:
    return organisation_of(principal(request), query_of(request, rules).get("organisation", ""))
