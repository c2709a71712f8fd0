# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped objects of a controller ask what the roles and playbooks read, and no combination of failed jobs is shown as a success."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.controller_objects import controller_objects
from controller_data import ROOT, data, objects_of

SPECS: dict[str, Any] = yaml.safe_load((ROOT / "meta" / "playbook_specs.yml").read_text(encoding="utf-8"))["playbook_specs"]
OBJECTS = objects_of({})
TEMPLATES = {template["name"].removeprefix("Volume activation | "): template for template in OBJECTS["templates"]}
WORKFLOWS = {workflow["name"].removeprefix("Volume activation | "): workflow for workflow in OBJECTS["workflows"]}
NOT_A_TEMPLATE = {"controller_apply"}
"""Playbooks that a person runs, and not a controller on itself."""
OVERRIDES = re.compile(
    r"_(?:lose_activation|convert_kms_host|replace_subscription|skip_checks|allow_unknown_key|ignore_tampering|ask_again)$"
)
TYPES = {"str": {"text"}, "path": {"text"}, "raw": {"text"}, "list": {"textarea", "text"}, "int": {"integer"}, "float": {"float"}}
"""Types of questions by the type of the option."""
FROM_CREDENTIALS = re.compile(r"_(?:product_key|host_keys|key_secret|fallback_key|password|username|http_proxy|dns)$")
SWITCH = ["true", "false"]


def options_of(playbook: str) -> dict[str, Any]:
    """Every option that a playbook and its roles read."""
    specification = SPECS[playbook]
    found: dict[str, Any] = {}
    for role, entries in specification["roles"].items():
        entry_points = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
        for entry in entries:
            found |= entry_points[entry]["options"]
    return {**found, **specification["options"]}


def playbook_of(template: Mapping[str, Any]) -> str:
    return str(template["playbook"]).removesuffix(".yml")


