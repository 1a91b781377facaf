"""A time-stamping authority (RFC 3161) that signs with keys of its own, and can be told to do wrong.

The structures are written by hand (X.690 DER; RFC 5652 for CMS; RFC 5816 for the signing certificate's hash), so that
what checks them is not tried against itself.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

INTEGER, BITS, OCTETS, OID, UTF8, TIME, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x18, 0x30, 0x31
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
SHA256, ECDSA_SHA256, POLICY = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2", "1.3.6.1.4.1.99999.1"
NEVER: Final = timedelta(days=3650)


def der(tag: int, *parts: bytes) -> bytes:
    """One value: tag, length, content."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(length)]) + length + content


def integer(value: int) -> bytes:
    """Not negative."""
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Base 128, the first two arcs in one."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.append(128 | arc & 127)
        content += bytes(reversed(groups))
    return der(OID, bytes(content))


def values(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Tag, content and whole of each value in a row."""
    at = 0
    while at < len(content):
        start, tag, size = at, content[at], content[at + 1]
        at += 2
        if size & 128:
            count = size & 127
            size, at = int.from_bytes(content[at : at + count], "big"), at + count
        yield tag, content[at : at + size], content[start : at + size]
        at += size


@dataclass(frozen=True)
class Question:
    """A TimeStampReq, as far as the answer needs it."""

    imprint: bytes
    """MessageImprint, as it came."""
    nonce: int | None
    asks_for_certificate: bool

    @classmethod
    def of(cls, body: bytes) -> Question:
        """Of a request's body."""
        ((_, content, _),) = values(body)
        (_, _, imprint), *optional = list(values(content))[1:]
        nonce = [int.from_bytes(value, "big") for tag, value, _ in optional if tag == INTEGER]
        return cls(imprint, nonce[0] if nonce else None, any(tag == 1 and value != b"\0" for tag, value, _ in optional))


@dataclass
class Signer:
    """A root of its own, and the certificate and key under it that sign."""

    valid_for: timedelta = NEVER
    """From two days ago on."""
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.TIME_STAMPING
    is_critical: bool = True
    root: x509.Certificate = field(init=False)
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        root_key, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        began = datetime.now(UTC) - timedelta(days=2)
        root_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in ("Root", "Stamps"))
        root = (
            x509.CertificateBuilder().subject_name(root_name).issuer_name(root_name).public_key(root_key.public_key())
        )
        root = root.serial_number(x509.random_serial_number()).not_valid_before(began).not_valid_after(began + NEVER)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.root = root.sign(root_key, hashes.SHA256())
        leaf = x509.CertificateBuilder().subject_name(name).issuer_name(root_name).public_key(self.key.public_key())
        leaf = leaf.serial_number(x509.random_serial_number())
        leaf = leaf.not_valid_before(began).not_valid_after(began + self.valid_for)
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if self.usage:
            leaf = leaf.add_extension(x509.ExtendedKeyUsage([self.usage]), critical=self.is_critical)
        self.certificate = leaf.sign(root_key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """The root."""
        return self.root.public_bytes(Encoding.PEM)

    def answer(self, question: Question, *, at: datetime | None = None) -> bytes:
        """TimeStampResp: granted, with the token."""
        token = self._token(self._info(question, at or datetime.now(UTC)), question.asks_for_certificate)
        return der(SEQUENCE, der(SEQUENCE, integer(0)), token)

    def _info(self, question: Question, at: datetime) -> bytes:
        return der(
            SEQUENCE,
            integer(1),
            oid(POLICY),
            question.imprint,
            integer(x509.random_serial_number()),
            der(TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
            integer(question.nonce) if question.nonce is not None else b"",
        )

    def _token(self, info: bytes, has_certificate: bool) -> bytes:
        whole = self.certificate.public_bytes(Encoding.DER)
        sha256 = der(SEQUENCE, oid(SHA256))
        hashed = der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTETS, hashlib.sha256(whole).digest()))))
        attributes = sorted(
            der(SEQUENCE, oid(name), der(SET, value))
            for name, value in (
                (CONTENT_TYPE, oid(TST_INFO)),
                (MESSAGE_DIGEST, der(OCTETS, hashlib.sha256(info).digest())),
                (SIGNING_CERTIFICATE, hashed),
            )
        )
        signature = self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))
        issuer = der(SEQUENCE, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number))
        signer = der(
            SEQUENCE,
            integer(1),
            issuer,
            sha256,
            der(0xA0, *attributes),
            der(SEQUENCE, oid(ECDSA_SHA256)),
            der(OCTETS, signature),
        )
        signed = der(
            SEQUENCE,
            integer(3),
            der(SET, sha256),
            der(SEQUENCE, oid(TST_INFO), der(0xA0, der(OCTETS, info))),
            der(0xA0, whole) if has_certificate else b"",
            der(SET, signer),
        )
        return der(SEQUENCE, oid(SIGNED_DATA), der(0xA0, signed))


def refusal(status: int = 2, failure: int = 0) -> bytes:
    """TimeStampResp without a token; `failure` is a bit of PKIFailureInfo (0: badAlg)."""
    words = der(SEQUENCE, der(UTF8, b"the words of a stranger"))
    info = der(BITS, bytes([7 - failure % 8]), bytes(failure // 8), bytes([128 >> failure % 8]))
    return der(SEQUENCE, der(SEQUENCE, integer(status), words, info))


class TimestampAuthority:
    """Runs while it is entered; `questions` is what came. What it does wrong is set on it."""

    def __init__(self, signer: Signer | None = None) -> None:
        self.signer = signer or Signer()
        self.questions: list[Question] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.answer: Callable[[Question], bytes] | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        kept = self

        class Call(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                question = Question.of(body)
                kept.questions.append(question)
                kept.headers.append({name.lower(): value for name, value in self.headers.items()})
                kept.may_answer.wait()
                answer = kept.answer(question) if kept.answer else kept.signer.answer(question)
                self.send_response(kept.status)
                self.send_header("Location", kept.url)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tsr"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
