"""What is sealed opens with its key, at its place, unchanged; and not otherwise."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.sealing.encryption import HEADER, NONCE_BYTES, VERSION, CannotDecrypt, Keyring, key_id

OLD, NEW, OTHER = bytes(range(32)), bytes(range(32, 64)), b"o" * 32
PLACE = "prompt_executions/1/request"
RING = Keyring([NEW, OLD])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(plain=st.binary(max_size=300), place=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(plain: bytes, place: str) -> None:
    sealed = RING.seal(plain, place=place)
    assert RING.open(sealed, place=place) == plain
    assert len(sealed) == HEADER + NONCE_BYTES + len(plain) + 16
    assert len(plain) < 8 or plain not in sealed


@given(value=json_values)
@settings(deadline=None)
def test_json_opens_as_it_was(value: Any) -> None:
    opened = RING.open_json(RING.seal_json(value, place=PLACE), place=PLACE)
    assert opened == value
    assert not isinstance(value, float) or math.copysign(1, opened) == math.copysign(1, value)


def test_the_same_text_is_never_sealed_the_same() -> None:
    assert len({RING.seal(b"text", place=PLACE) for _ in range(1000)}) == 1000


def test_the_first_key_seals_and_each_opens() -> None:
    by_old = Keyring([OLD]).seal(b"text", place=PLACE)
    assert by_old[: len(VERSION)] == VERSION
    assert by_old[len(VERSION) : HEADER] == key_id(OLD)
    assert RING.open(by_old, place=PLACE) == b"text"
    by_new = RING.seal(b"text", place=PLACE)
    assert by_new.startswith(RING.prefix)
    assert not by_old.startswith(RING.prefix)
    assert RING.key_ids == {key_id(OLD), key_id(NEW)}
    with pytest.raises(CannotDecrypt):
        Keyring([OLD]).open(by_new, place=PLACE)


def test_another_key_with_the_same_name_does_not_open() -> None:
    sealed = Keyring([OTHER]).seal(b"text", place=PLACE)
    renamed = VERSION + key_id(NEW) + sealed[HEADER:]
    with pytest.raises(CannotDecrypt, match="changed"):
        RING.open(renamed, place=PLACE)


@pytest.mark.parametrize(
    "place", ["prompt_executions/2/request", "prompt_executions/1/answer", "", PLACE + " ", PLACE[:-1]]
)
def test_moved_ciphertext_does_not_open(place: str) -> None:
    with pytest.raises(CannotDecrypt, match="another place"):
        RING.open(RING.seal(b"text", place=PLACE), place=place)


def test_no_byte_can_be_changed() -> None:
    sealed = RING.seal(b"some text", place=PLACE)
    for position in range(len(sealed)):
        for flip in (1, 128):
            changed = bytearray(sealed)
            changed[position] ^= flip
            with pytest.raises(CannotDecrypt):
                RING.open(bytes(changed), place=PLACE)


def test_no_byte_can_be_missing_or_added() -> None:
    sealed = RING.seal(b"some text", place=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(CannotDecrypt):
            RING.open(sealed[:length], place=PLACE)
    for longer in (sealed + b"\0", b"\0" + sealed, sealed + sealed):
        with pytest.raises(CannotDecrypt):
            RING.open(longer, place=PLACE)


@given(garbage=st.binary(max_size=80))
def test_garbage_does_not_open(garbage: bytes) -> None:
    for sealed in (garbage, RING.prefix + garbage):
        with pytest.raises(CannotDecrypt):
            RING.open(sealed, place=PLACE)


def test_a_refusal_tells_neither_text_nor_key() -> None:
    sealed = Keyring([OTHER]).seal(b"canary-text", place=PLACE)
    with pytest.raises(CannotDecrypt) as refusal:
        RING.open(sealed, place=PLACE)
    assert "canary" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert repr(OTHER)[2:-1] not in repr(vars(RING))


def test_a_keyring_needs_a_key_of_the_right_size() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Keyring([])
    for length in (0, 8, 31, 33, 64):
        with pytest.raises(ValueError):
            Keyring([b"x" * length])
