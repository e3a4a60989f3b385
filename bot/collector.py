"""Python's garbage collector while much is being imported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For imports that make hundreds of thousands of objects: no collection in between, and none of them later.

    All of it stays until the process ends. Looking through it again and again would take an eighth of each start, and
    later, whenever the oldest generation is collected, a pause in which nothing is answered.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
