"""`get_prompt`: by slug, at once, and with the service away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from accounts.models import User
from llm_playground_client import (
    AmbiguousSlug,
    AsyncClient,
    Client,
    NeedsService,
    ProblemError,
    TemplateNotFound,
    Unreachable,
    UnreadableFile,
)
from tests.cast import new_user
from tests.clients.conftest import MakeTemplate, eventually, token_of
from tests.servers.service import Service

NOWHERE = "http://127.0.0.1:9"


def test_a_prompt_comes_by_its_slug_with_its_values(client: Client, make_template: MakeTemplate):
    made = make_template(system_prompt="You are {{role}}.", default_parameters={"temperature": 0.5})
    found = client.get_prompt("welcome", variables={"name": "Zoë", "role": "kind"})
    assert (found.prompt, found.system_prompt) == ("Greet Zoë.", "You are kind.")
    assert found.messages == [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": "Greet Zoë."},
    ]
    assert (found.template_id, found.version, found.source) == (made["id"], 1, "service")
    assert found.parameters == {"temperature": 0.5}


def test_a_label_and_a_number_choose_the_version(client: Client, make_template: MakeTemplate):
    made = make_template(prompt="One")
    client.move_label("welcome", "production", 1)
    change(client, made["id"], prompt="Two")
    assert client.get_prompt("welcome", label="production").prompt == "One"
    assert client.get_prompt("welcome", version=1).prompt == "One"
    assert client.get_prompt("welcome").prompt == "Two"
    with pytest.raises(TemplateNotFound, match="label 'staging'"):
        client.get_prompt("welcome", label="staging")


def change(client: Client, template_id: str, **fields: object) -> None:
    """A new version, by another door than the client's own."""
    answer = client._http.patch(f"/api/templates/{template_id}", json=fields)
    assert answer.status_code == 200, answer.text


def test_what_is_past_its_time_is_given_at_once_and_fetched_meanwhile(
    service: Service, author: User, make_template: MakeTemplate
):
    made = make_template(prompt="Old")
    with Client(service.url, token_of(author), ttl=0) as client:
        assert client.get_prompt("welcome").source == "service"
        change(client, made["id"], prompt="New")
        stale = client.get_prompt("welcome")
        assert (stale.prompt, stale.source) == ("Old", "stale")
        eventually(lambda: client.get_prompt("welcome").prompt == "New")


def test_while_it_is_fresh_nobody_is_asked_and_past_that_a_304_is_enough(
    service: Service, author: User, make_template: MakeTemplate
):
    make_template()
    with watched(service, author, ttl=0) as (client, seen):
        client.get_template("welcome")
        client.get_template("welcome")
        eventually(lambda: len(seen) == 3)
        assert [status for _, status in seen] == [200, 200, 304]
    with watched(service, author, ttl=60) as (client, seen):
        assert [client.get_template("welcome").source for _ in range(3)] == ["service", "cache", "cache"]
        assert len(seen) == 2


class watched(Client):
    """A client that tells what it asked."""

    def __init__(self, service: Service, author: User, *, ttl: float) -> None:
        super().__init__(service.url, token_of(author), ttl=ttl)
        self.seen: list[tuple[str, int]] = []
        self._http.event_hooks = {"response": [lambda got: self.seen.append((got.url.path, got.status_code))]}

    def __enter__(self):
        return self, self.seen


def test_many_callers_past_the_time_lead_to_one_fetch(service: Service, author: User, make_template: MakeTemplate):
    make_template()
    with watched(service, author, ttl=0) as (client, seen):
        client.get_template("welcome")
        client._cache.claims_fetch(wanted := next(iter(client._cache._entries)))  # somebody is fetching it
        assert not client._cache.claims_fetch(wanted)
        for _ in range(20):
            assert client.get_template("welcome").source == "stale"
        assert len(seen) == 2


