"""T38: keys are rotated row by row, under load and under kill, and every row can be read at all times."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import IdempotentCall
from evaluation_app.models import (
    AdoptedAnswer,
    CaseProposal,
    Dataset,
    DatasetCase,
    DatasetVersion,
    EvaluationCase,
    EvaluationSample,
    EvaluationVariant,
    GateOverride,
    ProposalAsk,
    Recommendation,
    RecommendationRound,
    ReviewLabel,
    ReviewQueue,
    ReviewRater,
    SampleScore,
    Suite,
)
from foundation.database.threads import in_database_thread
from foundation.sealing import encryption
from foundation.sealing.encryption import Keyring
from foundation.sealing.rows import missing_keys, reseal, sealed_fields
from foundation.supervisor import programs
from history.models import SessionImportArtifact
from playground.models import Attachment, ExecutionComment, ExecutionRating, PromptExecution, Status
from providers.models import Provider
from sessions_app.models import PlaygroundSession
from templates_app.models import LabelMove, LabelRequest, PromptTemplate, TemplateImport, TemplateVersion
from tests.cast import Person, new_user
from tests.foundation.keys import NEW, UseKeys, old, use_keys, written
from tests.playground.conftest import author, make_provider, provider
from tests.servers.service import Service, Web
from tests.waiting import PATIENCE, until

__all__ = ["author", "make_provider", "provider", "use_keys"]


def make_rows(count: int) -> None:
    """So many executions with texts, sealed with the present first key."""
    user = new_user()
    session = PlaygroundSession.objects.default_of(user)
    PromptExecution.objects.bulk_create(
        PromptExecution(
            session=session,
            user=user,
            model_id="openai/x",
            request={"prompt": f"prompt {number}"},
            answer={"response": f"answer {number}"} if number % 3 else None,
            status=Status.COMPLETED,
        )
        for number in range(count)
    )


def cells() -> list[tuple[bytes, str]]:
    """Every sealed cell with its place."""
    found = []
    for model, fields in sealed_fields():
        for row in model._default_manager.all():
            found += [
                (value, field.place(row)) for field in fields if (value := row.__dict__[field.attname]) is not None
            ]
    return found


def unreadable(*keys: bytes) -> int:
    """Cells that these keys do not open."""
    ring, count = Keyring(keys), 0
    for value, place in cells():
        try:
            ring.open(bytes(value), place=place)
        except encryption.CannotDecrypt:
            count += 1
    return count


def sealed_with(key: bytes) -> int:
    """Rows of executions whose request this key has sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM prompt_executions WHERE substring(request for 5) = %s", [Keyring([key]).prefix]
        )
        return int(cursor.fetchone()[0])


def test_every_model_with_sealed_fields_is_found() -> None:
    assert {model: [field.name for field in fields] for model, fields in sealed_fields()} == {
        AdoptedAnswer: ["text"],
        Attachment: ["facts"],
        CaseProposal: ["body", "reason"],
        Dataset: ["description"],
        DatasetCase: ["input", "expected", "scorers"],
        DatasetVersion: ["note"],
        EvaluationCase: ["input", "scorers", "expected"],
        EvaluationSample: ["error_message"],
        EvaluationVariant: ["body"],
        ExecutionComment: ["imported_author", "sealed"],
        GateOverride: ["reason"],
        IdempotentCall: ["sealed"],
        LabelMove: ["note"],
        LabelRequest: ["reason", "decision"],
        TemplateImport: ["sources", "choices"],
        ExecutionRating: ["imported_author", "sealed"],
        PromptExecution: ["request", "answer", "parameters", "error_message", "notes"],
        PlaygroundSession: ["description", "metadata", "purpose"],
        SessionImportArtifact: ["outcome"],
        PromptTemplate: ["description", "example"],
        ProposalAsk: ["error"],
        Provider: ["credentials"],
        Recommendation: ["title", "reason", "change"],
        RecommendationRound: ["error", "notes"],
        ReviewLabel: ["corrected", "comment"],
        ReviewQueue: ["rubric"],
        ReviewRater: ["name"],
        SampleScore: ["reason"],
        Suite: ["tests"],
        TemplateVersion: ["sealed", "note"],
    }


@pytest.mark.django_db
def test_t38_after_a_rotation_the_old_key_can_go(use_keys: UseKeys) -> None:
    make_rows(7)
    Provider.objects.create(slug="p", name="P", base_url="https://models.example.org", credentials={"api_key": "k"})
    first = old()
    assert missing_keys() == set()
    use_keys(NEW, first)
    assert missing_keys() == set()
    make_rows(2)  # written with the new key meanwhile
    assert (sealed_with(first), sealed_with(NEW)) == (7, 2)
    assert reseal() == 8
    assert reseal() == 0
    assert unreadable(NEW) == 0
    use_keys(NEW)
    assert missing_keys() == set()
    assert {row.request["prompt"] for row in PromptExecution.objects.all()} == {f"prompt {n}" for n in range(7)}
    assert Provider.objects.get().credentials["api_key"] == "k"


