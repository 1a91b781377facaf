"""Heads by a time stamp of AUDIT_TIMESTAMP_URL (RFC 3161), one over all heads of a round, kept in the database.

An answer counts once its signature was checked up to AUDIT_TIMESTAMP_ROOTS. AUDIT_TIMESTAMP_FILE is a destination of
its own: it is told what the first has kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.conf import settings

from audit.chain.heads import Head
from audit.models import AuditPublication, AuditStamp
from audit.publishing.calls import post
from audit.publishing.errors import NotPublished
from audit.stamps import outside
from audit.stamps.authority import NotStamped, request_for, time_of
from audit.stamps.document import GENESIS, Document, digest, write
from audit.stamps.roots import NoRoots, load

NAME: Final = "timestamp"
FILE_NAME: Final = "timestamp_file"
"""Of the two destinations."""
WHO: Final = "the time-stamping server"
MOST: Final = 64 * 1024
"""Bytes of an answer: those of authorities that are in use have 1 to 8 KiB, with their certificates."""
HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


def send(heads: Sequence[Head]) -> None:
    """Has them stamped, after the last stamp that is kept; under the destination's lock."""
    try:
        roots = load(settings.ENV.audit_timestamp_roots)
    except NoRoots as error:
        raise NotPublished(f"of the roots of {WHO}: {error}") from None
    last = AuditStamp.objects.order_by("-number").first()
    previous = digest(last.document, bytes(last.response)) if last else GENESIS
    number = last.number + 1 if last else 1
    document = write(Document(number, previous, heads))
    request = request_for(document)
    status, answer = post(settings.ENV.audit_timestamp_url, request.as_bytes(), HEADERS, who=WHO, most=MOST)
    if status != 200:
        raise NotPublished(f"{WHO} answered with status {status}")
    try:
        at = time_of(answer, document, roots=roots, nonce=request.nonce)
    except NotStamped as error:
        raise NotPublished(f"what {WHO} answered does not count: {error}") from None
    AuditStamp.objects.create(number=number, at=at, document=document, response=answer)


def keep_outside(heads: Sequence[Head]) -> None:
    """Appends the stamps that AUDIT_TIMESTAMP_FILE has not yet; these heads must be under one of them."""
    try:
        outside.append(Path(settings.ENV.audit_timestamp_file or ""))
    except OSError as error:
        raise NotPublished(f"the file cannot be written to ({type(error).__name__})") from None
    except outside.UnreadableStamp as error:
        raise NotPublished(f"the file is not of this log: {error}") from None
    if not _has_stamped(heads):
        raise NotPublished("there is no stamp of this yet")


def _has_stamped(heads: Sequence[Head]) -> bool:
    """Whether the last stamps of these chains are of them, or of later ones."""
    told = AuditPublication.objects.filter(destination=NAME, organisation__in=[head.organisation for head in heads])
    numbers = dict(told.values_list("organisation", "number"))
    return all(numbers.get(head.organisation, 0) >= head.number for head in heads)
