# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions of execution environments, as far as they can be followed without a container engine.

ansible-builder creates the context of each image. The scripts of this context compute the packages, which are installed in an empty virtual
environment; there, everything of the collection is imported, and a playbook of the project for AWX runs against the lab.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ansiblelint
import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement

from locked_venv import PACKAGING
from project import BIN, BUILD, NAME, NAMESPACE, ROOT, environment
from winlab.client import LabClient, running_lab
from winlab.simulation.bind import find_named

HERE = Path(__file__).parent
ESTATE = HERE / "estate.yml"
FOLDER = ROOT / "execution_environments"
DEFINITIONS = sorted(path.stem for path in FOLDER.glob("*.yml"))
PLAIN = [name for name in DEFINITIONS if not name.endswith("-kerberos")]
KERBEROS = [name for name in DEFINITIONS if name.endswith("-kerberos")]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
PLATFORMS = {"el9": ("rpm", "redhat", "centos", "centos-9"), "debian13": ("dpkg", "debian", "debian-trixie")}
SSH = {"el9": "openssh-clients", "debian13": "openssh-client"}
OPTIONAL = {"gssapi", "gssapi.raw"}
"""Packages of the variants with Kerberos."""

SYSTEM_PACKAGES = {
    "el9-kerberos": ({"openssh-clients", "krb5-workstation"}, {"gcc", "krb5-devel", "python3.12-devel"}),
    "debian13-kerberos": ({"openssh-client", "krb5-user"}, {"gcc", "libkrb5-dev", "python3-dev"}),
}
"""The packages of the image, and those that are also installed to compile."""


@dataclass(frozen=True)
class Context:
    """What ansible-builder created for one definition, and what the steps of its builder stage compute."""

    folder: Path
    env: dict[str, str]

    @cached_property
    def steps(self) -> list[str]:
        return (self.folder / "Containerfile").read_text(encoding="utf-8").splitlines()

    @cached_property
    def arguments(self) -> dict[str, str]:
        """Build arguments with their values."""
        found = (re.fullmatch(r'ARG (\w+)="(.*)"', line) for line in self.steps)
        return {match[1]: match[2] for match in found if match}

    @cached_property
    def collections(self) -> Path:
        """The collections of the image, installed as in the galaxy stage."""
        target = self.folder / "collections"
        command = [
            PACKAGING.bin / "ansible-galaxy",
            "collection",
            "install",
            "-r",
            "requirements.yml",
            "--collections-path",
            target,
            "--offline",
        ]
        subprocess.run(command, check=True, capture_output=True, env=self.env, cwd=self.folder / "_build")
        return target

    @cached_property
    def computed(self) -> tuple[list[str], Path]:
        """The Python requirements, and the bindep file of the system packages, from the script that the image runs."""
        script = self.folder / "_build" / "scripts" / "introspect.py"
        (step,) = [line for line in self.steps if "introspect.py introspect" in line]
        given = [word for word in shlex.split(step) if word.startswith(("--user-pip=", "--user-bindep="))]
        written = self.folder / "requirements.txt", self.folder / "bindep.txt"
        command = [PACKAGING.bin / "python", script, "introspect", self.collections, *given]
        command += [f"--write-pip={written[0]}", f"--write-bindep={written[1]}"]
        subprocess.run(command, check=True, capture_output=True, env=self.env, cwd=self.folder / "_build")
        lines = written[0].read_text(encoding="utf-8").splitlines()
        return [line.partition("#")[0].strip() for line in lines if line.strip()], written[1]


def bindep(path: Path, profile: str, env: dict[str, str]) -> dict[str, set[str]]:
    """Return the packages that bindep selects on each platform."""
    wanted = [(str(path), [profile, *(f"platform:{name}" for name in names)]) for names in PLATFORMS.values()]
    command = [PACKAGING.bin / "python", HERE / "bindep_packages.py"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env, input=json.dumps(wanted))
    return {platform: set(packages) for platform, packages in zip(PLATFORMS, json.loads(done.stdout), strict=True)}


