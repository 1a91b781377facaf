"""The fixtures that other tests stand on."""

from __future__ import annotations

import urllib.request

import pytest

from accounts.models import User
from tests.servers.service import Service


def answer(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as response:
        return int(response.status)


def test_processes_see_committed_rows(service: Service) -> None:
    link = service.sign_in_link()
    assert answer(link) == 200
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_committed_rows_are_gone_after_the_test() -> None:
    assert User.objects.count() == 0


def test_the_web_restarts_on_its_address(service: Service) -> None:
    before = service.pid
    service.restart()
    assert service.pid != before
    assert answer(f"{service.url}/health/live") == 200


def test_a_second_web_process_serves_the_same_data(service: Service) -> None:
    other = service.start_web()
    assert other.url != service.url
    assert answer(service.sign_in_link().replace(service.url, other.url)) == 200
