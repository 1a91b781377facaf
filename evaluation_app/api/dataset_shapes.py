"""What the doors of datasets answer, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evaluation_app.models import CaseOrigin, Split
from foundation.rest.pagination import LinksJSON


class DatasetVersionJSON(serializers.Serializer[Any]):
    """What a dataset held at one time."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    author_id = serializers.UUIDField(allow_null=True)
    content_hash = serializers.CharField(help_text="SHA-256 of its cases' keys and contents in their order.")
    case_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class DatasetJSON(serializers.Serializer[Any]):
    """Cases under one name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    template_id = serializers.UUIDField(allow_null=True, help_text="What inputs are typed against.")
    archived = serializers.BooleanField()
    version = DatasetVersionJSON(help_text="The newest.")
    case_count = serializers.IntegerField()
    splits = serializers.DictField(child=serializers.IntegerField(), help_text="Cases by split.")
    generated_count = serializers.IntegerField(help_text="Cases that a model made.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class KeptScorerJSON(serializers.Serializer[Any]):
    """A scorer with its parameters."""

    scorer = serializers.CharField()
    params = serializers.DictField()
    weight = serializers.FloatField()
    required: Any = serializers.BooleanField()


class CaseJSON(serializers.Serializer[Any]):
    """A case of a version."""

    key = serializers.CharField(help_text="The same in all versions.")
    name = serializers.CharField(allow_blank=True)
    input = serializers.DictField()
    expected_output = serializers.DictField(allow_null=True)
    scorers = KeptScorerJSON(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    split = serializers.ChoiceField(choices=Split.choices)
    cluster = serializers.CharField(allow_blank=True)
    weight = serializers.FloatField()
    origin = serializers.ChoiceField(choices=CaseOrigin.choices)
    is_generated = serializers.BooleanField()


class CasePageJSON(LinksJSON):
    """A cursor page of cases, in their order."""

    version = serializers.IntegerField(help_text="That the cases are of.")
    results = CaseJSON(many=True)


class SavedCasesJSON(serializers.Serializer[Any]):
    """What came of a change of cases."""

    version = DatasetVersionJSON(help_text="The newest; the same as before where nothing was another.")
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    keys = serializers.ListField(child=serializers.CharField(), help_text="Of the cases that were sent.")


class ImportNoteJSON(serializers.Serializer[Any]):
    """What of a file is not carried over, or was read in another way than somebody may expect."""

    place = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ImportedJSON(SavedCasesJSON):
    """What came, or in a dry run would come, of a file."""

    dataset_id = serializers.UUIDField(allow_null=True)
    version = DatasetVersionJSON(allow_null=True)
    format = serializers.CharField()
    dry_run = serializers.BooleanField()
    cases = serializers.IntegerField(help_text="That the file holds.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="Of a table: what each was read as.")
    notes = ImportNoteJSON(many=True)
    preview = CaseJSON(many=True, help_text="The first cases.")
