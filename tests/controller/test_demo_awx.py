# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-awx` against a simulated controller."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from api.server import serving
from modules_of_awx import PLAYBOOKS, settings_of

import controller_modules
from controller_data import data
from project import BIN, ROOT, environment

KEPT = {"weekly_survey", "weekly_merge", "weekly_report", "workflow_failed"}


def demo(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [BIN / "python", ROOT / "tools" / "demo_awx.py", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=600)


def small_site() -> dict[str, Any]:
    """A site with the weekly workflow only."""
    templates = [
        key
        for group in data()["templates"]
        for name, each in group.items()
        for key in (name, f"{name}_check")[: 1 + bool(each.get("has_check"))]
    ]
    exclude = {
        "templates": [key for key in templates if key not in KEPT],
        "workflows": [key for key in data()["workflows"] if key != "weekly"],
        "credential_types": [each["id"] for each in data()["credential_types"]],
        "labels": list(data()["labels"]),
        "teams": list(data()["teams"]),
        "inventories": ["constructed"],
    }
    return {"controller_content_project_url": "https://git.example.com/activation.git", "controller_content_exclude": exclude}


def test_without_an_address_it_says_how_and_does_nothing() -> None:
    env = {name: value for name, value in environment().items() if not name.startswith("CONTROLLER_")}
    done = demo(env)
    assert done.returncode == 0
    assert "make demo-awx SITE=site.yml" in done.stdout
    assert "Nothing was done." in done.stdout


def test_a_file_that_does_not_exist_is_named_with_the_next_step() -> None:
    done = demo({**environment(), "CONTROLLER_HOST": "https://127.0.0.1:9", "CONTROLLER_OAUTH_TOKEN": "x"}, "--site", "missing.yml")
    assert done.returncode == 1
    assert "missing.yml is not a file. Copy awx/site.yml there" in done.stderr


@pytest.mark.parametrize("outcome", ["successful", "failed"])
def test_it_applies_the_objects_and_ends_with_the_outcome_of_the_workflow(tmp_path: Path, outcome: str) -> None:
    missing = controller_modules.why_missing()
    if missing:
        pytest.skip(missing)
    site = tmp_path / "site.yml"
    site.write_text(yaml.safe_dump(small_site()), encoding="utf-8")
    with serving(PLAYBOOKS) as controller:
        controller.outcomes = [outcome]
        done = demo(settings_of(controller, tmp_path), "--site", str(site), "--pause", "0.1")
        assert f"Volume activation | Weekly truth ended: {outcome}." in done.stdout, done.stdout[-2000:] + done.stderr
        assert done.returncode == (0 if outcome == "successful" else 1)
        (job,) = controller.store.items["workflow_jobs"].values()
        assert job["extra_vars"] == '{"activation_check_hosts": "windows"}'
