"""Users, their teams, and what lets them in: one-time links, API tokens, and web tokens that no longer do."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField


def check_time_zone(name: str) -> None:
    """A ValidationError where PostgreSQL, which reckons with it, knows no such time zone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [name])
        if not cursor.fetchone()[0]:
            raise ValidationError(f"There is no time zone {name!r}; one is called like Europe/Berlin.")


class Role(models.TextChoices):
    """What a person may do beyond their own things."""

    USER = "user"
    CURATOR = "curator"
    ADMIN = "admin"


class Standing(models.TextChoices):
    """What a person is in an organisation or a team: a manager lets people in, and sees to it."""

    MEMBER = "member"
    MANAGER = "manager"


class UserManager(BaseUserManager["User"]):
    """Makes users; `create_superuser` is Django's own command's door."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password, or without one (`None`: only tokens or links let them in)."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """An administrator."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, roles=[Role.ADMIN], **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person or a service, made on first sight from a token's `sub`, or by an administrator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=255, blank=True)
    email = models.EmailField(blank=True, db_index=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    organisation = models.CharField(max_length=255, blank=True)
    organisation_role = models.CharField(
        max_length=10, choices=Standing.choices, default=Standing.MEMBER, db_default=Standing.MEMBER
    )
    """In their organisation; whoever comes to another one begins there as a member (`accounts/teams/moving.py`)."""
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_service = models.BooleanField(default=False, db_default=False)
    """A program's account: API tokens let it in, and nothing else does."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        db_table = "users"

    def __str__(self) -> str:
        return self.name or self.username

    def has_role(self, role: Role) -> bool:
        """Whether the user holds `role`; an administrator holds every one."""
        return role == Role.USER or role in self.roles or Role.ADMIN in self.roles or self.is_superuser


class Organisation(models.Model):
    """What is said of an organisation; who is of it is told by `User.organisation`, and by tokens, with its key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=255, unique=True)
    """As web tokens name it."""
    name = models.CharField(max_length=255, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    """Its days and months begin there."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "organisations"

    def __str__(self) -> str:
        return self.name or self.key


class Team(models.Model):
    """People who share things with each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150)
    organisation = models.CharField(max_length=255, blank=True, default="", db_default="")
    """The key of the organisation that it is of."""
    members = models.ManyToManyField(User, through="TeamMember", related_name="teams", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "teams"
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="one_team_of_a_name")]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Somebody in a team."""

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    user_id: uuid.UUID
    role = models.CharField(
        max_length=10, choices=Standing.choices, default=Standing.MEMBER, db_default=Standing.MEMBER
    )

    class Meta:
        db_table = "teams_members"
        unique_together = [("team", "user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

    def clean(self) -> None:
        """A team of an organisation takes only its people."""
        if self.user_id and self.team.organisation and self.team.organisation != self.user.organisation:
            raise ValidationError(f"{self.user} is not of the team's organisation.")


class SignInLink(models.Model):
    """A link that signs one user in, once, for a short time; only the token's SHA-256 is kept."""

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_links"

    def __str__(self) -> str:
        return f"for {self.user_id} until {self.expires_at}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens."""

    def alive(self, now: datetime) -> ApiTokenQuerySet:
        """Those that let somebody in."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now), revoked_at=None)


class ApiToken(models.Model):
    """A secret by which a program acts for one user, within its scopes; only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(max_length=4)
    """The secret's last four signs, by which people tell tokens apart."""
    scopes = ArrayField(models.CharField(max_length=20))
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    """To the minute."""
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_tokens"
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=models.Q(revoked_at=None), name="one_living_token_a_name"
            )
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="api_tokens_of_user")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"


class RevokedToken(models.Model):
    """A web token that was taken back; the row goes once the token has expired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "revoked_tokens"
        verbose_name = "revoked web token"

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class UserNetwork(models.Model):
    """A network that a user's requests have come from; never the whole address (`accounts/networks.py`)."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=43)
    """Such as 203.0.113.0/24."""
    by = models.CharField(max_length=60)
    """What they came in by when it was first seen, as the audit log says it."""
    first_seen_at = models.DateTimeField(db_index=True)
    last_seen_at = models.DateTimeField()
    """To the day."""

    class Meta:
        db_table = "user_networks"
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="one_row_a_network")]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.network}"


class IdempotentCall(models.Model):
    """A client's promise that two calls are one, with the answer of the first; kept for 24 hours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    headers = JSONField(default=dict)
    sealed: Any = SealedJSONField(null=True)
    """The answer's body: it may hold a prompt."""
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "idempotent_calls"
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="one_call_per_key")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
