# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint in the project of a user, with the collection from the tarball, reports a misspelled option of each module.

The environment has none of the packages that the collection needs for machines, such as pywinrm.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from locked_venv import PACKAGING
from project import FQCN, ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kms_client", {"kms_host": "{{ kms_host | default(omit) }}", "kms_port": "{{ kms_port | default(1688) }}"}),
    ("mak_client", {"product_key": "{{ mak }}", "max_activations": 5}),
    ("kms_host", {"host_keys": [{"product_key": "{{ csvlk }}", "product_name": "{{ product }}"}]}),
    ("kms_srv_record", {"domains": ["{{ domain }}"], "records": [{"host": "{{ host }}", "port": "{{ port }}"}]}),
    ("activation_info", {}),
)


class Project:
    """A folder with playbooks, and with the collection as `ansible-galaxy collection install` leaves it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.env = env

    def write(self, name: str, tasks: list[tuple[str, dict[str, Any]]]) -> None:
        play = {
            "name": "Test",
            "hosts": "windows",
            "gather_facts": False,
            "tasks": [{"name": f"Task {module}", f"{FQCN}.{module}": options} for module, options in tasks],
        }
        text = yaml.safe_dump([play], sort_keys=False, explicit_start=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def lint(self, name: str) -> list[str]:
        """Return the messages of the rule `args`. Other rules must not report anything."""
        command = [PACKAGING.bin / "ansible-lint", "--offline", "--strict", "--format", "json", "-x", "yaml", name]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=self.env, cwd=self.folder)
        found = json.loads(done.stdout)
        assert {problem["check_name"] for problem in found} <= {"args[module]"}, done.stdout
        assert (done.returncode != 0) == bool(found), done.stderr
        # ansible-lint ignores an exception of a rule, and writes this instead.
        assert "Ignored exception" not in done.stderr, done.stderr
        return [problem["description"] for problem in found]


@pytest.fixture(scope="module")
def project(tarball: Path, tools_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    (folder / "ansible.cfg").write_text("[defaults]\ncollections_path = collections\n", encoding="utf-8")
    install = [
        PACKAGING.bin / "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--collections-path",
        folder / "collections",
        tarball,
    ]
    subprocess.run(install, check=True, capture_output=True, env=tools_env, cwd=folder)
    return Project(folder, tools_env)


def test_misspelled_option_of_every_module_is_reported(project: Project) -> None:
    project.write("wrong.yml", [(module, {"such_option": 1}) for module in MODULES])
    messages = project.lint("wrong.yml")
    assert sorted(message.split(":")[0] for message in messages) == MODULES
    assert all("unknown option such_option; " in message for message in messages)


def test_right_playbook_with_templates_has_no_messages(project: Project) -> None:
    project.write("right.yml", list(RIGHT))
    assert project.lint("right.yml") == []


def test_misspelled_suboption_is_reported_with_the_similar_one(project: Project) -> None:
    project.write("suboption.yml", [("kms_host", {"host_keys": [{"product_kye": "{{ csvlk }}"}]})])
    assert project.lint("suboption.yml") == [
        "kms_host: host_keys: item 1: unknown option product_kye; did you mean product_key or product_name?"
    ]
