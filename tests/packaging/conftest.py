# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball of the collection, and places where nothing of the checkout is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from locked_venv import PACKAGING
from project import BIN, ROOT, environment


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [BIN / "ansible-galaxy", "collection", "build", "--output-path", target, ROOT]
    subprocess.run(command, check=True, capture_output=True, env=environment(), cwd=target)
    built = list(target.glob("*.tar.gz"))
    assert len(built) == 1
    return built[0]


@pytest.fixture(scope="session")
def tools_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with the programs of build/packaging, in which neither the checkout nor its .venv can be found."""
    missing = PACKAGING.why_missing()
    if missing:
        pytest.skip(missing)
    home = tmp_path_factory.mktemp("home")
    found = environment(HOME=str(home), ANSIBLE_HOME=str(home / ".ansible"), VIRTUAL_ENV=str(PACKAGING.folder))
    found["PATH"] = found["PATH"].replace(str(BIN), str(PACKAGING.bin))
    del found["ANSIBLE_CONFIG"]
    return found
