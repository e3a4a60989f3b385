"""Triggers that let the log only grow, on both stores; the first migration installs them.

They hold for whoever writes: the bot, another program, somebody at a database prompt. SQLite's INSERT OR REPLACE
deletes without asking a trigger (unless a connection says otherwise), so there an insert over a row is refused too.
"""

from __future__ import annotations

from collections.abc import Iterator

LOG, WORDS = "log_entry", "words"
"""Rows of the log are never changed or deleted. Words may be blanked (a lawful erasure) and, once blank, deleted."""

_KEPT = ("id", "guild_id", "subject", "field", "retention", "written_at")
_SQLITE = tuple(f"{table}_no_{act}" for table in (LOG, WORDS) for act in ("update", "delete", "replace"))
_POSTGRES = (
    (LOG, f"{LOG}_only_grows"),
    (LOG, f"{LOG}_no_truncate"),
    (WORDS, f"{WORDS}_only_blanked"),
    (WORDS, f"{WORDS}_no_truncate"),
)
_FUNCTIONS = ("vigil_only_grows", "vigil_only_blanked", "vigil_no_truncate")


def create(dialect: str) -> Iterator[str]:
    """The statements that install the triggers."""
    yield from _sqlite() if dialect == "sqlite" else _postgres()


def drop(dialect: str) -> Iterator[str]:
    """The statements that take them away again (downgrades)."""
    if dialect == "sqlite":
        for name in _SQLITE:
            yield f"DROP TRIGGER IF EXISTS {name}"
        return
    for table, name in _POSTGRES:
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    for name in _FUNCTIONS:
        yield f"DROP FUNCTION IF EXISTS {name}()"


def _sqlite() -> Iterator[str]:
    for act in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {LOG}_no_{act.lower()} BEFORE {act} ON {LOG} "
            "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
        )
    yield (
        f"CREATE TRIGGER {LOG}_no_replace BEFORE INSERT ON {LOG} WHEN EXISTS (SELECT 1 FROM {LOG} "
        "WHERE id = NEW.id OR (incident_id = NEW.incident_id AND once = NEW.once)) "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT)
    yield (
        f"CREATE TRIGGER {WORDS}_no_update BEFORE UPDATE ON {WORDS} WHEN NEW.body IS NOT NULL OR {changed} "
        "BEGIN SELECT RAISE(ABORT, 'words are blanked, never changed'); END"
    )
    yield (
        f"CREATE TRIGGER {WORDS}_no_delete BEFORE DELETE ON {WORDS} WHEN OLD.body IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'words are blanked, not deleted'); END"
    )
    yield (
        f"CREATE TRIGGER {WORDS}_no_replace BEFORE INSERT ON {WORDS} WHEN EXISTS "
        f"(SELECT 1 FROM {WORDS} WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'words are blanked, never changed'); END"
    )


def _postgres() -> Iterator[str]:
    yield (
        "CREATE FUNCTION vigil_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$"
    )
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _KEPT)
    yield (
        "CREATE FUNCTION vigil_only_blanked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND NEW.body IS NULL AND {same} THEN RETURN NEW; END IF; "
        "IF TG_OP = 'DELETE' AND OLD.body IS NULL THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'words are blanked, never changed'; END $$"
    )
    yield (
        "CREATE FUNCTION vigil_no_truncate() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'this table is never emptied'; END $$"
    )
    for table, name, function in (
        (LOG, "only_grows", "vigil_only_grows"),
        (WORDS, "only_blanked", "vigil_only_blanked"),
    ):
        yield (
            f"CREATE TRIGGER {table}_{name} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION vigil_no_truncate()"
        )
