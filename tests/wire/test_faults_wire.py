"""Whatever the wire does to a call, the end is the same: one room, one page, one post, and an answer to the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.killing import referred
from tests.wire.mischief import cases, sampled, weather_all
from tests.wire.scenes import SCENES
from tests.wire.snapshots import Stores

SEED = 20261125
SAMPLED = {"declare": 12, "publish": 6, "resolve": 6, "escalate": 4, "archive": 4}

pytestmark = pytest.mark.wire


def alone(name: str) -> object:
    """A scene whose tests may run beside those of the others."""
    return pytest.param(name, marks=pytest.mark.xdist_group(f"wire-faults-{name}"))


@pytest.mark.parametrize("scene", [alone(name) for name in SAMPLED])
async def test_a_sample_of_faults(scene: str, template: Path, tmp_path: Path) -> None:
    async with referred(SCENES[scene], Stores(template, tmp_path), plays=1) as reference:
        await weather_all(reference, sampled(cases(scene, reference), SAMPLED[scene], SEED))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scene", [alone(name) for name in SCENES])
async def test_every_fault_at_every_call(scene: str, template: Path, tmp_path: Path) -> None:
    async with referred(SCENES[scene], Stores(template, tmp_path), plays=1) as reference:
        await weather_all(reference, cases(scene, reference))
