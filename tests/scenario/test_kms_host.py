# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_host makes machines KMS hosts with every setting, and clients again: forecast, done, done again, and proven by slmgr, reg and DNS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .documented import task_complaints
from .harness import FQCN, Lab, Results, module_task

ESTATE = "kms_host.yml"
KEY, NEWER = "CCCCC-VVVVV-KKKKK-22222-33333", "CCCCC-VVVVV-KKKKK-22222-44444"
R2_KEY, CLIENT_KEY, OFFICE_KEY = "CCCCC-VVVVV-KKKKK-88888-22222", "CCCCC-VVVVV-KKKKK-WWWWW-22222", "CCCCC-VVVVV-KKKKK-PPPPP-66666"
OFFICE_2021 = "47f3b983-7c53-4d45-abc6-bcd91e2dd90a"
BECOME_HOSTS = ("NEW-S2022", "NEW-S2019JA", "NEW-S2008R2", "NEW-W10")
HOSTS = (*BECOME_HOSTS, "ROTATE", "WITHOFFICE", "READY")
CHANGED = (*HOSTS[:-1], "RETIRE")
SPENT = {"NEW-S2022": 1, "NEW-S2019JA": 1, "NEW-S2008R2": 1, "NEW-W10": 1, "ROTATE": 1, "WITHOFFICE": 1, "READY": 0, "RETIRE": 0}
EXPECTED_WARNINGS = (
    "NEW-S2008R2: The module cannot manage the firewall",
    "NEW-W10: A KMS host on a client version of Windows activates only client versions",
)
WISHES: Mapping[str, Mapping[str, Any]] = {
    "NEW-S2022": {
        "host_keys": [{"product_key": KEY, "product_name": "windows server 2022"}],
        "listening_port": 1689,
        "activation_interval": 60,
        "renewal_interval": 4320,
        "publish_domains": [{"domain": "branch.example"}, {"domain": "overseas.example", "priority": 10, "weight": 5}],
        "low_priority": True,
    },
    "NEW-S2019JA": {
        "host_keys": [{"product_key": KEY.lower(), "product_name": "Windows Server 2022"}],
        "dns_publishing": False,
        "lose_activation": True,
    },
    "NEW-S2008R2": {"host_keys": [{"product_key": R2_KEY}]},
    "NEW-W10": {"host_keys": [{"product_key": CLIENT_KEY, "product_name": "Windows 10"}]},
    "ROTATE": {"host_keys": [{"product_key": NEWER}]},
    "WITHOFFICE": {"host_keys": [{"product_key": OFFICE_KEY, "product_name": "Office LTSC 2021"}]},
    "READY": {"dns_publishing": True, "listening_port": 1688},
    "RETIRE": {"state": "absent"},
}


