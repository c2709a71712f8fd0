# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated REST API refuses what AWX 24.6.1 refuses. Otherwise the tests of controller_apply could not fail."""

from __future__ import annotations

from typing import Any

import pytest
from api.server import PAGE_SIZE, Controller
from api.store import Store

TOKEN = "Bearer a-token-that-writes"


@pytest.fixture
def controller() -> Controller:
    return Controller(Store(["report.yml"]))


def post(controller: Controller, path: str, **fields: Any) -> tuple[int, Any]:
    return controller.answer("POST", f"/api/v2/{path}/", TOKEN, fields)


def made(controller: Controller, path: str, **fields: Any) -> dict[str, Any]:
    status, body = post(controller, path, **fields)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


def get(controller: Controller, path: str) -> tuple[int, Any]:
    return controller.answer("GET", path, TOKEN, {})


def template(controller: Controller, name: str = "Report") -> dict[str, Any]:
    project = made(controller, "projects", name=f"Project of {name}", scm_type="git")
    return made(controller, "job_templates", name=name, project=project["id"], playbook="report.yml")


@pytest.mark.parametrize(
    ("authorization", "method", "status"), [("", "GET", 401), ("Bearer x", "GET", 401), ("Bearer a-token-that-reads", "POST", 403)]
)
def test_a_request_without_a_right_is_refused(controller: Controller, authorization: str, method: str, status: int) -> None:
    assert controller.answer(method, "/api/v2/teams/", authorization, {})[0] == status


def test_a_list_has_pages_and_refuses_a_filter_that_is_no_field(controller: Controller) -> None:
    for number in range(PAGE_SIZE + 5):
        made(controller, "labels", name=f"label {number}", organization=1)
    first = get(controller, "/api/v2/labels/")[1]
    assert (first["count"], len(first["results"])) == (PAGE_SIZE + 5, PAGE_SIZE)
    assert len(get(controller, first["next"])[1]["results"]) == 5
    assert get(controller, "/api/v2/labels/?nmae=x")[0] == 400
    assert get(controller, "/api/v2/labels/?name=label+3")[1]["count"] == 1


def test_a_required_field_a_reference_and_a_name_that_exists_are_checked(controller: Controller) -> None:
    assert post(controller, "teams", name="A") == (400, {"organization": ["This field is required."]})
    assert post(controller, "teams", name="A", organization=99)[0] == 400
    made(controller, "teams", name="A", organization=1)
    assert post(controller, "teams", name="A", organization=1)[0] == 400
    assert get(controller, "/api/v2/teams/999/")[0] == 404


def test_a_job_template_needs_a_playbook_of_the_project(controller: Controller) -> None:
    project = made(controller, "projects", name="P", scm_type="git")
    assert post(controller, "job_templates", name="x", project=project["id"], playbook="other.yml")[0] == 400


@pytest.mark.parametrize(
    "question",
    [
        {"type": "text", "question_name": "x", "variable": "v"},
        {"type": "list", "question_name": "x", "variable": "v", "required": False},
        {"type": "multiplechoice", "question_name": "x", "variable": "v", "required": False},
        {"type": "multiplechoice", "question_name": "x", "variable": "v", "required": False, "choices": ["a"], "default": "b"},
        {"type": "integer", "question_name": "x", "variable": "v", "required": False, "default": "5"},
    ],
)
def test_a_survey_that_is_wrong_is_refused(controller: Controller, question: dict[str, Any]) -> None:
    number = template(controller)["id"]
    status, _body = post(controller, f"job_templates/{number}/survey_spec", name="", description="", spec=[question])
    assert status == 400


def test_a_survey_is_returned_as_it_was_sent(controller: Controller) -> None:
    number = template(controller)["id"]
    spec = {"name": "", "description": "", "spec": [{"type": "text", "question_name": "x", "variable": "v", "required": True}]}
    assert post(controller, f"job_templates/{number}/survey_spec", **spec)[0] == 200
    assert get(controller, f"/api/v2/job_templates/{number}/survey_spec/") == (200, spec)


