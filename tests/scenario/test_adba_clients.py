# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines of a forest with one activation object: by what each was activated, and which of them the object covers.

The objects are read over LDAP from the directory of the lab, and the machines found them there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from .documented import task_complaints
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "adba_clients.yml"
DN = "CN=Servers and clients,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=lab"
READ: dict[str, Any] = {
    "server": "{{ winlab_directory_server }}",
    "address": "{{ winlab_directory_address }}",
    "port": "{{ winlab_directory_tls_port }}",
    "authentication": "simple",
    "principal": "reader@corp.lab",
    "password": "{{ winlab_directory_accounts.reader.password }}",
    "ca_file": "{{ winlab_directory_ca_file }}",
}
LEARN = """{{ dict(server.products | selectattr('description', 'search', 'VOLUME_KMS_WS22 ') | map(attribute='activation_id')
| product(['Windows Server 2022'])) }}"""
AD_FINDINGS = (
    "no_object_covers",
    "left_the_domain",
    "object_too_old",
    "activated_by_kms_although_ad",
    "activated_by_ad",
    "kms_not_allowed",
)
EXPECTED = {
    "AD-1": ["activated_by_ad"],
    "AD-2": ["activated_by_ad"],
    "PC-AD": ["activated_by_ad"],
    "LEFT": ["left_the_domain", "activated_by_ad"],
    "KMS-22": ["activated_by_kms_although_ad"],
    "KMS-25": ["object_too_old"],
    "PINNED-25": ["no_object_covers", "object_too_old"],
    "FIXED-25": [],
    "OLD": [],
    "MAK": [],
}
LAB_DNS = {
    "activation_check_dns_server": "{{ winlab_dns_server }}",
    "activation_check_dns_port": "{{ winlab_dns_port }}",
    "activation_check_probe_networks": "{{ winlab_probe_networks }}",
}


@pytest.fixture(scope="module")
def objects(lab: Lab) -> list[dict[str, Any]]:
    """The activation objects, whose product a machine with the license of the KMS host key knows."""
    learn = {"name": "Read the licenses", f"{FQCN}.activation_info": {"include_products_without_key": True}, "register": "server"}
    task = {"name": "Read the objects", f"{FQCN}.adba_object_info": {**READ, "csvlk_products": LEARN}, "register": "read"}
    done = lab.playbook([{"name": "Directory", "hosts": "AD-1", "gather_facts": False, "tasks": [learn, task]}])
    found: list[dict[str, Any]] = done["AD-1"]["objects"]
    assert [(each["name"], each["dn"], each["product_name"]) for each in found] == [("Servers and clients", DN, "Windows Server 2022")]
    return found