@dataclass(frozen=True)
class Story:
    """The three runs, and what the machines' own tools and DNS say after them."""

    forecast: Results
    done: Results
    again: Results
    slmgr: Mapping[str, str]
    records: Mapping[str, list[dict[str, Any]]]
    earlier_pid: str


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Every machine gets its wish; one of them stops being a host."""
    before = lab.all("activation_info", ["ROTATE"])
    warned = (*EXPECTED_WARNINGS, "RETIRE: The machine stops being a KMS host")
    forecast = lab.each("kms_host", WISHES, keywords={"check_mode": True, "diff": True}, expected_warnings=warned)
    done = lab.each("kms_host", WISHES, keywords={"diff": True}, expected_warnings=warned)
    again = lab.each("kms_host", WISHES, expected_warnings=EXPECTED_WARNINGS)
    slmgr = {name: winrs.slmgr(lab.host_variables(name), "/dlv") for name in WISHES}
    records = {domain: lab.client.srv_records(domain) for domain in ("host.example", "branch.example", "overseas.example")}
    return Story(forecast, done, again, slmgr, records, before["ROTATE"]["products"][0]["extended_pid"])


def test_the_mak_that_a_host_key_replaces_and_the_host_keys_that_go_are_named_as_lost(story: Story) -> None:
    kinds = {"NEW-S2019JA": ["MAK"], "ROTATE": [], "RETIRE": ["KMS host key", "KMS host key"]}
    for results in (story.forecast, story.done):
        for name, kind in kinds.items():
            lost = [step["loses"] for step in results[name]["steps"] if step["loses"]]
            assert [words.split(" with the ")[1].split(" ending in ")[0] for words in lost] == kind
            assert all(any(f"This task loses {words}." in warning for warning in results[name]["warnings"]) for words in lost)
            assert all(words in results[name]["diff"]["after"] for words in lost)


def steps_of(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(step["action"], step["description"]) for step in result["steps"]]


def records_of(story: Story, name: str) -> set[tuple[str, int, int, int]]:
    """Domain, port, priority and weight of a host's records."""
    return {
        (domain, record["port"], record["priority"], record["weight"])
        for domain, records in story.records.items()
        for record in records
        if record["host"].partition(".")[0] == name.lower()
    }


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", BECOME_HOSTS)
def test_a_machine_becomes_a_licensed_kms_host(story: Story, name: str) -> None:
    result = story.done[name]
    assert (result["status"], result["changed"], result["service"]["is_kms_host"]) == ("ok", True, True)
    assert [(item["outcome"], item["attempts"], item["error"]) for item in result["activations"]] == [("activated", 1, None)]
    assert [(key["partial_product_key"], key["status"]) for key in result["products"]] == [
        (result["activations"][0]["partial_product_key"], "licensed")
    ]
    assert result["kms_host"].lower() == f"{name.lower()}.host.example"
    assert all(step["done"] for step in result["steps"])


@pytest.mark.parametrize("name", CHANGED)
def test_check_mode_predicts_and_sends_no_write(story: Story, name: str) -> None:
    forecast = story.forecast[name]
    assert (forecast["changed"], story.forecast.writes(name), story.forecast.costs[name]["shells"]) == (True, 0, 0)
    assert not any(step["done"] for step in forecast["steps"])
    assert {item["outcome"] for item in forecast["activations"]} <= {"planned"}


@pytest.mark.parametrize("name", SPENT)
def test_check_mode_says_how_many_activations_of_the_key_the_run_spends(story: Story, name: str) -> None:
    assert story.forecast[name]["activations_used"] == story.done[name]["activations_used"] == SPENT[name]
    consumes = [step["consumes"] for step in story.forecast[name]["steps"] if step["consumes"]]
    assert consumes == ["1 of the 10 activations of this KMS host key on this machine"] * SPENT[name]
    assert story.done.calls(name, "Activate") == SPENT[name]


