# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of awx.awx, and runs of controller_apply with them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml
from api.server import Controller

from project import BIN, FQCN, ROOT, VENV, environment, site_packages

PLAYBOOKS = sorted(path.name for path in (ROOT / "awx" / "project").glob("*.yml"))
"""The playbooks of the project, which a controller knows after it has read the repository."""


def settings_of(controller: Controller, home: Path, token: str | None = None) -> dict[str, str]:
    """Return the environment of a run for a controller."""
    own = {
        "CONTROLLER_HOST": controller.url,
        "CONTROLLER_OAUTH_TOKEN": controller.token if token is None else token,
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "HOME": str(home),
        "PATH": os.environ["PATH"],
    }
    return {**environment(), **own}


class Runner:
    """Runs controller_apply against one controller."""

    def __init__(self, controller: Controller, folder: Path, collections: Path | None) -> None:
        self.controller = controller
        self._folder = folder
        self._collections = ":".join(str(path) for path in (collections, site_packages(VENV)) if path)

    def run(self, variables: dict[str, Any], *options: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the playbook, and return its output."""
        settings = self._folder / "settings.yml"
        settings.write_text(yaml.safe_dump(variables), encoding="utf-8")
        env = {**settings_of(self.controller, self._folder, token), "ANSIBLE_COLLECTIONS_PATH": self._collections}
        command = [BIN / "ansible-playbook", f"{FQCN}.controller_apply", "-e", f"@{settings}", *options]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=self._folder, timeout=1800)
