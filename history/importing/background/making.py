"""The making of one large import: the sealed file to sessions, all or none, in the transaction that says so."""

from __future__ import annotations

import logging
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import OperationalError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from foundation.problems import Problem, as_problem
from foundation.rest.rendering import dumps
from foundation.sealing.files.opening import contents
from foundation.sealing.files.sweeping import is_removed
from history.artifacts import lifecycle
from history.artifacts.lease import LeaseLost, LeaseRenewal
from history.artifacts.lifecycle import Lease
from history.importing.preparing import Prepared, carry_out, prepare
from history.importing.reading import value_of
from history.models import SessionImportArtifact
from sessions_app.models import PlaygroundSession

logger = logging.getLogger(__name__)

MOST_TOLD: Final = 100


def make(artifact_id: UUID) -> None:
    """Makes the import, unless somebody else is at it or has; an end is written but where the database is away."""
    lease = lifecycle.claim(artifact_id, now=timezone.now(), kind=SessionImportArtifact)
    if lease is None:
        return
    with LeaseRenewal(lease) as renewal:
        try:
            is_done = _made(artifact_id, renewal)
        except LeaseLost:
            return
        except OperationalError:
            raise  # nothing is written; the lease runs out, and another worker begins anew
        except (Problem, ValidationError) as error:
            problem = as_problem(error)
            assert problem is not None  # noqa: S101 - for the type checker
            is_done = _refused(renewal.stop(), problem)
        except Exception:
            logger.exception("import_failed", extra={"artifact": str(artifact_id)})
            is_done = lifecycle.fail(renewal.stop(), reason="The file could not be imported. Nothing was written.")
    if is_done:
        remove_file(artifact_id)


def remove_file(artifact_id: UUID) -> None:
    """The file has served; one that its storage does not let go is tried again by the sweep."""
    artifact = SessionImportArtifact.objects.filter(id=artifact_id).exclude(storage_name="").first()
    if artifact is not None and is_removed(artifact.storage_name):
        SessionImportArtifact.objects.filter(id=artifact_id).update(storage_name="", sealed_with="")


def _made(artifact_id: UUID, renewal: LeaseRenewal) -> bool:
    artifact = SessionImportArtifact.objects.select_related("user").get(id=artifact_id)
    user = artifact.user
    prepared = prepare(user, value_of(b"".join(contents(artifact))), format_name=artifact.format)
    SessionImportArtifact.objects.filter(id=artifact_id).update(rows_total=prepared.executions)
    before = [each for plan in prepared.plans for each in plan.before(user)]
    notes = [*prepared.notes, *(note for plan in prepared.plans for note in plan.notes(user))]
    notes += [each.sentence for each in before]
    told = {"format": prepared.format_name, "notes": notes[:MOST_TOLD], "dry_run": artifact.is_dry}
    if artifact.is_dry:
        outcome = _plain({**told, "sessions": _to_be(prepared)})
        return lifecycle.imported(renewal.stop(), outcome=outcome, rows=prepared.executions)
    with transaction.atomic():
        sessions = carry_out(user, prepared, told=renewal.done)
        outcome = _plain({**told, "sessions": _made_of(prepared, sessions)})
        # In the same transaction: one who was relieved meanwhile has written nothing.
        if not lifecycle.imported(renewal.stop(), outcome=outcome, rows=prepared.executions):
            raise LeaseLost
    return True


def _refused(lease: Lease, problem: Problem) -> bool:
    outcome = _plain({"sessions": [], "detail": problem.detail, "errors": problem.errors[:MOST_TOLD]})
    return lifecycle.refuse(lease, reason="This file cannot be imported. Nothing was written.", outcome=outcome)


def _to_be(prepared: Prepared) -> list[dict[str, Any]]:
    return [
        {"session_id": None, "name": plan.session["name"], "executions": len(plan.executions)}
        for plan in prepared.plans
    ]


def _made_of(prepared: Prepared, sessions: list[PlaygroundSession]) -> list[dict[str, Any]]:
    return [
        {"session_id": session.id, "name": session.name, "executions": len(plan.executions)}
        for plan, session in zip(prepared.plans, sessions, strict=True)
    ]


def _plain(outcome: dict[str, Any]) -> dict[str, Any]:
    """With ids and times as JSON has them."""
    return dict(orjson.loads(dumps(outcome)))
