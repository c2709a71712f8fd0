# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball people install: it holds the product and nothing else, and works where nothing of the checkout is."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import BIN, FQCN, NAME, NAMESPACE, ROOT, environment
from winlab.client import LabClient, running_lab

ESTATE = ROOT / "tests" / "lab" / "estates" / "molecule.yml"
AT_TOP = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "TESTING.md",
    "bindep.txt",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}
LARGEST_BYTES = 1_000_000


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [BIN / "ansible-galaxy", "collection", "build", "--output-path", target, ROOT]
    subprocess.run(command, check=True, capture_output=True, env=environment(), cwd=target)
    built = list(target.glob("*.tar.gz"))
    assert len(built) == 1
    return built[0]


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


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[LabClient, Path]]:
    with running_lab(ESTATE) as running:
        yield running


def test_the_tarball_holds_the_product_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} <= AT_TOP
    assert {"LICENSE", "README.md", "meta/runtime.yml", "meta/execution-environment.yml"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".egg-info"))]
    assert tarball.stat().st_size < LARGEST_BYTES


def test_every_file_of_the_shipped_folders_is_in_the_tarball(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        shipped = {name for name in archive.getnames() if name.split("/")[0] in {"plugins", "roles", "playbooks", "meta"}}
    folders = [ROOT / name for name in ("plugins", "roles", "playbooks", "meta")]
    files = {
        path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"
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
    command = [BIN / "ansible-doc", "--json", f"{FQCN}.activation_info", f"{FQCN}.kms_client", f"{FQCN}.product_key"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env, cwd=place)
    for name, documented in json.loads(done.stdout).items():
        assert Path(documented["doc"]["filename"]).is_relative_to(place), name


def test_the_playbook_runs_by_its_full_name_from_the_installed_copy(
    elsewhere: tuple[Path, dict[str, str]], lab: tuple[LabClient, Path]
) -> None:
    place, env = elsewhere
    _client, inventory = lab
    command = [BIN / "ansible-playbook", "-i", inventory, f"{FQCN}.convert_to_kms", "-e", "convert_to_kms_hosts=clients"]
    first = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=place, timeout=120)
    assert first.returncode == 0, first.stdout + first.stderr
    second = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=place, timeout=120)
    assert second.returncode == 0, second.stdout + second.stderr
    recap = second.stdout.partition("PLAY RECAP")[2].splitlines()[1:]
    assert [line for line in recap if "changed=0" not in line and line.strip()] == []
