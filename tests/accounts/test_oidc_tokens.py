"""T01, T02, T17, T30: ID tokens that look like one and are none make no session and no user."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.sessions.models import Session

from accounts.models import User
from foundation.database.threads import in_database_thread
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, EC_KEY, RSA_KEY, Provider, Window

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


async def test_es256_is_taken_as_well(window: Window, provider: Provider):
    provider.sign = lambda payload: jwt.encode(payload, EC_KEY, "ES256", {"kid": "ec"})
    assert (await window.sign_in()).status == 302
    assert await window.is_known()


async def test_a_token_for_several_names_us_as_its_party(window: Window, provider: Provider):
    provider.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert (await window.sign_in()).status == 302


def signed_by(key: Any, algorithm: str, **header: Any) -> dict[str, Any]:
    """A provider that signs so."""
    return {"sign": lambda payload: jwt.encode(payload, key, algorithm, {"kid": "rsa", **header})}


def by_hand(header: Any, secret: bytes) -> dict[str, Any]:
    """A provider that signs as PyJWT would not."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def sign(payload: dict[str, Any]) -> str:
        text = f"{part(header)}.{part(payload)}"
        digest = hmac.digest(secret, text.encode(), hashlib.sha256)
        return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    return {"sign": sign}


NOW = int(time.time())
WRONG_TOKENS: dict[str, dict[str, Any]] = {
    "t01_unsigned": signed_by("", "none"),
    "t01_signed_with_the_clients_secret": by_hand({"alg": "HS256"}, CLIENT_SECRET.encode()),
    "t01_signed_with_the_public_key": by_hand({"alg": "HS256", "kid": "rsa"}, PUBLIC_PEM),
    "t01_with_an_algorithm_that_is_a_list": by_hand({"alg": ["RS256"], "kid": "rsa"}, b""),
    "t01_that_brings_its_own_key": by_hand({"alg": "HS256", "kid": "rsa", "jwk": {"kty": "oct", "k": ""}}, b""),
    "t02_a_key_id_that_is_a_list": by_hand({"alg": "RS256", "kid": ["rsa"]}, b""),
    "t02_a_header_that_is_a_list": by_hand(["RS256"], b""),
    "t01_by_an_algorithm_that_is_not_configured": signed_by(RSA_KEY, "PS256"),
    "t01_by_the_label_of_another_key": signed_by(RSA_KEY, "RS256", kid="ec"),
    "t02_signed_by_another_key": signed_by(OTHER_KEY, "RS256"),
    "t02_of_an_unknown_key": signed_by(OTHER_KEY, "RS256", kid="other"),
    "t02_expired": {"claims": {"exp": NOW - 3600}},
    "t02_without_an_end": {"claims": {"exp": None}},
    "t02_made_in_the_future": {"claims": {"iat": NOW + 7200, "exp": NOW + 9000}},
    "t02_not_valid_yet": {"claims": {"nbf": NOW + 7200, "exp": NOW + 9000}},
    "t02_without_a_time": {"claims": {"iat": None}},
    "t02_of_a_foreign_issuer": {"claims": {"iss": "https://evil.example.org"}},
    "t02_of_no_issuer": {"claims": {"iss": None}},
    "t02_for_another_client": {"claims": {"aud": "another"}},
    "t02_for_nobody": {"claims": {"aud": None}},
    "t02_for_several_and_given_to_another": {"claims": {"aud": [CLIENT_ID, "another"], "azp": "another"}},
    "t02_for_several_and_given_to_nobody": {"claims": {"aud": [CLIENT_ID, "another"]}},
    "t02_given_to_another": {"claims": {"azp": "another"}},
    "t17_with_another_nonce": {"claims": {"nonce": "another"}},
    "t17_with_no_nonce": {"claims": {"nonce": None}},
    "t17_with_a_list_for_a_nonce": {"claims": {"nonce": ["another"]}},
    "t30_of_nobody": {"claims": {"sub": None}},
    "t30_of_an_empty_subject": {"claims": {"sub": ""}},
    "t30_of_a_list_of_subjects": {"claims": {"sub": ["ada"]}},
    "t30_that_is_no_token": {"sign": lambda payload: "abc"},
    "t30_that_is_no_text": {"sign": lambda payload: None},
}


@pytest.mark.parametrize("kind", WRONG_TOKENS)
async def test_no_session_by_a_token(window: Window, provider: Provider, kind: str):
    vars(provider).update(WRONG_TOKENS[kind])
    answer = await window.sign_in(next="/history")
    assert (answer.status, answer.reason) == (401, "Example & Co did not confirm this sign-in. Please begin again.")
    assert 'name="next" value="/history"' in answer.text
    assert not await window.is_known()
    assert not await in_database_thread(lambda: User.objects.exists() or Session.objects.exists())
    # What failed is over; the next one is judged by itself.
    provider.reset()
    assert (await window.sign_in()).status == 302