def questions() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every question of a job template, with the name of the template and its playbook."""
    for name, template in TEMPLATES.items():
        for question in template.get("survey_spec", {}).get("spec", ()):
            yield name, playbook_of(template), question


QUESTIONS = [pytest.param(*each[1:], id=f"{each[0]}-{each[2]['variable']}") for each in questions()]


def test_every_playbook_has_a_template() -> None:
    assert {playbook_of(template) for template in TEMPLATES.values()} == set(SPECS) - NOT_A_TEMPLATE


def test_every_template_that_changes_machines_has_one_in_check_mode() -> None:
    changing = {
        name for group in data()["templates"] for template in group.values() if template["use"] == "changes" for name in [template["name"]]
    }
    checked = {name.removesuffix(" (check)") for name, template in TEMPLATES.items() if template["job_type"] == "check"}
    assert changing == checked


@pytest.mark.parametrize(("playbook", "question"), QUESTIONS)
def test_a_question_fits_its_option(playbook: str, question: Mapping[str, Any]) -> None:
    option = options_of(playbook)[question["variable"]]
    choices = [choice for choice in option.get("choices", ()) if choice]
    if option["type"] == "bool":
        assert (question["type"], question["choices"]) == ("multiplechoice", SWITCH)
    elif choices:
        assert question["type"] == ("multiselect" if option["type"] == "list" else "multiplechoice")
        assert question["choices"] == choices
    else:
        assert question["type"] in TYPES[option["type"]]
        assert "choices" not in question
    assert {"question_name", "question_description"} <= set(question)


@pytest.mark.parametrize(("playbook", "question"), QUESTIONS)
def test_a_question_sends_nothing_without_an_answer_and_names_the_default(playbook: str, question: Mapping[str, Any]) -> None:
    """A default would be an extra variable, which wins over the inventory."""
    assert "default" not in question
    default = options_of(playbook)[question["variable"]].get("default")
    said = re.search(r"Default: (.+)\.$", question["question_description"])
    shown = {True: "true", False: "false"}.get(default, str(default)) if isinstance(default, bool) else default
    if default not in (None, "", []) or said:
        assert said, question
        assert said[1] == str(shown), question


@pytest.mark.parametrize(("playbook", "question"), QUESTIONS)
def test_no_question_overrides_a_refusal_or_asks_for_a_secret(playbook: str, question: Mapping[str, Any]) -> None:
    assert not OVERRIDES.search(question["variable"])
    assert not options_of(playbook)[question["variable"]].get("no_log")
    assert question["type"] != "password"


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if "survey_spec" in template])
def test_what_a_playbook_requires_is_asked_set_or_in_a_credential(name: str) -> None:
    template = TEMPLATES[name]
    asked = {question["variable"]: question["required"] for question in template["survey_spec"]["spec"]}
    for variable, option in options_of(playbook_of(template)).items():
        if option.get("required") and not FROM_CREDENTIALS.search(variable) and variable not in template["extra_vars"]:
            # The inventory can set the programme for a group, and AWX has no question for a list of dictionaries.
            assert asked.get(variable) or variable in ("esu_programme", "rearm_duplicates"), variable


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_variables_of_a_template_are_options_of_its_playbook(name: str) -> None:
    template = TEMPLATES[name]
    given = {variable for variable in template["extra_vars"] if not variable.startswith("volume_activation_")}
    assert given - set(options_of(playbook_of(template))) == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_asks_for_variables_a_limit_or_slices_only_where_that_is_safe(name: str) -> None:
    template = TEMPLATES[name]
    whole = {"kms_failover", "kms_key_rotation", "kms_srv_cleanup", "mak_to_kms_when_ready", "recover_nongenuine", "proxy_request"}
    assert not (template["ask_limit_on_launch"] and playbook_of(template) in whole)
    assert template["ask_variables_on_launch"] == (playbook_of(template) == "rearm_duplicates")
    assert not template["ask_job_slice_count_on_launch"] or playbook_of(template) == "activation_check"
    assert template["allow_simultaneous"] is False
    assert template["become_enabled"] is False


def test_a_credential_injects_options_that_exist() -> None:
    known = {name for playbook in SPECS for name in options_of(playbook)}
    for each in OBJECTS["credential_types"]:
        fields = {field["id"] for field in each["inputs"]["fields"]}
        assert set(each["injectors"]["extra_vars"]) <= known
        assert set(re.findall(r"\{\{ (?:tower\.filename\.)?(\w+)", str(each["injectors"]))) <= fields
        secret = {field["id"] for field in each["inputs"]["fields"] if field.get("secret")}
        assert {name for name in fields if re.search(r"password|product_key|secret", name)} == secret


def test_a_credential_sets_only_known_fields_of_the_name_server() -> None:
    role = yaml.safe_load((ROOT / "roles" / "kms_failover" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    known = set(role["argument_specs"]["replacement"]["options"]["kms_failover_dns"]["options"])
    for each in OBJECTS["credential_types"]:
        assert set(each["injectors"]["extra_vars"].get("kms_failover_dns", {})) <= known


def failed(workflow: Mapping[str, Any], results: Mapping[str, bool]) -> tuple[bool, dict[str, bool]]:
    """Run a workflow as AWX does: whether it failed, and the result of each node that ran. A job that always fails does so here."""
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    parents = {name: [p for p, n in nodes.items() if name in n["success_nodes"] + n["failure_nodes"] + n["always_nodes"]] for name in nodes}
    ran: dict[str, bool] = {}
    decided: set[str] = set()
    while len(decided) < len(nodes):
        for name, node in nodes.items():
            if name in decided or not set(parents[name]) <= decided:
                continue
            reached = [p for p in parents[name] if p in ran and name in follow(nodes[p], ran[p])]
            if reached or not parents[name]:
                ran[name] = results.get(name, True) and not str(node.get("unified_job_template", "")).endswith("Workflow failed")
            decided.add(name)
    return any(not ok and not nodes[name]["failure_nodes"] + nodes[name]["always_nodes"] for name, ok in ran.items()), ran


def follow(node: Mapping[str, Any], ok: bool) -> list[str]:
    return [*(node["success_nodes"] if ok else node["failure_nodes"]), *node["always_nodes"]]


DECISIONS = {("MAK by proxy", "request")}
"""Jobs whose failure a person makes up for by an approval."""


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_combination_of_failed_jobs_is_shown_as_a_success(name: str) -> None:
    workflow = WORKFLOWS[name]
    nodes = [node["identifier"] for node in workflow["simplified_workflow_nodes"]]
    for results in product([True, False], repeat=len(nodes)):
        has_failed, ran = failed(workflow, dict(zip(nodes, results, strict=True)))
        wrong = {node for node, ok in ran.items() if not ok and (name, node) not in DECISIONS}
        assert has_failed == bool(wrong), (wrong, ran)


def test_a_failed_conversion_is_verified_and_reported() -> None:
    _failed, ran = failed(WORKFLOWS["Migrate to KMS"], {"convert": False})
    assert {"verify", "report_after", "failed"} <= set(ran)


def test_a_failed_slice_does_not_stop_the_weekly_report() -> None:
    _failed, ran = failed(WORKFLOWS["Weekly truth"], {"survey": False})
    assert {"merge", "report", "failed"} <= set(ran)


def test_the_file_of_microsoft_is_waited_for_only_if_microsoft_was_not_asked() -> None:
    assert "file_is_back" not in failed(WORKFLOWS["MAK by proxy"], {})[1]
    has_failed, ran = failed(WORKFLOWS["MAK by proxy"], {"request": False})
    assert (has_failed, ran["file_is_back"], ran["deposit"]) == (False, True, True)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_asks_for_variables_that_its_jobs_read(name: str) -> None:
    workflow = WORKFLOWS[name]
    used = {node.get("unified_job_template") for node in workflow["simplified_workflow_nodes"]}
    playbooks = {playbook_of(template) for template in OBJECTS["templates"] if template["name"] in used}
    known = {option for playbook in playbooks for option in options_of(playbook)}
    assert {question["variable"] for question in workflow["survey_spec"]["spec"]} <= known


def test_a_schedule_answers_what_its_workflow_requires() -> None:
    for schedule in OBJECTS["schedules"]:
        (workflow,) = [each for each in OBJECTS["workflows"] if each["name"] == schedule["unified_job_template"]]
        assert {each["variable"] for each in workflow["survey_spec"]["spec"] if each["required"]} <= set(schedule["extra_data"])


def test_auditors_launch_only_what_reads_and_nobody_administers() -> None:
    reading = {template["name"] for group in data()["templates"] for template in group.values() if template["use"] == "reads"}
    for each in OBJECTS["roles"]:
        assert each["role"] in ("execute", "read", "approval")
        if each["team"].endswith("Auditors") and each["role"] == "execute":
            assert {name.removeprefix("Volume activation | ") for name in each["job_templates"]} == reading
            assert [name.removeprefix("Volume activation | ") for name in each["workflows"]] == ["Weekly truth"]


def test_no_name_of_an_object_is_used_twice() -> None:
    """AWX finds the template of a node by its name among projects, job templates, and workflows."""
    names = [each["name"] for kind in ("projects", "templates", "workflows", "inventory_sources") for each in OBJECTS[kind]]
    assert len(names) == len(set(names))


def test_the_rulebook_starts_the_shipped_workflow() -> None:
    for rulebook, name in (("workflow", "KMS host died"), ("job", "Fail over a KMS host")):
        text = (ROOT / "extensions" / "eda" / "rulebooks" / f"kms_host_silent_{rulebook}.yml").read_text(encoding="utf-8")
        assert f"default('Volume activation | {name}')" in text
    assert WORKFLOWS["KMS host died"]["ask_variables_on_launch"] is True


def test_the_readme_names_every_key() -> None:
    text = (ROOT / "roles" / "controller_content" / "README.md").read_text(encoding="utf-8")
    keys = {key for group in data()["templates"] for key in group} | set(data()["workflows"]) | set(data()["schedules"])
    keys |= {each["id"] for each in data()["credential_types"]} | set(data()["labels"]) | set(data()["teams"])
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def test_a_job_can_reach_the_file_host_that_is_not_in_the_inventory_of_its_slice() -> None:
    connection = {"ansible_host": "files.example.com", "ansible_user": "keeper"}
    site = {"file_host": "files", "file_host_variables": connection, "ledger": "ledger.jsonl", "slices": 3}
    found = {template["name"].removeprefix("Volume activation | "): template["extra_vars"] for template in objects_of(site)["templates"]}
    keeping = {name: variables for name, variables in found.items() if any(option.endswith("_file_host") for option in variables)}
    assert {"Weekly truth: survey", "Check activation", "Convert to MAK"} < set(keeping)
    assert all(variables["volume_activation_file_host_variables"] == connection for variables in keeping.values())
    assert found["Convert to MAK"]["activation_ledger_file_host"] == "files"
    assert "activation_ledger_file_host" not in found["Report"]


def test_the_shipped_data_is_not_changed_by_the_filter() -> None:
    first, second = data(), data()
    controller_objects(first, {"project": "P", "override": {"templates": {"report": {"forks": 5}}}})
    assert first == second


def refused(**variables: Any) -> str:
    """The message for variables of a site that are wrong."""
    with pytest.raises(AnsibleFilterError) as caught:
        controller_objects(data(), {"project": "P", **variables})
    return str(caught.value)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"exclude": {"templates": "report"}}, "controller_content_exclude.templates must be a list of keys."),
        ({"exclude": {"templates": None}}, "controller_content_exclude.templates must be a list of keys."),
        ({"override": {"templates": ["report"]}}, "controller_content_override.templates must be a dictionary"),
        ({"override": {"templates": {"report": None}}}, "controller_content_override.templates must be a dictionary"),
        ({"override": {"labels": {"reads": {"name": "x"}}}}, "controller_content_override has labels, but must have keys of"),
        (
            {"extra_objects": {"controller_templates": {"name": "x"}}},
            "controller_content_extra_objects.controller_templates must be a list",
        ),
        ({"extra_objects": {"controller_templates": [{"playbook": "x"}]}}, "must be a list of dictionaries with the field name."),
        ({"extra_objects": {"controller_roles": [{"team": "x"}]}}, "must be a list of dictionaries with the field role."),
        ({"notification": {"type": "slack"}}, "controller_content_notification has type, but must have keys of notification_type"),
        ({"notification": {"notification_type": "slack"}}, "controller_content_notification does not have notification_configuration."),
        ({"slices": 0}, "controller_content_slices must be 1 or greater."),
        ({"slices": 2, "file_host": "files01"}, "Set controller_content_file_host_variables to the variables of its connection."),
    ],
)
def test_a_variable_without_its_form_is_refused_by_its_name(variables: dict[str, Any], said: str) -> None:
    assert said in refused(**variables)


@pytest.mark.parametrize(
    ("variable", "answer", "said"),
    [
        ("convert_to_kms_hosts", "", "is empty. Set an answer, or remove it."),
        ("convert_to_kms_hosts", ["a"], "must be a text."),
        ("kms_client_kms_port", "1688", "must be a number without quotes."),
        ("kms_client_kms_port", True, "must be a number without quotes."),
        ("kms_client_discovery", True, "must be a text."),
        ("kms_client_application", "offices", "has offices, but must be one of windows, office"),
    ],
)
def test_an_answer_that_a_controller_refuses_is_refused_before_anything_is_sent(variable: str, answer: Any, said: str) -> None:
    assert f"controller_content_answers.{variable} {said}" in refused(answers={variable: answer})


def test_nothing_refers_to_an_object_that_a_site_removes() -> None:
    """The documented way to remove one object. A controller refuses a reference to an object that is not there."""
    gone = {"state": "absent"}
    found = objects_of({"override": {
        "templates": {"report": gone}, "workflows": {"weekly": gone}, "teams": {"auditors": gone}, "notifications": {"notification": gone},
    }, "notification": {"notification_type": "slack", "notification_configuration": {"token": "x", "channels": ["#x"]}}})  # fmt: skip
    for kind, name in (("templates", "Report"), ("workflows", "Weekly truth"), ("teams", "Auditors"), ("notifications", "Notification")):
        (removed,) = [each for each in found[kind] if each["name"] == f"Volume activation | {name}"]
        assert removed["state"] == "absent"
    assert found["schedules"] == []
    assert not [each for each in found["roles"] if each["team"].endswith("Auditors")]
    referred = {name for each in found["roles"] for name in each["job_templates"] + each["workflows"]}
    assert {"Volume activation | Check activation", "Volume activation | Migrate to KMS"} <= referred
    assert not {"Volume activation | Report", "Volume activation | Weekly truth"} & referred
    assert {str(each["notification_templates_error"]) for each in found["templates"]} == {"[]"}


def test_a_workflow_whose_template_a_site_removes_is_refused() -> None:
    assert "The workflow weekly needs the template weekly_merge." in refused(override={"templates": {"weekly_merge": {"state": "absent"}}})


def test_what_a_site_renames_is_referred_to_by_its_new_name_and_the_inventory_is_never_removed() -> None:
    variables = {
        "override": {"inventories": {"windows": {"name": "Estate"}}, "notifications": {"notification": {"name": "Chat"}}},
        "notification": {"notification_type": "slack", "notification_configuration": {"token": "x", "channels": ["#x"]}},
    }
    found = objects_of(variables)
    assert {each["inventory"] for each in found["templates"]} == {"Estate"}
    assert found["inventories"][1]["input_inventories"] == ["Estate"]
    assert [each["name"] for each in found["notifications"]] == ["Chat"]
    assert ["Chat"] in [each["notification_templates_error"] for each in found["templates"]]
    removed = controller_objects(data(), {"project": "P", **variables})["removals"]
    assert "Estate" not in {each["name"] for each in removed}
