# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-awx`: put the objects of this collection into a controller, and run the workflow *Weekly truth* there.

Needs the address and a token of an AWX or automation controller in the environment, and the variables of a site in a file. Without them it
prints what to set, and does nothing. Ends with the outcome of the workflow.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import yaml

import controller_modules
from processes import run_main
from project import BIN, FQCN, ROOT, VENV, ToolError, environment, must, site_packages

NEEDED = ("CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN")
HOW = """\
Put the objects of this collection into your AWX or automation controller, and run the workflow Weekly truth there:

  cp awx/site.yml site.yml       # and change its values. Its credentials must exist: create them, or remove their names
  export CONTROLLER_HOST=https://awx.example.com
  export CONTROLLER_OAUTH_TOKEN=...    # of a system administrator, with the scope Write
  make demo-awx SITE=site.yml

awx/README.md describes the files. Nothing was done.\
"""
WORKFLOW = "Weekly truth"
ANSWERS = {"activation_check_hosts": "windows"}
REQUEST_TIMEOUT = 30.0


class Controller:
    """The REST API of a controller."""

    def __init__(self, host: str, token: str) -> None:
        # Without a scheme, the modules of awx.awx use https too.
        self._host = (host if host.startswith(("http://", "https://")) else f"https://{host}").rstrip("/")
        self._token = token
        self._path = os.environ.get("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX", "/api/").rstrip("/")

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a request. Raises ToolError if it is no success."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._host}{self._path}/v2/{path}", data=content, headers=headers, method=method)
        try:
            with urlopen(request, timeout=REQUEST_TIMEOUT) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise ToolError(f"{method} {path}: HTTP {error.code}: {error.read().decode(errors='replace')[:500]}") from error
        except (URLError, TimeoutError, ValueError) as error:
            raise ToolError(f"{method} {path}: {error}") from error


def apply(site: Path) -> None:
    """Apply all objects with the modules of awx.awx. Raises ToolError if this fails."""
    controller_modules.install()
    collections = os.pathsep.join(str(path) for path in (controller_modules.FOLDER, site_packages(VENV)))
    must(BIN / "ansible-playbook", f"{FQCN}.controller_apply", "-e", f"@{site}", env=environment(ANSIBLE_COLLECTIONS_PATH=collections))


def run_workflow(controller: Controller, name: str, pause: float, deadline: float) -> int:
    """Launch a workflow, wait for its end, and print its outcome. Returns 0 if it was successful."""
    found = controller.request("GET", f"workflow_job_templates/?name={quote(name)}")["results"]
    if not found:
        raise ToolError(f"The controller does not have a workflow {name}.")
    job = controller.request("POST", f"workflow_job_templates/{found[0]['id']}/launch/", {"extra_vars": ANSWERS})
    number = job.get("workflow_job") or job["id"]
    print(f"{name} started as workflow job {number}.", flush=True)
    end = time.monotonic() + deadline
    while not job.get("finished"):
        if time.monotonic() > end:
            raise ToolError(f"{name} did not end within {deadline:.0f} seconds. It continues in the controller as workflow job {number}.")
        time.sleep(pause)
        job = controller.request("GET", f"workflow_jobs/{number}/")
    print(f"{name} ended: {job['status']}.", flush=True)
    return 0 if job["status"] == "successful" else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, help="YAML file with the variables of the role controller_content")
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between two looks at the workflow")
    parser.add_argument("--deadline", type=float, default=3600.0, help="seconds to wait for the workflow")
    chosen = parser.parse_args()
    if chosen.site is None or any(not os.environ.get(name) for name in NEEDED):
        print(HOW)
        return 0
    try:
        site = chosen.site if chosen.site.is_absolute() else ROOT / chosen.site
        if not site.is_file():
            raise ToolError(f"{site} is not a file. Copy awx/site.yml there, and change its values. Nothing was done.")
        variables = yaml.safe_load(site.read_text(encoding="utf-8")) or {}
        apply(site)
        controller = Controller(*(os.environ[name] for name in NEEDED))
        prefix = variables.get("controller_content_prefix", "Volume activation | ")
        return run_workflow(controller, f"{prefix}{WORKFLOW}", chosen.pause, chosen.deadline)
    except (OSError, ToolError, yaml.YAMLError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    run_main(main)
