"""What an operator may set: `config.toml` or environment, read once, frozen, unknown keys refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "VIGIL_"
FILE = "config.toml"
FILE_VARIABLE = "VIGIL_CONFIG"
DATABASES = ("sqlite+aiosqlite", "postgresql+asyncpg")
_SHARDS = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?/(?P<count>\d+)")
_API = re.compile(r"https?://\S+/v\d+")


class SettingsError(Exception):
    """Settings that cannot be used: `faults` has one line each, with the key and the remedy, never a secret."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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

    @field_validator("api_base")
    @classmethod
    def _versioned(cls, value: str) -> str:
        if not _API.fullmatch(value.rstrip("/")):
            raise ValueError("give an address up to and including the version, such as https://discord.com/api/v10")
        return value.rstrip("/")

    @field_validator("shards", mode="before")
    @classmethod
    def _read_shards(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        found = _SHARDS.fullmatch(value.strip())
        if found is None:
            raise ValueError('write the first and last shard and how many there are, such as "0-3/16"')
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
            raise ValueError("begin it with sqlite+aiosqlite:/// or postgresql+asyncpg://")
        return value


class Web(_Section):
    """The web side; `port` 0 leaves it off."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str | None = None
    signing_key: tuple[SecretStr, ...] = ()

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


class Logging(_Section):
    """What the process writes about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """All settings. Made by `load_settings`; nothing else reads the environment."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    discord: Discord = Discord()
    database: Database = Database()
    web: Web = Web()
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
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError([f"{path.name}: not readable as TOML: {error}"]) from None
    for name, value in environ.items():
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        held = values.setdefault(section, {})
        if isinstance(held, dict):
            held[key] = value
            origin[(section, key)] = f"environment {name}"
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError([_fault(one, path.name, origin) for one in error.errors()]) from None


def _fault(error: Any, file: str, origin: Mapping[tuple[str, ...], str]) -> str:
    """One line: where it stands, what is wrong and what to do; the value itself is never repeated."""
    place = tuple(str(part) for part in error["loc"])
    key = ".".join(place[:2])
    where = origin.get(place[:2], f"{file}: {key}")
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting; config.example.toml lists all of them"
    if error["type"] == "value_error":
        return f"{where}: {error['ctx']['error']}"
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}"
