"""The transport: who cannot be reached, and what is said about it."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from providers.base import Timeouts
from providers.errors import Code
from providers.http.transport import Transport
from providers.wires.openai import OpenAIAdapter
from tests.providers.questions import PATIENT, ask
from tests.servers.provider_simulator import ProviderSimulator


async def test_a_port_where_nobody_listens_is_unreachable(transport: Transport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        adapter = OpenAIAdapter(transport, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
        failure = (await ask(adapter, "echo")).failure
    assert failure is not None
    assert (failure.code, failure.is_retryable) == (Code.PROVIDER_UNREACHABLE, True)


@pytest.mark.parametrize("url", ["ftp://user:hidden@127.0.0.1/v1", "not a url", "http://:hidden@/v1", "http://[::1/v1"])
async def test_what_is_no_http_url_is_unreachable_and_not_repeated(transport: Transport, url: str) -> None:
    failure = (await ask(OpenAIAdapter(transport, base_url=url), "echo")).failure
    assert failure is not None
    assert failure.code == Code.PROVIDER_UNREACHABLE
    assert "hidden" not in str(failure)


async def test_a_name_that_nobody_knows_is_unreachable(transport: Transport) -> None:
    adapter = OpenAIAdapter(transport, base_url="http://nobody.invalid/v1")
    outcome = await ask(adapter, "echo", timeouts=Timeouts(connect=5, first_byte=5, idle=5, total=5))
    assert outcome.code in (Code.PROVIDER_UNREACHABLE, Code.TIMEOUT_CONNECT)


async def test_a_full_backlog_meets_the_connecting_clock(transport: Transport) -> None:
    with socket.socket() as busy, socket.socket() as first, socket.socket() as second:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for filling in (first, second):
            filling.setblocking(False)
            filling.connect_ex(busy.getsockname())
        await asyncio.sleep(0.01)
        adapter = OpenAIAdapter(transport, base_url=f"http://127.0.0.1:{busy.getsockname()[1]}/v1")
        outcome = await ask(adapter, "echo", timeouts=Timeouts(connect=0.2, first_byte=2, idle=2, total=2))
    assert outcome.code == Code.TIMEOUT_CONNECT


@pytest.fixture
async def self_signed(tmp_path: Path) -> AsyncIterator[str]:
    """A TLS server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    server.close()


async def test_a_certificate_that_is_not_valid_is_not_accepted(transport: Transport, self_signed: str) -> None:
    failure = (await ask(OpenAIAdapter(transport, base_url=self_signed), "echo")).failure
    assert failure is not None
    assert (failure.code, failure.is_retryable) == (Code.PROVIDER_UNREACHABLE, False)
    assert "certificate" in failure.detail


async def test_a_unix_socket_is_a_way_too(tmp_path: Path) -> None:
    path = tmp_path / "provider.sock"
    async with ProviderSimulator(unix_socket=path), Transport(unix_socket=path) as through_socket:
        outcome = await ask(OpenAIAdapter(through_socket, base_url="http://provider/v1"), "echo", "hello")
    assert outcome.text == "hello"


async def test_a_transport_can_be_used_after_closing(simulator: ProviderSimulator) -> None:
    transport = Transport()
    adapter = OpenAIAdapter(transport, base_url=simulator.base_url)
    for _ in range(2):
        assert (await ask(adapter, "echo", "again", timeouts=PATIENT)).text == "again"
        await transport.close()


def test_a_transport_begins_anew_in_another_loop() -> None:
    transport = Transport()

    async def once() -> str:
        async with ProviderSimulator() as simulator:
            return (await ask(OpenAIAdapter(transport, base_url=simulator.base_url), "echo", "again")).text

    async def last() -> str:
        async with transport:
            return await once()

    assert [asyncio.run(once()), asyncio.run(last())] == ["again", "again"]


async def test_a_server_that_closes_without_saying_so_costs_one_attempt(simulator: ProviderSimulator) -> None:
    """The request may have been read before the connection closed: to send it again is the engine's decision."""
    async with Transport() as fresh:
        adapter = OpenAIAdapter(fresh, base_url=simulator.base_url)
        failures = [(await ask(adapter, "fault-close-after", timeouts=PATIENT)).failure for _ in range(10)]
    assert all(failure is None or failure.is_retryable for failure in failures)
    assert not any(one and next_one for one, next_one in pairwise(failures)), "the next attempt has a new connection"


async def test_what_json_cannot_carry_is_refused(transport: Transport, simulator: ProviderSimulator) -> None:
    adapter = OpenAIAdapter(transport, base_url=simulator.base_url)
    assert (await ask(adapter, "echo", "half a pair: \ud800")).code == Code.PROVIDER_REFUSED
