"""The newest figures as tiles: each with its unit and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.presentation.interval import rate_of
from foundation.presentation.words import NOT_ENOUGH, percent
from foundation.words import THIN, counted, money, number, seconds
from monitoring.live.looking import Look
from monitoring.samples.figures import FIGURES

NOT_TOLD = "not known"


@dataclass(frozen=True)
class Tile:
    """One figure."""

    name: str
    value: str
    note: str
    change: str = ""


def tiles_of(look: Look) -> list[Tile]:
    """In the order in which they are looked at."""
    return [*_traffic(look), *_work(look), *_providers(look), *_process(look)]


def _traffic(look: Look) -> list[Tile]:
    requests, failed = look.gained("requests"), look.gained("requests_failed")
    timed, quick = look.gained("requests_timed"), look.gained("requests_quick")
    ended = {status: look.gained(f"executions_{status}") for status in ("completed", "failed", "cancelled")}
    runs = sum(value or 0 for value in ended.values())
    told = ", ".join(f"{number(int(value or 0))} {status}" for status, value in ended.items())
    spent = look.gained("cost_usd")
    return [
        Tile("Requests", _minutely(look, requests), _failed(failed, requests)),
        Tile(
            "Over 500 ms of our own",
            NOT_ENOUGH if not timed or quick is None else percent(timed - quick, timed),
            rate_of(round(timed - quick), round(timed)) if timed and quick is not None else "of 0 requests",
        ),
        Tile("Executions", _minutely(look, None if look.since is None else runs), told),
        Tile("First token", _first_token(look), "19 of 20 at most, completed ones that streamed"),
        Tile(
            "Tokens", _minutely(look, look.gained("tokens")), NOT_TOLD if spent is None else f"{money(spent)} meanwhile"
        ),
    ]


def _work(look: Look) -> list[Tile]:
    webs, workers = look.value("webs_alive"), look.value("workers_alive")
    return [
        Tile("Queue", _count(look.value("queue_waiting"), "message"), f"oldest {_age(look.value('queue_oldest'))}"),
        Tile("Workers", _count(workers, "worker"), f"and {_count(webs, 'web process', 'web processes')}"),
        Tile(
            "Outbox",
            _count(look.value("outbox_undelivered"), "event"),
            f"{_count(look.value('outbox_parked'), 'delivery', 'deliveries')} given up",
        ),
    ]


def _providers(look: Look) -> list[Tile]:
    is_known = "breaker_open" in look.figures
    opened, tried = sorted(look.by("breaker_open")), sorted(look.by("breaker_half_open"))
    resting = look.value("models_resting")
    return [
        Tile(
            "Calls in flight",
            _count(look.value("calls_in_flight"), "call"),
            _each(look.by("calls_in_flight")) or f"{_count(look.value('calls_waiting'), 'call')} waiting",
        ),
        Tile(
            "Open breakers",
            ", ".join(opened) if opened else "none" if is_known else NOT_TOLD,
            f"tried again: {', '.join(tried) or 'none'}; {_count(resting, 'model')} resting",
        ),
    ]


def _process(look: Look) -> list[Tile]:
    free, whole = look.value("disk_free"), look.value("disk_size")
    is_told = free is not None and whole is not None
    return [
        Tile("Open streams", _count(look.value("streams"), "stream"), "server-sent events and sockets"),
        Tile("Database pool", _count(look.value("pool_waiting"), "thread"), "waiting for a connection"),
        Tile("Loop lag", _quantile(look, "loop_lag", 0.99, least=1), "99 of 100 at most"),
        Tile("Pulse", _age(look.pulse_age), "since the latest duty was done"),
        Tile(
            "Disk free",
            percent(free, whole) if free is not None and whole else NOT_TOLD,
            f"{_gigabytes(free)} of {_gigabytes(whole)}" if is_told else "",
        ),
    ]


def _minutely(look: Look, gained: float | None) -> str:
    if gained is None or look.since is None:
        return NOT_ENOUGH
    minutes = (look.at - look.since).total_seconds() / 60
    rate = gained / minutes
    return f"{number(round(rate)) if rate >= 10 or not rate else f'{rate:.1f}'}{THIN}/{THIN}min"


def _failed(failed: float | None, requests: float | None) -> str:
    return "none to judge by" if not requests else f"{number(int(failed or 0))} of {number(int(requests))} failed"


def _first_token(look: Look) -> str:
    return _quantile(look, "first_token", 0.95, least=20)


def _quantile(look: Look, name: str, share: float, *, least: int) -> str:
    counts = look.added.get(name)
    if not isinstance(counts, list) or counts[-1] < least:
        return NOT_ENOUGH
    ends = [*FIGURES[name].buckets, None]
    end = next(end for end, count in zip(ends, counts, strict=True) if count >= share * counts[-1])
    return f"over {seconds(FIGURES[name].buckets[-1])}" if end is None else f"≤ {seconds(end)}"


def _count(value: float | None, one: str, many: str = "") -> str:
    return NOT_TOLD if value is None else counted(int(value), one, many)


def _age(value: float | None) -> str:
    return NOT_TOLD if value is None else seconds(value)


def _gigabytes(value: float | None) -> str:
    return NOT_TOLD if value is None else f"{value / 1e9:.1f}{THIN}GB"


def _each(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(int(value))}" for name, value in sorted(values.items()))
