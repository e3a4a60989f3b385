"""Rule 1 of the design, at every point: killed and started again, everything is there exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.killing import referred, sample, survive_all
from tests.wire.scenes import SCENES
from tests.wire.snapshots import Stores

SEED = 20261124
WHOLE = ("declare", "escalate", "publish", "resolve")
OTHERS = tuple(name for name in SCENES if name not in WHOLE)
A_FEW = 4
# Where something went wrong once, besides the scenes that are played whole.
ONCE = {
    "archive": {"late call 1 (POST /guilds/{guild_id}/channels)"},
    "setup": {"late, first call 1 (POST /guilds/{guild_id}/channels)"},
}

pytestmark = pytest.mark.wire


def alone(name: str) -> object:
    """A scene whose tests may run beside those of the others."""
    return pytest.param(name, marks=pytest.mark.xdist_group(f"wire-kill-{name}"))


@pytest.mark.parametrize("scene", [alone(name) for name in WHOLE])
async def test_at_every_point(scene: str, template: Path, tmp_path: Path) -> None:
    async with referred(SCENES[scene], Stores(template, tmp_path)) as reference:
        assert {point.what for point in reference.points} == {"call", "commit"}
        await survive_all(reference, [(point, turn % 2 == 0) for turn, point in enumerate(reference.points)])


@pytest.mark.parametrize("scene", [alone(name) for name in OTHERS])
async def test_at_a_sample_of_points(scene: str, template: Path, tmp_path: Path) -> None:
    async with referred(SCENES[scene], Stores(template, tmp_path), plays=1) as reference:
        points = sample(reference.points, A_FEW, SEED)
        once = [point for point in reference.points if str(point) in ONCE.get(scene, ())]
        assert len(once) == len(ONCE.get(scene, ()))
        again = [(point, False) for point in once]
        await survive_all(reference, [*again, *((point, turn % 2 == 0) for turn, point in enumerate(points))])


@pytest.mark.parametrize("scene", [alone(name) for name in ("declare", "resolve")])
async def test_at_a_sample_of_points_on_postgresql(
    scene: str, template: Path, tmp_path: Path, postgres_template: str
) -> None:
    async with referred(SCENES[scene], Stores(template, tmp_path, postgres_template), plays=1) as reference:
        points = sample(reference.points, A_FEW, SEED)
        await survive_all(reference, [(point, turn % 2 == 0) for turn, point in enumerate(points)])


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("scene", [alone(name) for name in SCENES])
async def test_at_every_point_with_and_without_nonces(
    scene: str, store: str, template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    original = request.getfixturevalue("postgres_template") if store == "postgresql" else None
    async with referred(SCENES[scene], Stores(template, tmp_path, original)) as reference:
        await survive_all(reference, [(point, nonces) for point in reference.points for nonces in (True, False)])


async def test_the_trace_of_a_declare_has_what_matters(template: Path, tmp_path: Path) -> None:
    async with referred(SCENES["declare"], Stores(template, tmp_path), plays=1) as reference:
        calls = {point.label for point in reference.points if point.what == "call"}
        commits = [point.label.split() for point in reference.points if point.what == "commit"]
        seen = reference.seen

    assert calls >= {
        "POST /interactions/{interaction_id}/{token}/callback",
        "POST /guilds/{guild_id}/channels",
        "POST /channels/{channel_id}/messages",
        "PUT /channels/{channel_id}/messages/pins/{message_id}",
    }
    assert {"incident", "effect", "deadline", "log_entry", "page"} <= set(next(one for one in commits if "page" in one))
    assert seen.channels["inc-0001-api-times-out"] == 1 and seen.entries == {"declared": 1, "paged": 1}
    assert all(count == 1 for count in seen.messages.values())
