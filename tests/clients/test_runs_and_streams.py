"""`run` and `stream`: a run is one run, an event comes once, and who leaves cancels."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial

import httpx
import pytest

from accounts.models import User
from llm_playground_client import AsyncClient, Client, ProblemError, TimedOut, Unreachable
from llm_playground_client.events import Event, Frames
from playground.models import PromptExecution
from tests.clients.conftest import MakeTemplate, eventually, token_of
from tests.servers.service import Service
from tests.waiting import until


def test_a_template_is_run_by_its_slug(client: Client, provider: str, make_template: MakeTemplate):
    make_template(prompt="Greet {{name}}")
    ended = client.run("welcome", variables={"name": "Zoë"}, model_id=f"{provider}/echo", parameters={"max_tokens": 50})
    assert (ended.status, ended.response.strip()) == ("completed", "Greet Zoë")
    assert ended.usage["total_tokens"] > 0
    assert client.execution(ended.id) == ended


def test_a_prompt_of_one_s_own_is_run_too(client: Client, provider: str):
    ended = client.run(prompt="Say {{what}}", variables={"what": "this"}, model_id=f"{provider}/echo")
    assert str(ended).strip() == "Say this"


def test_what_is_refused_and_what_fails_are_told_as_problems(
    client: Client, provider: str, make_template: MakeTemplate
):
    make_template()
    with pytest.raises(ProblemError) as refused:
        client.run("welcome", model_id=f"{provider}/echo")
    assert refused.value.code == "invalid_variables"
    assert [each.field for each in refused.value.errors] == ["variables.name"]
    with pytest.raises(ProblemError) as failed:
        client.run(prompt="x", model_id=f"{provider}/fault-400")
    assert failed.value.execution_id
    assert PromptExecution.objects.count() == 1


def test_a_run_whose_answer_is_lost_is_asked_for_again_and_is_one_run(service: Service, author: User, provider: str):
    with Client(service.url, token_of(author), transport=Losing(answers=2)) as client:
        assert client.run(prompt="Once", model_id=f"{provider}/echo").status == "completed"
    assert PromptExecution.objects.count() == 1


class Losing(httpx.BaseTransport):
    """Loses the first answers on their way, or cuts the first streams after some of their bytes."""

    def __init__(self, *, answers: int = 0, streams: int = 0, after: int = 0) -> None:
        self._inner = httpx.HTTPTransport()
        self._answers, self._streams, self._after = answers, streams, after
        self.asked: list[tuple[str, str | None]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, request.headers.get("Last-Event-ID")))
        response = self._inner.handle_request(request)
        if self._answers:
            self._answers -= 1
            response.close()
            raise httpx.ReadError("lost on its way")
        if self._streams and response.headers["Content-Type"].startswith("text/event-stream"):
            self._streams -= 1
            assert isinstance(response.stream, httpx.SyncByteStream)
            response.stream = Cut(response.stream, self._after)
        return response


class Cut(httpx.SyncByteStream):
    """A stream that breaks in the middle of an event."""

    def __init__(self, inner: httpx.SyncByteStream, most: int) -> None:
        self._inner = inner
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for chunk in self._inner:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                raise httpx.ReadError("cut")

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("after", [0, 400, 900])
def test_every_event_comes_once_over_lost_connections(
    service: Service, author: User, provider: str, after: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("llm_playground_client.reading.FIRST_PAUSE", 0.0)
    losing = Losing(streams=2, after=after)
    with Client(service.url, token_of(author), transport=losing) as client:
        stream = client.stream(prompt="x", model_id=f"{provider}/tokens-32-every-30ms")
        events = list(stream)
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    # Words that come together in a busy moment are one event.
    assert 3 < sum(event.kind == "token" for event in events) <= 32
    assert stream.execution is not None
    assert "".join(event.text for event in events) == stream.execution.response
    assert len(losing.asked) == 3
    assert PromptExecution.objects.count() == 1


def test_a_reader_goes_on_at_a_web_that_was_restarted_meanwhile(client: Client, service: Service, provider: str):
    kinds = []
    with client.stream(prompt="x", model_id=f"{provider}/tokens-32-every-30ms") as events:
        for event in events:
            kinds.append(event.kind)
            if len(kinds) == 5:
                service.restart(signal.SIGTERM)
    assert kinds[-1] in ("completed", "failed")
    assert kinds.count("started") == 1


@pytest.mark.parametrize("leaves", ["with", "break", "close", "error"])
def test_who_leaves_before_the_end_cancels(client: Client, provider: str, leaves: str):
    model = f"{provider}/fault-silent-at-5"
    if leaves == "with":
        with client.stream(prompt="x", model_id=model) as events:
            next(iter(events))
    elif leaves == "break":
        for _ in client.stream(prompt="x", model_id=model):
            break
    elif leaves == "close":
        stream = client.stream(prompt="x", model_id=model)
        next(iter(stream))
        stream.close()
        assert stream.execution is None
    else:
        with suppress(ZeroDivisionError), client.stream(prompt="x", model_id=model) as events:
            for event in events:
                event.id / 0
    eventually(lambda: PromptExecution.objects.get().status == "cancelled")


def test_a_stream_that_nobody_reads_is_no_run(client: Client, provider: str):
    with client.stream(prompt="x", model_id=f"{provider}/echo"):
        pass
    assert PromptExecution.objects.count() == 0


def test_a_run_that_fails_ends_with_its_event(client: Client, provider: str):
    with client.stream(prompt="x", model_id=f"{provider}/fault-400") as events:
        last = list(events)[-1]
    assert last.kind == "failed"
    assert events.execution is not None
    assert events.execution.error


def test_a_stream_is_refused_as_a_run_is(client: Client):
    with pytest.raises(ProblemError, match="model_id"), client.stream(prompt="x") as events:
        next(iter(events))


def test_a_run_that_takes_too_long_is_not_sent_again():
    sent: list[str] = []

    def late(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        assert request.extensions["timeout"]["read"] == 90
        raise httpx.ReadTimeout("late", request=request)

    client = Client("http://playground", "a-token", transport=httpx.MockTransport(late))
    with client, pytest.raises(TimedOut):
        client.run(prompt="x", model_id="a/b", parameters={"timeout": 60})
    assert sent == ["/api/prompts/execute"]


def test_a_service_that_never_comes_back_ends_the_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("llm_playground_client.reading.FIRST_PAUSE", 0.0)
    with Client("http://127.0.0.1:9", "a-token", retries=0) as client, pytest.raises(Unreachable):
        list(client.stream(prompt="x", model_id="a/b"))


async def test_asynchronous_code_reads_and_leaves_alike(service: Service, author: User, provider: str):
    async with AsyncClient(service.url, token_of(author)) as client:
        events = [event async for event in client.stream(prompt="x", model_id=f"{provider}/tokens-32")]
        assert events[-1].execution is not None
        assert "".join(event.text for event in events) == events[-1].execution.response
        ended = await client.run(prompt="x", model_id=f"{provider}/echo")
        assert ended.response.strip() == "x"
        async with client.stream(prompt="x", model_id=f"{provider}/fault-silent-at-5") as stream:
            async for _ in stream:
                break
        await until(partial(is_cancelled, client, stream.execution_id))


async def is_cancelled(client: AsyncClient, execution_id: str) -> bool:
    """Whether the run was stopped."""
    return (await client.execution(execution_id)).status == "cancelled"


async def test_a_task_that_is_cancelled_cancels_its_run(service: Service, author: User, provider: str):
    async with AsyncClient(service.url, token_of(author)) as client:
        stream = client.stream(prompt="x", model_id=f"{provider}/fault-silent-at-5")
        begun = asyncio.Event()

        async def read() -> None:
            async with stream:
                async for _ in stream:
                    begun.set()

        reader = asyncio.create_task(read())
        await begun.wait()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await until(partial(is_cancelled, client, stream.execution_id))


def test_one_client_serves_many_threads(client: Client, provider: str, make_template: MakeTemplate):
    make_template(prompt="Greet {{name}}")
    said: list[str] = []

    def ask(name: str) -> None:
        said.append(client.run("welcome", variables={"name": name}, model_id=f"{provider}/echo").response.strip())

    threads = [threading.Thread(target=ask, args=(f"N{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [f"Greet N{number}" for number in range(8)]


WIRE = (
    'id: 1\r\nevent: token\r\ndata: {"text":"a\u2028b\u0085c"}\r\n\r\n: heartbeat\n\n'
    'id: 2\nevent: token\ndata: {"text":\ndata: "é"}\n\n'
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_events_are_cut_where_the_standard_says_however_the_bytes_come(size: int):
    frames, wire = Frames(), WIRE.encode()
    found = [event for at in range(0, len(wire), size) for event in frames.feed(wire[at : at + size])]
    assert found == [Event(1, "token", {"text": "a\u2028b\u0085c"}), Event(2, "token", {"text": "é"})]


def test_line_breaks_of_unicode_come_through(client: Client, provider: str):
    text = "one\u2028two\u0085three"
    with closing(client.stream(prompt=text, model_id=f"{provider}/echo")) as events:
        assert "".join(event.text for event in events).strip() == text