@pytest.mark.django_db
def test_t38_a_key_that_is_still_needed_is_missed(use_keys: UseKeys) -> None:
    make_rows(3)
    needed = encryption.key_id(old()).hex()
    use_keys(NEW)
    assert missing_keys() == {needed}
    with pytest.raises(CommandError, match=needed):
        call_command("check_keys")
    with pytest.raises(encryption.CannotDecrypt):
        reseal()


@pytest.mark.django_db
def test_t38_a_row_that_cannot_be_opened_keeps_no_other_from_its_new_key(use_keys: UseKeys) -> None:
    make_rows(5)
    rows = list(PromptExecution.objects.order_by("id"))
    # Its ciphertext is another row's: no key opens it here.
    PromptExecution.objects.filter(id=rows[1].id).update(request=rows[0].__dict__["request"])
    use_keys(NEW, old())
    with pytest.raises(CommandError, match=f"4 rows sealed; 1 cannot be opened: prompt_executions/{rows[1].id}"):
        call_command("reencrypt")
    assert sealed_with(NEW) == 4


@pytest.mark.django_db
def test_t38_the_command_tells_how_many_rows_it_has_sealed(use_keys: UseKeys) -> None:
    make_rows(3)
    use_keys(NEW, old())
    said = StringIO()
    call_command("reencrypt", stdout=said)
    assert said.getvalue() == "3 rows sealed with the current key\n0 files sealed with the current key\n"
    call_command("check_keys")


@pytest.mark.django_db
def test_t38_a_row_that_was_written_meanwhile_is_left_alone(use_keys: UseKeys) -> None:
    from foundation.sealing.rows import _reseal_row

    make_rows(1)
    use_keys(NEW, old())
    stale = PromptExecution.objects.get()
    fields = next(fields for model, fields in sealed_fields() if model is PromptExecution)
    newer = PromptExecution.objects.get()
    newer.request = {"prompt": "newer"}
    newer.save()
    assert _reseal_row(stale, fields) is False
    assert PromptExecution.objects.get().request == {"prompt": "newer"}


async def test_t38_a_killed_rotation_leaves_every_row_readable_and_goes_on(service: Service) -> None:
    await in_database_thread(make_rows, 1_500)
    first = old()
    given = {**service.environment, "ENCRYPTION_KEYS": written(NEW, first)}

    async def has_begun() -> bool:
        return await in_database_thread(sealed_with, NEW) > 100

    rotation = await asyncio.create_subprocess_exec(*programs.manage("reencrypt"), env=given)
    await until(has_begun)
    rotation.kill()
    assert await rotation.wait() == -signal.SIGKILL
    assert 100 < await in_database_thread(sealed_with, NEW) < 1_500
    assert await in_database_thread(unreadable, NEW, first) == 0
    again = await asyncio.create_subprocess_exec(*programs.manage("reencrypt"), env=given)
    assert await again.wait() == 0
    assert await in_database_thread(unreadable, NEW) == 0


async def test_t38_a_rotation_goes_on_under_load(author: Person, provider: str, service: Service) -> None:
    await in_database_thread(make_rows, 400)
    before = [(await author.execute(f"{provider}/echo", f"before {n}")).body["id"] for n in range(5)]
    given = {**service.environment, "ENCRYPTION_KEYS": written(NEW, old())}
    web = await asyncio.to_thread(Web, given)
    try:
        person = author.at(web.url)
        rotation = await asyncio.create_subprocess_exec(*programs.manage("reencrypt"), env=given)
        rotating = asyncio.create_task(rotation.wait())
        statuses: set[int] = set()
        while not rotating.done():
            statuses.add((await person.execute(f"{provider}/echo", "during")).status)
            statuses |= {(await person.get(f"/api/executions/{identifier}")).status for identifier in before}
        assert await rotating == 0
        assert statuses == {200}
        assert await in_database_thread(unreadable, NEW) == 0
        for number, identifier in enumerate(before):
            assert (await person.get(f"/api/executions/{identifier}")).body["response"] == f"before {number}"
    finally:
        await asyncio.to_thread(web.stop)


async def test_t38_the_start_is_refused_when_a_key_is_missing(service: Service, tmp_path: Path) -> None:
    await in_database_thread(make_rows, 1)
    needed = encryption.key_id(old()).hex()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    given = {
        **service.environment,
        "ENCRYPTION_KEYS": written(NEW),
        "PLAYGROUND_DATA_DIR": str(tmp_path / "data"),
        "PORT": str(port),
    }
    start = await asyncio.create_subprocess_exec(
        *programs.manage("serve"), env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(start.communicate(), PATIENCE)
    assert start.returncode == 1
    assert f"ENCRYPTION_KEYS lacks keys that stored rows need: {needed}" in said.decode()
    assert "Traceback" not in said.decode()
