"""Triggers that let the log only grow, on both stores; migrations and fresh test stores install the same ones."""

from __future__ import annotations

from collections.abc import Iterator

APPEND_ONLY = ("log_entry",)
BLANKABLE = ("words",)
"""Rows of these may only be blanked (a lawful erasure), never changed otherwise or deleted while they have words."""


def create(dialect: str) -> Iterator[str]:
    """The statements that install the triggers."""
    if dialect == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
                )
        for table in BLANKABLE:
            yield (
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NEW.body IS NOT NULL "
                "BEGIN SELECT RAISE(ABORT, 'words are never changed'); END"
            )
            yield (
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN OLD.body IS NOT NULL "
                "BEGIN SELECT RAISE(ABORT, 'words are blanked, not deleted'); END"
            )
        return
    yield (
        "CREATE FUNCTION vigil_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$"
    )
    yield (
        "CREATE FUNCTION vigil_only_blanked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND NEW.body IS NULL THEN RETURN NEW; END IF; "
        "IF TG_OP = 'DELETE' AND OLD.body IS NULL THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'words are blanked, never changed'; END $$"
    )
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION vigil_only_grows()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION vigil_only_grows()"
        )
    for table in BLANKABLE:
        yield (
            f"CREATE TRIGGER {table}_only_blanked BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION vigil_only_blanked()"
        )


def drop(dialect: str) -> Iterator[str]:
    """The statements that take them away again (downgrades)."""
    if dialect == "sqlite":
        for table in APPEND_ONLY + BLANKABLE:
            yield f"DROP TRIGGER IF EXISTS {table}_no_update"
            yield f"DROP TRIGGER IF EXISTS {table}_no_delete"
        return
    for table in APPEND_ONLY:
        yield f"DROP TRIGGER IF EXISTS {table}_only_grows ON {table}"
        yield f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}"
    for table in BLANKABLE:
        yield f"DROP TRIGGER IF EXISTS {table}_only_blanked ON {table}"
    yield "DROP FUNCTION IF EXISTS vigil_only_grows()"
    yield "DROP FUNCTION IF EXISTS vigil_only_blanked()"
