"""T39: what a legal hold covers stays, whatever would remove it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from evaluation_app.models import EvaluationTest, EvaluationVariant
from foundation.problems import Problem
from history.artifacts.sweeping import sweep as sweep_artifacts
from history.models import ExportArtifact, SessionImportArtifact
from history.tasks import remove_deleted
from playground.attachments.storing import take
from playground.attachments.sweeping import sweep as sweep_attachments
from playground.models import Attachment, PromptExecution
from privacy import holds
from privacy.models import Covers
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.tasks import remove_deleted as remove_deleted_templates
from tests.privacy.rows import a_person, a_session, a_test, days_ago, executions, figures, ran, rule

pytestmark = pytest.mark.django_db


class Scene:
    """Somebody of one organisation with an old execution of a template, in a session of a project, and an old test."""

    def __init__(self) -> None:
        self.user = a_person("One")
        self.template = PromptTemplate.objects.create(name="T", owner=self.user)
        self.version = TemplateVersion(template=self.template, number=1, content_hash="")
        self.version.sealed = {}
        self.version.save()
        self.session = a_session(self.user, project_id="apollo")
        (self.execution,) = executions(self.session, days=40, template_version=self.version)
        self.test = a_test(self.user, days=40)
        EvaluationVariant.objects.create(
            test=self.test, position=0, name="v", model_id="m", body={}, template_version=self.version
        )
        rule("One", "executions", 30)
        rule("One", "results", 30)


ON: dict[Covers, tuple[Callable[[Scene], Any], set[str]]] = {
    Covers.USER: (lambda scene: scene.user.id, {"execution", "test"}),
    Covers.ORGANISATION: (lambda scene: "One", {"execution", "test"}),
    Covers.TEMPLATE: (lambda scene: scene.template.id, {"execution", "test"}),
    Covers.SESSION: (lambda scene: scene.session.id, {"execution"}),
    Covers.PROJECT: (lambda scene: "apollo", {"execution"}),
    Covers.TEST: (lambda scene: scene.test.id, {"test"}),
}


@pytest.mark.parametrize("covers", Covers)
def test_t39_a_hold_stops_retention_of_what_it_covers_and_of_nothing_else(covers: Covers) -> None:
    scene = Scene()
    on, kept = ON[covers]
    hold = holds.place(by=None, covers=covers, object_id=str(on(scene)), reason="Case 7")
    run = ran()
    stands = {
        "execution": PromptExecution.objects.filter(id=scene.execution.id).exists(),
        "test": EvaluationTest.objects.filter(id=scene.test.id).exists(),
    }
    assert {name for name, is_there in stands.items() if is_there} == kept
    assert sum(run.figures.values_list("held", flat=True)) == len(kept)
    holds.lift(by=None, hold_id=hold.id)
    ran()
    assert not PromptExecution.objects.exists()
    assert not EvaluationTest.objects.exists()


@pytest.mark.parametrize("covers", Covers)
def test_t39_a_hold_stops_the_sweeps_of_what_was_deleted(covers: Covers) -> None:
    scene = Scene()
    PlaygroundSession.objects.update(deleted_at=days_ago(31))
    PromptTemplate.objects.update(deleted_at=days_ago(31))
    on, kept = ON[covers]
    hold = holds.place(by=None, covers=covers, object_id=str(on(scene)), reason="")
    remove_deleted()
    remove_deleted_templates()
    assert PromptExecution.objects.filter(id=scene.execution.id).exists() == ("execution" in kept)
    assert EvaluationTest.objects.filter(id=scene.test.id).exists() == ("test" in kept)
    if covers in (Covers.USER, Covers.ORGANISATION, Covers.TEMPLATE, Covers.TEST):
        assert PromptTemplate.objects.exists()
    holds.lift(by=None, hold_id=hold.id)
    remove_deleted()
    remove_deleted_templates()
    assert not PlaygroundSession.objects.exists()
    assert not PromptTemplate.objects.exists()


def test_t39_a_held_persons_runs_stay_in_somebody_elses_deleted_session() -> None:
    owner, guest = a_person("One"), a_person("Two")
    session = a_session(owner, deleted_at=days_ago(31))
    executions(session, days=40)
    PromptExecution.objects.update(user=guest)
    holds.place(by=None, covers=Covers.USER, object_id=str(guest.id), reason="")
    remove_deleted()
    assert PromptExecution.objects.count() == 1


@pytest.mark.parametrize("covers", [Covers.USER, Covers.ORGANISATION, Covers.SESSION])
def test_t39_a_hold_stops_the_sweeps_of_exports_imports_and_attachments(covers: Covers) -> None:
    scene, long_ago = Scene(), days_ago(40)
    given = {"user": scene.user, "expires_at": long_ago}
    ExportArtifact.objects.create(session=scene.session, format="jsonl", status="failed", **given)
    SessionImportArtifact.objects.create(format="json", status="failed", **given)
    upload = take(user=scene.user, data=b"Words\n", name="a.txt", now=long_ago)
    hold = holds.place(by=None, covers=covers, object_id=str(ON[covers][0](scene)), reason="")

    def left() -> tuple[bool, bool, bool]:
        sweep_artifacts(now=timezone.now())
        sweep_attachments(now=timezone.now())
        is_kept = Attachment.objects.filter(id=upload.id).exists()
        return ExportArtifact.objects.exists(), SessionImportArtifact.objects.exists(), is_kept

    is_on_the_person = covers != Covers.SESSION
    assert left() == (True, is_on_the_person, is_on_the_person)
    holds.lift(by=None, hold_id=hold.id)
    assert left() == (False, False, False)


def test_t39_nobody_removes_a_person_whom_a_hold_is_on() -> None:
    user = a_person("One")
    holds.place(by=None, covers=Covers.ORGANISATION, object_id="One", reason="")
    with pytest.raises(PermissionDenied):
        user.delete()


def test_one_thing_has_one_standing_hold_and_its_reason_is_sealed() -> None:
    from django.db import connection

    placed = holds.place(by=None, covers=Covers.PROJECT, object_id="apollo", reason="Against Smith")
    with pytest.raises(Problem) as refused:
        holds.place(by=None, covers=Covers.PROJECT, object_id="apollo", reason="")
    assert refused.value.status == 409
    with connection.cursor() as cursor:
        cursor.execute("SELECT legal_holds::text FROM legal_holds")
        assert "Smith" not in str(cursor.fetchall())
    holds.lift(by=None, hold_id=placed.id)
    holds.place(by=None, covers=Covers.PROJECT, object_id="apollo", reason="")


def test_a_hold_on_nothing_old_is_told_as_nothing() -> None:
    holds.place(by=None, covers=Covers.PROJECT, object_id="apollo", reason="")
    assert figures(ran()) == {}
