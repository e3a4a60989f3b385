"""Settings: what is wrong is one line that says where, which key and what to do; the token is never among it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import Settings, SettingsError, load_settings

EXAMPLE = Path(__file__).resolve().parents[1] / "config.example.toml"
TOKEN = "a-token-that-must-not-be-seen"


def written(folder: Path, text: str | bytes) -> Path:
    """`config.toml` with this text."""
    (folder / "config.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def faults(folder: Path, environ: dict[str, str] | None = None) -> list[str]:
    """What is said of settings that cannot be used."""
    with pytest.raises(SettingsError) as raised:
        load_settings(environ or {}, folder)
    assert all(line.count("\n") == 0 for line in raised.value.faults), "one line each"
    return raised.value.faults


def test_without_a_file_or_environment_the_defaults_hold(tmp_path: Path):
    settings = load_settings({}, tmp_path)
    assert settings.discord.token is None
    assert settings.database.url == "sqlite+aiosqlite:///data/vigil.db"
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)


WRONG = [
    ("discord = 3", "discord: this is a section; write [discord] on a line of its own"),
    ("[discord]\ntoken = 12", "discord.token: write a text in quotes"),
    ('[discord]\napi_base = "https://discord.com/api"', "discord.api_base: give an address up to and including the"),
    ('[discord]\nshards = "4/4"', "discord.shards: the shards must lie between 0 and 3"),
    ('[discord]\nshards = "2-1/4"', "discord.shards: the shards must lie between 0 and 3, the first before the last"),
    ('[discord]\nshards = "0-3"', 'discord.shards: write the first and last shard and how many there are, such as "0-'),
    ('[discord]\nshards = "0/0"', "discord.shards: write the first and last shard"),
    ("[discord]\nshards = {first = 3, last = 1, count = 2}", "discord.shards: write the first and last shard"),
    ('[database]\nurl = "mysql://u:p@h/x"', "database.url: begin it with sqlite+aiosqlite:/// or postgresql+asyncpg"),
    ('[database]\nurl = "postgresql+asyncpg://u:p@h:port/x"', "database.url: not readable as an address; config.exam"),
    ('[web]\nport = "eighty"', "web.port: write a whole number"),
    ("[web]\nport = 80.5", "web.port: write a whole number"),
    ("[web]\nport = true", "web.port: write a whole number"),
    ("[web]\nport = -1", "web.port: write a number of at least 0"),
    ("[web]\nport = 65536", "web.port: write a number of at most 65535"),
    ("[web]\nhost = 3", "web.host: write a text in quotes"),
    ('[web]\npublic_url = "status.example.org"', "web.public_url: give the whole address, such as https://"),
    ("[web]\nsigning_key = 3", "web.signing_key: write a list of texts, such as"),
    ('[logging]\nlevel = "loud"', "logging.level: write one of 'debug', 'info', 'warning' or 'error'"),
    ('[logging]\nformat = "xml"', "logging.format: write one of 'console' or 'json'"),
    ('[web]\nprt = "1"', "web.prt: no such setting; config.example.toml lists all of them"),
    ('[wbe]\nport = "1"', "wbe: no such setting; config.example.toml lists all of them"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said.split(";")[0][:48] for _, said in WRONG])
def test_each_wrong_value_is_one_line_with_file_key_and_remedy(tmp_path: Path, text: str, said: str):
    (line,) = faults(written(tmp_path, text))
    assert line.startswith(f"config.toml: {said}"), line


def test_a_wrong_value_from_the_environment_names_the_variable(tmp_path: Path):
    environ = {"VIGIL_WEB__PORT": "99999", "VIGIL_WEBB__PORT": "1", "VIGIL_DISCORD__SHARDS": "x"}
    assert sorted(faults(tmp_path, environ)) == [
        'environment VIGIL_DISCORD__SHARDS: write the first and last shard and how many there are, such as "0-3/16"',
        "environment VIGIL_WEBB__PORT: no such setting; config.example.toml lists all of them",
        "environment VIGIL_WEB__PORT: write a number of at most 65535",
    ]


def test_a_variable_with_one_underscore_is_not_passed_over_in_silence(tmp_path: Path):
    (line,) = faults(tmp_path, {"VIGIL_DISCORD_TOKEN": TOKEN})
    assert line == (
        "environment VIGIL_DISCORD_TOKEN: no such setting; write VIGIL_DISCORD__TOKEN, with two underscores"
    )


def test_every_fault_is_said_at_once(tmp_path: Path):
    folder = written(tmp_path, '[web]\nport = 99999\nprt = 1\n[logging]\nlevel = "loud"')
    found = faults(folder, {"VIGIL_DATABASE__URL": "nothing"})
    assert len(found) == 4


def test_the_environment_wins_over_the_file(tmp_path: Path):
    folder = written(tmp_path, '[web]\nport = 1\nhost = "::1"\n[discord]\ntoken = "from the file"')
    settings = load_settings({"VIGIL_WEB__PORT": "2", "VIGIL_DISCORD__TOKEN": "outside"}, folder)
    assert (settings.web.port, settings.web.host) == (2, "::1")
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == "outside"


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_token_is_none_and_a_line_end_is_not_part_of_one(tmp_path: Path, empty: str):
    assert load_settings({"VIGIL_DISCORD__TOKEN": empty}, tmp_path).discord.token is None
    token = load_settings({"VIGIL_DISCORD__TOKEN": f"{TOKEN}\n"}, tmp_path).discord.token
    assert token is not None
    assert token.get_secret_value() == TOKEN


def test_shards_and_keys_are_read_from_short_texts(tmp_path: Path):
    settings = load_settings({"VIGIL_DISCORD__SHARDS": "4-7/16", "VIGIL_WEB__SIGNING_KEY": "new,old"}, tmp_path)
    assert settings.discord.shards is not None
    assert (list(settings.discord.shards.ids), settings.discord.shards.count) == ([4, 5, 6, 7], 16)
    assert [key.get_secret_value() for key in settings.web.signing_key] == ["new", "old"]


@pytest.mark.parametrize(
    "text",
    [f"[discord]\ntoken = {TOKEN}", f'[discord]\ntoken = "{TOKEN}', f'token = "{TOKEN}"\n[discord]\ntoken = 1\n[web\n'],
)
def test_unreadable_toml_is_one_line_without_what_stands_there(tmp_path: Path, text: str):
    (line,) = faults(written(tmp_path, text))
    assert line.startswith("config.toml: not readable as TOML (at ")
    assert TOKEN not in line


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path):
    assert faults(written(tmp_path, b"\xff\xfe[\x00w\x00")) == ["config.toml: not readable as text; save it as UTF-8"]


def test_a_file_that_is_named_and_missing_is_one_line(tmp_path: Path):
    (line,) = faults(tmp_path, {"VIGIL_CONFIG": str(tmp_path / "elsewhere.toml")})
    assert line.startswith("environment VIGIL_CONFIG: there is no file")
    assert line.endswith("correct the path or remove it")


def test_a_file_that_is_named_is_read_and_names_itself(tmp_path: Path):
    other = tmp_path / "vigil.toml"
    other.write_text("[web]\nport = 99999")
    (line,) = faults(tmp_path, {"VIGIL_CONFIG": str(other)})
    assert line == "vigil.toml: web.port: write a number of at most 65535"


@pytest.mark.parametrize(
    "text",
    [
        f'[discord]\ntoken = "{TOKEN}"\nshards = "{TOKEN}"',
        f'[discord]\ntokn = "{TOKEN}"',
        f'[discord]\ntoken = ["{TOKEN}"]',
        f'discord = "{TOKEN}"',
        f'[database]\nurl = "{TOKEN}"',
        f'[logging]\nlevel = "{TOKEN}"',
    ],
)
def test_no_fault_repeats_a_value(tmp_path: Path, text: str):
    assert not [line for line in faults(written(tmp_path, text)) if TOKEN in line]


def test_the_token_is_in_no_text_of_the_settings(tmp_path: Path):
    settings = load_settings({"VIGIL_DISCORD__TOKEN": TOKEN, "VIGIL_WEB__SIGNING_KEY": TOKEN}, tmp_path)
    assert TOKEN not in f"{settings!r} {settings} {settings.model_dump_json()}"


def fields(model: type[BaseModel]) -> dict[str, set[str]]:
    """Section → names of its settings."""
    found = {}
    for name, field in model.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        found[name] = set(section.model_fields)
    return found


def test_the_example_loads_and_shows_the_defaults(tmp_path: Path):
    settings = load_settings({}, written(tmp_path, EXAMPLE.read_bytes()))
    assert settings == Settings()


def test_the_example_with_every_line_switched_on_loads_too(tmp_path: Path):
    whole = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings = load_settings({}, written(tmp_path, whole))
    assert settings.discord.token is not None
    assert settings.web.public_url == "https://vigil.example.org"


def test_every_setting_stands_in_the_example_with_words_about_it():
    text = EXAMPLE.read_text(encoding="utf-8")
    whole = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    assert {section: set(names) for section, names in whole.items()} == fields(Settings)
    paragraphs = re.split(r"\n\s*\n", text)
    for section, names in fields(Settings).items():
        for name in names:
            (one,) = [part for part in paragraphs if re.search(rf"^(# )?{name} = ", part, flags=re.MULTILINE)]
            assert one.startswith("# "), f"{section}.{name} is explained"
