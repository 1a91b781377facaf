"""Model fields whose values are sealed in the database and opened when first read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import orjson
from django import forms
from django.core.exceptions import FieldError
from django.db import models

from foundation.context import is_looking, is_writing_a_file
from foundation.database.threads import outside_the_loop
from foundation.numbers import LARGEST_INTEGER
from foundation.sealing.encryption import CannotDecrypt, NotFetched, StoreAway, keyring

MOST_DIGITS: Final = len(str(LARGEST_INTEGER)) + 1
"""With the sign. Python refuses to read whole numbers of thousands of digits; floats of any length it reads."""

UNREADABLE: Final = "(This text cannot be opened: its key is not here, or it was changed.)"


def _whole(digits: str) -> int | float:
    value = int(digits) if len(digits) <= MOST_DIGITS else math.inf
    return value if abs(value) <= LARGEST_INTEGER else float(digits)


class WideNumbers(json.JSONDecoder):
    """Reads jsonb, which writes 1e300 out in digits: whole numbers that no body may hold are floats again.

    For columns that keep what a user has sent; orjson writes no integer beyond 64 bits.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, parse_int=_whole)


ELSEWHERE: Final = "elsewhere"
"""What a cell holds, sealed as any other value, whose own is a file of the object storage."""


class Sealed(bytes):
    """Bytes as the database holds them, not opened yet."""


def place_of(table: str, primary_key: object, column: str) -> str:
    """Associated data of one cell: a ciphertext opens in its own row and column only."""
    return f"{table}/{primary_key}/{column}"


class _OpensOnRead:
    """Opens a cell at its first use, so that a list that shows no text decrypts none."""

    def __init__(self, field: SealedJSONField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            try:
                opened = self.field.opened(value, instance)
            except CannotDecrypt as error:
                if self.field.unreadable is None or not is_looking.get() or _is_worth_another_try(error):
                    raise
                # Not kept: what is saved with the row is still the ciphertext, which a key may open again.
                return self.field.instead(error)
            value = instance.__dict__[name] = opened
        elif value is None and self.field.empty is not None:
            value = instance.__dict__[name] = self.field.empty()
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


def _is_worth_another_try(error: CannotDecrypt) -> bool:
    """A page that is looked at again shows it then; a file that is made has it, or is not made."""
    return isinstance(error, StoreAway) and is_writing_a_file.get()


class SealedJSONField(models.BinaryField):  # type: ignore[type-arg]
    """A JSON value kept as AES-256-GCM ciphertext bound to its row; it cannot be searched in SQL.

    `empty` makes the value that NULL stands for, so that a row without one costs nothing. `unreadable` makes what
    somebody who only looks (`foundation.context.is_looking`) is told of a value that does not open; whoever acts on it
    gets CannotDecrypt. `elsewhere` fetches the JSON of a row's value whose cell holds ELSEWHERE only; it may raise
    NotFetched, whose sentence then stands where UNREADABLE does. Its values are of the shape of `unreadable`.
    """

    def __init__(
        self,
        *args: Any,
        empty: Callable[[], Any] | None = None,
        unreadable: Callable[[], Any] | None = None,
        elsewhere: Callable[[Any], bytes] | None = None,
        **kwargs: Any,
    ) -> None:
        self.empty = empty
        self.elsewhere = elsewhere
        self.unreadable = unreadable or empty
        self._shape = type(self.unreadable()) if self.unreadable else object
        if empty is not None:
            kwargs |= {"null": True, "blank": True}
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.empty is None else {**kwargs, "empty": self.empty}

    def get_default(self) -> Any:
        return super().get_default() if self.empty is None else self.empty()

    def to_python(self, value: Any) -> Any:
        return value

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _OpensOnRead(self))

    def place(self, instance: models.Model) -> str:
        """Where `instance`'s value of this field may be opened."""
        return place_of(self.model._meta.db_table, instance.pk, str(self.column))

    def opened(self, value: Sealed, instance: models.Model) -> Any:
        """The value; CannotDecrypt also where it is of another shape than every reader takes for granted."""
        opened = keyring().open_json(value, place=self.place(instance))
        if opened == ELSEWHERE and self.elsewhere is not None:
            opened = orjson.loads(outside_the_loop(partial(self.elsewhere, instance)))
        if not isinstance(opened, self._shape):
            raise CannotDecrypt(f"{self.name} does not hold what this version keeps there")
        return opened

    def instead(self, error: CannotDecrypt) -> Any:
        """What somebody who only looks is told of a value that does not open."""
        told = self.unreadable() if self.unreadable is not None else None
        if not isinstance(error, NotFetched):
            return told
        if not isinstance(told, dict):
            return str(error)
        return {name: str(error) if value == UNREADABLE else value for name, value in told.items()}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed):
            return self._kept(value, model_instance)
        if value is None:
            return value
        if self.empty is not None and value == self.empty():
            return None
        if value == UNREADABLE:
            # A form that was filled with what somebody was told: the ciphertext stays.
            raise CannotDecrypt(f"{self.name} cannot be opened, and is not written over by the sentence that says so")
        if model_instance.pk is None:
            raise FieldError(f"{self.name} is sealed for its row: give the row its key first")
        return Sealed(keyring().seal_json(value, place=self.place(model_instance)))

    def _kept(self, value: Sealed, instance: models.Model) -> Sealed:
        """What was not opened goes back as it is, but with the first key: a rotation may have come meanwhile."""
        ring = keyring()
        if value.startswith(ring.prefix):
            return value
        try:
            return Sealed(ring.seal(ring.open(value, place=self.place(instance)), place=self.place(instance)))
        except CannotDecrypt:
            return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is sealed: it cannot be looked up or updated in place")
        return None if value is None else bytes(value)

    def value_to_string(self, obj: models.Model) -> str:
        return ""


class SealedTextField(SealedJSONField):
    """A text kept as ciphertext; NULL is the empty one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"empty": str, "unreadable": lambda: UNREADABLE, "editable": True}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return (
            name,
            path,
            args,
            {key: value for key, value in kwargs.items() if key not in ("empty", "null", "blank", "editable")},
        )

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"widget": forms.Textarea, **kwargs})
