# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project folder for AWX: a job template can select each playbook of the collection, and nothing else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from project import BIN, FQCN, ROOT, environment

PROJECT = ROOT / "awx" / "project"
SHIPPED = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))
REQUIREMENTS = PROJECT / "collections" / "requirements.yml"

LISTED = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?import_playbook|include):")
"""A line for which AWX takes a YAML file for a playbook (awx/main/utils/ansible.py)."""


def listed_by_awx(path: Path) -> bool:
    return any(LISTED.match(line) for line in path.read_text(encoding="utf-8").splitlines())


def test_project_contains_one_file_for_each_playbook_and_nothing_else() -> None:
    files = sorted(path.relative_to(PROJECT).as_posix() for path in PROJECT.rglob("*") if path.is_file())
    assert files == sorted([*SHIPPED, "ansible-navigator.yml", "collections/requirements.yml"])


def test_awx_lists_the_playbooks_and_no_other_file() -> None:
    assert sorted(path.name for path in PROJECT.rglob("*.yml") if listed_by_awx(path)) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_file_of_the_project_imports_the_playbook_of_its_name(name: str) -> None:
    (play,) = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    assert set(play) == {"name", "ansible.builtin.import_playbook"}
    assert play["ansible.builtin.import_playbook"] == f"{FQCN}.{Path(name).stem}"


def test_names_of_the_imports_differ() -> None:
    names = [yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))[0]["name"] for name in SHIPPED]
    assert len(set(names)) == len(names)


def test_project_requires_the_version_of_this_checkout() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    (required,) = yaml.safe_load(REQUIREMENTS.read_text(encoding="utf-8"))["collections"]
    assert required["name"] == FQCN
    assert required["version"].split(",")[0] == f">={version}"


def test_ansible_accepts_every_file_of_the_project() -> None:
    """In the folder of the project, as AWX runs it."""
    command = [BIN / "ansible-playbook", "--syntax-check", "-i", "localhost,", *SHIPPED]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment(), cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("playbook: ") == len(SHIPPED)