def test_secrets_of_a_credential_are_never_shown(controller: Controller) -> None:
    kind = controller.named("credential_types", "Machine")["id"]
    found = made(controller, "credentials", name="c", credential_type=kind, organization=1, inputs={"username": "u", "password": "geheim"})
    assert found["inputs"] == {"username": "u", "password": "$encrypted$"}
    assert post(controller, "credentials", name="d", credential_type=kind, organization=1, inputs={"pasword": "x"})[0] == 400
    assert controller.answer("DELETE", f"/api/v2/credential_types/{kind}/", TOKEN, {})[0] == 403


def test_a_credential_type_is_rendered_with_its_own_fields_only(controller: Controller) -> None:
    inputs = {"fields": [{"id": "key", "label": "Key", "type": "string"}]}
    fine = {"extra_vars": {"a": [{"b": "{{ key }}"}]}}
    assert post(controller, "credential_types", name="a", kind="cloud", inputs=inputs, injectors=fine)[0] == 201
    for wrong in ({"extra_vars": {"a": "{{ kye }}"}}, {"file": {"krb5": "x"}}, {"variables": {}}):
        assert post(controller, "credential_types", name="b", kind="cloud", inputs=inputs, injectors=wrong)[0] == 400


def test_a_template_takes_one_credential_of_a_type(controller: Controller) -> None:
    kind, number = controller.named("credential_types", "Machine")["id"], template(controller)["id"]
    first, second = (made(controller, "credentials", name=name, credential_type=kind, organization=1)["id"] for name in "ab")
    assert post(controller, f"job_templates/{number}/credentials", id=first)[0] == 204
    assert post(controller, f"job_templates/{number}/credentials", id=second)[0] == 400


def test_links_of_nodes_have_no_circle_and_one_kind_for_two_nodes(controller: Controller) -> None:
    workflow = made(controller, "workflow_job_templates", name="w", organization=1)["id"]
    a, b = (made(controller, "workflow_job_template_nodes", workflow_job_template=workflow, identifier=name)["id"] for name in "ab")
    nodes = "workflow_job_template_nodes"
    assert post(controller, f"{nodes}/{a}/success_nodes", id=b)[0] == 204
    assert post(controller, f"{nodes}/{b}/always_nodes", id=a) == (400, {"Error": "Cycle detected."})
    assert post(controller, f"{nodes}/{a}/failure_nodes", id=b) == (400, {"Error": "Relationship not allowed."})


def test_a_constructed_inventory_makes_its_source_which_lets_little_be_changed(controller: Controller) -> None:
    made(controller, "inventories", name="groups", organization=1, kind="constructed")
    source = controller.named("inventory_sources", "Auto-created source for: groups")
    path = f"/api/v2/inventory_sources/{source['id']}/"
    assert controller.answer("PATCH", path, TOKEN, {"source_vars": "plugin: constructed"})[0] == 200
    assert controller.answer("PATCH", path, TOKEN, {"overwrite": False})[0] == 400


def test_a_schedule_needs_the_answers_that_its_workflow_requires(controller: Controller) -> None:
    workflow = made(controller, "workflow_job_templates", name="w", organization=1, survey_enabled=True)["id"]
    spec = [{"type": "text", "question_name": "x", "variable": "v", "required": True}]
    post(controller, f"workflow_job_templates/{workflow}/survey_spec", name="", description="", spec=spec)
    fields = {"name": "s", "unified_job_template": workflow, "rrule": "DTSTART:20260105T060000Z RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO"}
    assert post(controller, "schedules", **fields)[0] == 400
    assert post(controller, "schedules", **fields, extra_data={"v": "x", "other": "y"})[0] == 400
    assert post(controller, "schedules", **{**fields, "rrule": "every Monday"}, extra_data={"v": "x"})[0] == 400
    assert post(controller, "schedules", **fields, extra_data={"v": "x"})[0] == 201


@pytest.mark.parametrize("body", ["text", '["list"]'])
def test_the_body_of_a_webhook_must_be_an_object(controller: Controller, body: str) -> None:
    configuration = {"url": "x", "http_method": "POST", "headers": {}, "disable_ssl_verification": False, "username": "", "password": ""}
    fields = {"name": "n", "organization": 1, "notification_type": "webhook", "notification_configuration": configuration}
    assert post(controller, "notification_templates", **fields, messages={"error": {"body": body}})[0] == 400
    assert post(controller, "notification_templates", **fields, messages={"error": {"body": '{"text": "{{ job.name }}"}'}})[0] == 201