@pytest.mark.parametrize("name", WISHES)
def test_the_run_does_exactly_what_check_mode_said(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert steps_of(done) == steps_of(forecast)
    assert (done["before"], done["after"], done["diff"]) == (forecast["before"], forecast["after"], forecast["diff"])


@pytest.mark.parametrize("name", WISHES)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    again = story.again[name]
    assert (again["status"], again["changed"], again["steps"], again["service_restarted"], again["activations_used"]) == (
        "ok",
        False,
        [],
        False,
        0,
    )
    assert (story.again.writes(name), story.again.costs[name]["shells"]) == (0, 0)
    assert {item["outcome"] for item in again["activations"]} <= {"already_licensed"}
    assert story.again.requests(name) <= 14


@pytest.mark.parametrize("name", WISHES)
def test_every_documented_field_of_the_result_is_there(story: Story, name: str) -> None:
    assert task_complaints("kms_host", story.done[name]) == []


def test_a_host_that_has_everything_is_left_alone(story: Story) -> None:
    assert (story.done["READY"]["changed"], story.done.writes("READY")) == (False, 0)


def test_port_priority_and_publishing_are_proven_by_slmgr(story: Story) -> None:
    text = story.slmgr["NEW-S2022"]
    fields = winrs.slmgr_fields(text)
    assert fields["Listening on Port"] == "1689"
    assert fields["KMS priority"] == "Low"
    assert "DNS publishing enabled" in text
    assert "Key Management Service is enabled" in text


def test_every_setting_is_proven_by_the_registry(story: Story, lab: Lab) -> None:  # noqa: ARG001 - after the run
    values = winrs.registry(lab.host_variables("NEW-S2022"))
    assert values["KeyManagementServiceListeningPort"] == "1689"
    assert (int(values["VLActivationInterval"], 0), int(values["VLRenewalInterval"], 0)) == (60, 4320)
    assert int(values["EnableKmsLowPriority"], 0) == 1
    assert values["DnsDomainPublishList"].split(r"\0") == ["branch.example,0,0", "overseas.example,10,5"]
    assert "WinopsRestartDue" not in values
    assert int(winrs.registry(lab.host_variables("NEW-S2019JA"))["DisableDnsPublishing"], 0) == 1


def test_the_version_by_which_monitoring_finds_hosts_is_noted_while_a_host_key_is_there(story: Story, lab: Lab) -> None:
    old = {"NEW-S2019JA": "10.0.17763.1", "NEW-S2008R2": "6.1.7601.17514", "NEW-W10": "10.0.19045.1", "READY": "10.0.17763.1"}
    for name in WISHES:
        expected = None if name == "RETIRE" else old.get(name, "10.0.20348.1")
        for key in (winrs.SPP_KEY, winrs.SPP_KEY_32):
            assert winrs.registry(lab.host_variables(name), key).get("KeyManagementServiceVersion") == expected
        assert story.done[name]["after"]["host_version"] == expected


def test_the_host_publishes_itself_where_it_should_and_the_result_says_how_that_went(story: Story) -> None:
    host = story.done["NEW-S2022"]
    expected = {("host.example", 1689, 0, 0), ("branch.example", 1689, 0, 0), ("overseas.example", 1689, 10, 5)}
    assert records_of(story, "NEW-S2022") == expected
    assert {(item["domain"], item["port"], item["priority"], item["weight"]) for item in host["srv_records"]} == expected
    assert (host["dns_publication"]["outcome"], host["dns_publication"]["error"]) == ("published", None)


def test_a_host_that_does_not_publish_names_no_records(story: Story) -> None:
    assert records_of(story, "NEW-S2019JA") == set()
    assert story.done["NEW-S2019JA"]["srv_records"] == []


@pytest.mark.parametrize("name", WISHES)
def test_the_service_is_restarted_only_when_something_needs_it(story: Story, name: str) -> None:
    assert story.done[name]["service_restarted"] == (name != "READY")
    assert story.done.calls(name, "StopService") == story.done.calls(name, "StartService") == (0 if name == "READY" else 1)


def test_an_unprompted_setting_stays(story: Story) -> None:
    for name in BECOME_HOSTS[1:]:
        before, after = story.done[name]["before"], story.done[name]["after"]
        assert all(
            before[setting] == after[setting] for setting in ("listening_port", "renewal_interval", "publish_domains", "low_priority")
        )


def test_a_new_key_on_a_host_replaces_the_old_one_and_is_activated_once(story: Story) -> None:
    done = story.done["ROTATE"]
    assert [key["partial_product_key"] for key in done["after"]["host_keys"]] == ["44444"]
    assert [key["status"] for key in done["after"]["host_keys"]] == ["licensed"]
    assert done["before"]["host_keys"] != done["after"]["host_keys"]
    assert done["products"][0]["extended_pid"] != story.earlier_pid


def test_an_office_host_key_stands_beside_the_one_of_windows(story: Story) -> None:
    done = story.done["WITHOFFICE"]
    assert [(key["application"], key["status"]) for key in done["products"]] == [("windows", "licensed"), ("office", "licensed")]
    assert done["products"][1]["activation_id"] == OFFICE_2021
    assert done["before"]["host_keys"][0] == done["after"]["host_keys"][0]


def test_windows_server_2008_r2_goes_on_and_gets_the_command_for_its_firewall(story: Story, lab: Lab) -> None:
    firewall = story.done["NEW-S2008R2"]["firewall_info"]
    assert (firewall["status"], firewall["rules"]) == ("unmanaged", [])
    assert "localport=1688" in firewall["command"]
    assert "program=" in firewall["command"]
    assert not story.done["NEW-S2008R2"]["dns_publication"]["error"]
    winrs.command(lab.host_variables("NEW-S2008R2"), firewall["command"])


def test_a_retired_host_is_a_client_again_and_its_records_are_named(story: Story) -> None:
    done = story.done["RETIRE"]
    assert (done["after"]["host_keys"], done["after"]["dns_publishing"], done["after"]["firewall"]) == ([], False, "closed")
    assert {(item["domain"], item["host"].lower(), item["port"]) for item in done["stale_srv_records"]} == {
        ("host.example", "retire.host.example", 1688),
        ("branch.example", "retire.host.example", 1688),
    }
    assert "VOLUME_KMSCLIENT channel" in story.slmgr["RETIRE"]
    assert "Key Management Service is enabled" not in story.slmgr["RETIRE"]
    assert story.again["RETIRE"]["stale_srv_records"] == []


@pytest.fixture(scope="module")
def loud(story: Story, lab: Lab) -> Results:
    """The module on two machines and the role on one of them, which have what they want, in a run that says all it can."""
    del story
    wishes = {name: WISHES[name] for name in ("NEW-S2022", "NEW-S2019JA")}
    task = {"name": "Module", **module_task("kms_host", wishes)}
    variables = {"wishes": wishes, **{f"kms_host_{name}": value for name, value in WISHES["NEW-S2022"].items()}}
    plays: list[dict[str, Any]] = [
        {"name": "Module", "hosts": list(wishes), "gather_facts": False, "tasks": [task]},
        {"name": "Role", "hosts": ["NEW-S2022"], "gather_facts": False, "roles": [f"{FQCN}.kms_host"]},
    ]
    return lab.playbook(plays, variables, verbosity=4)


def test_no_output_shows_more_of_a_host_key_than_its_end(story: Story, loud: Results) -> None:
    for text in (loud.output, story.forecast.output, story.done.output, str(dict(story.done.by_host))):
        for key in (KEY, NEWER, R2_KEY, CLIENT_KEY, OFFICE_KEY):
            assert key.casefold() not in text.casefold()
            assert key.replace("-", "").casefold() not in text.casefold()
    module = loud.run.tasks[0].hosts["NEW-S2022"]
    assert module["invocation"]["module_args"]["host_keys"][0]["product_key"] == "XXXXX-XXXXX-XXXXX-XXXXX-33333"


@pytest.fixture(scope="module")
def not_published(lab: Lab) -> Results:
    """Two hosts that may not write to DNS."""
    return lab.all("kms_host", ["SECOND", "DENIED"], host_keys=[{"product_key": NEWER}])


@pytest.mark.parametrize(
    ("name", "code", "words"), [("SECOND", "0x80072338", "through a group"), ("DENIED", "0x8007232D", "disable DNS publishing")]
)
def test_a_host_that_may_not_publish_itself_is_a_host_all_the_same_and_the_reason_is_in_the_result(
    not_published: Results, name: str, code: str, words: str
) -> None:
    host = not_published[name]
    publication = host["dns_publication"]
    assert (host["service"]["is_kms_host"], publication["outcome"], publication["error"]["code"]) == (True, "failed", code)
    assert publication["domain"] == host["srv_records"][0]["domain"]
    assert words in " ".join(publication["error"]["next_steps"])


@pytest.mark.quick
def test_the_role_is_the_module_and_shows_no_key_either(story: Story, loud: Results) -> None:
    assert story.done["NEW-S2022"]["status"] == "ok"
    _module, role = (task.hosts["NEW-S2022"] for task in loud.run.tasks if task.action == f"{FQCN}.kms_host")
    assert (role["status"], role["changed"], loud.writes("NEW-S2022")) == ("ok", False, 0)
    assert KEY not in loud.output
