"""Teams over REST: those that one is in, and, for managers, who else is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.organisations import RoleBody
from accounts.models import Standing, Team, TeamMember
from accounts.requests import principal
from accounts.teams import membership
from accounts.teams.roles import (
    check_manages_organisation,
    check_manages_team,
    manages_team,
    organisation_of,
    own_organisation,
    teams_seen_by,
)
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer


class NewTeamBody(StrictSerializer):
    """A team to be made."""

    name = serializers.CharField(max_length=150)
    organisation = serializers.CharField(
        max_length=255, required=False, allow_blank=True,
        help_text="Left out: your own. Administrators name another one, or none by an empty text.",
    )  # fmt: skip


class TeamBody(StrictSerializer):
    """What may be changed of a team."""

    name = serializers.CharField(max_length=150)


class NewMemberBody(StrictSerializer):
    """Somebody to be in the team."""

    user = serializers.CharField(max_length=254, help_text="The exact user name or e-mail.")
    role = serializers.ChoiceField(Standing.choices, default=Standing.MEMBER)


class TeamJSON(serializers.ModelSerializer[Team]):
    """A team."""

    members = serializers.IntegerField(source="size", help_text="How many are in it.")
    is_managed = serializers.SerializerMethodField(help_text="Whether you may rename it and say who is in it.")

    class Meta:
        model = Team
        fields = ["id", "name", "organisation", "members", "is_managed", "created_at"]

    def get_is_managed(self, team: Team) -> bool:
        return manages_team(self.context["user"], team)


class TeamMemberJSON(serializers.Serializer[Any]):
    """Somebody in a team."""

    user_id = serializers.UUIDField()
    name = serializers.CharField(source="user.__str__")
    email = serializers.CharField(source="user.email")
    role = serializers.ChoiceField(Standing.choices)


class TeamsView(APIView):
    """`/api/teams`."""

    @extend_schema(operation_id="teams_list", parameters=[PageQuery], responses=page_of(TeamJSON))
    def get(self, request: Request) -> Response:
        """The teams that you are in, by name; all of the organisation to its managers."""
        query_of(request, PageQuery)
        pages = Pages()
        rows: Any = pages.paginate_queryset(_counted(request).order_by("name", "id"), request, view=self)
        return pages.get_paginated_response(_told(request, rows or (), many=True))

    @extend_schema(
        operation_id="teams_create",
        parameters=[LOCATION],
        request=NewTeamBody,
        responses={201: TeamJSON, **problems(400, 403)},
    )
    def post(self, request: Request) -> Response:
        """Makes a team in your organisation. For its managers."""
        user = principal(request)
        own = own_organisation(user)
        check_manages_organisation(user, own)
        asked = body_of(request, NewTeamBody)
        key = asked.get("organisation", own)
        key = key if key == "" else organisation_of(user, key)
        team = membership.make_team(name=asked["name"], organisation=key, by=user)
        told = _told(request, _counted(request).get(id=team.id))
        return Response(told, status=201, headers={"Location": f"/api/teams/{team.id}"})


class TeamView(APIView):
    """`/api/teams/{team_id}`."""

    @extend_schema(operation_id="teams_get", responses={200: TeamJSON, **problems(404)})
    def get(self, request: Request, team_id: UUID) -> Response:
        """The team."""
        team = membership.team_seen(principal(request), team_id)
        return Response(_told(request, _counted(request).get(id=team.id)))

    @extend_schema(operation_id="teams_change", request=TeamBody, responses={200: TeamJSON, **problems(400, 403, 404)})
    def patch(self, request: Request, team_id: UUID) -> Response:
        """Renames it. For its managers."""
        user = principal(request)
        check_manages_team(user, membership.team_seen(user, team_id))
        membership.rename_team(team_id=team_id, by=user, **body_of(request, TeamBody))
        return Response(_told(request, _counted(request).get(id=team_id)))

    @extend_schema(operation_id="teams_delete", responses={204: None, **problems(403, 404)})
    def delete(self, request: Request, team_id: UUID) -> Response:
        """Deletes it: nothing is shared with it any more. For managers of its organisation."""
        membership.delete_team(team_id=team_id, by=principal(request))
        return Response(status=204)


class TeamMembersView(APIView):
    """`/api/teams/{team_id}/members`."""

    @extend_schema(
        operation_id="teams_members", parameters=[PageQuery], responses={200: page_of(TeamMemberJSON), **problems(404)}
    )
    def get(self, request: Request, team_id: UUID) -> Response:
        """Who is in it."""
        query_of(request, PageQuery)
        team, pages = membership.team_seen(principal(request), team_id), Pages()
        found = TeamMember.objects.filter(team=team).select_related("user").order_by("user__username")
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(TeamMemberJSON(rows or (), many=True).data)

    @extend_schema(
        operation_id="teams_members_add",
        request=NewMemberBody,
        responses={201: TeamMemberJSON, **problems(400, 403, 404, 409)},
    )
    def post(self, request: Request, team_id: UUID) -> Response:
        """Has somebody in it who is named by user name or e-mail. For its managers."""
        user = principal(request)
        team = membership.team_seen(user, team_id)
        check_manages_team(user, team)
        asked = body_of(request, NewMemberBody)
        person = membership.person_named(team=team, named=asked["user"], by=user)
        member = membership.put_into_team(team_id=team_id, user_id=person.id, role=Standing(asked["role"]), by=user)
        return Response(TeamMemberJSON(member).data, status=201)


class TeamMemberView(APIView):
    """`/api/teams/{team_id}/members/{user_id}`."""

    @extend_schema(
        operation_id="teams_members_put",
        request=RoleBody,
        responses={200: TeamMemberJSON, **problems(400, 403, 404, 409)},
    )
    def put(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        """Has somebody in it, in this role; a team of an organisation takes only its people. For its managers."""
        user = principal(request)
        check_manages_team(user, membership.team_seen(user, team_id))
        role = Standing(body_of(request, RoleBody)["role"])
        member = membership.put_into_team(team_id=team_id, user_id=user_id, role=role, by=user)
        return Response(TeamMemberJSON(member).data)

    @extend_schema(operation_id="teams_members_remove", responses={204: None, **problems(403, 404, 409)})
    def delete(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        """Takes somebody out, or oneself; what the team shares is theirs no longer, within five seconds."""
        membership.take_from_team(team_id=team_id, user_id=user_id, by=principal(request))
        return Response(status=204)


def _counted(request: Request) -> QuerySet[Any]:
    return teams_seen_by(principal(request)).annotate(size=Count("memberships"))


def _told(request: Request, shown: Any, *, many: bool = False) -> Any:
    return TeamJSON(shown, many=many, context={"user": principal(request)}).data
