"""Whom somebody means who types a name: nobody else, and never one of several."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.people import person_named
from foundation.problems import Problem
from tests.cast import new_user

pytestmark = pytest.mark.django_db


def test_a_name_or_an_address_means_one_person():
    ada = new_user(email="ada@example.org")
    new_user(email="")
    assert person_named(ada.username, field="person") == ada
    assert person_named("ADA@example.org", field="person") == ada
    assert person_named("nobody", field="person") is None
    assert person_named("ada@example.org", field="person", among=User.objects.filter(organisation="other")) is None


def test_nothing_typed_means_nobody_also_where_people_have_no_address():
    new_user(email="")
    assert person_named("", field="person") is None


def test_an_address_of_two_means_neither():
    first, second = new_user(email="both@example.org"), new_user(email="Both@example.org")
    with pytest.raises(Problem) as refused:
        person_named("both@example.org", field="person")
    assert (refused.value.errors[0]["field"], refused.value.errors[0]["code"]) == ("person", "ambiguous")
    assert {person_named(each.username, field="person") for each in (first, second)} == {first, second}


def test_a_user_name_goes_before_an_address():
    named = new_user()
    User.objects.filter(id=named.id).update(username="ada@example.com")
    new_user(email="ada@example.com")
    assert person_named("ada@example.com", field="person") == named
