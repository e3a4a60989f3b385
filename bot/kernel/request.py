"""One id that follows what a person asked for through transaction, effect and call, so that logs read together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def following(request: str | None, **more: str | int) -> Iterator[None]:
    """Everything logged or recorded inside carries `request` (ids only, nothing that people typed)."""
    with structlog.contextvars.bound_contextvars(request=request, **more):
        yield


def request_id() -> str | None:
    """The id that is being followed now, if any."""
    found = structlog.contextvars.get_contextvars().get("request")
    return None if found is None else str(found)
