"""Prompt templates: their versions, ratings, and whom they are shared with."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils import timezone

from accounts.models import Role
from accounts.sharing import Membership, reached
from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import UNREADABLE, SealedJSONField, SealedTextField
from foundation.search.ordering import name_key
from templates_app.content import Content

if TYPE_CHECKING:
    from accounts.models import User

KEPT_AFTER_DELETION: Final = timedelta(days=30)


class Visibility(models.TextChoices):
    """Who reads a template beside its owner."""

    PRIVATE = "private"
    SHARED = "shared"
    PUBLIC = "public"


class TemplateQuerySet(models.QuerySet["PromptTemplate"]):
    """Who sees and who changes which template: the one rule that every door starts from."""

    def alive(self) -> TemplateQuerySet:
        """Templates that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: User) -> TemplateQuerySet:
        """Templates that `user` may read and run."""
        shared = reached(TemplateMember, user, thing="template_id")
        rule = Q(owner=user) | Q(visibility=Visibility.PUBLIC) | Q(id__in=shared, visibility=Visibility.SHARED)
        if user.has_role(Role.CURATOR):
            rule |= Q(is_withdrawn=True)
        return self.alive().filter(rule)

    def editable_by(self, user: User) -> TemplateQuerySet:
        """Templates that `user` may change: their own, those they edit, and for curators the public ones."""
        edited = reached(TemplateMember, user, thing="template_id", editing=True)
        rule = Q(owner=user) | Q(id__in=edited, visibility__in=(Visibility.SHARED, Visibility.PUBLIC))
        return self.alive().filter(rule | self._curated_by(user))

    def governed_by(self, user: User) -> TemplateQuerySet:
        """Templates that `user` may share, publish and delete: their own, and for curators the public ones."""
        return self.alive().filter(Q(owner=user) | self._curated_by(user))

    def restorable_by(self, user: User) -> TemplateQuerySet:
        """Deleted templates that `user` may bring back."""
        return self.filter(owner=user, deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    @staticmethod
    def _curated_by(user: User) -> Q:
        if user.has_role(Role.CURATOR):
            return Q(visibility=Visibility.PUBLIC) | Q(is_withdrawn=True)
        return Q(pk__in=())


class PromptTemplate(models.Model):
    """A prompt that is kept. What decides what is sent stands in its versions; the rest stands here.

    Description and example values are sealed; name, category and tags are what SQL finds it by.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    slug = models.CharField(max_length=100, null=True)  # noqa: DJ001 - unique, and empty in rows of older code
    category = models.CharField(max_length=100, blank=True)
    description: Any = SealedTextField()
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner_id: UUID
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE)
    is_withdrawn = models.BooleanField(default=False, help_text="A curator took it out of the library.")
    is_featured = models.BooleanField(default=False)
    current = models.OneToOneField(
        "TemplateVersion", on_delete=models.SET_NULL, null=True, related_name="current_of", editable=False
    )
    current_id: UUID | None
    ratings_sum = models.PositiveIntegerField(default=0, editable=False)
    ratings_count = models.PositiveIntegerField(default=0, editable=False)
    rating = models.GeneratedField(
        expression=models.Case(
            models.When(ratings_count=0, then=models.Value(Decimal(0))),
            default=Round(F("ratings_sum") * Decimal("1.0") / F("ratings_count"), precision=2),
        ),
        output_field=models.DecimalField(max_digits=3, decimal_places=2),
        db_persist=True,
    )
    forked_from = models.ForeignKey(
        "TemplateVersion", on_delete=models.SET_NULL, null=True, related_name="forks", editable=False
    )
    starter_key = models.CharField(max_length=100, null=True, unique=True, editable=False)  # noqa: DJ001 - unique
    starter_hash = models.CharField(max_length=64, blank=True, editable=False)
    example: Any = SealedJSONField(empty=dict)
    revision = models.PositiveIntegerField(default=1, editable=False)
    """Counts every change but those of counters: what ETags and caches are made of."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    search = SearchVectorField(null=True, editable=False)
    name_order = models.GeneratedField(
        expression=name_key("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    objects = TemplateQuerySet.as_manager()

    class Meta:
        db_table = "prompt_templates"
        verbose_name = "template"
        indexes = [
            GinIndex(fields=["search"], name="templates_by_words"),
            GinIndex(fields=["tags"], name="templates_by_tag"),
            models.Index(fields=["owner", "-updated_at"], name="templates_by_owner"),
            models.Index(
                fields=["-updated_at"],
                condition=Q(visibility="public", deleted_at__isnull=True),
                name="public_templates",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="template_visibility_known"),
            models.UniqueConstraint(fields=["owner", "slug"], name="one_slug_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> Content:
        """What the present version holds."""
        return self.version.content

    @property
    def version(self) -> TemplateVersion:
        """The present version; a template has one from the transaction that makes it."""
        assert self.current is not None  # noqa: S101 - for the type checker
        return self.current


class TemplateVersion(models.Model):
    """What a template held at one time; rows are never changed, but for the counters of their executions.

    `sealed` keeps `Content.sealed_json()`, and the note is sealed too: texts are encrypted at rest wherever they stand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="versions")
    template_id: UUID
    number = models.PositiveIntegerField()
    sealed: Any = SealedJSONField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    note: Any = SealedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    completed_count = models.PositiveBigIntegerField(default=0)
    failed_count = models.PositiveBigIntegerField(default=0)
    cancelled_count = models.PositiveBigIntegerField(default=0)
    total_cost = models.DecimalField(max_digits=20, decimal_places=8, default=Decimal(0))
    total_time = models.DecimalField(max_digits=20, decimal_places=3, default=Decimal(0))
    """Seconds of the completed executions."""
    last_model_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    """The model that the execution which ended last was run on."""

    class Meta:
        db_table = "template_versions"
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def content(self) -> Content:
        """The content, opened."""
        return Content.from_json(self.sealed)

    @property
    def shown_content(self) -> Content:
        """The content for a list of many, where one that does not open says so. Whoever uses it needs `content`."""
        try:
            return self.content
        except CannotDecrypt:
            return Content(UNREADABLE)

    @property
    def usage_count(self) -> int:
        """Executions that have ended."""
        return self.completed_count + self.failed_count + self.cancelled_count

    @property
    def success_rate(self) -> float | None:
        """Completed of completed and failed executions; None without any. Cancelled ones say nothing."""
        ended = self.completed_count + self.failed_count
        return self.completed_count / ended if ended else None

    @property
    def average_cost(self) -> Decimal | None:
        """USD per ended execution; None without any."""
        return self.total_cost / self.usage_count if self.usage_count else None

    @property
    def average_time(self) -> Decimal | None:
        """Seconds per completed execution; None without any."""
        return self.total_time / self.completed_count if self.completed_count else None


class TemplatePartial(models.Model):
    """A reference of a version to another template, and what it meant when the version was saved."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="partials")
    version_id: UUID
    reference = models.CharField(max_length=160)
    """As it is written: slug, slug@label or slug@number."""
    partial = models.ForeignKey(PromptTemplate, on_delete=models.SET_NULL, null=True, related_name="used_by")
    partial_id: UUID | None
    then = models.ForeignKey(TemplateVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    """The version that it came to."""
    text_hash = models.CharField(max_length=64)
    """SHA-256 of the text that was inserted, its own partials included."""

    class Meta:
        db_table = "template_partials"
        constraints = [models.UniqueConstraint(fields=["version", "reference"], name="one_meaning_per_reference")]

    def __str__(self) -> str:
        return self.reference


class TemplateRating(models.Model):
    """One user's rating of one template, 1 to 5."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="ratings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    value = models.PositiveSmallIntegerField()
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "template_ratings"
        constraints = [
            models.UniqueConstraint(fields=["template", "user"], name="one_rating_per_user"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="rating_from_1_to_5"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class TemplateFavourite(models.Model):
    """A template that a user wants at hand."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="favourites")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "template_favourites"
        constraints = [models.UniqueConstraint(fields=["template", "user"], name="one_favourite_per_user")]

    def __str__(self) -> str:
        return f"{self.template_id} of {self.user_id}"


class TemplateMember(Membership):
    """Somebody whom a template is shared with."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="members")

    class Meta(Membership.Meta):
        db_table = "template_members"
        constraints = [
            *Membership.Meta.constraints,
            models.UniqueConstraint(fields=["template", "user"], name="template_shared_once_per_user"),
            models.UniqueConstraint(fields=["template", "team"], name="template_shared_once_per_team"),
        ]
