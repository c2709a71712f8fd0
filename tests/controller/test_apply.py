# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""controller_apply puts the objects into a simulated controller with the modules of awx.awx. A second run changes nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api.server import serving
from modules_of_awx import PLAYBOOKS, Runner

import controller_modules
from controller_data import data, objects_of

PREFIX = "Volume activation | "
PROJECT = {"controller_content_project_url": "https://git.example.com/activation.git"}
CREDENTIALS = [
    {
        "name": "Machines",
        "credential_type": "Machine",
        "organization": "Default",
        "inputs": {"username": "admin", "password": "Secret-of-machines"},
    },
    {
        "name": "MAK 2026",
        "credential_type": f"{PREFIX}Multiple Activation Key (MAK)",
        "organization": "Default",
        "inputs": {"product_key": "MMMMM-KKKKK-MMMMM-22222-33333"},
    },
]
SITE = {
    **PROJECT,
    "controller_content_execution_environment_image": "quay.example.com/activation:1",
    "controller_content_inventory_source_path": "inventory.yml",
    "controller_content_instance_groups": ["default"],
    "controller_content_verbosity": 1,
    "controller_content_slices": 4,
    "controller_content_file_host": "files01",
    "controller_content_file_host_variables": {"ansible_host": "files01.example.com"},
    "controller_content_answers": {"convert_to_kms_hosts": "offices"},
    "controller_content_credential_names": {"machine": "Machines", "mak": "MAK 2026"},
    "controller_content_extra_objects": {"controller_credentials": CREDENTIALS},
    "controller_content_notification": {
        "notification_type": "webhook",
        "notification_configuration": {
            "url": "https://chat.example.com/hook", "http_method": "POST", "headers": {}, "disable_ssl_verification": False,
            "username": "", "password": "",
        },
    },
}  # fmt: skip
ALL_KEYS = {
    "templates": [
        key
        for group in data()["templates"]
        for name, each in group.items()
        for key in (name, *([f"{name}_check"] if each.get("has_check") else []))
    ],
    "workflows": list(data()["workflows"]),
    "credential_types": [each["id"] for each in data()["credential_types"]],
    "inventories": ["windows", "constructed"],
    "labels": list(data()["labels"]),
    "teams": list(data()["teams"]),
}


APPLIED = ["convert_to_kms", "convert_to_kms_check", "weekly_survey", "weekly_merge", "weekly_report", "workflow_failed"]
"""Templates of a short run: one of a user with its twin in check mode, and the nodes of a workflow."""


def but(**kept: list[str]) -> dict[str, Any]:
    """Variables for a site that has only these objects, which makes a run short."""
    return {
        **PROJECT,
        "controller_content_exclude": {kind: [key for key in keys if key not in kept.get(kind, ())] for kind, keys in ALL_KEYS.items()},
    }


@pytest.fixture(scope="session")
def modules() -> Path:
    """The path of collections with awx.awx."""
    missing = controller_modules.why_missing()
    if missing:
        pytest.skip(missing)
    return controller_modules.FOLDER


@pytest.fixture
def runner(modules: Path, tmp_path: Path) -> Iterator[Runner]:
    """A new controller, and the playbook for it."""
    with serving(PLAYBOOKS) as controller:
        yield Runner(controller, tmp_path, modules)


def changed(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("changed:")]