@pytest.fixture(scope="module")
def contexts(tarball: Path, tools_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Context]:
    """The contexts of all definitions."""
    place = tmp_path_factory.mktemp("definitions")
    shutil.copy(tarball, place)
    found = {}
    for name in DEFINITIONS:
        shutil.copy(FOLDER / f"{name}.yml", place)
        command = [
            PACKAGING.bin / "ansible-builder",
            "create",
            "-f",
            f"{name}.yml",
            "-c",
            f"context-{name}",
            "--output-filename",
            "Containerfile",
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=tools_env, cwd=place)
        assert done.returncode == 0, done.stdout + done.stderr
        found[name] = Context(place / f"context-{name}", tools_env)
    return found


@pytest.fixture(scope="module")
def image(contexts: dict[str, Context]) -> Path:
    """A virtual environment with the packages of the images without Kerberos. Kept in build/ee while the packages are the same."""
    if sys.version_info < (3, 11):
        pytest.skip("the ansible-core of the definitions needs Python 3.11")
    wanted = {(context.arguments["ANSIBLE_INSTALL_REFS"], *context.computed[0]) for context in (contexts[name] for name in PLAIN)}
    assert len(wanted) == 1
    cores, *packages = wanted.pop()
    requirements = [*cores.split(), *packages]
    digest = hashlib.sha256("\n".join([sys.version, str(ROOT), *requirements]).encode()).hexdigest()[:16]
    venv = BUILD / "ee" / digest
    stamp = venv / ".complete"
    if not stamp.exists():
        shutil.rmtree(venv.parent, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
        command = [venv / "bin" / "python", "-m", "pip", "install", "-qq", "--only-binary", ":all:", *requirements]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment())
        assert done.returncode == 0, done.stdout + done.stderr
        stamp.touch()
    return venv


