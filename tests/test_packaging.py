"""What is shipped around the code: lock files, image, compose files, service unit. No container engine runs here, so
the files are read and checked; docs/operations.md says what was never run."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.cli import parser
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    "requirements.lock": (),
    "requirements-rehearse.lock": ("rehearse",),
    "requirements-dev.lock": ("rehearse", "dev"),
}


# Lock files --------------------------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, tuple[str, int]]:
    """Package → (version, number of hashes) of a lock file."""
    found: dict[str, tuple[str, int]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip()):
        one = re.match(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)", block)
        assert one is not None, f"{name}: every entry pins one version, not {block.splitlines()[0]!r}"
        found[one["name"]] = (one["version"], block.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_satisfies_the_project_and_carries_hashes_only(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text, "it names no package host"
    pinned = pins(name)
    assert all(hashes for _, hashes in pinned.values())
    wanted = list(PYPROJECT["dependencies"])
    for extra in LOCKS[name]:
        wanted += PYPROJECT["optional-dependencies"][extra]
    for one in map(Requirement, wanted):
        version, _ = pinned[canonicalize_name(one.name)]
        assert one.specifier.contains(version, prereleases=True), f"{name}: {one} is not met by {version}"


def test_the_lock_files_agree_and_grow_by_what_their_extra_needs():
    run, rehearse, dev = (pins(name) for name in LOCKS)
    assert run.items() <= rehearse.items() <= dev.items()
    assert not {"simcord", "pillow", "pytest", "playwright", "mypy"} & run.keys()
    assert "simcord" in rehearse and not {"pytest", "playwright", "mypy"} & rehearse.keys()


# Only what running needs -------------------------------------------------------------------------------------------

EXTRAS_ONLY = {"simcord", "PIL", "markdown_it", "av"}
STDLIB_AND_OURS = sys.stdlib_module_names | {"bot", "cogs"}


def imported(file: Path) -> Iterator[str]:
    """Top-level packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def test_the_bot_imports_what_the_runtime_lock_installs_and_nothing_of_the_extras():
    distributions = {
        "discord": "discord-py", "apscheduler": "apscheduler", "pydantic_settings": "pydantic-settings",
    }  # fmt: skip
    runtime = pins("requirements.lock")
    files = [
        file
        for folder in ("bot", "cogs", "migrations")
        for file in (ROOT / folder).rglob("*.py")
        if "rehearsal" not in file.relative_to(ROOT).parts
    ]
    assert len(files) > 100
    used = {(package, file) for file in files for package in imported(file)}
    outside = {(package, file) for package, file in used if package not in STDLIB_AND_OURS}
    missing = [
        f"{file.relative_to(ROOT)}: {package}"
        for package, file in outside
        if canonicalize_name(distributions.get(package, package)) not in runtime
    ]
    assert not missing


def test_the_whole_bot_is_built_without_the_extras(tmp_path: Path):
    script = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {EXTRAS_ONLY | {'pytest', 'playwright', 'yaml', 'hypothesis'}!r}:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import bot.process, bot.doctor.run, bot.cli\n"
        "from bot.bootstrap import build\n"
        "from bot.settings import Settings\n"
        "build(Settings(), safety_net=False)\n"
        "print('built')\n"
    )
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert made.stdout == "built\n", made.stderr


# The image ---------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(instruction, its words) of the Dockerfile, with continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]  # type: ignore[misc]


def of(name: str) -> list[str]:
    return [words for instruction, words in instructions() if instruction == name]


def test_the_image_is_built_in_two_stages_from_hashes():
    assert of("FROM") == ["python:3.11-slim AS build", "python:3.11-slim"]
    (install,) = [words for words in of("RUN") if "pip install" in words]
    assert "--require-hashes" in install and "-r /build/requirements.lock" in install
    last = [one for one, _ in instructions()][::-1].index("FROM")
    final = instructions()[-last:]
    assert not any("pip" in words for _, words in final), "nothing is installed where it runs"


def test_what_the_image_copies_exists_and_is_not_ignored():
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in ignore, "everything is left out but what is named"
    copies = [words.split() for words in of("COPY") if not words.startswith("--from")]
    assert {Path(words[0]).parts[0] for words in copies} == {"bot", "cogs", "migrations", "deploy", "requirements.lock"}
    for source, _target in copies:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignore, f"{source} must reach the build"
    named = {line[1:] for line in ignore if line.startswith("!")}
    assert named <= {"deploy", *(words[0] for words in copies)}, "and nothing else does"


