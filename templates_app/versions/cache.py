"""What a version of a template holds, kept ready in Redis, sealed like everything else.

The key has the template's revision in it, which every save and every move of a label raises under the
template's lock: what was cached before is never read again, so nothing has to be thrown away in time.
"""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from foundation.rest.rendering import dumps
from foundation.sealing.encryption import CannotDecrypt, keyring
from templates_app.lookup import chosen
from templates_app.models import PromptTemplate
from templates_app.representation import as_of


def held(template: PromptTemplate, *, number: int | None = None, label: str | None = None) -> dict[str, Any]:
    """`representation.as_of` the version that is meant, with its lint; a 404 problem when there is none."""
    key = f"template:{template.id}:{template.revision}:{number or ''}:{label or ''}"
    known = _kept(key)
    if known is None:
        known = as_of(template, chosen(template, number=number, label=label), with_lint=True)
        _keep(key, known)
    return known


def _kept(key: str) -> dict[str, Any] | None:
    if not settings.ENV.cache_template_ttl:
        return None
    try:
        sealed = cache.get(key)
        found: dict[str, Any] | None = keyring().open_json(base64.b64decode(sealed), place=key) if sealed else None
    except (RedisError, ConnectionInterrupted, CannotDecrypt):
        # Without Redis, or after a change of keys, PostgreSQL answers.
        return None
    return found


def _keep(key: str, value: dict[str, Any]) -> None:
    if not settings.ENV.cache_template_ttl:
        return
    sealed = base64.b64encode(keyring().seal(dumps(value), place=key)).decode()
    try:
        cache.set(key, sealed, settings.ENV.cache_template_ttl)
    except (RedisError, ConnectionInterrupted):
        return
