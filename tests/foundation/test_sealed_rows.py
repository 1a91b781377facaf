"""T38: keys are rotated row by row, under load and under kill, and every row can be read at all times."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audit import origin
from audit.models import AuditEntry
from foundation.database.threads import in_database_thread
from foundation.sealing import encryption
from foundation.sealing.encryption import Keyring
from foundation.sealing.rotation import rotate
from foundation.sealing.standing import Standing, missing, others, standings
from foundation.sealing.tables import sealed_fields, sealed_tables
from foundation.supervisor import programs
from playground.models import PromptExecution, Status
from providers.models import Provider
from sessions_app.models import PlaygroundSession
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


def rotated() -> int:
    """Rows that a rotation of all tables has sealed anew."""
    return sum(rotate(table).count for table in sealed_tables())


def of(column: str) -> Standing:
    """How the column `table.column` stands."""
    return next(each for each in standings() if each.place == column)


@pytest.mark.django_db
def test_t38_after_a_rotation_the_old_key_can_go(use_keys: UseKeys) -> None:
    make_rows(7)
    Provider.objects.create(slug="p", name="P", base_url="https://models.example.org", credentials={"api_key": "k"})
    first = old()
    assert missing(standings()) == {}
    use_keys(NEW, first)
    assert missing(standings()) == {}
    make_rows(2)  # written with the new key meanwhile
    assert (sealed_with(first), sealed_with(NEW)) == (7, 2)
    assert rotated() == 8
    assert rotated() == 0
    assert unreadable(NEW) == 0
    use_keys(NEW)
    assert missing(standings()) == {}
    assert {row.request["prompt"] for row in PromptExecution.objects.all()} == {f"prompt {n}" for n in range(7)}
    assert Provider.objects.get().credentials["api_key"] == "k"


@pytest.mark.django_db
def test_t38_the_status_counts_the_values_of_each_key(use_keys: UseKeys) -> None:
    make_rows(3)
    first, gone = old(), bytes(reversed(NEW))
    use_keys(gone)
    make_rows(1)
    use_keys(NEW, first)
    make_rows(2)
    ids = {name: encryption.key_id(key).hex() for name, key in (("first", first), ("gone", gone), ("new", NEW))}
    requests = of("prompt_executions.request")
    assert (requests.current, requests.others, requests.missing) == (2, {ids["first"]: 3}, {ids["gone"]: 1})
    assert of("prompt_executions.answer").counts == {ids["first"]: 2, ids["new"]: 1}
    assert others(standings())[ids["first"]] == {"prompt_executions.request": 3, "prompt_executions.answer": 2}
    said, complained = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("encryption", "status", stdout=said, stderr=complained)
    assert ended.value.code == 1
    told = f"2 with the first key, 3 with key {ids['first']}, 1 with key {ids['gone']}, which is missing"
    assert f"prompt_executions.request: {told}\n" in said.getvalue()
    assert "Left to rotate: 5 values" in said.getvalue()
    lacks = f"ENCRYPTION_KEYS lacks key {ids['gone']}, which 1 values need (prompt_executions.request: 1)"
    assert lacks in complained.getvalue()


@pytest.mark.django_db
def test_t38_the_status_is_content_when_all_is_sealed_with_the_first_key() -> None:
    make_rows(2)
    said = StringIO()
    call_command("encryption", "status", stdout=said)
    assert "prompt_executions.request: 2 with the first key\n" in said.getvalue()
    assert "Nothing is left to rotate." in said.getvalue()


@pytest.mark.django_db
def test_t38_what_no_key_here_opens_keeps_nothing_else_from_its_new_key(use_keys: UseKeys) -> None:
    make_rows(3)
    needed = encryption.key_id(old()).hex()
    use_keys(NEW)
    make_rows(1)
    use_keys(bytes(reversed(NEW)), NEW)
    complained = StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "rotate", stderr=complained)
    assert f"ENCRYPTION_KEYS lacks key {needed}, which 5 values need" in complained.getvalue()
    assert of("prompt_executions.request").current == 1


@pytest.mark.django_db
def test_t38_a_row_that_cannot_be_opened_keeps_no_other_from_its_new_key(use_keys: UseKeys) -> None:
    make_rows(5)
    rows = list(PromptExecution.objects.order_by("id"))
    # Its ciphertext is another row's: no key opens it here.
    PromptExecution.objects.filter(id=rows[1].id).update(request=rows[0].__dict__["request"])
    use_keys(NEW, old())
    complained = StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "rotate", stderr=complained)
    assert f"1 rows of prompt_executions cannot be opened: prompt_executions/{rows[1].id}" in complained.getvalue()
    assert sealed_with(NEW) == 4


@pytest.mark.django_db
def test_t38_the_command_tells_how_many_rows_it_has_sealed(use_keys: UseKeys) -> None:
    make_rows(3)
    use_keys(NEW, old())
    said = StringIO()
    call_command("encryption", "rotate", stdout=said)
    assert "prompt_executions: 3 rows sealed with the first key\n0 files sealed" in said.getvalue()
    assert "No value needs another key." in said.getvalue()
    call_command("encryption", "status")


@pytest.mark.django_db
def test_t38_a_row_that_was_read_before_never_goes_back_to_the_old_key(use_keys: UseKeys) -> None:
    make_rows(1)
    use_keys(NEW, old())
    read_before = PromptExecution.objects.get()
    assert rotated() == 1
    read_before.save()
    assert of("prompt_executions.request").others == {}
    use_keys(NEW)
    assert PromptExecution.objects.get().request == {"prompt": "prompt 0"}


@pytest.mark.django_db
def test_t38_rows_that_a_manager_hides_are_rows_too(use_keys: UseKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    make_rows(2)
    monkeypatch.setattr(type(PromptExecution._default_manager), "get_queryset", lambda self: self.model.objects.none())
    use_keys(NEW, old())
    assert rotated() == 2


@pytest.mark.django_db
def test_t38_the_audit_log_says_that_it_was_a_rotation(use_keys: UseKeys) -> None:
    # This process has migrated the database, and asked before all tables were watched.
    origin._watched.clear()
    Provider.objects.create(slug="p", name="P", base_url="https://models.example.org", credentials={"api_key": "k"})
    use_keys(NEW, old())
    call_command("encryption", "rotate", stdout=StringIO())
    written = AuditEntry.objects.get(act="provider_changed")
    assert (written.by, written.fields) == ("encryption rotate", ["credentials"])


@pytest.mark.django_db(transaction=True)
def test_t38_a_row_that_somebody_holds_is_come_back_to_and_their_word_stays(use_keys: UseKeys) -> None:
    make_rows(3)
    use_keys(NEW, old())
    held = PromptExecution.objects.order_by("id")[1]
    has_hold, passes = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            row = PromptExecution.objects.select_for_update().get(id=held.id)
            has_hold.set()
            passes.wait(PATIENCE)
            row.request = {"prompt": "written meanwhile"}
            row.save()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert has_hold.wait(PATIENCE)
    executions = next(table for table in sealed_tables() if table.name == "prompt_executions")
    done = rotate(executions, tell=lambda count: passes.set())
    writer.join()
    assert (done.held, done.unreadable) == (0, 0)
    assert PromptExecution.objects.get(id=held.id).request == {"prompt": "written meanwhile"}
    assert unreadable(NEW) == 0


async def test_t38_a_killed_rotation_leaves_every_row_readable_and_goes_on(service: Service) -> None:
    await in_database_thread(make_rows, 4_000)
    first = old()
    given = {**service.environment, "ENCRYPTION_KEYS": written(NEW, first)}
    command = programs.manage("encryption", "rotate")
    done = 0
    for _ in range(2):
        at_least = done + 100

        async def has_come_further(least: int = at_least) -> bool:
            return await in_database_thread(sealed_with, NEW) > least

        rotation = await asyncio.create_subprocess_exec(*command, env=given, stdout=subprocess.DEVNULL)
        await until(has_come_further)
        rotation.kill()
        assert await rotation.wait() == -signal.SIGKILL
        done = await in_database_thread(sealed_with, NEW)
        assert at_least < done < 4_000
        assert await in_database_thread(unreadable, NEW, first) == 0
    again = await asyncio.create_subprocess_exec(*command, env=given, stdout=subprocess.DEVNULL)
    assert await again.wait() == 0
    assert await in_database_thread(unreadable, NEW) == 0


async def test_t38_a_rotation_goes_on_under_load(author: Person, provider: str, service: Service) -> None:
    await in_database_thread(make_rows, 400)
    before = [(await author.execute(f"{provider}/echo", f"before {n}")).body["id"] for n in range(5)]
    given = {**service.environment, "ENCRYPTION_KEYS": written(NEW, old())}
    web = await asyncio.to_thread(Web, given)
    try:
        person = author.at(web.url)
        rotation = await asyncio.create_subprocess_exec(*programs.manage("encryption", "rotate"), env=given)
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
    assert f"ENCRYPTION_KEYS lacks key {needed}, which " in said.decode()
    assert "prompt_executions.request: 1" in said.decode()
    assert "Traceback" not in said.decode()
