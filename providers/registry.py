"""The providers of this installation: those of the environment, the local one, and those of the database."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from pydantic import SecretStr

from foundation.http.guarded import GuardedResolver, guarded_socket
from foundation.http.header_values import UNSENDABLE, can_be_sent
from foundation.sealing.encryption import CannotDecrypt
from providers.base import Adapter, ListedModel, ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.transport import Transport
from providers.models import Provider, Wire
from providers.wires.anthropic.adapter import AnthropicAdapter
from providers.wires.dadms.adapter import DADMSAdapter
from providers.wires.installed import InstalledAdapter, NotUsable
from providers.wires.litellm.adapter import LiteLLMAdapter
from providers.wires.local.adapter import LocalAdapter
from providers.wires.ollama.adapter import OllamaAdapter
from providers.wires.openai.adapter import OpenAIAdapter

logger = logging.getLogger(__name__)

OPENAI_DEFAULT: Final = "https://api.openai.com/v1"
ANTHROPIC_DEFAULT: Final = "https://api.anthropic.com"
HOW_TO_CONFIGURE: Final = {
    "openai": "Set OPENAI_API_KEY and start again.",
    "anthropic": "Set ANTHROPIC_API_KEY and start again.",
    "ollama": "Set OLLAMA_ENDPOINT and start again.",
    "dadms": "Set LLM_SERVICE_URL and start again.",
}
"""The built-in providers and what makes each of them available."""
NAMES: Final = {"openai": "OpenAI", "anthropic": "Anthropic", "ollama": "Ollama", "dadms": "DADMS LLM Service"}
"""What people call them."""
BUILT_IN: Final = frozenset({*HOW_TO_CONFIGURE, "local"})


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """One provider, ready to be called."""

    slug: str
    name: str
    adapter: Adapter
    price_prefix: str
    """LiteLLM's name for it, by which its models stand in the price table."""
    wire: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    """Its clocks; how long a call may take in all is the run's."""
    is_self_hosted: bool = False
    """Whether nobody charges for its tokens."""
    unavailable_reason: str = ""
    is_probed: bool = True
    """Whether asking for its listing tells how it does; LiteLLM's listing is a table of its own."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    max_concurrency: int | None = None
    address: str = ""
    """Where it is called, as people may read it: without credentials and query; empty where that is not one address."""
    has_batches: bool = False
    """Whether it takes calls many at once, to be answered within a day."""
    known_models: tuple[ListedModel, ...] = ()
    """Models that it is known to have without being asked."""


Rows = dict[str, tuple[tuple[Any, ...], ProviderEntry]]
"""Providers of the database by slug, each with a mark of what its row said."""

_told: dict[str, str] = {}
"""Why providers could not be made, as this process last logged it: each reason is told once."""


class Unavailable:
    """Stands where a provider's settings do not hold; its entry says why, and nobody calls it."""

    supported_parameters: frozenset[str] = frozenset()

    def supported_by(self, model: str) -> frozenset[str]:
        """None."""
        return self.supported_parameters

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        """Refuses."""
        raise ProviderFailure(Code.PROVIDER_UNAVAILABLE)
        yield  # type: ignore[unreachable]

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """Refuses."""
        raise ProviderFailure(Code.PROVIDER_UNAVAILABLE)


