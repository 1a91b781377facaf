"""The files of a bundle: judged by their bytes, and taken in as the importer's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from foundation.problems import FieldError, Problem, field_errors
from foundation.rest.serializers import StrictSerializer, TextField
from foundation.words import number
from history.export.files import LARGEST_BUNDLE, named_in
from playground.attachments.storing import LONGEST_NAME, MOST_UNUSED, recognised, take
from playground.models import Attachment

MOST_FILES: Final = 5_000
LONGEST_REASON: Final = 500


class FileRules(StrictSerializer):
    """One file. Only its bytes are believed; type and size are looked at anew."""

    artifact_id = serializers.UUIDField()
    media_type = serializers.CharField(max_length=100, required=False)
    bytes = serializers.IntegerField(min_value=0, required=False)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    name = TextField(max_length=LONGEST_NAME, required=False, allow_blank=True)
    data: Any = serializers.CharField(max_length=2 * LARGEST_BUNDLE, required=False, trim_whitespace=False)
    missing = TextField(max_length=LONGEST_REASON, required=False)


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that a bundle carries, as its bytes tell."""

    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Files:
    """What a bundle says of files, by their ids in it."""

    carried: Mapping[UUID, Carried]
    missing: Mapping[UUID, str]


NONE: Final = Files({}, {})


def files_of(given: Any) -> tuple[Files, list[FieldError]]:
    """The files of the bundle's `attachments`, and what does not hold of them, each fault at its dotted place."""
    if not isinstance(given, list) or len(given) > MOST_FILES:
        return NONE, [FieldError("attachments", "invalid", f"A list of up to {number(MOST_FILES)} files is expected.")]
    carried: dict[UUID, Carried] = {}
    missing: dict[UUID, str] = {}
    errors: list[FieldError] = []
    for position, shape in enumerate(given):
        path = f"attachments.{position}"
        try:
            told = FileRules().run_validation(shape)
            if "data" in told:
                carried[told["artifact_id"]] = _carried(told, path)
            else:
                missing[told["artifact_id"]] = told.get("missing", "")
        except serializers.ValidationError as error:
            errors += field_errors(error.detail, path)
        except Problem as problem:
            errors += [FieldError(**each) for each in problem.errors]
    if len(carried) > MOST_UNUSED:
        errors.append(FieldError("attachments", "too_many", f"Up to {MOST_UNUSED} files are taken at once."))
    return Files(carried, missing), errors


def _carried(told: Mapping[str, Any], path: str) -> Carried:
    try:
        data = base64.b64decode(told["data"], validate=True)
    except (binascii.Error, ValueError):
        raise _refused(path, "invalid", "Base64 is expected.") from None
    if hashlib.sha256(data).hexdigest() != told.get("sha256"):
        raise _refused(path, "other_bytes", "These are not the bytes that sha256 is of.")
    recognised(data, f"{path}.data")
    return Carried(data, told.get("name", ""))


def _refused(path: str, code: str, message: str) -> Problem:
    return Problem(400, code, message, errors=[FieldError(f"{path}.data", code, message)])


def named_by(executions: list[dict[str, Any]]) -> list[UUID]:
    """The files that executions of a bundle name, each once, in their order."""
    return list(dict.fromkeys(key for each in executions for key in named_in(each)))


def notes_of(files: Files, executions: list[dict[str, Any]], *, user: User) -> list[str]:
    """What will be missing, a sentence a file: named, neither carried nor there for `user` already."""
    lacking = [key for key in named_by(executions) if key not in files.carried]
    there = set(Attachment.objects.visible_to(user).filter(id__in=lacking).values_list("id", flat=True))
    reasons = {key: files.missing.get(key) or "The bundle does not carry it." for key in lacking}
    return [f"The file {key} will be missing. {reasons[key]}" for key in lacking if key not in there]


def taken_in(files: Files, executions: list[dict[str, Any]], *, user: User) -> dict[UUID, UUID]:
    """The ids of the files as `user`'s own, by those of the bundle; only what is named is taken. Raises Problem."""
    now = timezone.now()
    return {
        key: take(user=user, data=files.carried[key].data, name=files.carried[key].name, now=now).id
        for key in named_by(executions)
        if key in files.carried
    }


def renamed(value: Any, ids: Mapping[UUID, UUID]) -> Any:
    """A JSON value in which each `artifact_id` is the new one."""
    return _changed(value, lambda text: str(ids.get(_as_id(text), text)))  # type: ignore[arg-type]


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if isinstance(value, dict):
        return {name: change(held) if name == "artifact_id" else _changed(held, change) for name, held in value.items()}
    return value


def _as_id(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None
