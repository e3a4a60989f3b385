"""Small drawn faces, so that people can be told apart at a glance; nothing is fetched from anywhere."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import simcord.preview
from PIL import Image, ImageDraw, ImageFont

MARK = "rehearsal"
SIZE = 96
_SCALE = 4
_COLOURS = ((180, 71, 107), (47, 125, 107), (148, 98, 22), (107, 81, 168), (53, 103, 143), (92, 112, 48))
_FONT = Path(simcord.preview.__file__).with_name("static") / "fonts" / "noto-sans-latin-v2.015.ttf"
_NIGHT, _WAX, _OUTER, _INNER = (32, 38, 58), (142, 162, 255), (255, 184, 77), (255, 243, 214)


@cache
def person(name: str, index: int) -> bytes:
    """A PNG with the first letter of a name on the colour of that index."""
    image, draw, full = _canvas(_COLOURS[index % len(_COLOURS)])
    font = ImageFont.truetype(str(_FONT), int(full * 0.5))
    font.set_variation_by_axes([700, 100])
    draw.text((full / 2, full / 2), name[:1].upper(), font=font, anchor="mm", fill="white")
    return _png(image)


@cache
def vigil() -> bytes:
    """A PNG with a candle that somebody keeps burning."""
    image, draw, full = _canvas(_NIGHT)
    draw.rounded_rectangle((full * 0.36, full * 0.68, full * 0.64, full * 0.84), radius=full * 0.04, fill=_WAX)
    _flame(draw, full, top=0.16, bottom=0.66, width=0.36, colour=_OUTER)
    _flame(draw, full, top=0.36, bottom=0.62, width=0.17, colour=_INNER)
    return _png(image)


def _canvas(colour: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    full = SIZE * _SCALE
    image = Image.new("RGB", (full, full), colour)
    return image, ImageDraw.Draw(image), full


def _flame(
    draw: ImageDraw.ImageDraw, full: int, *, top: float, bottom: float, width: float, colour: tuple[int, int, int]
) -> None:
    """A drop: a circle with a tip above it."""
    radius = width / 2
    centre = bottom - radius
    box = [(0.5 - radius) * full, (centre - radius) * full, (0.5 + radius) * full, bottom * full]
    draw.ellipse(box, fill=colour)
    steps = [step / 24 for step in range(25)]
    right = [(0.5 + radius * (1 - t) ** 0.8, centre - (centre - top) * t) for t in steps]
    left = [(1 - x, y) for x, y in reversed(right)]
    draw.polygon([(x * full, y * full) for x, y in (*right, *left)], fill=colour)


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
