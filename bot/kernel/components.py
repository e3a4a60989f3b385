"""Buttons and selects as plain data, and the JSON that Discord wants for them; too long is cut, never refused."""

from dataclasses import dataclass
from typing import Any, Literal

from bot.kernel import limits
from bot.kernel.custom_ids import custom_id
from bot.kernel.limits import fit

ButtonStyle = Literal["primary", "secondary", "success", "danger"]
SelectKind = Literal["string", "user", "role", "mentionable", "channel"]
Json = dict[str, Any]

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECT_TYPE: dict[SelectKind, int] = {"string": 3, "user": 5, "role": 6, "mentionable": 7, "channel": 8}
BUTTON_STYLE: dict[ButtonStyle, int] = {"primary": 1, "secondary": 2, "success": 3, "danger": 4}
LINK_STYLE = 5
NOTHING = "—"


@dataclass(frozen=True)
class Button:
    """A button: `label`, and either what a press means (`action`, `subject`, `arg`) or a `url` that it opens."""

    label: str
    action: str = ""
    subject: str | int = ""
    arg: str | int | None = None
    style: ButtonStyle = "secondary"
    disabled: bool = False
    url: str | None = None
    emoji: str | None = None

    def payload(self) -> Json:
        """Discord's JSON of the button. Raises ValueError for an action or subject that is no custom id."""
        made: Json = {"type": BUTTON}
        label = fit(self.label.strip(), limits.BUTTON_LABEL)
        if label or not self.emoji:
            made["label"] = label or NOTHING
        if self.emoji:
            made["emoji"] = {"name": self.emoji}
        if self.url is not None:
            if limits.length(self.url) > limits.BUTTON_URL:
                raise ValueError("the address of a button is too long")
            made |= {"style": LINK_STYLE, "url": self.url}
        else:
            identity = custom_id(self.action, self.subject, self.arg)
            made |= {"style": BUTTON_STYLE[self.style], "custom_id": identity}
        if self.disabled:
            made["disabled"] = True
        return made


@dataclass(frozen=True)
class SelectOption:
    """One line of a select, of radio buttons or of checkboxes."""

    label: str
    value: str
    description: str | None = None
    default: bool = False
    emoji: str | None = None

    def payload(self, *, default: bool | None = None) -> Json:
        """Discord's JSON of the option; `default` overrides its own."""
        made: Json = {
            "label": fit(self.label.strip(), limits.OPTION_LABEL) or NOTHING,
            "value": fit(self.value.strip(), limits.OPTION_VALUE, "") or NOTHING,
        }
        if self.description and self.description.strip():
            made["description"] = fit(self.description.strip(), limits.OPTION_DESCRIPTION)
        if self.default if default is None else default:
            made["default"] = True
        if self.emoji:
            made["emoji"] = {"name": self.emoji}
        return made


@dataclass(frozen=True)
class Select:
    """A select of strings, or of the server's people, roles or channels.

    `min` and `max`: how many may be picked; `defaults`: values or ids picked already; `channel_types`: Discord's
    numbers (0 text, 4 category, 5 announcement). Only the first 25 options can be shown.
    """

    kind: SelectKind
    action: str
    subject: str | int
    placeholder: str = ""
    options: tuple[SelectOption, ...] = ()
    min: int = 1
    max: int = 1
    defaults: tuple[str | int, ...] = ()
    arg: str | int | None = None
    disabled: bool = False
    channel_types: tuple[int, ...] = ()

    def payload(self) -> Json | None:
        """Discord's JSON; None for a select of strings without options, which Discord refuses."""
        identity = custom_id(self.action, self.subject, self.arg)
        made = select_json(
            self.kind,
            identity,
            placeholder=self.placeholder,
            options=self.options,
            least=self.min,
            most=self.max,
            defaults=self.defaults,
            channel_types=self.channel_types,
        )
        if made is not None and self.disabled:
            made["disabled"] = True
        return made


def select_json(
    kind: SelectKind,
    identity: str,
    *,
    placeholder: str,
    options: tuple[SelectOption, ...],
    least: int,
    most: int,
    defaults: tuple[str | int, ...],
    channel_types: tuple[int, ...],
) -> Json | None:
    """The part that selects in messages and in modals share; None for a select of strings without options."""
    made: Json = {"type": SELECT_TYPE[kind], "custom_id": identity}
    if placeholder.strip():
        made["placeholder"] = fit(placeholder.strip(), limits.PLACEHOLDER)
    ceiling = limits.SELECT_VALUES
    if kind == "string":
        shown = options_json(options, defaults, limits.SELECT_OPTIONS, most)
        if not shown:
            return None
        made["options"] = shown
        ceiling = len(shown)
    elif defaults:
        entity = "user" if kind == "mentionable" else kind
        picked = list(dict.fromkeys(str(one) for one in defaults))[: min(most, ceiling)]
        made["default_values"] = [{"id": one, "type": entity} for one in picked]
    made["max_values"] = max(1, min(most, ceiling))
    made["min_values"] = max(0, min(least, made["max_values"]))
    if kind == "channel" and channel_types:
        made["channel_types"] = list(channel_types)
    return made


def options_json(
    options: tuple[SelectOption, ...], defaults: tuple[str | int, ...], room: int, most: int
) -> list[Json]:
    """The first `room` options, each value once, with at most `most` of them picked already."""
    wanted = {str(one) for one in defaults}
    shown: dict[str, Json] = {}
    picked = 0
    for option in options:
        default = (option.default or option.value in wanted) and picked < most
        made = option.payload(default=default)
        if len(shown) == room or made["value"] in shown:
            continue
        picked += default
        shown[made["value"]] = made
    return list(shown.values())


def rows_json(rows: tuple[tuple[Button | Select, ...], ...]) -> list[Json]:
    """Action rows: at most five, of five buttons or one select each; a row with more goes on in the next."""
    made: list[Json] = []
    for row in rows:
        buttons: list[Json] = []
        for part in row:
            if isinstance(part, Button):
                buttons.append(part.payload())
                continue
            select = part.payload()
            if select is not None:
                made += _button_rows(buttons)
                buttons = []
                made.append({"type": ROW, "components": [select]})
        made += _button_rows(buttons)
    return made[: limits.ROWS]


def _button_rows(buttons: list[Json]) -> list[Json]:
    step = limits.BUTTONS_PER_ROW
    return [{"type": ROW, "components": buttons[at : at + step]} for at in range(0, len(buttons), step)]