def succeeded(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """The run, which must have ended well and without a warning."""
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "WARNING" not in done.stdout + done.stderr, done.stderr
    assert "DEPRECAT" not in done.stdout + done.stderr, done.stderr
    return done


def test_the_objects_of_a_site_are_applied_once_and_removed(runner: Runner) -> None:
    """One test with one workflow, because each run takes a process for each object. test_argument_specs has all objects."""
    controller = runner.controller
    site = {**but(**{**ALL_KEYS, "templates": APPLIED, "workflows": ["weekly"]}), **SITE}
    first = succeeded(runner.run(site))
    expected = objects_of({name.removeprefix("controller_content_"): value for name, value in site.items()} | {"project": ""})
    for kind, endpoint in (
        ("templates", "job_templates"), ("workflows", "workflow_job_templates"), ("teams", "teams"), ("labels", "labels"),
        ("inventories", "inventories"), ("projects", "projects"), ("schedules", "schedules"), ("credentials", "credentials"),
    ):  # fmt: skip
        assert sorted(controller.names(endpoint)) == sorted(each["name"] for each in expected[kind]), kind
    nodes = sum(len(each["simplified_workflow_nodes"]) for each in expected["workflows"])
    assert len(controller.names("workflow_job_template_nodes")) == nodes
    assert "Secret-of-machines" not in first.stdout
    convert = controller.named("job_templates", f"{PREFIX}Convert to KMS")
    assert controller.store.surveys["job_templates", convert["id"]] == next(
        each["survey_spec"] for each in expected["templates"] if each["name"] == convert["name"]
    )

    before = len(controller.writes)
    second = succeeded(runner.run(site))
    assert (changed(second), controller.writes[before:]) == ([], [])

    # A credential type that the site uses cannot be removed, and the credentials are those of the site.
    for credential in list(controller.store.items["credentials"]):
        controller.store.delete("credentials", credential)
    other = controller.store.create("labels", {"name": "of others", "organization": controller.named("organizations", "Default")["id"]})
    succeeded(runner.run({**site, "controller_content_state": "absent"}))
    left = {kind: controller.names(kind) for kind in controller.store.items if kind not in ("roles", "labels")}
    assert {kind: names for kind, names in left.items() if names} == {
        "organizations": ["Default"],
        "users": ["None"],
        "instance_groups": ["default"],
        "credential_types": ["Machine"],
        "inventories": [f"{PREFIX}Windows machines"],
        "inventory_sources": [f"{PREFIX}Inventory file of the project"],
    }
    assert other["id"] in controller.store.items["labels"]


def test_a_site_overrides_fields_and_answers(runner: Runner) -> None:
    site = {
        **but(templates=["report", "convert_to_kms"], inventories=["windows"]),
        "controller_content_prefix": "Test: ",
        "controller_content_override": {"templates": {"report": {"forks": 50, "timeout": 600}}},
        "controller_content_answers": {"convert_to_kms_hosts": "offices"},
    }
    succeeded(runner.run(site))
    report = runner.controller.named("job_templates", "Test: Report")
    assert (report["forks"], report["timeout"]) == (50, 600)
    convert = runner.controller.named("job_templates", "Test: Convert to KMS")
    question = runner.controller.store.surveys["job_templates", convert["id"]]["spec"][0]
    assert (question["variable"], question["default"], question["required"]) == ("convert_to_kms_hosts", "offices", False)
    report["forks"] = 5
    second = succeeded(runner.run(site))
    assert len(changed(second)) == 1
    assert report["forks"] == 50


def test_objects_and_nodes_of_earlier_versions_are_removed(runner: Runner) -> None:
    controller = runner.controller
    organization = controller.named("organizations", "Default")["id"]
    old = controller.store.create("teams", {"name": f"{PREFIX}Old team", "organization": organization})
    others = controller.store.create("teams", {"name": "Old team", "organization": organization})
    retired = {**data()["retired"], "teams": ["Old team"]}
    succeeded(runner.run({**but(), "__controller_content_retired": retired}))
    assert old["id"] not in controller.store.items["teams"]
    assert others["id"] in controller.store.items["teams"]


@pytest.mark.parametrize("token", ["wrong", "a-token-that-reads"])
def test_a_token_that_is_refused_is_explained_and_changes_nothing(runner: Runner, token: str) -> None:
    site = {**but(), "controller_content_organization": "New"}
    done = runner.run(site, token=token)
    assert done.returncode == 2
    output = " ".join(done.stdout.split())
    assert f"The controller {runner.controller.url} did not accept the organization" in output
    assert ("HTTP 401" if token == "wrong" else "HTTP 403") in output
    assert "CONTROLLER_OAUTH_TOKEN" in output
    assert runner.controller.names("organizations") == ["Default"]


def test_a_missing_collection_is_named_before_anything_is_sent(runner: Runner, tmp_path: Path) -> None:
    without = Runner(runner.controller, tmp_path, None)
    done = without.run(but())
    assert done.returncode == 2
    assert "The collection awx.awx is not installed" in " ".join(done.stdout.split())
    assert runner.controller.requests == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"controller_content_project_url": ""}, "Set controller_content_project_url"),
        (
            {"controller_content_exclude": {"templates": ["reprot"]}},
            "controller_content_exclude.templates has reprot, but must have keys of",
        ),
        ({"controller_content_answers": {"kms_hots": "x"}}, "controller_content_answers has kms_hots, and no survey asks for it"),
        ({"controller_content_exclude": {"templates": ["weekly_merge"]}}, "The workflow weekly needs the template weekly_merge"),
        ({"controller_content_exclude": {"inventories": ["windows"]}}, "the job templates need an inventory"),
        ({"controller_content_prefixx": "x"}, "did you mean controller_content_prefix?"),
    ],
)
def test_variables_that_are_wrong_are_explained_before_anything_is_sent(runner: Runner, variables: dict[str, Any], said: str) -> None:
    done = runner.run({**PROJECT, **variables})
    # A misspelled variable is found while the hosts of the play are computed: 4, or 1 before ansible-core 2.19.
    assert done.returncode in (1, 2, 4)
    assert said in " ".join((done.stdout + done.stderr).split())
    assert runner.controller.requests == []