def test_the_image_runs_as_nobody_special_keeps_data_in_a_volume_and_ends_by_sigterm():
    (user,) = of("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert of("VOLUME") == ["/data"]
    assert of("WORKDIR") == ["/"], "so that the default database is in the volume"
    assert of("STOPSIGNAL") == ["SIGTERM"]
    assert of("ENTRYPOINT") == ['["python", "-m", "bot"]'], "the process itself gets the signal, not a shell"
    (health,) = of("HEALTHCHECK")
    assert health.endswith('CMD ["python", "/app/healthcheck.py"]')
    assert not re.search(r"curl|wget|apt", " ".join(of("RUN")))


def test_a_linter_finds_nothing_in_the_dockerfile():
    linter = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint has no build for this machine; the checks above hold everywhere")
    found = subprocess.run([linter, "--no-color", str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stdout


class Answers(BaseHTTPRequestHandler):
    """A web side that answers `/healthz` with `status`."""

    status = 200

    def do_GET(self) -> None:
        assert self.path == "/healthz"
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_says_what_the_web_side_says(status: int, code: int):
    server = HTTPServer(("127.0.0.1", 0), type("One", (Answers,), {"status": status}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert health_check(str(server.server_port)) == code
    finally:
        server.shutdown()
        server.server_close()
    assert health_check(str(server.server_port)) == 1, "nobody listens any more"
    assert health_check("0") == 0, "a web side that is off is no illness"


def health_check(port: str) -> int:
    return subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "healthcheck.py")],
        env={"VIGIL_WEB__PORT": port},
        capture_output=True,
        timeout=60,
    ).returncode


# Compose -----------------------------------------------------------------------------------------------------------


def compose(*names: str) -> dict[str, Any]:
    """The files laid over each other, as far as these two need it."""
    merged: dict[str, Any] = {"services": {}, "volumes": {}}
    for name in names:
        one = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        merged["volumes"].update(one.get("volumes") or {})
        for service, parts in one["services"].items():
            held = merged["services"].setdefault(service, {})
            held.update({**parts, "environment": {**held.get("environment", {}), **parts.get("environment", {})}})
    return merged


BOTH = [("compose.yaml",), ("compose.yaml", "compose.postgres.yaml")]


@pytest.mark.parametrize("names", BOTH, ids=["sqlite", "postgresql"])
def test_compose_gives_no_right_that_is_not_needed_and_holds_no_secret(names: tuple[str, ...]):
    found = compose(*names)
    for name, service in found["services"].items():
        assert service["read_only"] is True and "/tmp" in service["tmpfs"], name
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "unless-stopped"
        for volume in service["volumes"]:
            assert volume.split(":")[0] in found["volumes"], "data outlives the container"
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")
    vigil = found["services"]["vigil"]
    assert "cap_add" not in vigil
    for key in ("VIGIL_DISCORD__TOKEN", "VIGIL_DATABASE__URL"):
        if key in vigil["environment"]:
            assert re.search(r"\$\{\w+:\?put \w+ into the file \.env\}", vigil["environment"][key])
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("names", BOTH, ids=["sqlite", "postgresql"])
def test_the_environment_of_compose_is_settings_that_load(names: tuple[str, ...], tmp_path: Path):
    found = compose(*names)["services"]["vigil"]["environment"]
    plain = {key: re.sub(r"\$\{(\w+):\?[^}]*\}", r"\1", str(value)) for key, value in found.items()}
    settings = load_settings(plain, tmp_path)
    assert settings.discord.token is not None
    assert settings.database.url.startswith("postgresql+asyncpg://" if len(names) == 2 else "sqlite+aiosqlite://")


def test_with_postgresql_vigil_waits_until_it_is_well():
    services = compose(*BOTH[1])["services"]
    assert services["vigil"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["postgres"]["healthcheck"]["test"][0] == "CMD-SHELL"


# systemd -----------------------------------------------------------------------------------------------------------

UNIT = ROOT / "deploy" / "vigil.service"


def test_the_unit_gives_up_on_what_starting_again_cannot_mend():
    unit = UNIT.read_text(encoding="utf-8")
    assert "RestartPreventExitStatus=2 3 4\n" in unit
    assert "ExecStart=/opt/vigil/.venv/bin/python -m bot run\n" in unit
    assert "ProtectSystem=strict\n" in unit and "NoNewPrivileges=yes\n" in unit
    assert re.search(r"^(User|Group)=root$", unit, flags=re.MULTILINE) is None


@pytest.mark.parametrize("name", ["vigil.service", "vigil@.service"])
def test_systemd_takes_the_unit(name: str, tmp_path: Path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not on this machine")
    # The one thing that it looks for on the disk is the program.
    there = (UNIT.parent / name).read_text(encoding="utf-8").replace("/opt/vigil/.venv/bin/python", sys.executable)
    name = name.replace("@", "@first")
    (tmp_path / name).write_text(there)
    found = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60
    )
    about_it = [line for line in found.stderr.splitlines() if name in line]
    assert found.returncode == 0 and not about_it, found.stderr


def test_the_unit_of_several_differs_only_in_what_is_their_own():
    one, several = (
        {line for line in (UNIT.parent / name).read_text(encoding="utf-8").splitlines() if "=" in line}
        for name in ("vigil.service", "vigil@.service")
    )
    assert several - one == {
        "Description=Vigil, incident response on Discord (%i)",
        "EnvironmentFile=/etc/vigil/%i.env",
    }
    assert one - several == {"Description=Vigil, incident response on Discord"}


# Kubernetes --------------------------------------------------------------------------------------------------------


def test_the_pods_get_settings_that_load_and_no_right_that_is_not_needed():
    (found,) = yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8"))
    pod = found["spec"]["template"]["spec"]
    values = {"VIGIL_DATABASE__URL": "postgresql+asyncpg://vigil:secret@postgres:5432/vigil"}
    parse = parser()
    for container in (*pod["initContainers"], *pod["containers"]):
        parse.parse_args(container["args"])
        names = {one["name"]: values.get(one["name"], one.get("value", "a-token")) for one in container["env"]}
        load_settings(names, ROOT / "nowhere")
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    paths = {pod["containers"][0][one]["httpGet"]["path"] for one in ("livenessProbe", "readinessProbe")}
    assert paths == {"/healthz", "/readyz"}
    assert pod["securityContext"]["runAsUser"] == 10001 and "useradd --uid 10001" in (ROOT / "Dockerfile").read_text()
