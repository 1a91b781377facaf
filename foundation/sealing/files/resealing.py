"""Files sealed anew with the current key, and which keys they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from foundation.sealing.encryption import CannotDecrypt, keyring
from foundation.sealing.files.opening import pieces
from foundation.sealing.files.row import LOST, SealedFile
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed
from foundation.sealing.frames import key_id_of


@dataclass(slots=True)
class Resealed:
    """How many files have the current key now, and the places of those that the storage lost or no key opens."""

    count: int = 0
    lost: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def models_with_files() -> Iterator[type[SealedFile]]:
    """Each model whose rows have a file."""
    return (model for model in apps.get_models() if issubclass(model, SealedFile) and not model._meta.proxy)


def with_file(model: type[SealedFile]) -> QuerySet[SealedFile]:
    """Its rows whose file is stored, also those that its managers hide."""
    return model._base_manager.exclude(storage_name="")


def reseal_files() -> Resealed:
    """Seals every file of another key with the current one, each by itself: it may be killed and started again.

    Raises whatever the storage raises when it is away; what was sealed until then stays.
    """
    done = Resealed()
    for model in models_with_files():
        for row in with_file(model).exclude(sealed_with=keyring().current.hex()).order_by("pk").iterator():
            try:
                done.count += _resealed(row)
            except FileNotFoundError:
                # It needs no key: a row that is remembered for one would keep every start from its configuration.
                _same(row).update(sealed_with=LOST)
                done.lost.append(row.place)
            except CannotDecrypt:
                done.unreadable.append(row.place)
    return done


def _resealed(row: SealedFile) -> bool:
    old = row.storage_name
    with default_storage.open(old) as file:
        is_current = key_id_of(file) == keyring().current
    if is_current:
        _same(row).update(sealed_with=keyring().current.hex())
        return False
    same = _same(row)
    with sealed_file(row, pieces(row)) as file:
        store(row, file)
    is_known = bool(same.update(storage_name=row.storage_name, sealed_with=row.sealed_with))
    # What is not removed here, nor by a process that dies here, is a stray to the sweep.
    is_removed(old if is_known else row.storage_name)
    return is_known


def _same(row: SealedFile) -> QuerySet[SealedFile]:
    """The row, while its file is still that one."""
    return type(row)._base_manager.filter(pk=row.pk, storage_name=row.storage_name)
