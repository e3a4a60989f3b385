"""A store that is lost while it commits: nobody is told that it was not done."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.kernel.errors import StoreTrouble
from bot.storage import UnitOfWork
from bot.storage.remembered import Remembered

ENDS = """CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$"""
AT_COMMIT = """CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON remembered DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION ends()"""


async def test_lost_while_it_commits_it_may_have_been_done(uow: UnitOfWork) -> None:
    if uow.engines.sqlite:
        pytest.skip("a file is not lost: what it cannot commit it undoes")
    async with uow() as tx:
        for statement in (ENDS, AT_COMMIT):
            await tx.session.execute(text(statement))
    with capture_logs() as logged, pytest.raises(StoreTrouble, match="it may have been done, or not"):
        async with uow() as tx:
            tx.session.add(Remembered(name="one", value="x", at=tx.now))
    assert [one["event"] for one in logged] == ["store.trouble"]

    async with uow() as tx:
        await tx.session.execute(text("DROP TRIGGER at_commit ON remembered"))
    assert uow.trouble is None, "it goes on by itself"
