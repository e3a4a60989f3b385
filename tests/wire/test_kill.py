"""Rule 1 of the design, at every point: killed and started again, everything is there exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.killing import Folders, refer, sample, survive
from tests.wire.scenes import SCENES, Declare

SEED = 20261124
SAMPLED, ALL_SHARES = {"declare": 6}, 4
A_FEW = 2

pytestmark = pytest.mark.wire


def in_groups(shares: int) -> list[object]:
    """Every scene in shares that may run beside each other."""
    return [
        pytest.param(scene, share, id=f"{scene}-{share}", marks=pytest.mark.xdist_group(f"wire-kill-{scene}-{share}"))
        for scene in SCENES
        for share in range(shares)
    ]


@pytest.mark.parametrize(("scene", "share"), in_groups(1))
async def test_a_sample_of_points(scene: str, share: int, template: Path, tmp_path: Path) -> None:
    folders = Folders(template, tmp_path)
    reference = await refer(SCENES[scene], folders)
    points = sample(reference.points, SAMPLED.get(scene, A_FEW), SEED)

    assert points
    for turn, point in enumerate(points):
        await survive(SCENES[scene](), folders, point, reference, nonces=turn % 2 == 0)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("scene", "share"), in_groups(ALL_SHARES))
async def test_every_point(scene: str, share: int, template: Path, tmp_path: Path) -> None:
    folders = Folders(template, tmp_path)
    reference = await refer(SCENES[scene], folders)
    points = reference.points[share::ALL_SHARES]

    assert {point.what for point in reference.points} == {"call", "commit"}
    for point in points:
        for nonces in (True, False):
            await survive(SCENES[scene](), folders, point, reference, nonces=nonces)


async def test_the_trace_of_a_declare_has_what_matters(template: Path, tmp_path: Path) -> None:
    reference = await refer(Declare, Folders(template, tmp_path))
    calls = {point.label for point in reference.points if point.what == "call"}
    first = next(point for point in reference.points if point.what == "commit" and "incident" in point.label.split())

    assert calls >= {
        "POST /interactions/{interaction_id}/{token}/callback",
        "POST /guilds/{guild_id}/channels",
        "POST /channels/{channel_id}/messages",
        "PUT /channels/{channel_id}/messages/pins/{message_id}",
    }
    assert {"incident", "effect", "deadline", "log_entry", "page"} <= set(first.label.split())
    assert reference.seen.channels["inc-0001-api-times-out"] == 1 and reference.seen.entries == {
        "declared": 1,
        "paged": 1,
    }
    assert all(count == 1 for count in reference.seen.messages.values())
