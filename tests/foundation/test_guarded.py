"""T08: nothing that somebody types in as an address leads into this host or its networks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from foundation.database.threads import in_database_thread
from foundation.http.guarded import AddressRefused, GuardedResolver, check_address, check_url, guarded_socket
from providers.base import Timeouts
from providers.http.transport import Transport
from providers.models import Provider
from tests.cast import Person
from tests.playground.conftest import Ledger, MakeProvider, author, ledger, make_provider
from tests.servers.service import Service

__all__ = ["author", "ledger", "make_provider"]

REFUSED = [
    # this host, as everybody writes it, and as parsers read it all the same
    "http://127.0.0.1/", "http://127.0.0.1:8000/v1", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x7f.1/", "http://0177.0.0.1/",
    "http://017700000001/", "http://0/", "http://0.0.0.0/", "http://①②⑦.⓪.⓪.①/", "http://\uff11\uff12\uff17.0.0.1/",
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://127.0.0.1./", "http://127。0。0。1/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[::1%25lo]/",
    # addresses that carry another in them
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/",
    "http://[64:ff9b:1::7f00:1]/",
    # metadata services and private networks
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
    "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[fec0::1]/", "http://10.0.0.1/",
    "http://10.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://192.168.257/",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://192.0.2.1/", "http://203.0.113.9/", "http://240.0.0.1/",
    "http://255.255.255.255/", "http://224.0.0.1/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://192.0.0.1/",
    # what is no http address of a host
    "file:///etc/passwd", "gopher://127.0.0.1/_x", "ftp://8.8.8.8/", "dict://8.8.8.8/", "data:text/plain,x",
    "javascript:alert(1)", "//127.0.0.1/", "127.0.0.1/", "http:///v1", "http://", "http:127.0.0.1", "", " ",
    "http://user@8.8.8.8/", "http://user:password@8.8.8.8/", "http://8.8.8.8\\@127.0.0.1/", "http://127.0.0.1\\.8.8.8.8/",
    "http://[::1/", "http://8.8.8.8:x/", "http://8.8.8.8:99999/", "http://8.8.8.8@127.0.0.1/",
    "http://127.0.0.1#@8.8.8.8/", "http://127.0.0.1?@8.8.8.8/", "http://127.0.0.1:80#8.8.8.8", "ht\ttp://127.0.0.1/",
    "http://127.0\t.0.1/", "http://127.0.0.1\n/", " http://127.0.0.1/", "http://a b/",
]  # fmt: skip
TAKEN = [
    "https://8.8.8.8/v1", "http://8.8.8.8:8080", "https://[2606:4700::1111]/v1", "https://models.example.org/v1",
    "https://models.example.org:8443/v1?x=y", "https://xn--bcher-kva.example/v1", "https://172.32.0.1/",
]  # fmt: skip
PATIENCE = Timeouts(connect=2, first_byte=2, idle=2, total=4)


class Listener:
    """A program of this host that nobody may reach; counts who came."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    async def serve(self) -> asyncio.Server:
        """Accepts and says nothing."""
        return await asyncio.start_server(self._visited, sock=self._socket)

    def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A listener on the loopback address."""
    listener = Listener()
    server = await listener.serve()
    yield listener
    server.close()


class Names(AbstractResolver):
    """A name server: each look-up takes the next of its answers."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers: Iterator[list[str]] = iter(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The next answer."""
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in next(self._answers)
        ]

    async def close(self) -> None:
        """Nothing."""


def asking(names: Names) -> GuardedResolver:
    """A guarded resolver that asks this name server."""
    resolver = GuardedResolver()
    resolver._resolver = names  # type: ignore[assignment]
    return resolver


AT_THE_SAVE = [
    "http://LOCALHOST/", "http://localhost./", "http://LocalHost.:80/v1", "http://a.localhost/", "http://127.0.0.1./",
    "http://127.0.0.1.:80/", "http://127。0。0。1/", "http://127\uff610\uff610\uff611\uff61/",
    "http://\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11/",
    "http://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54/",
    "http://ⓁOCALHOST/", "http://localhost.localdomain/", "http://ip6-localhost/", "http://postgres:5432/", "http://web/",
    "http://printer.local/", "http://metadata.google.internal/", "http://router.home.arpa/", "http://2130706433./",
    "http://0x7f.1./", "http://0177.1/", "http://8.8.8.8:0/", "https://models.example.org:0/v1", "http://:0/", "http://:80/",
    "http://@8.8.8.8/", "http://:@8.8.8.8/", "http://user@models.example.org/", "http://user:@models.example.org/",
    "http://./", "http://../", "http://models.example.org\n/", "http://models.example.org /", "http://models.exa\tmple.org/",
    "http://models\u200b.example.org/", "http://[2606:4700::1111%25eth0]/", "http://256.256.256.256/", "http://1.2.3.4.5/",
    "HTTP://LOCALHOST/", "http://a..example.org/", f"http://{'a' * 64}.example.org/",
]  # fmt: skip


@pytest.mark.parametrize("url", AT_THE_SAVE)
def test_t08_a_local_address_is_refused_at_the_save_with_its_reason(url: str) -> None:
    row = Provider(slug="x", name="x", wire="openai", base_url=url)
    assert row.what_is_missing().startswith("The base URL is refused: ")
    with pytest.raises(ValidationError, match="The base URL is refused"):
        row.clean()


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8:0/", "http://@127.0.0.1/", "http://127.0.0.1 /", "http://local\thost/"]
)
def test_t08_a_yes_to_private_addresses_is_none_to_odd_ones(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow_private=True)


