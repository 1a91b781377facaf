"""Which user a verified token means: made on first sight, kept in step with the token's claims."""

from __future__ import annotations

import uuid

from django.conf import settings

from accounts.bearer.web_tokens import Claims
from accounts.models import Role, User

NAMESPACE = uuid.UUID("6c1f0f8c-7f0e-5c39-9d0a-3f1f5d1f7a10")


def user_id_of(subject: str) -> uuid.UUID:
    """A subject that is a UUID is the user's id; any other text is mapped to one, always the same."""
    try:
        return uuid.UUID(subject)
    except ValueError:
        return uuid.uuid5(NAMESPACE, subject)


def subject_at(issuer: str, subject: str) -> str:
    """The subject of somebody whom an issuer names `subject`: people of two issuers are never one.

    Bearer tokens are of one issuer, whose subjects stand as they are; so do those of the sign-in page where it is the
    same one (JWT_ISSUER).
    """
    if issuer.rstrip("/") == (settings.ENV.jwt_issuer or "").rstrip("/"):
        return subject
    return str(uuid.uuid5(uuid.uuid5(NAMESPACE, issuer.rstrip("/")), subject))


def user_by_claims(claims: Claims) -> User:
    """The token's user, with the name, e-mail and roles that the token tells."""
    identifier = user_id_of(claims.subject)
    told = _told_by(claims)
    user, made = User.objects.get_or_create(
        id=identifier, defaults={"username": f"token:{identifier}", "password": "!", **told}
    )
    changed = [name for name, value in told.items() if getattr(user, name) != value]
    if changed and not made:
        for name in changed:
            setattr(user, name, told[name])
        user.save(update_fields=changed)
    return user


def _told_by(claims: Claims) -> dict[str, object]:
    told: dict[str, object] = {}
    if claims.email:
        told["email"] = claims.email
    if claims.name:
        told["name"] = claims.name
    if claims.organisation:
        told["organisation"] = claims.organisation
    if claims.roles is not None:
        roles = sorted(set(claims.roles) & set(Role.values))
        told |= {
            "roles": roles,
            "is_staff": bool({Role.CURATOR, Role.ADMIN} & set(roles)),
            "is_superuser": Role.ADMIN in roles,
        }
    return told
