"""Users, their teams, and one-time sign-in links."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField


class Role(models.TextChoices):
    """What a person may do beyond their own things."""

    USER = "user"
    CURATOR = "curator"
    ADMIN = "admin"


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
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
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


class Team(models.Model):
    """People who share things with each other; administrators make teams."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150, unique=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "teams"

    def __str__(self) -> str:
        return self.name


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