async def is_refused(url: str) -> bool:
    """Whether a URL is refused when it is saved, or its name when it is looked up."""
    try:
        check_url(url, allow_private=False)
    except AddressRefused:
        return True
    host = URL(url).host or ""
    try:
        await GuardedResolver().resolve(host, 80, socket.AF_UNSPEC)
    except OSError:
        return True
    return False


def test_the_corpus_is_large() -> None:
    assert len(set(REFUSED)) >= 60


@pytest.mark.parametrize("url", REFUSED)
async def test_t08_an_address_in_here_is_refused(url: str) -> None:
    assert await is_refused(url)


@pytest.mark.parametrize("url", TAKEN)
def test_an_address_out_there_is_taken(url: str) -> None:
    check_url(url, allow_private=False)


def test_t08_private_addresses_need_a_yes_and_nothing_else_does() -> None:
    check_url("http://127.0.0.1:11434", allow_private=True)
    for url in ("file:///etc/passwd", "http://user:password@127.0.0.1/", "http://", "http://127.0.0.1\\@8.8.8.8/"):
        with pytest.raises(AddressRefused):
            check_url(url, allow_private=True)


@given(address=st.ip_addresses(v=4))
def test_t08_only_global_addresses_pass(address: Any) -> None:
    try:
        check_address(str(address))
    except AddressRefused:
        return
    assert address.is_global
    assert not address.is_multicast
    for embedded in (
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::",
    ):
        if not embedded.startswith("::ffff"):
            with pytest.raises(AddressRefused):
                check_address(embedded)


@given(address=st.ip_addresses(v=6))
def test_t08_no_address_breaks_the_check(address: Any) -> None:
    with contextlib.suppress(AddressRefused):
        check_address(str(address))
        assert address.is_global


async def test_t08_a_name_of_this_host_is_not_connected_to(listener: Listener) -> None:
    for names in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::ffff:127.0.0.1"], ["0.0.0.0"]):
        connector = aiohttp.TCPConnector(resolver=asking(Names(names)))
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(f"http://models.example.org:{listener.port}/")
    assert listener.visits == 0


async def test_t08_a_name_that_changes_its_mind_gains_nothing(listener: Listener) -> None:
    resolver = asking(Names(["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8"], ["169.254.169.254"]))
    judged = await resolver.resolve("rebinding.example.org", 80)
    # What was judged is what the transport connects to: it does not ask again.
    assert [answer["host"] for answer in judged] == ["8.8.8.8"]
    with pytest.raises(OSError, match="refused"):
        await resolver.resolve("rebinding.example.org", listener.port)
    await resolver.resolve("rebinding.example.org", 80)
    with pytest.raises(OSError, match="refused"):
        await resolver.resolve("rebinding.example.org", 80)
    assert listener.visits == 0


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "127.0.0.1", "①②⑦.⓪.⓪.①", "[::1]"])
async def test_t08_the_guarded_transport_reaches_nothing_in_here(listener: Listener, host: str) -> None:
    transport = Transport(resolver=GuardedResolver(), socket_factory=guarded_socket)
    try:
        call = transport.call(
            "GET", f"http://{host}:{listener.port}/", headers={}, body=None, timeouts=PATIENCE, body_bytes=100
        )
        with pytest.raises(Exception) as failure:
            async with call:
                await call.read_all()
        assert getattr(failure.value, "code", None) == "provider_unreachable"
    finally:
        await transport.close()
    assert listener.visits == 0


async def test_t08_a_provider_in_a_private_network_is_unavailable_and_says_why(
    author: Person, make_provider: MakeProvider, ledger: Ledger
) -> None:
    slug = await in_database_thread(make_provider, allow_private_address=False)
    answer = await author.execute(f"{slug}/echo-of-{slug}")
    assert (answer.status, answer.body["code"]) == (503, "provider_unavailable")
    assert "127.0.0.1 is not an address of the public internet" in answer.body["detail"]
    rows = (await author.get("/api/providers/status")).body["results"]
    (row,) = (row for row in rows if row["provider"] == slug)
    assert row["status"] == "down"
    assert "public internet" in row["last_error"]
    assert await ledger.calls(f"echo-of-{slug}") == []


async def test_t08_a_provider_whose_name_leads_in_here_is_not_reached(
    author: Person, make_provider: MakeProvider, ledger: Ledger, service: Service
) -> None:
    url = service.simulator.url.replace("127.0.0.1", "localhost") + "/v1"
    slug = await in_database_thread(make_provider, allow_private_address=False, base_url=url)
    answer = await author.execute(f"{slug}/echo-of-{slug}", parameters={"timeout": 5})
    assert answer.status >= 400
    assert "127.0.0.1" not in str(answer.body)
    assert await ledger.calls(f"echo-of-{slug}") == []


async def test_t08_a_redirect_is_not_followed(author: Person, make_provider: MakeProvider, service: Service) -> None:
    slug = await in_database_thread(make_provider)
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as before:
        seen = len(await before.json())
    end = (await author.events(f"{slug}/fault-redirect", parameters={"timeout": 1}))[-1]
    assert end.data["error"]["code"] in ("provider_error", "timeout_total")
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as after:
        requests = (await after.json())[seen:]
    assert {request["target"] for request in requests} <= {"/v1/chat/completions", "/v1/models", "/api/tags"}


@pytest.mark.django_db
def test_t08_an_administrator_is_told_when_saving() -> None:
    from django.core.exceptions import ValidationError

    for url in ("http://127.0.0.1/v1", "http://169.254.169.254/", "http://[::1]/", "https://u:p@models.example.org/v1"):
        provider = Provider(slug="p", name="P", base_url=url)
        with pytest.raises(ValidationError, match="refused"):
            provider.clean()
        assert provider.what_is_missing()
