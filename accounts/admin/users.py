"""Users and teams in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Team, TeamMember, User
from accounts.signing_in import LINK_LIFETIME, make_link
from foundation.words import counted

admin.site.unregister(Group)

LABELS: Final = {
    "is_staff": "Opens the administration",
    "is_superuser": "Administrator",
    "is_service": "Service account",
}
HELP: Final = {
    "is_active": "Only an active account is let in.",
    "is_staff": "Sees of it what its permissions allow; an administrator sees all.",
    "is_superuser": "May do everything, without a permission of its own for each act.",
    "is_service": "A program's: API tokens let it in, no link and no password.",
}


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People and services; a person is let in by a one-time link."""

    list_display = ("username", "name", "email", "roles", "is_active", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name", "email")
    fields = (
        "username",
        "name",
        "email",
        "organisation",
        "organisation_role",
        "roles",
        "is_active",
        "is_staff",
        "is_superuser",
        "is_service",
    )
    actions = ("give_link",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The marks in a person's words."""
        return super().get_form(request, obj, change, labels=LABELS, help_texts=HELP, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A person made here has no password until they set one: the link, told at once, lets them in."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change and not obj.is_service:
            self._tell_link(request, obj)

    @admin.action(description="Make a one-time sign-in link")
    def give_link(self, request: HttpRequest, users: Any) -> None:
        """Shows a link for each chosen user, once."""
        for user in users:
            if user.is_service:
                self.message_user(request, f"{user.username} is a service: API tokens let it in.", messages.WARNING)
                continue
            self._tell_link(request, user)

    def _tell_link(self, request: HttpRequest, user: User) -> None:
        address = request.build_absolute_uri(reverse("sign-in", args=[make_link(user, now=timezone.now())]))
        hours = LINK_LIFETIME // timedelta(hours=1)
        told = f"Send {user.username} this link: it signs in once, within {counted(hours, 'hour')}. {address}"
        self.message_user(request, told, messages.SUCCESS)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is said of organisations."""

    list_display = ("key", "name", "time_zone", "created_at")
    search_fields = ("key", "name")


class TeamMembers(admin.TabularInline):  # type: ignore[type-arg]
    """Who is in it, and as what."""

    model = TeamMember
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    extra = 1


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Teams and who is in them."""

    list_display = ("name", "organisation", "created_at")
    search_fields = ("name", "members__username", "members__email")
    inlines = (TeamMembers,)
