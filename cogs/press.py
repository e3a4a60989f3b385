"""What was pressed or submitted, read with care: a client may send what no button or form of ours ever had."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from bot.kernel.errors import UserFacingError
from bot.kernel.ids import row_id, snowflake

Word = TypeVar("Word", bound=StrEnum)

NOTHING_PICKED = "Nothing was picked. Please choose again."
NOT_OFFERED = "That was not among the choices. Please open it again and choose one of them."


@dataclass(frozen=True)
class Press:
    """What was pressed or submitted. `values`: a select's choices; `fields`: a modal's inputs by key."""

    subject: str
    arg: str | None = None
    values: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    message_id: int | None = None

    @property
    def number(self) -> int:
        """The subject as a row id; 0 where it is none."""
        return row_id(self.subject) or 0

    @property
    def value(self) -> str:
        """The first value picked in a select. Raises UserFacingError for none."""
        return _first(self.values)

    @property
    def picked(self) -> int:
        """The id picked in a select. Raises UserFacingError for none."""
        return _ids(self.values[:1] or ("",))[0]

    @property
    def all_picked(self) -> list[int]:
        """All ids picked in a select, possibly none. Raises UserFacingError for what is no id."""
        return _ids(self.values)

    def people(self, key: str) -> list[int]:
        """All ids picked under `key` of a form, possibly none. Raises UserFacingError for what is no id."""
        return _ids(self.choices.get(key, ()))

    def person(self, key: str) -> int:
        """The one id picked under `key` of a form. Raises UserFacingError for none."""
        return _ids((_first(self.choices.get(key, ())),))[0]

    def count(self, key: str, most: int) -> int | None:
        """The number from 0 to `most` picked under `key` of a form, None for none. Raises UserFacingError beyond."""
        picked = self.choices.get(key, ())[:1]
        if not picked:
            return None
        number = row_id(picked[0])
        if number is None or number > most:
            raise UserFacingError(NOT_OFFERED)
        return number

    def word(self, key: str, words: type[Word]) -> Word:
        """The one word picked under `key` of a form. Raises UserFacingError for none, or one that was not offered."""
        return word_of(_first(self.choices.get(key, ())), words)


def word_of(text: str, words: type[Word]) -> Word:
    """`text` as one of `words`. Raises UserFacingError for one that was not offered."""
    try:
        return words(text)
    except ValueError as error:
        raise UserFacingError(NOT_OFFERED) from error


def _first(values: tuple[str, ...]) -> str:
    if not values:
        raise UserFacingError(NOTHING_PICKED)
    return values[0]


def _ids(values: tuple[str, ...]) -> list[int]:
    found = [snowflake(one) for one in values]
    if any(one is None for one in found):
        raise UserFacingError(NOTHING_PICKED)
    return [one for one in found if one is not None]