class Registry:
    """Providers by slug. `reload` rereads the database; an entry that did not change stays the same object."""

    def __init__(self) -> None:
        self._trusted = Transport()
        self._guarded = Transport(resolver=GuardedResolver(), socket_factory=guarded_socket)
        self._built_in = self._from_environment()
        self._rows: Rows = {}

    def get(self, slug: str) -> ProviderEntry | None:
        """The provider of this slug."""
        known = self._built_in.get(slug)
        if known is not None:
            return known
        row = self._rows.get(slug)
        return row[1] if row else None

    def entries(self, rows: Rows | None = None) -> list[ProviderEntry]:
        """Every provider, the built-in ones first; with `rows`, as they will be once these are taken."""
        of_database = self._rows if rows is None else rows
        return [*self._built_in.values(), *(entry for _, entry in of_database.values())]

    def reload(self) -> None:
        """Reads and takes the enabled providers of the database; an ordinary blocking call."""
        self.take(self.read())

    def read(self) -> Rows:
        """The enabled providers of the database as they are now; an ordinary blocking call."""
        rows: Rows = {}
        for row in Provider.objects.filter(is_enabled=True).exclude(slug__in=BUILT_IN).order_by("slug"):
            mark = self._mark(row)
            known = self._rows.get(row.slug)
            rows[row.slug] = known if known and known[0] == mark else (mark, self._from_row(row))
        return rows

    def take(self, rows: Rows) -> None:
        """From now on these are the providers of the database."""
        self._rows = rows

    def _mark(self, row: Provider) -> tuple[Any, ...]:
        # As the database holds it: a key that cannot be opened is the business of its own provider.
        return tuple(
            row.__dict__[field.attname] for field in row._meta.concrete_fields if field.attname != "created_at"
        )

    def _from_environment(self) -> dict[str, ProviderEntry]:
        env, clocks = settings.ENV, default_timeouts()
        local = LocalAdapter(self._trusted, folder=settings.DATA_DIR / "local-model")
        found = [
            ProviderEntry(
                "local",
                "On this machine",
                local,
                price_prefix="local",
                timeouts=clocks,
                is_self_hosted=True,
                unavailable_reason=local.unavailable_reason(),
                known_models=tuple(local.known_models()),
            )
        ]
        if env.openai_api_key or env.openai_base_url != OPENAI_DEFAULT:
            adapter: Adapter = OpenAIAdapter(
                self._trusted, base_url=env.openai_base_url, api_key=_revealed(env.openai_api_key)
            )
            found.append(_built_in("openai", adapter, clocks, address=env.openai_base_url))
        if env.anthropic_api_key or env.anthropic_base_url != ANTHROPIC_DEFAULT:
            adapter = AnthropicAdapter(
                self._trusted, base_url=env.anthropic_base_url, api_key=_revealed(env.anthropic_api_key)
            )
            found.append(_built_in("anthropic", adapter, clocks, address=env.anthropic_base_url))
        if env.ollama_endpoint:
            adapter = OllamaAdapter(self._trusted, base_url=env.ollama_endpoint, api_key=None)
            address = env.ollama_endpoint
            found.append(_built_in("ollama", adapter, clocks, address=address, is_self_hosted=True))
        if env.llm_service_url:
            adapter = DADMSAdapter(self._trusted, base_url=env.llm_service_url, api_key=_revealed(env.service_token))
            found.append(_built_in("dadms", adapter, clocks, address=env.llm_service_url))
        return {entry.slug: entry for entry in found}

    def _from_row(self, row: Provider) -> ProviderEntry:
        adapter, reason = self.try_to_make(row)
        if reason and _told.get(row.slug) != reason:
            logger.warning("provider_unavailable", extra={"provider": row.slug, "reason": reason})
        _told[row.slug] = reason
        return ProviderEntry(
            row.slug,
            row.name,
            adapter,
            price_prefix=row.litellm_prefix or row.slug,
            wire=row.wire,
            timeouts=row.timeouts(default_timeouts()),
            unavailable_reason=reason,
            is_probed=row.wire != Wire.LITELLM,
            requests_per_minute=row.requests_per_minute,
            tokens_per_minute=row.tokens_per_minute,
            max_concurrency=row.max_concurrency,
            address=shown_address(row.base_url),
            has_batches=_has_batches(row.wire, row.base_url, is_told=row.has_batches),
        )

    def try_to_make(self, row: Provider) -> tuple[Adapter, str]:
        """The row's adapter; one that refuses, with the reason, whatever is wrong with the row."""
        transport = self._trusted if row.allow_private_address else self._guarded
        try:
            reason = row.what_is_missing()
            if not reason and (row.key and not can_be_sent(row.key)):
                reason = f"Its saved key cannot be sent: {UNSENDABLE}."
            if not reason:
                return _adapter(row, transport, row.key), ""
        except CannotDecrypt:
            reason = "Its saved key cannot be opened: ENCRYPTION_KEYS lacks what sealed it. Enter the key anew."
        except NotUsable as error:
            reason = str(error)
        except Exception as error:
            # Whatever it says may hold the key: its kind is all that is told.
            reason = f"Its settings cannot be used ({type(error).__name__})."
        return Unavailable(), reason

    async def close(self) -> None:
        """Closes every connection."""
        for entry in self.entries():
            if isinstance(entry.adapter, LiteLLMAdapter):
                await entry.adapter.close()
        await self._trusted.close()
        await self._guarded.close()


def default_timeouts() -> Timeouts:
    """The clocks of a provider that has none of its own."""
    env = settings.ENV
    first_byte = math.inf if env.provider_first_byte_seconds is None else env.provider_first_byte_seconds
    return Timeouts(connect=env.provider_connect_seconds, first_byte=first_byte, idle=env.provider_idle_seconds)


def _built_in(
    slug: str, adapter: Adapter, timeouts: Timeouts, *, address: str, is_self_hosted: bool = False
) -> ProviderEntry:
    return ProviderEntry(
        slug,
        NAMES[slug],
        adapter,
        price_prefix=slug,
        wire=slug,
        timeouts=timeouts,
        is_self_hosted=is_self_hosted,
        address=shown_address(address),
        has_batches=_has_batches(slug, address, is_told=False),
    )


def _has_batches(wire: str, base_url: str, *, is_told: bool) -> bool:
    """The vendors' own addresses have them; whoever else speaks their wires may not, until an administrator says so."""
    own = {Wire.OPENAI.value: OPENAI_DEFAULT, Wire.ANTHROPIC.value: ANTHROPIC_DEFAULT}.get(wire)
    return own is not None and (is_told or _host_of(base_url) == _host_of(own))


def shown_address(address: str) -> str:
    """An address without what may be a secret in it (user, password, query, fragment); empty where it is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _host_of(address: str) -> str | None:
    """None also of what is no address: its row is unavailable for that, and no other."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _adapter(row: Provider, transport: Transport, key: str | None) -> Adapter:
    match row.wire:
        case Wire.ANTHROPIC:
            return AnthropicAdapter(transport, base_url=row.base_url, api_key=key)
        case Wire.OLLAMA:
            return OllamaAdapter(transport, base_url=row.base_url, api_key=key)
        case Wire.LITELLM:
            folder = settings.DATA_DIR / "litellm"
            return LiteLLMAdapter(folder=folder, prefix=row.litellm_prefix, base_url=row.base_url or None, api_key=key)
        case Wire.PYTHON:
            return InstalledAdapter(row.python_class, transport, base_url=row.base_url, api_key=key)
        case _:
            return OpenAIAdapter(transport, base_url=row.base_url, api_key=key)


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
