"""What was done, as rows that nothing changes any more, and the chain that shows it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from audit.acts import DATABASE


class AuditEntry(models.Model):
    """One act. No key points anywhere: it outlives whoever did it, and what it was done to.

    It keeps names of fields and ids, and nothing that anybody wrote. Triggers refuse to change, delete or truncate.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    organisation = models.CharField(max_length=255, blank=True, db_default="")
    """The actor's; empty where there is none."""
    actor = models.UUIDField(null=True)
    """The user's id; null: the service itself, or somebody who was not let in."""
    by = models.CharField(max_length=60, db_default=DATABASE)
    """What they came in by: session, web_token, api_token:<id>, service, or database (past the service)."""
    act = models.CharField(max_length=40)
    """One of `audit.acts.Act`."""
    kind = models.CharField(max_length=40)
    """Of the object."""
    object_id = models.CharField(max_length=255, db_default="")
    concerns = models.CharField(max_length=40, blank=True, db_default="")
    """The id of the person or team that something is shared with, put into, or given to; empty where that is nobody."""
    fields = ArrayField(models.CharField(max_length=63), default=list)
    """Names of what has changed."""
    address = models.CharField(max_length=45, blank=True, db_default="")
    request_id = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        db_table = "audit_entries"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["act", "-id"], name="audit_by_act"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["organisation", "-id"], name="audit_by_organisation"),
            models.Index(fields=["by", "-id"], name="audit_by_way"),
            models.Index(fields=["address", "-id"], name="audit_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.kind} {self.object_id}"


class AuditLink(models.Model):
    """An entry's place in the chain of its organisation: numbers without gaps, each hash over the one before."""

    entry_id = models.BigIntegerField(primary_key=True)
    organisation = models.CharField(max_length=255, blank=True)
    number = models.BigIntegerField()
    hash: Any = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_links"
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="one_audit_link_a_number")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"


class WaitingEntry(models.Model):
    """An entry that has no link yet; a trigger puts it here, in the transaction that makes the entry."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "audit_waiting"

    def __str__(self) -> str:
        return str(self.entry_id)


class AuditCut(models.Model):
    """Where the old end of a chain was taken away: it begins after `number` now, whose hash was `hash`.

    Signed with a key that is not in the database (`audit.retention`), and never changed or removed.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.CharField(max_length=255, blank=True)
    number = models.BigIntegerField()
    hash: Any = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    signature = models.CharField(max_length=200)

    class Meta:
        db_table = "audit_cuts"
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="one_audit_cut_a_number")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"


class AuditCheck(models.Model):
    """How far the check on a schedule has come with a chain, and what its last round found (`audit.chain.checking`)."""

    organisation = models.CharField(primary_key=True, max_length=255, blank=True)
    number = models.BigIntegerField(default=0)
    """The last row that this round has seen; 0 before the first."""
    hash: Any = models.BinaryField(max_length=32, null=True)
    published = models.BigIntegerField(default=0)
    """The last of them that a published head stands for."""
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """Of the last round that came to an end."""
    length = models.BigIntegerField(default=0)
    """Rows that it saw."""
    fault = models.TextField(blank=True, default="")
    """The first thing that is wrong; empty: the chain is whole."""

    class Meta:
        db_table = "audit_checks"

    def __str__(self) -> str:
        return f"{self.organisation} {self.number}"


class AuditPublication(models.Model):
    """What was last told of a chain at one destination, and why the last try to tell more has failed."""

    id = models.BigAutoField(primary_key=True)
    destination = models.CharField(max_length=20)
    """Such as `email`; one of `audit.publishing.schedule`."""
    organisation = models.CharField(max_length=255, blank=True)
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """Null: the last try went well."""
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "audit_publications"
        constraints = [
            models.UniqueConstraint(fields=["destination", "organisation"], name="one_audit_publication_a_chain")
        ]

    def __str__(self) -> str:
        return f"{self.destination} {self.organisation} {self.number}"


class AuditStamp(models.Model):
    """A time stamp over the heads of a round (RFC 3161), and what it was made over; never changed or removed."""

    number = models.BigIntegerField(primary_key=True)
    """From 1 on, without gaps."""
    at = models.DateTimeField()
    """As the authority says."""
    document = models.TextField()
    """Of `audit.stamps.document`: the heads, and the hash of the stamp before."""
    response: Any = models.BinaryField()
    """TimeStampResp in DER, with the authority's certificate."""

    class Meta:
        db_table = "audit_stamps"

    def __str__(self) -> str:
        return str(self.number)


class AuditStampCheck(models.Model):
    """How far the check on a schedule has come with the stamps, and what its last round found: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    """The last stamp that this round has seen; 0 before the first."""
    ended_at = models.DateTimeField(null=True)
    """Of the last round that came to an end."""
    length = models.BigIntegerField(default=0)
    """Stamps that it saw."""
    fault = models.TextField(blank=True, default="")
    """The first thing that is wrong; empty: all of them hold."""

    class Meta:
        db_table = "audit_stamp_checks"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_stamp_check")]

    def __str__(self) -> str:
        return str(self.number)
