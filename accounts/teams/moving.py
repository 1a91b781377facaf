"""What the database does by itself when people come, or move to another organisation, whatever door that comes by.

A token that tells another organisation, the sign-in page, the admin, a bulk update, code of the release before: none of
them can leave somebody in a team of an organisation that they are not of, or as a manager where they are new.
"""

from __future__ import annotations

from typing import Final

KNOWN: Final = """
INSERT INTO organisations (id, key, name, time_zone, created_at)
SELECT gen_random_uuid(), key, '', 'UTC', clock_timestamp()
FROM (SELECT organisation AS key FROM users UNION SELECT organisation FROM teams) AS told
WHERE key <> '' ON CONFLICT (key) DO NOTHING
"""
"""Those that were named before organisations had rows."""

MOVE: Final = """
CREATE FUNCTION organisation_is_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.organisation <> '' THEN
        INSERT INTO organisations (id, key, name, time_zone, created_at)
        VALUES (gen_random_uuid(), NEW.organisation, '', 'UTC', clock_timestamp()) ON CONFLICT (key) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER organisation_is_named AFTER INSERT OR UPDATE OF organisation ON users
    FOR EACH ROW EXECUTE FUNCTION organisation_is_named();
CREATE TRIGGER organisation_is_named AFTER INSERT OR UPDATE OF organisation ON teams
    FOR EACH ROW EXECUTE FUNCTION organisation_is_named();

CREATE FUNCTION users_begin_as_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.organisation IS DISTINCT FROM OLD.organisation AND NEW.organisation_role = OLD.organisation_role THEN
        NEW.organisation_role := 'member';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_begin_as_members BEFORE UPDATE OF organisation ON users
    FOR EACH ROW EXECUTE FUNCTION users_begin_as_members();

CREATE FUNCTION users_leave_teams() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM teams_members AS member USING teams AS team
    WHERE member.user_id = NEW.id AND team.id = member.team_id
        AND team.organisation NOT IN ('', NEW.organisation);
    RETURN NULL;
END $$;
CREATE TRIGGER users_leave_teams AFTER UPDATE OF organisation ON users
    FOR EACH ROW WHEN (NEW.organisation IS DISTINCT FROM OLD.organisation) EXECUTE FUNCTION users_leave_teams();

CREATE FUNCTION teams_keep_their_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM teams_members AS member USING users AS person
    WHERE member.team_id = NEW.id AND person.id = member.user_id
        AND NEW.organisation <> '' AND person.organisation <> NEW.organisation;
    RETURN NULL;
END $$;
CREATE TRIGGER teams_keep_their_own AFTER UPDATE OF organisation ON teams
    FOR EACH ROW WHEN (NEW.organisation IS DISTINCT FROM OLD.organisation) EXECUTE FUNCTION teams_keep_their_own();
"""
MOVE_NO_MORE: Final = """
DROP TRIGGER teams_keep_their_own ON teams;
DROP FUNCTION teams_keep_their_own();
DROP TRIGGER users_leave_teams ON users;
DROP FUNCTION users_leave_teams();
DROP TRIGGER users_begin_as_members ON users;
DROP FUNCTION users_begin_as_members();
DROP TRIGGER organisation_is_named ON teams;
DROP TRIGGER organisation_is_named ON users;
DROP FUNCTION organisation_is_named();
"""
