"""A time-stamping authority's word (RFC 3161): what it is asked, and whether its answer holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cryptography.x509 import Certificate, DuplicateExtension, InvalidVersion
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

GRANTED: Final = 0
STATUSES: Final = {1: "granted with modifications", 2: "rejected", 3: "waiting", 4: "revocation near", 5: "revoked"}
"""PKIStatus of RFC 3161, 2.4.2. One that changed what it was asked did not stamp what we asked for."""
REASON: Final = re.compile(r"Verify error: ?([\w ,.'()-]+)")
"""In what OpenSSL says of a chain that does not end at a root."""
OURS: Final = {
    "Mismatch between messages": "it is of something else",
    "Nonce mismatch": "it answers something else",
    "Certificates neither found in the answer or in the Verification Options.": "its certificate is not with it",
}
"""Words for what the checking library says."""


class NotStamped(Exception):
    """The answer holds no stamp of this; the sentence says why, in words of ours or of the checking library."""


def request_for(document: str) -> TimeStampRequest:
    """Over its SHA-256, with a nonce; asks for the authority's certificate, which a check needs in years to come."""
    builder = TimestampRequestBuilder(data=document.encode(), hash_algorithm=HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def time_of(response: bytes, document: str, *, roots: Sequence[Certificate], nonce: int | None = None) -> datetime:
    """When this was stamped; NotStamped where it was not.

    The signature is checked up to one of `roots`, with certificates that were valid when it was made; they may have
    run out since. Of an answer that just came the nonce is checked too.
    """
    try:
        decoded = decode_timestamp_response(response)
    except ValueError:
        raise NotStamped("it is no time-stamp response") from None
    if decoded.status != GRANTED:
        raise NotStamped(f"it is no stamp: {STATUSES.get(decoded.status, f'status {decoded.status}')}")
    try:
        return _checked(decoded, document, roots, nonce)
    except VerificationError as error:
        raise NotStamped(_words(error)) from None
    except (ValueError, OverflowError, InvalidVersion, DuplicateExtension):
        raise NotStamped("its token cannot be read") from None


def _checked(response: TimeStampResponse, document: str, roots: Sequence[Certificate], nonce: int | None) -> datetime:
    try:
        _verify(response, document, roots, nonce)
    except VerificationError:
        if not any(_holds(response, document, each, nonce) for each in _apart(roots)):
            raise
    at = response.tst_info.gen_time
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _verify(response: TimeStampResponse, document: str, roots: Sequence[Certificate], nonce: int | None) -> None:
    VerifierBuilder(roots=list(roots), nonce=nonce).build().verify_message(response, document.encode())


def _holds(response: TimeStampResponse, document: str, roots: Sequence[Certificate], nonce: int | None) -> bool:
    try:
        _verify(response, document, roots, nonce)
    except VerificationError:
        return False
    return True


def _apart(roots: Sequence[Certificate]) -> list[list[Certificate]]:
    """Each root without the others: of two of one name OpenSSL takes one, and it may be the wrong one."""
    alone = [each for each in roots if each.subject == each.issuer]
    between = [each for each in roots if each.subject != each.issuer]
    return [[each, *between] for each in alone] if len({each.subject for each in alone}) < len(alone) else []


def _words(error: VerificationError) -> str:
    """Of a signature that does not hold, the reason alone, without the library's own lines of code."""
    words = str(error)
    if found := REASON.search(words):
        return f"its signature does not hold up to a root ({found[1].strip()})"
    return "its signature does not hold" if "certificates:" in words else OURS.get(words, words.rstrip("."))
