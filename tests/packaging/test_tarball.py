# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball people install: it holds the product and nothing else, and works where nothing of the checkout is."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import BIN, FQCN, NAME, NAMESPACE, ROOT, environment
from winlab.client import LabClient, running_lab

ESTATE = ROOT / "tests" / "lab" / "estates" / "molecule.yml"
AT_TOP = {
    ".ansible-lint",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.ja.md",
    "README.md",
    "SECURITY.md",
    "TESTING.md",
    "awx",
    "bindep.txt",
    "changelogs",
    "docs",
    "execution_environments",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}
LARGEST_BYTES = 1_700_000


@pytest.fixture(scope="module")
def elsewhere(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A place where only the tarball is installed, and an environment in which the linked checkout cannot be found."""
    place = tmp_path_factory.mktemp("elsewhere")
    env = environment(
        ANSIBLE_HOME=str(place / "home"),
        ANSIBLE_COLLECTIONS_PATH=str(place / "collections"),
        ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
    )
    command = [BIN / "ansible-galaxy", "collection", "install", "--offline", "--collections-path", place / "collections", tarball]
    subprocess.run(command, check=True, capture_output=True, env=env, cwd=place)
    return place, env


def lab_key(channel: str) -> str:
    """A key the estate made up."""
    keys = yaml.safe_load(ESTATE.read_text(encoding="utf-8"))["microsoft"]["keys"]
    return str(next(key["key"] for key in keys if key["channel"] == channel))


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[LabClient, Path]]:
    with running_lab(ESTATE) as running:
        yield running


def test_the_tarball_holds_the_product_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} <= AT_TOP
    assert {"LICENSE", "README.md", "meta/runtime.yml", "meta/execution-environment.yml"} <= set(names)
    assert {"extensions/monitoring/grafana-dashboard.json", "extensions/monitoring/prometheus-alerts.yml"} <= set(names)
    assert not [name for name in names if name.startswith("extensions/molecule")]
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".egg-info"))]
    assert tarball.stat().st_size < LARGEST_BYTES


def test_every_file_of_the_shipped_folders_is_in_the_tarball(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        shipped = {name for name in archive.getnames() if "/" in name}
    assert not [name for name in shipped if name.startswith("extensions/molecule")]
    folders = [
        ROOT / name for name in ("awx", "docs/docsite", "execution_environments", "plugins", "roles", "playbooks", "meta", "extensions/eda")
    ]
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".gz"}
    }
    assert files <= shipped


def test_galaxy_sees_no_dependencies(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        info = json.load(manifest)["collection_info"]
    assert (info["namespace"], info["name"], info["license"]) == (NAMESPACE, NAME, ["GPL-3.0-or-later"])
    assert info["dependencies"] == {}


def test_ansible_doc_finds_the_modules_in_the_installed_copy(elsewhere: tuple[Path, dict[str, str]]) -> None:
    place, env = elsewhere
    modules = sorted(f"{FQCN}.{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py"))
    command = [BIN / "ansible-doc", "--json", *modules]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env, cwd=place)
    for name, documented in json.loads(done.stdout).items():
        assert Path(documented["doc"]["filename"]).is_relative_to(place), name


def run(name: str, inventory: Path, elsewhere: tuple[Path, dict[str, str]], variables: Mapping[str, Any]) -> list[str]:
    """Run a playbook by its full name from the installed copy; the lines of its recap."""
    place, env = elsewhere
    given = place / f"{name}.json"
    given.write_text(json.dumps(variables), encoding="utf-8")
    command = [BIN / "ansible-playbook", "-i", inventory, f"{FQCN}.{name}", "-e", f"@{given}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=place, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.partition("PLAY RECAP")[2].splitlines()[1:] if line.strip()]


def test_the_playbook_runs_by_its_full_name_from_the_installed_copy(
    elsewhere: tuple[Path, dict[str, str]], lab: tuple[LabClient, Path]
) -> None:
    client, inventory = lab
    dns = client.dns()
    wish = {"convert_to_kms_hosts": "clients", "kms_client_dns_server": dns["server"], "kms_client_dns_port": dns["port"]}
    run("convert_to_kms", inventory, elsewhere, wish)
    assert [line for line in run("convert_to_kms", inventory, elsewhere, wish) if "changed=0" not in line] == []


def test_a_kms_host_is_replaced_from_the_installed_copy(elsewhere: tuple[Path, dict[str, str]], lab: tuple[LabClient, Path]) -> None:
    client, inventory = lab
    dns = client.dns()
    wish = {
        "kms_failover_failed_host": "kms1.molecule.lab",
        "kms_failover_replacement": "kms2",
        "kms_failover_clients": "orphans",
        "kms_failover_domains": ["molecule.lab"],
        "kms_failover_host_keys": [{"product_key": lab_key("csvlk")}],
        "kms_failover_dns": {
            "dns_server": dns["server"],
            "dns_port": dns["port"],
            "authentication": "tsig",
            "key_name": dns["key_name"],
            "key_secret": dns["key_secret"],
        },
    }
    client.crash("kms1")
    client.advance(minutes=6)
    run("kms_failover", inventory, elsewhere, wish)
    assert [record["host"] for record in client.srv_records("molecule.lab")] == ["kms2.molecule.lab"]
    assert [line for line in run("kms_failover", inventory, elsewhere, wish) if "changed=0" not in line] == []