@pytest.fixture(scope="module")
def checked(lab: Lab, objects: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The run of the playbook over all machines, with the records and the summary."""
    return run(lab, "tasks", objects)


def run(lab: Lab, engine: str, objects: list[dict[str, Any]]) -> Mapping[str, Any]:
    report, record = lab.folder / f"{engine}.json", lab.folder / f"{engine}.jsonl"
    variables = {
        "activation_check_hosts": "clients",
        "activation_check_engine": engine,
        "activation_check_activation_objects": objects,
        "activation_check_fail_on": [],
        "activation_check_report_path": str(report),
        "activation_check_record_path": str(record),
    }
    done = lab.run(f"{FQCN}.activation_check", {**variables, **LAB_DNS})
    records = [json.loads(line) for line in record.read_text(encoding="ascii").splitlines()]
    return {
        "run": done,
        "summary": json.loads(report.read_text(encoding="utf-8")),
        "results": {each["inventory_hostname"]: each["result"] for each in records},
    }


def of_ad(result: Mapping[str, Any]) -> list[str]:
    return [finding["id"] for finding in result["findings"] if finding["id"] in AD_FINDINGS]


def leading(result: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(product for product in result["products"] if product["primary"])


def test_each_machine_has_the_findings_of_its_activation_and_of_the_objects(checked: Mapping[str, Any]) -> None:
    assert {name: of_ad(result) for name, result in checked["results"].items()} == EXPECTED


def test_each_machine_says_by_what_it_was_activated_and_by_what_it_may_be(checked: Mapping[str, Any]) -> None:
    found = {name: (leading(result)["activated_by"], leading(result)["activation_type"]) for name, result in checked["results"].items()}
    assert found == {
        "AD-1": ("ad", "all"),
        "AD-2": ("ad", "all"),
        "PC-AD": ("ad", "all"),
        "LEFT": ("ad", "all"),
        "KMS-22": ("kms", "all"),
        "KMS-25": ("kms", "all"),
        "PINNED-25": (None, "ad"),
        "FIXED-25": ("kms", "kms"),
        "OLD": ("kms", None),
        "MAK": ("mak", "all"),
    }
    ad = leading(checked["results"]["PC-AD"])["ad"]
    assert (ad["object_name"], ad["object_dn"]) == ("Servers and clients", DN)


def test_the_coverage_is_that_of_the_objects_and_only_of_products_that_active_directory_can_activate(checked: Mapping[str, Any]) -> None:
    covered = {name: [row["covered"] for row in result["object_coverage"]] for name, result in checked["results"].items()}
    expected = {"KMS-25": [False], "PINNED-25": [False], "FIXED-25": [False], "OLD": [], "MAK": []}
    assert covered == {name: expected.get(name, [True]) for name in EXPECTED}


def test_the_messages_name_the_object_the_key_and_the_days_that_are_left(checked: Mapping[str, Any]) -> None:
    def message(name: str, finding: str) -> str:
        return next(str(each["message"]) for each in checked["results"][name]["findings"] if each["id"] == finding)

    assert DN in message("AD-1", "activated_by_ad")
    assert "Servers and clients, is for Windows Server 2022" in message("KMS-25", "object_too_old")
    assert "(CSVLK) of Windows Server 2025" in message("KMS-25", "object_too_old")
    assert "licensed for 150 more days" in message("KMS-22", "activated_by_kms_although_ad")
    assert "is not a member of a domain" in message("LEFT", "left_the_domain")


def test_the_summary_names_the_object_with_its_machines_and_the_first_end_of_a_license_of_kms(checked: Mapping[str, Any]) -> None:
    adba = checked["summary"]["adba"]
    assert [(each["object_name"], each["object_dn"], each["machines"]) for each in adba["objects"]] == [
        ("Servers and clients", DN, ["AD-1", "AD-2", "LEFT", "PC-AD"])
    ]
    assert set(adba["machines_by_kms"]) == {"FIXED-25", "KMS-22", "KMS-25", "OLD"}
    assert (adba["earliest_expiry"]["machine"], adba["earliest_expiry"]["days_left"]) == ("KMS-22", 150)


def test_one_task_for_all_machines_finds_the_same(lab: Lab, checked: Mapping[str, Any], objects: list[dict[str, Any]]) -> None:
    fleet = run(lab, "fleet", objects)
    assert {name: of_ad(result) for name, result in fleet["results"].items()} == EXPECTED
    for part in ("objects", "machines_by_kms"):
        assert fleet["summary"]["adba"][part] == checked["summary"]["adba"][part]


def test_a_check_changes_nothing_and_returns_what_is_documented(checked: Mapping[str, Any]) -> None:
    results: Results = checked["run"]
    assert [name for name in EXPECTED if results.writes(name)] == []
    assert [complaint for name in EXPECTED for complaint in task_complaints("activation_check", checked["results"][name])] == []


def test_objects_that_are_none_are_refused_before_a_machine_is_asked(lab: Lab) -> None:
    task = {f"{FQCN}.activation_check": {"activation_objects": [{"name": "x"}]}}
    done = lab.play(["AD-1"], task)
    assert done["AD-1"]["status"] == "failed"
    assert "the name and the dn of an activation object" in done["AD-1"]["msg"]
    assert done.requests("AD-1") == 0


def test_the_filter_reports_the_migration_from_the_results_of_the_play(lab: Lab) -> None:
    read = {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read"}
    results = "dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars) | map(attribute='read', default={})))"
    batches = [["AD-1", "AD-2", "PC-AD", "KMS-22"], ["KMS-25", "FIXED-25", "OLD", "MAK"]]
    msg = f"{{{{ {results} | {FQCN}.adba_migration({batches!r}) }}}}"
    show = {"name": "Report", "ansible.builtin.debug": {"msg": msg}, "run_once": True}
    done = lab.playbook([{"name": "Read", "hosts": "clients:!LEFT:!PINNED-25", "gather_facts": False, "tasks": [read, show]}])
    (found,) = [record.hosts["AD-1"]["msg"] for record in done.run.tasks if record.name == "Report"]
    assert found["counts"]["by_ad"] == 3
    assert found["machines"]["by_kms"] == ["FIXED-25", "KMS-22", "KMS-25"]
    assert (found["machines"]["not_supported"], found["machines"]["by_other"]) == (["OLD"], ["MAK"])
    assert [batch["counts"]["by_kms"] for batch in found["batches"]] == [1, 2]
    assert found["earliest_expiry"]["machine"] == "KMS-22"


def test_the_events_of_a_machine_name_the_object_that_activated_it_or_why_none_did(lab: Lab) -> None:
    again = {"name": "Activate again", f"{FQCN}.kms_client": {"activation_type": "ad"}, "ignore_errors": True}
    read = {"name": "Read the events", f"{FQCN}.activation_events_info": {"event_ids": [12308, 8213, 8214, 8215]}}
    done = lab.playbook([{"name": "Events", "hosts": "KMS-22:PINNED-25", "gather_facts": False, "tasks": [again, read]}])
    activated = done["KMS-22"]["events"][0]
    assert (activated["name"], activated["severity"], activated["decoded"]) == ("ad_activated", "info", True)
    assert (activated["fields"]["ad_object_name"], activated["fields"]["ad_object_dn"]) == ("Servers and clients", DN)
    failed = {event["name"]: event["fields"] for event in done["PINNED-25"]["events"]}
    assert set(failed) == {"ad_activation_failed", "ad_product_failed"}
    assert {fields["result"]["code"] for fields in failed.values()} == {"0xC004F081"}
    assert failed["ad_product_failed"]["activation_id"]
