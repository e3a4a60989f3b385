"""Whatever the wire does to a call, the end is the same: one room, one page, one post, and an answer to the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.killing import Folders, refer
from tests.wire.mischief import cases, sampled, weather
from tests.wire.scenes import SCENES

SEED = 20261125
PLAYED = ("declare", "publish", "resolve")
SAMPLED, SHARES = {"declare": 6}, 4
A_FEW = 3

pytestmark = pytest.mark.wire


@pytest.mark.parametrize(
    "scene", [pytest.param(one, marks=pytest.mark.xdist_group(f"wire-faults-{one}")) for one in PLAYED]
)
async def test_a_sample_of_faults(scene: str, template: Path, tmp_path: Path) -> None:
    folders = Folders(template, tmp_path)
    reference = await refer(SCENES[scene], folders, plays=1)
    for case in sampled(cases(scene, reference), SAMPLED.get(scene, A_FEW), SEED):
        await weather(SCENES[scene], folders, case, reference)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("scene", "share"),
    [
        pytest.param(scene, share, marks=pytest.mark.xdist_group(f"wire-faults-{scene}-{share}"))
        for scene in PLAYED
        for share in range(SHARES)
    ],
)
async def test_every_fault_at_every_call(scene: str, share: int, template: Path, tmp_path: Path) -> None:
    folders = Folders(template, tmp_path)
    reference = await refer(SCENES[scene], folders, plays=1)
    for case in cases(scene, reference)[share::SHARES]:
        await weather(SCENES[scene], folders, case, reference)
