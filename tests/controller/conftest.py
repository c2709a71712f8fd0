# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller with the shipped objects, for each test file with a lab of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from awx_rules.runner import Environment, clean_environment
from project import BIN, ROOT, environment
from winlab.client import running_lab
from winlab.simulation.bind import find_named

from .lab_site import Site, site_of

ESTATE = Path(__file__).with_name("estate.yml")


def network() -> str:
    """Return the second number of the addresses of this worker's lab."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return str((int(os.environ.get("WINOPS_TEST_NETWORK", "65")) + 50 * worker) % 255)


@pytest.fixture(scope="session")
def execution_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An execution environment with the collection from its tarball, and the shipped project with playbooks of the tests."""
    folder = tmp_path_factory.mktemp("ee")
    galaxy, env = BIN / "ansible-galaxy", environment()
    subprocess.run([galaxy, "collection", "build", "--output-path", folder, ROOT], check=True, capture_output=True, env=env)
    (tarball,) = folder.glob("*.tar.gz")
    target = folder / "collections"
    install = [galaxy, "collection", "install", "--offline", "--force", "--no-deps", "--collections-path", target, tarball]
    subprocess.run(install, check=True, capture_output=True, env=env, cwd=folder)
    project = folder / "project"
    shutil.copytree(ROOT / "awx" / "project", project)
    for path in Path(__file__).with_name("project").glob("*.yml"):
        shutil.copy(path, project)
    return Environment(target, project, clean_environment(os.environ))


@pytest.fixture(scope="module")
def site(execution_environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A controller and its lab."""
    if find_named() is None:
        pytest.skip("needs named (Debian: bind9)")
    folder = tmp_path_factory.mktemp("site")
    estate = folder / "estate.yml"
    estate.write_text(ESTATE.read_text(encoding="utf-8").replace("127.65.", f"127.{network()}."), encoding="utf-8")
    with running_lab(estate, run_dir=folder / "lab") as (client, inventory):
        yield site_of(client, inventory, folder, execution_environment)
