# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the objects for a controller: each reference leads to an object of the file, and each playbook is in the project folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import outside

PREFIX = "Molecule | "
PROJECT = Path(__file__).parents[4] / "awx" / "project"
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


@pytest.fixture(scope="module")
def objects() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(outside.read("controller.json"))
    return found


def names(objects: dict[str, list[dict[str, Any]]], kind: str) -> set[str]:
    return {each["name"] for each in objects[kind]}


def test_there_are_templates_workflows_and_all_else(objects: dict[str, list[dict[str, Any]]]) -> None:
    assert sorted(kind for kind, found in objects.items() if not found) == ["projects"]
    titles = ("Migrate to KMS", "Move to Active Directory", "KMS host died", "MAK by proxy", "Weekly truth")
    workflows = {f"{PREFIX}{title}" for title in titles}
    assert names(objects, "workflows") == workflows


def test_all_names_have_the_prefix_and_none_is_there_twice(objects: dict[str, list[dict[str, Any]]]) -> None:
    for kind, found in objects.items():
        given = [each["name"] for each in found if kind != "roles"]
        assert [name for name in given if not name.startswith(PREFIX)] == []
        assert len(set(given)) == len(given), kind


def test_each_playbook_is_in_the_project_folder(objects: dict[str, list[dict[str, Any]]]) -> None:
    assert [each["playbook"] for each in objects["templates"] if not (PROJECT / each["playbook"]).is_file()] == []
    assert {each["project"] for each in objects["templates"]} == {"Playbooks"}


def test_each_node_runs_a_template_or_waits_for_an_approval(objects: dict[str, list[dict[str, Any]]]) -> None:
    templates = names(objects, "templates")
    for workflow in objects["workflows"]:
        nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
        assert len(nodes) == len(workflow["simplified_workflow_nodes"])
        run = {name: node["unified_job_template"] for name, node in nodes.items() if "approval_node" not in node}
        assert {name: template for name, template in run.items() if template not in templates} == {}, workflow["name"]
        linked = {target for node in nodes.values() for link in LINKS for target in node[link]}
        assert linked < set(nodes), workflow["name"]


def test_each_permission_and_each_schedule_leads_to_an_object(objects: dict[str, list[dict[str, Any]]]) -> None:
    for role in objects["roles"]:
        assert role["team"] in names(objects, "teams")
        assert set(role.get("job_templates", ())) <= names(objects, "templates")
        assert set(role.get("workflows", ())) <= names(objects, "workflows")
    assert {each["unified_job_template"] for each in objects["schedules"]} <= names(objects, "workflows")


def test_the_answer_of_the_site_is_the_default_of_its_question(objects: dict[str, list[dict[str, Any]]]) -> None:
    (convert,) = (each for each in objects["templates"] if each["name"] == f"{PREFIX}Convert to KMS")
    (question,) = (each for each in convert["survey_spec"]["spec"] if each["variable"] == "convert_to_kms_hosts")
    assert (question["default"], question["required"]) == ("headquarters", False)


def test_the_reports_go_to_the_machine_that_keeps_files(objects: dict[str, list[dict[str, Any]]]) -> None:
    (report,) = (each for each in objects["templates"] if each["name"] == f"{PREFIX}Report")
    assert report["extra_vars"]["volume_activation_file_host"] == "files01"
    assert report["extra_vars"]["activation_report_file_host"] == "{{ volume_activation_file_host }}"


def test_a_key_is_secret_and_reaches_the_jobs_as_a_variable(objects: dict[str, list[dict[str, Any]]]) -> None:
    (mak,) = (each for each in objects["credential_types"] if "mak_client_product_key" in each["injectors"]["extra_vars"])
    fields = {field["id"]: field for field in mak["inputs"]["fields"]}
    assert fields["product_key"]["secret"] is True
    assert mak["injectors"]["extra_vars"]["mak_client_product_key"] == "{{ product_key }}"
