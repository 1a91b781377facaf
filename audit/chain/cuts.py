"""Where a chain begins once its oldest rows were taken away (`audit.retention`).

A cut is number and hash of the last row that went. It is signed with the service's secret, which is not in the
database, and an entry of the chain tells of it: whoever owns the database and removes rows can make no true cut.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.signing import BadSignature, Signer

from audit.acts import Act
from audit.models import AuditCut, AuditEntry, AuditLink
from audit.recording import record

KIND: Final = "audit_log"
_SALT: Final = "audit.cut"


def latest_cut(organisation: str) -> AuditCut | None:
    """Where the chain begins; None: at its first row."""
    return AuditCut.objects.filter(organisation=organisation).order_by("-number").first()


def make_cut(link: AuditLink, *, now: datetime) -> AuditCut:
    """Has the chain begin after this row; in the transaction at hand, with the entry that tells of it."""
    cut = AuditCut(organisation=link.organisation, number=link.number, hash=bytes(link.hash), at=now)
    cut.signature = Signer(salt=_SALT).signature(_words(cut))
    cut.save(force_insert=True)
    record(act=Act.AUDIT_PRUNED, kind=KIND, object_id=link.number, organisation=link.organisation)
    return cut


def fault_of(cut: AuditCut) -> str:
    """Why this cut is none of ours; empty for a true one."""
    try:
        Signer(salt=_SALT).unsign(f"{_words(cut)}:{cut.signature}")
    except BadSignature:
        return "the rows up to here are missing, and the cut in their place is not signed by this service"
    told = AuditEntry.objects.filter(
        act=Act.AUDIT_PRUNED, kind=KIND, object_id=str(cut.number), organisation=cut.organisation
    )
    return "" if told.exists() else "the rows up to here were taken away, and no entry tells of it"


def _words(cut: AuditCut) -> str:
    return f"{cut.number}:{bytes(cut.hash).hex()}:{cut.organisation}"
