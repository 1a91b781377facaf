"""Puts the database back as it was, after tests whose rows other processes could see."""

from __future__ import annotations

from typing import Final, LiteralString

import psycopg

TABLES: LiteralString = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
      AND table_name <> 'runner_leases' -- the running service's sign of life
"""
# What migrations and the service's own start have written is kept in a second schema.
REMEMBER: LiteralString = f"""
    DROP SCHEMA IF EXISTS seed CASCADE;
    CREATE SCHEMA seed;
    DO $$
    DECLARE name text; filled boolean;
    BEGIN
        FOR name IN {TABLES} LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
            IF filled THEN EXECUTE format('CREATE TABLE seed.%I AS TABLE public.%I', name, name); END IF;
        END LOOP;
    END $$;
"""
# Deleting the rows of the few tables that have some takes milliseconds, truncating all tables 200 of them. As
# "replica" neither foreign keys nor append-only triggers object.
RESTORE: LiteralString = f"""
    SET session_replication_role = replica;
    SET lock_timeout = '10s';
    DO $$
    DECLARE name text; columns text; differs boolean;
    BEGIN
        FOR name IN {TABLES} LOOP
            IF to_regclass(format('seed.%I', name)) IS NULL THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO differs;
                IF differs THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
                CONTINUE;
            END IF;
            EXECUTE format('SELECT (SELECT md5(string_agg(t::text, '''' ORDER BY t::text)) FROM public.%I t)
                IS DISTINCT FROM (SELECT md5(string_agg(s::text, '''' ORDER BY s::text)) FROM seed.%I s)', name, name)
                INTO differs;
            CONTINUE WHEN NOT differs;
            SELECT string_agg(quote_ident(column_name), ', ') INTO columns FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = name AND is_generated = 'NEVER';
            EXECUTE format('DELETE FROM public.%I', name);
            EXECUTE format('INSERT INTO public.%I (%s) SELECT %s FROM seed.%I', name, columns, columns, name);
        END LOOP;
    END $$;
"""


MOST_TRIES: Final = 5

_connections: dict[str, psycopg.Connection] = {}
_shared: set[str] = set()
"""Databases that a running service writes into by its clock, whatever is tested."""


def _connection(url: str) -> psycopg.Connection:
    if url not in _connections:
        _connections[url] = psycopg.connect(url, autocommit=True)
    return _connections[url]


def hush(url: str) -> None:
    """No alert that the service comes with fires for what other tests do to it."""
    _connection(url).execute("SET session_replication_role = replica; UPDATE alert_rules SET is_enabled = false")


def remember(url: str) -> None:
    """What is in the database now is what `restore` puts back."""
    _connection(url).execute(REMEMBER)


def restore(url: str) -> None:
    """Removes what came since `remember`.

    What a test left running may want the same rows in another order. Then PostgreSQL ends one of both: us, perhaps.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            _connection(url).execute(RESTORE)
        except psycopg.errors.DeadlockDetected:
            continue
        return
    _connection(url).execute(RESTORE)


def share(url: str) -> None:
    """Remembers what is there now, which a service has begun to write into."""
    remember(url)
    _shared.add(url)


def restore_shared() -> None:
    """Removes what a running service has written since the last test."""
    for url in _shared:
        restore(url)


def forget() -> None:
    """Closes the connections: the database can be dropped, or its server come back."""
    _shared.clear()
    while _connections:
        _connections.popitem()[1].close()