@pytest.fixture(scope="module")
def in_image(image: Path, contexts: dict[str, Context], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with the programs of the image and its collection, in which the checkout cannot be found."""
    home = tmp_path_factory.mktemp("image")
    found = environment(
        HOME=str(home),
        ANSIBLE_HOME=str(home / ".ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(contexts[PLAIN[0]].collections),
        VIRTUAL_ENV=str(image),
    )
    found["PATH"] = found["PATH"].replace(str(BIN), str(image / "bin"))
    del found["ANSIBLE_CONFIG"]
    return found


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_both_platforms_have_a_definition_with_and_without_kerberos() -> None:
    assert set(DEFINITIONS) == {f"{platform}{variant}" for platform in PLATFORMS for variant in ("", "-kerberos")}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition_names_the_interpreter_and_bounds_every_package(name: str) -> None:
    definition = load(FOLDER / f"{name}.yml")["dependencies"]
    assert definition["python_interpreter"]["python_path"].startswith("/usr/bin/python3")
    named = [definition["ansible_core"]["package_pip"], definition["ansible_runner"]["package_pip"], *definition.get("python", [])]
    for requirement in map(Requirement, named):
        assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}, requirement


@pytest.mark.parametrize("name", DEFINITIONS)
def test_context_installs_the_collection_from_the_tarball(contexts: dict[str, Context], tarball: Path, name: str) -> None:
    context = contexts[name]
    (collection,) = load(context.folder / "_build" / "requirements.yml")["collections"]
    assert collection == {"name": tarball.name, "type": "file"}
    assert (context.folder / "_build" / tarball.name).read_bytes() == tarball.read_bytes()
    assert (context.collections / "ansible_collections" / NAMESPACE / NAME / "MANIFEST.json").exists()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_context_uses_the_interpreter_and_package_manager_of_the_platform(contexts: dict[str, Context], name: str) -> None:
    arguments = contexts[name].arguments
    definition = load(FOLDER / f"{name}.yml")
    assert arguments["PYCMD"] == definition["dependencies"]["python_interpreter"]["python_path"]
    assert arguments["PKGMGR"] == {"el9": "/usr/bin/dnf", "debian13": "/usr/bin/apt-get"}[name.partition("-")[0]]


def test_collection_asks_for_no_package_that_is_compiled(contexts: dict[str, Context]) -> None:
    for name in PLAIN:
        python, _ = contexts[name].computed
        assert {Requirement(line).name for line in python} == {"pywinrm", "pypsrp", "pyspnego", "dnspython"}
        assert not [line for line in python if Requirement(line).extras]


@pytest.mark.parametrize("name", KERBEROS)
def test_variant_with_kerberos_adds_its_packages(contexts: dict[str, Context], name: str) -> None:
    wanted = [Requirement(line) for line in contexts[name].computed[0]]
    assert {requirement.name for requirement in wanted if "kerberos" in requirement.extras} == {"pywinrm", "pypsrp"}
    locked = (ROOT / "requirements" / "gssapi.txt").read_text(encoding="utf-8")
    version = re.search(r"^gssapi==(\S+)", locked, re.MULTILINE)
    assert version
    assert [requirement.specifier.contains(version[1]) for requirement in wanted if requirement.name == "gssapi"] == [True]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_bindep_selects_the_packages_of_the_platform(contexts: dict[str, Context], name: str) -> None:
    context = contexts[name]
    own = name.partition("-")[0]
    run, compiled = SYSTEM_PACKAGES.get(name, ({SSH[own]}, set()))
    nothing: dict[str, set[str]] = {platform: set() for platform in PLATFORMS}
    assert bindep(context.computed[1], "default", context.env) == {**nothing, own: run}
    assert bindep(context.computed[1], "compile", context.env) == {**nothing, own: run | compiled}


def test_bindep_file_of_the_collection_lists_packages_for_kerberos_only(tools_env: dict[str, str]) -> None:
    assert bindep(ROOT / "bindep.txt", "kerberos", tools_env) == {
        "el9": {"gcc", "krb5-devel", "krb5-workstation", "python3-devel"},
        "debian13": {"gcc", "libkrb5-dev", "krb5-user", "python3-dev"},
    }
    assert set().union(*bindep(ROOT / "bindep.txt", "default", tools_env).values()) == set()


def test_everything_of_the_collection_is_imported_in_the_image(image: Path, in_image: dict[str, str], contexts: dict[str, Context]) -> None:
    installed = contexts[PLAIN[0]].collections / "ansible_collections" / NAMESPACE / NAME
    command = [image / "bin" / "python", HERE / "guarded_imports.py", installed]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=in_image)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["imported"] > 500
    assert found["own"] == {}
    assert {"winrm.protocol", "pypsrp.wsman", "dns.update", "spnego", "gssapi"} <= set(found["guarded"])
    assert set(found["missing"]) == OPTIONAL


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabClient, Path]]:
    if find_named() is None:
        pytest.skip("needs named (Debian: bind9)")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    network = (int(os.environ.get("WINOPS_TEST_NETWORK", "41")) + 50 * worker) % 255
    estate = tmp_path_factory.mktemp("lab") / "estate.yml"
    estate.write_text(ESTATE.read_text(encoding="utf-8").replace("127.41.", f"127.{network}."), encoding="utf-8")
    with running_lab(estate) as running:
        yield running


def test_playbook_of_the_project_runs_in_the_image(
    image: Path, in_image: dict[str, str], lab: tuple[LabClient, Path], tmp_path: Path
) -> None:
    client, inventory = lab
    dns = client.dns()
    project = shutil.copytree(ROOT / "awx" / "project", tmp_path / "project")
    variables = {"convert_to_kms_hosts": "clients", "kms_client_dns_server": dns["server"], "kms_client_dns_port": dns["port"]}
    command = [image / "bin" / "ansible-playbook", "-i", inventory, "convert_to_kms.yml", "-e", json.dumps(variables)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=in_image, cwd=project, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.partition("PLAY RECAP")[2].splitlines() if line.startswith(("pc-", "srv-"))]
    assert len(lines) == 3, done.stdout
    assert not [line for line in lines if "changed=0" in line or "failed=0" not in line or "unreachable=0" not in line], done.stdout


def test_settings_of_ansible_navigator_are_valid_and_name_the_image_of_a_definition() -> None:
    settings = load(ROOT / "awx" / "project" / "ansible-navigator.yml")
    schema = Path(ansiblelint.__file__).parent / "schemas" / "ansible-navigator-config.json"
    jsonschema.validate(settings, json.loads(schema.read_text(encoding="utf-8")))
    image = settings["ansible-navigator"]["execution-environment"]["image"]
    (definition,) = [name for name in PLAIN if image == f"localhost/{NAMESPACE}-{NAME.replace('_', '-')}:{VERSION}-{name}"]
    assert f"-t {image.removeprefix('localhost/')}\n" in (FOLDER / f"{definition}.yml").read_text(encoding="utf-8")
