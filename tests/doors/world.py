"""The things that the matrix of permissions asks for: of one owner, shared with a viewer and an editor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.bearer import api_tokens
from accounts.bearer.scopes import Scope
from accounts.models import Team, User
from evaluation_app.datasets.case import Case
from evaluation_app.datasets.writing import create
from evaluation_app.models import (
    CaseProposal,
    EvaluationTest,
    EvaluationVariant,
    ProposalAsk,
    Recommendation,
    RecommendationRound,
    ReviewQueue,
    ScoringRule,
    Suite,
    SuiteRun,
)
from events.models import Destination, Kind, Notification, Webhook
from events.notifications.writing import notify
from events.webhooks import acting, setting_up
from history.models import ExportArtifact
from playground.attachments.storing import take
from playground.models import AttachmentUse, Comparison, ExecutionComment, McpServer, PromptExecution
from privacy.models import Erasure, LegalHold, MaskingRules, OwnData, RetentionRun
from sessions_app.models import PlaygroundSession
from templates_app.content import Content
from templates_app.models import PromptTemplate, TemplateImport, TemplateLabel
from templates_app.versions import lifecycle
from tests.cast import new_user
from tests.monitoring.rows import a_rule, an_error
from tests.playground.media import png

TESTED = {"name": "T", "test_cases": [{}], "parameters": {"runs": 1}}


def cast_of(roles: Iterable[str]) -> dict[str, User]:
    """A person for each role; all but the stranger are of one organisation, which the owner manages."""
    key = uuid.uuid4().hex
    held = {role: [role] for role in ("curator", "admin")}
    return {
        role: new_user(
            name=role,
            roles=held.get(role, []),
            organisation="" if role == "stranger" else key,
            organisation_role="manager" if role == "owner" else "member",
        )
        for role in roles
    }


OF_SESSIONS = {
    "session", "lost", "execution", "comment", "comparison", "artifact", "upload", "test", "review", "spare", "away",
    "round", "advice",
}  # fmt: skip


class World:
    """Things of one owner, shared with a viewer and an editor; made anew for every call."""

    def __init__(self, people: dict[str, User]) -> None:
        self._people = people

    def make(self, wanted: set[str]) -> dict[str, str]:
        """The ids of what is wanted: names that a path or a body has."""
        names = [name for name in ("template", "public", "gone") if name in wanted]
        made: dict[str, Any] = {name: self._of_templates(name) for name in names}
        if "token" in wanted:
            made["token"] = api_tokens.make(
                user=self._owner, name=uuid.uuid4().hex, scopes=[Scope.READ], expires_in_days=None, made_by=self._owner
            )[0]
        if wanted & {"webhook", "delivery"}:
            made |= self._of_webhooks()
        if "mcp_server" in wanted:
            # Nobody is there.
            made["mcp_server"] = McpServer.objects.create(
                name=uuid.uuid4().hex[:20], url="http://127.0.0.1:9/mcp", allow_private_address=True
            )
        if "notice" in wanted:
            event = uuid.uuid4()
            notify(Kind.ANOMALY, people=[self._owner.id], payload={"metric": "cost"}, event_id=event)
            made["notice"] = Notification.objects.get(event_id=event)
        made |= self._of_privacy(wanted)
        if wanted & {"team", "mate"}:
            made |= self._of_teams()
        if wanted & {"colleague", "known_as"}:
            made["colleague"] = new_user(organisation=self._owner.organisation)
        if "brought" in wanted:
            made["brought"] = TemplateImport.objects.create(user=self._owner, carried_out_at=timezone.now())
        if wanted & {"guarded", "asked"}:
            made["guarded"] = guarded = self._of_templates("guarded")
            guarded.protections.create(name="production", protected_by=self._owner)
        if "asked" in wanted:
            made["asked"] = guarded.label_requests.create(
                name="production", act="unprotect", asked_by=self._owner, reason="x"
            )
        if wanted & {"suite", "run"}:
            template = made.get("template") or self._of_templates("template")
            made["suite"] = suite = self._suite(self._owner, template)
            made["run"] = SuiteRun.objects.create(suite=suite, version=template.version, why="hand", status="failed")
        if "error" in wanted:
            made["error"] = an_error(uuid.uuid4().hex)
        if wanted & {"alert", "alert_rule"}:
            made["alert_rule"] = watched = a_rule(uuid.uuid4().hex)
            made["alert"] = watched.alerts.create(since=timezone.now())
        if "rule" in wanted:
            scorers = [{"scorer": "contains", "params": {"keywords": ["x"]}}]
            made["rule"] = ScoringRule.objects.create(
                user=self._owner, name="R", share=10, scorers=scorers, budget_per_day=1
            )
        if wanted & OF_SESSIONS:
            made |= self._of_sessions()
        ids = {name: str(each.pk) for name, each in made.items()}
        ids["owner"] = str(self._owner.id)
        if "known_as" in wanted:
            ids["known_as"] = made["colleague"].username
        unique = uuid.uuid4().hex
        if wanted & {"dataset", "proposal", "case"}:
            ids |= self._of_datasets(unique)
        if "masked" in wanted:
            ids["masked"] = uuid.uuid4().hex
            MaskingRules.objects.create(project_id=ids["masked"])
        return {**ids, "case": "one", "unique": f"{unique} 2"}

    def _of_webhooks(self) -> dict[str, Any]:
        # Without the limit of a person: each call of a table has one of its own.
        destination = Destination.objects.create(name=f"webhook:{uuid.uuid4()}", user_id=self._owner.id)
        webhook = Webhook(destination=destination, owner_id=self._owner.id, name="W", url="https://example.com/hook")
        webhook.secret = setting_up.new_secret()
        webhook.save(force_insert=True)
        return {"webhook": webhook, "delivery": acting.try_out(webhook)}

    def _of_privacy(self, wanted: set[str]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "kept" in wanted:
            made["kept"] = RetentionRun.objects.create(is_dry=True)
        if "hold" in wanted:
            made["hold"] = LegalHold.objects.create(covers="project", object_id=uuid.uuid4().hex)
        if "erasure" in wanted:
            made["erasure"] = Erasure.objects.get_or_create(subject=self._owner.id)[0]  # one a person is open
        if "leaving" in wanted:
            made["leaving"] = Erasure.objects.create(subject=new_user().id, with_export=False)
        if "own" in wanted:
            expires_at = timezone.now() + timedelta(days=1)
            made["own"] = OwnData.objects.create(user=self._owner, status="failed", expires_at=expires_at)
        return made

    @property
    def _owner(self) -> User:
        return self._people["owner"]

    def _shared(self, what: Any) -> None:
        what.members.create(user=self._people["viewer"], role="viewer")
        what.members.create(user=self._people["editor"], role="editor")

    def _of_templates(self, name: str) -> PromptTemplate:
        template, rows = self._template(self._owner), PromptTemplate.objects
        if name == "gone":
            rows.filter(id=template.id).update(deleted_at=timezone.now())
            return template
        self._shared(template)
        rows.filter(id=template.id).update(visibility="public" if name == "public" else "shared")
        return template

    def _of_sessions(self) -> dict[str, Any]:
        owner = self._owner
        session, lost = (PlaygroundSession.objects.create(user=owner, name="S") for _ in range(2))
        PlaygroundSession.objects.filter(id=lost.id).update(deleted_at=timezone.now())
        self._shared(session)
        comparison = Comparison.objects.create(session=session, user=owner)
        execution = self._execution(session, owner, comparison)
        comment = ExecutionComment(execution=execution, author=self._people["editor"], sealed="x")
        comment.save()
        artifact = ExportArtifact.objects.create(
            session=session, user=owner, format="jsonl", expires_at=timezone.now() + timedelta(days=1)
        )
        upload = take(user=owner, data=png(), name="a.png", now=timezone.now())
        AttachmentUse.objects.create(attachment=upload, execution=execution)
        test, spare, away = (self._test() for _ in range(3))
        PlaygroundSession.objects.filter(id=away.session_id).update(deleted_at=timezone.now())
        variant = EvaluationVariant.objects.create(
            test=test, position=0, name="V", model_id="openai/echo", body={"prompt": "x"}
        )
        asked = RecommendationRound.objects.create(test=test, variant=variant, user=owner, state="done")
        advice = Recommendation.objects.create(round=asked, test=test, variant=variant, position=0, kind="advice")
        review = ReviewQueue.objects.create(
            owner=owner, test=test, name="R", kind="single", selection="random", is_random=True, seed=1,
            scale="pass_fail",
        )  # fmt: skip
        return {
            "session": session, "lost": lost, "comparison": comparison, "execution": execution, "comment": comment,
            "artifact": artifact, "upload": upload, "test": test, "review": review, "spare": spare, "away": away,
            "round": asked, "advice": advice,
        }  # fmt: skip

    def _test(self) -> EvaluationTest:
        session = PlaygroundSession.objects.create(user=self._owner, name="T", is_hidden=True)
        test = EvaluationTest.objects.create(
            name="T", user=self._owner, session=session, seed=1, runs=1, blocks=1, samples=1, status="completed"
        )
        self._shared(test)
        return test

    def _of_teams(self) -> dict[str, Any]:
        team = Team.objects.create(name=uuid.uuid4().hex, organisation=self._owner.organisation)
        mate = new_user(organisation=team.organisation)
        team.members.add(self._people["viewer"], mate)
        team.members.add(self._people["editor"], through_defaults={"role": "manager"})
        return {"team": team, "mate": mate}

    def _of_datasets(self, unique: str) -> dict[str, str]:
        owner = self._owner
        session = PlaygroundSession.objects.create(user=owner, name="S", is_hidden=True)
        dataset = create(owner=owner, name=unique, cases=[Case("one")]).dataset
        ask = ProposalAsk.objects.create(
            dataset=dataset, user=owner, session=session, model_id="openai/echo", kinds=["edge"], count=1
        )
        proposal = CaseProposal.objects.create(ask=ask, position=0, kind="edge", body={"input": {}})
        return {"dataset": str(dataset.id), "proposal": str(proposal.id)}

    def _template(self, owner: User) -> PromptTemplate:
        change = lifecycle.Change({"name": "T", "category": "C"}, Content("Say {{x}}"))
        template = lifecycle.create(owner=owner, change=change)
        TemplateLabel.objects.create(template=template, name="production", version=template.version)
        return template

    def _suite(self, owner: User, template: PromptTemplate) -> Suite:
        test = {
            **TESTED,
            "template_id": str(template.id),
            "model_id": "openai/echo",
            "test_cases": [{"input": {"x": 1}}],
        }
        return Suite.objects.create(user=owner, name="S", template=template, tests=[test], gate_label="held")

    def _execution(self, session: PlaygroundSession, owner: User, comparison: Comparison) -> PromptExecution:
        execution = PromptExecution(
            id=uuid.uuid4(), session=session, user=owner, model_id="openai/echo", status="completed",
            comparison=comparison, comparison_position=0, ended_at=timezone.now(), execution_time=0,
        )  # fmt: skip
        execution.request, execution.answer = {"prompt": "x"}, {"response": "x"}
        execution.save(force_insert=True)
        return execution