def test_yours_goes_before_others_and_others_are_told_apart_by_their_owner(
    client: Client, author: User, make_template: MakeTemplate
):
    others = [new_user(name=name) for name in ("Ben", "Cleo")]
    for other in others:
        make_template(other, prompt=f"Of {other.name}", is_public=True)
    with pytest.raises(AmbiguousSlug) as refused:
        client.get_prompt("welcome")
    assert refused.value.choices == ("Ben/welcome", "Cleo/welcome")
    assert client.get_prompt("Cleo/welcome").prompt == "Of Cleo"
    assert client.get_prompt(f"{others[0].id}/welcome").prompt == "Of Ben"
    make_template(prompt="Mine")
    assert client.get_prompt("welcome").prompt == "Mine"


def test_owners_of_one_name_are_told_apart_by_their_ids(client: Client, make_template: MakeTemplate):
    twins = [new_user(name="Ben"), new_user(name="Ben")]
    for twin in twins:
        make_template(twin, is_public=True)
    with pytest.raises(AmbiguousSlug) as refused:
        client.get_prompt("welcome")
    assert refused.value.choices == tuple(sorted(f"{twin.id}/welcome" for twin in twins))


def test_a_stranger_s_template_and_one_that_is_none_are_both_not_there(client: Client, make_template: MakeTemplate):
    make_template(new_user(), name="Secret")
    for name in ("secret", "nobody/secret", "no-such", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"):
        with pytest.raises(TemplateNotFound):
            client.get_prompt(name)


def test_a_slug_that_was_given_away_leads_to_the_template_that_has_it_now(
    service: Service, author: User, make_template: MakeTemplate
):
    first = make_template(prompt="First")
    with Client(service.url, token_of(author), ttl=0) as client:
        client.get_prompt("welcome")
        change(client, first["id"], slug="old-welcome")
        make_template(prompt="Second", slug="welcome")
        eventually(lambda: client.get_prompt("welcome").prompt == "Second")


def test_a_template_that_is_gone_is_not_given_for_ever(service: Service, author: User, make_template: MakeTemplate):
    made = make_template(prompt="x")
    with Client(service.url, token_of(author), ttl=0) as client:
        client.get_prompt("welcome")
        assert client._http.delete(f"/api/templates/{made['id']}").status_code == 204
        with pytest.raises(TemplateNotFound):
            eventually(lambda: client.get_prompt("welcome").prompt != "x")


def test_partials_come_with_the_text(client: Client, make_template: MakeTemplate):
    make_template(name="Tone", prompt="Be {{mood}}.")
    make_template(prompt="{{> tone}} Greet {{name}}. \\{{> tone}}")
    found = client.get_prompt("welcome", variables={"mood": "kind", "name": "Zoë"})
    assert found.prompt == "Be kind. Greet Zoë. {{> tone}}"
    assert found.source == "service"


def test_jinja2_is_rendered_by_the_service(client: Client, make_template: MakeTemplate):
    make_template(prompt="{% for x in xs %}<{{ x }}>{% endfor %}", engine="jinja2",
                  variables=[{"name": "xs", "type": "array"}])  # fmt: skip
    assert client.get_prompt("welcome", variables={"xs": ["a", "b"]}).prompt == "<a><b>"
    with out_of_reach(client), pytest.raises(NeedsService, match="jinja2"):
        client.get_prompt("welcome", variables={"xs": []})


def test_what_was_had_is_given_on_while_the_service_is_away(
    service: Service, author: User, make_template: MakeTemplate
):
    make_template(prompt="Greet {{name}}.", variables=[{"name": "name", "validation_rules": [RULE]}])
    with Client(service.url, token_of(author), ttl=0) as client:
        assert client.get_prompt("welcome", variables={"name": "Zoë"}).unchecked == ()
        with out_of_reach(client):
            given = client.get_prompt("welcome", variables={"name": "Zoë"})
    assert (given.prompt, given.source, given.unchecked) == ("Greet Zoë.", "stale", ("pattern of name",))


@contextmanager
def out_of_reach(client: Client) -> Iterator[None]:
    """Nothing listens where the client looks."""
    where = client._http.base_url
    client._http.base_url = httpx.URL(NOWHERE)
    try:
        yield
    finally:
        client._http.base_url = where


RULE = {"rule": "pattern", "value": "^[A-Z]"}


def test_a_rule_that_only_the_service_can_ask_is_asked_there(client: Client, make_template: MakeTemplate):
    make_template(variables=[{"name": "name", "validation_rules": [RULE]}])
    with pytest.raises(ProblemError, match="must match the pattern") as refused:
        client.get_prompt("welcome", variables={"name": "zoë"})
    assert [(each.field, each.code) for each in refused.value.errors] == [("variables.name", "pattern")]


@pytest.fixture
def folder(client: Client, make_template: MakeTemplate, tmp_path: Path) -> Path:
    """A pulled template of two versions, whose label stands on the first."""
    made = make_template(prompt="Greet {{name}}.")
    client.move_label("welcome", "production", 1)
    change(client, made["id"], prompt="Hail {{name}}!")
    (tmp_path / "welcome.json").write_text(client.export("welcome"))
    return tmp_path


def test_a_folder_of_pulled_templates_works_with_the_service_away(folder: Path):
    with Client(NOWHERE, "a-token", folder=folder, retries=0) as client:
        found = client.get_prompt("welcome", label="production", variables={"name": "Zoë"})
        assert (found.prompt, found.version, found.source) == ("Greet Zoë.", 1, "file")
        assert client.get_prompt("welcome", variables={"name": "Zoë"}).prompt == "Hail Zoë!"
        with pytest.raises(ProblemError, match="name needs a value"):
            client.get_prompt("welcome")
        with pytest.raises(TemplateNotFound, match="no label 'staging'"):
            client.get_prompt("welcome", label="staging")
        with pytest.raises(Unreachable):
            client.get_prompt("other")


async def test_the_folder_serves_asynchronous_code_too(folder: Path):
    async with AsyncClient(NOWHERE, "a-token", folder=folder, retries=0) as client:
        found = await client.get_prompt("welcome", variables={"name": "Zoë"})
    assert (found.prompt, found.source) == ("Hail Zoë!", "file")


def test_when_the_service_is_back_its_template_takes_the_file_s_place(
    folder: Path, service: Service, author: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("llm_playground_client.cache.REST_SECONDS", 0.0)
    (folder / "welcome.json").write_text((folder / "welcome.json").read_text().replace("Hail", "Hoy"))
    with Client(service.url, token_of(author), folder=folder, ttl=0) as client:
        with out_of_reach(client):
            assert client.get_prompt("welcome", variables={"name": "Zoë"}).prompt == "Hoy Zoë!"
        eventually(lambda: client.get_prompt("welcome", variables={"name": "Zoë"}).prompt == "Hail Zoë!")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": "llm-playground-templates", "templates": [{"versions": [{}]}]}', "\x00",
             '{"format": "llm-playground-templates", "templates": [{"versions": "none"}]}'],
)  # fmt: skip
def test_a_file_that_is_none_is_named(text: str, tmp_path: Path):
    (tmp_path / "welcome.json").write_text(text)
    with (
        Client(NOWHERE, "a-token", folder=tmp_path, retries=0) as client,
        pytest.raises(UnreadableFile, match=r"welcome\.json"),
    ):
        client.get_prompt("welcome")


def test_no_slug_leads_out_of_the_folder(tmp_path: Path):
    (tmp_path / "secret.json").write_text("{}")
    with Client(NOWHERE, "a-token", folder=tmp_path / "prompts", retries=0) as client:
        for name in ("../secret", "..", "a/../../secret", "/etc/passwd", ""):
            with pytest.raises((TemplateNotFound, Unreachable)):
                client.get_prompt(name)


async def test_asynchronous_code_has_the_same(service: Service, author: User, make_template: MakeTemplate):
    make_template()
    async with AsyncClient(service.url, token_of(author), ttl=0) as client:
        first = await client.get_prompt("welcome", variables={"name": "Zoë"})
        again = await client.get_prompt("welcome", variables={"name": "Zoë"})
        assert (first.source, again.source) == ("service", "stale")
        with pytest.raises(TemplateNotFound):
            await client.get_prompt("no-such")
