"""A form as whoever fills it in sees it: fields by their labels, with what stands in them already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ROW, TEXT_INPUT, TEXT, LABEL = 1, 4, 10, 18


class Form:
    """One modal, from Discord's JSON."""

    def __init__(self, modal: Mapping[str, Any]) -> None:
        self.title = str(modal["title"])
        self.texts = tuple(str(one["content"]) for one in modal["components"] if one.get("type") == TEXT)
        self._fields = list(_fields(modal["components"]))

    def values(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """custom_id → value for every field: what is typed, else what stood there. Raises LookupError."""
        left = dict(typed)
        values: dict[str, Any] = {}
        for label, control in self._fields:
            part = next((one for one in left if one.lower() in label.lower()), None)
            value = _standing(control) if part is None else _chosen(control, left.pop(part))
            if value is not None:
                values[control["custom_id"]] = value
        if left:
            raise LookupError(f"the form “{self.title}” has no field {next(iter(left))!r}; it has {self.labels}")
        return values

    @property
    def labels(self) -> list[str]:
        """What the fields are called."""
        return [label for label, _ in self._fields]

    def told(self, typed: Mapping[str, str]) -> tuple[str, ...]:
        """A line per field: what was typed, or what stood there already."""
        lines = []
        for label, control in self._fields:
            part = next((one for one in typed if one.lower() in label.lower()), None)
            standing = _shown(control)
            if part is not None:
                lines.append(f"{label} {typed[part]}")
            elif standing:
                lines.append(f"{label} {standing} (stood there already)")
        return tuple(" / ".join(line.splitlines()) for line in lines)


def option_values(options: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str] | None:
    """The values of the options that have these words in their labels; None where one has no such option."""
    found = [
        next((str(one["value"]) for one in options if words.lower() in str(one["label"]).lower()), None)
        for words in wanted
    ]
    return [one for one in found if one is not None] if found and None not in found else None


def _fields(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in components:
        if one.get("type") == LABEL:
            yield str(one.get("label", "")), dict(one["component"])
        elif one.get("type") == ROW:
            for child in one["components"]:
                yield str(child.get("label", "")), dict(child)


def _standing(control: Mapping[str, Any]) -> Any:
    if control["type"] == TEXT_INPUT:
        return control.get("value")
    chosen = [str(one["value"]) for one in control.get("options") or () if one.get("default")]
    return chosen or None


def _shown(control: Mapping[str, Any]) -> str:
    if control["type"] == TEXT_INPUT:
        return str(control.get("value") or "")
    return ", ".join(str(one["label"]) for one in control.get("options") or () if one.get("default"))


def _chosen(control: Mapping[str, Any], value: Any) -> Any:
    if control["type"] == TEXT_INPUT:
        return value
    if control.get("options") is None:
        return [value]
    values = option_values(control["options"], [part.strip() for part in str(value).split(",")])
    if values is None:
        raise LookupError(f"there is no option {value!r}")
    return values
