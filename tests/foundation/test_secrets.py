"""Secrets that an installation makes for itself: once, different, for its owner's eyes."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.sealing.secrets import InvalidKey, Secrets, decode_encryption_key


def secrets_of(folder: Path) -> Secrets:
    return Secrets.from_folder(folder, secret_key=None, jwt_secret=None, encryption_keys=[])


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    assert secrets_of(tmp_path) == secrets_of(tmp_path)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_two_installations_share_none(tmp_path: Path) -> None:
    first, second = secrets_of(tmp_path / "a"), secrets_of(tmp_path / "b")
    assert first.secret_key != second.secret_key
    assert first.jwt_secret not in (first.secret_key, second.jwt_secret)
    assert first.encryption_keys != second.encryption_keys


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(secrets_of, [tmp_path] * 16))
    assert len({secret.secret_key for secret in made}) == 1


def test_given_values_win_and_leave_no_file(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    given = Secrets.from_folder(tmp_path, secret_key="s" * 40, jwt_secret="j" * 40, encryption_keys=[key])
    assert given.encryption_keys == (bytes(range(32)),)
    assert not (tmp_path / "secrets.json").exists()


def test_they_do_not_show_in_a_traceback(tmp_path: Path) -> None:
    made = secrets_of(tmp_path)
    assert made.secret_key not in repr(made)


@pytest.mark.parametrize("text", ["", "short", "not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_key_that_is_not_32_bytes_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey):
        decode_encryption_key(text)
