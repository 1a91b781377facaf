"""The triggers: entries and links stay as they are, and rows of watched tables write entries by themselves.

A trigger lets no write escape, whatever door, form, bulk update or hand at the database it came by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import migrations

REFUSE: Final = """
CREATE FUNCTION audit_stays_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is in % is never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
"""
REFUSE_NO_MORE: Final = """
DROP TRIGGER stays_as_it_is ON audit_links;
DROP TRIGGER stays_as_it_is ON audit_entries;
DROP FUNCTION audit_stays_as_it_is();
"""
WAIT: Final = """
CREATE FUNCTION audit_entry_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_waiting (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER waits_for_its_link AFTER INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entry_waits();
"""
WAIT_NO_MORE: Final = """
DROP TRIGGER waits_for_its_link ON audit_entries;
DROP FUNCTION audit_entry_waits();
"""
WRITE: Final = """
CREATE FUNCTION audit_row_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    present jsonb := coalesce(new_row, old_row);
    turn text := TG_ARGV[4];
    changed text[] := '{}';
    done text;
    concerned text := '';
    concerns text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        done := TG_ARGV[5];
    ELSIF TG_OP = 'DELETE' THEN
        done := TG_ARGV[7];
    ELSE
        changed := ARRAY(
            SELECT name FROM unnest(string_to_array(TG_ARGV[3], ',')) AS name
            WHERE new_row -> name IS DISTINCT FROM old_row -> name ORDER BY name
        );
        IF cardinality(changed) = 0 THEN
            RETURN NULL;
        END IF;
        done := CASE
            WHEN turn <> '' AND old_row ->> turn IS NULL AND new_row ->> turn IS NOT NULL THEN TG_ARGV[8]
            WHEN turn <> '' AND old_row ->> turn IS NOT NULL AND new_row ->> turn IS NULL THEN TG_ARGV[9]
            ELSE TG_ARGV[6]
        END;
    END IF;
    IF done = '' THEN
        RETURN NULL;
    END IF;
    FOREACH concerns IN ARRAY string_to_array(TG_ARGV[2], ',') LOOP
        concerned := coalesce(nullif(concerned, ''), present ->> concerns, '');
    END LOOP;
    INSERT INTO audit_entries
        (at, organisation, actor, by, act, kind, object_id, concerns, fields, address, request_id)
    VALUES (
        clock_timestamp(),
        coalesce(current_setting('audit.organisation', true), ''),
        nullif(current_setting('audit.actor', true), '')::uuid,
        coalesce(nullif(current_setting('audit.by', true), ''), 'database'),
        done, TG_ARGV[0], coalesce(present ->> TG_ARGV[1], ''), concerned, changed,
        coalesce(current_setting('audit.address', true), ''),
        coalesce(current_setting('audit.request_id', true), '')
    );
    RETURN NULL;
END $$;
"""
WRITE_NO_MORE: Final = "DROP FUNCTION audit_row_written();"


CUT: Final = """
CREATE FUNCTION audit_goes_only_before_a_cut() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_before_a_cut boolean := false;
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        is_before_a_cut := current_setting('audit.cutting', true) IS NOT DISTINCT FROM 'on';
    ELSIF TG_TABLE_NAME = 'audit_links' THEN
        is_before_a_cut := EXISTS (
            SELECT FROM audit_cuts WHERE organisation = OLD.organisation AND number >= OLD.number
        );
    ELSE
        is_before_a_cut := EXISTS (
            SELECT FROM audit_links AS link JOIN audit_cuts AS cut
            ON cut.organisation = link.organisation AND cut.number >= link.number WHERE link.entry_id = OLD.id
        );
    END IF;
    IF NOT is_before_a_cut THEN
        RAISE EXCEPTION 'what is in % is never changed or removed', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER stays_as_it_is ON audit_entries;
DROP TRIGGER stays_as_it_is ON audit_links;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cuts
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
CREATE TRIGGER goes_only_in_a_cut BEFORE DELETE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_goes_only_before_a_cut();
CREATE TRIGGER goes_only_in_a_cut BEFORE DELETE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION audit_goes_only_before_a_cut();
CREATE TRIGGER goes_only_before_a_cut BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_goes_only_before_a_cut();
CREATE TRIGGER goes_only_before_a_cut BEFORE DELETE ON audit_links
    FOR EACH ROW EXECUTE FUNCTION audit_goes_only_before_a_cut();
"""
"""Only a cut of the chain lets its oldest rows go (`audit.retention`); its signature shows that it is a true one."""
CUT_NO_MORE: Final = """
DROP TRIGGER goes_only_before_a_cut ON audit_links;
DROP TRIGGER goes_only_before_a_cut ON audit_entries;
DROP TRIGGER goes_only_in_a_cut ON audit_links;
DROP TRIGGER goes_only_in_a_cut ON audit_entries;
DROP TRIGGER stays_as_it_is ON audit_cuts;
DROP TRIGGER stays_as_it_is ON audit_links;
DROP TRIGGER stays_as_it_is ON audit_entries;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
DROP FUNCTION audit_goes_only_before_a_cut();
"""
STAMP: Final = """
CREATE TRIGGER stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_stamps
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays_as_it_is();
"""
STAMP_NO_MORE: Final = "DROP TRIGGER stays_as_it_is ON audit_stamps;"


def watched(
    table: str,
    *,
    kind: str,
    made: str = "",
    changed: str = "",
    deleted: str = "",
    columns: Sequence[str] = (),
    turn: tuple[str, str, str] = ("", "", ""),
    identified_by: str = "id",
    concerns: Sequence[str] = (),
) -> migrations.RunSQL:
    """A migration's operation: writes to `table` write entries about the object `kind` from then on.

    `made`, `changed` and `deleted` are the acts; an empty one is not written. Of changes only those of `columns` count.
    `turn` is a column and two acts: what it is called when that column gets a value, and when it loses it.
    `identified_by` is the column with the object's id, `concerns` those of which the first with a value says whom it is
    about. Tables that the engine writes to while it runs are never watched beyond columns that it does not touch.
    """
    column, turned, turned_back = turn
    words = (
        kind, identified_by, ",".join(concerns), ",".join(columns), column, made, changed, deleted, turned, turned_back,
    )  # fmt: skip
    moments = [
        *(["INSERT"] if made else []),
        *([f"UPDATE OF {', '.join(columns)}"] if columns else []),
        *(["DELETE"] if deleted else []),
    ]
    given = ", ".join(f"'{word}'" for word in words)
    return migrations.RunSQL(
        f"CREATE TRIGGER audited AFTER {' OR '.join(moments)} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION audit_row_written({given})",
        f"DROP TRIGGER audited ON {table}",
    )
