"""What an operator may set: `config.toml` or environment, read once, frozen, unknown keys refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "VIGIL_"
FILE = "config.toml"
FILE_VARIABLE = "VIGIL_CONFIG"
DATABASES = ("sqlite+aiosqlite", "postgresql+asyncpg")
_SHARDS = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?/(?P<count>\d+)")
_API = re.compile(r"https?://\S+/v\d+")
SHARDS_FORM = 'write the first and last shard and how many there are, such as "0-3/16"'
DATABASE_FORM = "begin it with sqlite+aiosqlite:/// or postgresql+asyncpg://"


class SettingsError(Exception):
    """Settings that cannot be used: `faults` has one line each, with the key and the remedy, never a secret."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _no_switch(value: Any) -> Any:
    """Python takes true for 1."""
    if isinstance(value, bool):
        raise ValueError(_WORDS["int_parsing"])
    return value


class Shards(_Section):
    """The shards that this process serves, of how many; written "0-3/16"."""

    first: int
    last: int
    count: int

    @property
    def ids(self) -> range:
        """The shard numbers."""
        return range(self.first, self.last + 1)


class Discord(_Section):
    """The connection to Discord."""

    token: SecretStr | None = None
    api_base: str = "https://discord.com/api/v10"
    shards: Shards | None = None

    @field_validator("token", mode="before")
    @classmethod
    def _none_or_whole(cls, value: Any) -> Any:
        # Files and environment files leave line ends behind, and an empty variable means that there is none.
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("api_base")
    @classmethod
    def _versioned(cls, value: str) -> str:
        if not _API.fullmatch(value.rstrip("/")):
            raise ValueError("give an address up to and including the version, such as https://discord.com/api/v10")
        return value.rstrip("/")

    @field_validator("shards", mode="before")
    @classmethod
    def _read_shards(cls, value: Any) -> Any:
        if value is None or isinstance(value, Shards):
            return value
        if isinstance(value, str) and not value.strip():
            return None
        found = _SHARDS.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or int(found["count"]) == 0:
            raise ValueError(SHARDS_FORM)
        first, count = int(found["first"]), int(found["count"])
        last = int(found["last"] or first)
        if not first <= last < count:
            raise ValueError(f"the shards must lie between 0 and {count - 1}, the first before the last")
        return {"first": first, "last": last, "count": count}


class Database(_Section):
    """Where everything is kept."""

    url: str = "sqlite+aiosqlite:///data/vigil.db"

    @field_validator("url")
    @classmethod
    def _driver(cls, value: str) -> str:
        if value.split("://")[0] not in DATABASES:
            raise ValueError(DATABASE_FORM)
        try:
            make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError("not readable as an address; config.example.toml shows two that are") from None
        return value


class Backup(_Section):
    """Daily backups of a SQLite file. `folder`: "" is `backups` beside it. `hour`: of the day, UTC."""

    daily: bool = True
    folder: str = ""
    hour: Annotated[int, Field(ge=0, le=23)] = 3
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 7
    keep_weeks: Annotated[int, Field(ge=0, le=520)] = 4

    @field_validator("hour", "keep_days", "keep_weeks", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return _no_switch(value)


class Web(_Section):
    """The web side; `port` 0 leaves it off."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str | None = None
    signing_key: tuple[SecretStr, ...] = ()

    @field_validator("port", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return _no_switch(value)

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://\S+", value):
            raise ValueError("give the whole address, such as https://status.example.org")
        return value.rstrip("/") if value else None

    @field_validator("signing_key", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        return tuple(part for part in value.split(",") if part) if isinstance(value, str) else value


class Process(_Section):
    """What this process does where several share one database."""

    role: Literal["all", "workers", "web"] = "all"


class Logging(_Section):
    """What the process writes about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """All settings. Made by `load_settings`; nothing else reads the environment."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    discord: Discord = Discord()
    database: Database = Database()
    backup: Backup = Backup()
    web: Web = Web()
    process: Process = Process()
    logging: Logging = Logging()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over: the file and the environment, with their origins known."""
        return (init_settings,)


def load_settings(environ: Mapping[str, str], folder: Path) -> Settings:
    """Settings from `config.toml` in `folder` (or the path in VIGIL_CONFIG) and VIGIL_<SECTION>__<NAME>, which win.

    Raises SettingsError with one line per fault.
    """
    chosen = environ.get(FILE_VARIABLE)
    path = Path(chosen) if chosen else folder / FILE
    values: dict[str, Any] = {}
    origin: dict[tuple[str, ...], str] = {}
    if chosen and not path.is_file():
        raise SettingsError([f"environment {FILE_VARIABLE}: there is no file {path}; correct the path or remove it"])
    if path.is_file():
        values = _read(path)
    faults = [fault for name in environ if (fault := _one_underscore(name))]
    for name, value in environ.items():
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if section not in values:
            values[section] = {}
            origin[(section,)] = f"environment {name}"
        held = values[section]
        if isinstance(held, dict):
            held[key] = value
            origin[(section, key)] = f"environment {name}"
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError([*faults, *(_fault(one, path.name, origin) for one in error.errors())]) from None
    if faults:
        raise SettingsError(faults)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        # The parser's sentence may repeat what stands there, so only the place is taken from it.
        place = re.search(r"\(at [^()]*\)$", str(error))
        raise SettingsError(
            [f"{path.name}: not readable as TOML {place.group() if place else ''}; texts stand in quotes"]
        ) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{path.name}: not readable as text; save it as UTF-8"]) from None
    except OSError as error:
        raise SettingsError(
            [f"{path.name}: cannot be read ({error.strerror}); make it readable for the user that runs Vigil"]
        ) from None


def _one_underscore(name: str) -> str | None:
    """The fault of `VIGIL_DISCORD_TOKEN`, which would be passed over in silence; None for any other name."""
    section, _, key = name.removeprefix(PREFIX).lower().partition("_")
    if not name.startswith(PREFIX) or "__" in name or section not in Settings.model_fields or not key:
        return None
    return f"environment {name}: no such setting; write {PREFIX}{section.upper()}__{key.upper()}, with two underscores"


def _fault(error: Any, file: str, origin: Mapping[tuple[str, ...], str]) -> str:
    """One line: where it stands, what is wrong and what to do; the value itself is never repeated."""
    place = tuple(str(part) for part in error["loc"])
    key = ".".join(place[:2])
    where = origin.get(place[:2], f"{file}: {key}")
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting; config.example.toml lists all of them"
    if error["type"] == "value_error":
        return f"{where}: {error['ctx']['error']}"
    if error["type"] == "model_type":
        return f"{where}: this is a section; write [{key}] on a line of its own, and its settings below it"
    words = _WORDS.get(error["type"], "{msg}").format(msg=error["msg"], **error.get("ctx", {}))
    return f"{where}: {words}"


_WORDS = {
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "less_than_equal": "write a number of at most {le}",
    "greater_than_equal": "write a number of at least {ge}",
    "string_type": "write a text in quotes",
    "tuple_type": 'write a list of texts, such as ["the new one", "the old one"]',
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "literal_error": "write one of {expected}",
}
"""What to do about a value of the wrong shape, by pydantic's name of the fault."""
