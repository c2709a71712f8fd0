# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook and role does the same if a survey asks for all of its variables and a person answers only what is required.

Each run is compared with one that has only the required variables, as lists, numbers, and switches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT
from survey import answered, is_refused, specification, unanswered

from .adba_by_hand import variables as moving
from .failover_by_hand import DNS
from .harness import FQCN, LAB_DNS, Lab, Results

pytestmark = pytest.mark.slow

Given = Mapping[str, Any]
MAK = "MMMMM-KKKKK-MMMMM-MKG22-TTWX3"


@dataclass(frozen=True)
class Case:
    """A playbook with the variables of a run, what has to be done before it, and the warnings of a run that changes machines."""

    playbook: str
    estate: str
    given: Callable[[Lab], Given]
    prepare: Callable[[Lab], object] = lambda _lab: None
    warnings: tuple[str, ...] = ()

    @property
    def book(self) -> str:
        """The full name."""
        return f"{FQCN}.{self.playbook}"


def failover(lab: Lab) -> Given:
    del lab
    return {
        "kms_failover_failed_host": "moved-1.moved.example",
        "kms_failover_replacement": "MOVED-2",
        "kms_failover_host_keys": [{"product_key": "CCCCC-VVVVV-KKKKK-33333-44444"}],
        "kms_failover_clients": "moved",
        "kms_failover_domains": ["moved.example", "branch.example"],
        "kms_failover_dns": DNS,
        "kms_failover_probe_delay": 1,
        "kms_failover_other_hosts": ["PAIR-2"],
    }


def rotation(lab: Lab) -> Given:
    del lab
    return {
        "kms_key_rotation_hosts": "rot_hosts",
        "kms_key_rotation_clients": "rot",
        "kms_key_rotation_host_keys": [{"product_key": "CCCCC-VVVVV-KKKKK-77777-33333"}],
        "kms_key_rotation_probe_delay": 1,
    }


def cleanup(lab: Lab) -> Given:
    told = lab.client.dns()
    domains = ["cleanup.example", "branch.cleanup.example"]
    dns = {"dns_server": told["server"], "dns_port": told["port"]}
    return {
        "kms_srv_cleanup_domains": domains,
        "kms_srv_cleanup_dns": dns,
        "kms_srv_cleanup_probe_retries": 1,
        "kms_srv_cleanup_probe_timeout": 1,
    }


def recovery(lab: Lab) -> Given:
    del lab
    return {
        "recover_nongenuine_hosts": ["CLIENT-W7", "CLIENT-W11", "CLIENT-FINE", "MAK-S2019", "MAK-W10"],
        "recover_nongenuine_kms_hosts": ["GNR-KMS1", "GNR-KMS2"],
        "recover_nongenuine_host_keys": [{"product_key": "CCCCC-VVVVV-KKKKK-GNR22-44444"}],
        "recover_nongenuine_product_key": "MMMMM-KKKKK-MMMMM-GNR33-TTWX3",
        "recover_nongenuine_max_activations": 2,
    }


def proxy(lab: Lab) -> Given:
    batch = lab.client.batch()
    way = {"service_url": batch["url"], "ca_path": batch["ca"], "http_proxy": batch["proxy"]}
    return {"proxy_activation_file": str(lab.folder / "plant.csv"), **{f"proxy_activation_{name}": value for name, value in way.items()}}


def files(lab: Lab) -> Given:
    return {f"activation_report_{name}_path": str(lab.folder / f"report.{name}") for name in ("html", "record")}


def records(lab: Lab) -> Given:
    paths = [str(lab.folder / name) for name in ("report.record", "*.record")]
    return {"activation_merge_paths": paths, "activation_merge_report_path": str(lab.folder / "merged.json")}


def budget(lab: Lab) -> Given:
    del lab
    limits = {"mak_client_product_key": "MMMMM-KKKKK-MMMMM-MKD22-TTWX3", "mak_client_max_activations": ["4", "5"]}
    return {"convert_to_mak_hosts": ["PC001", "PC002"], **limits}


def updates(lab: Lab) -> Given:
    del lab
    key = "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"
    return {"activate_esu_hosts": ["PC-1", "PC-2"], "esu_programme": "windows_10_year_2", "esu_product_key": key}


def report(lab: Lab) -> None:
    lab.run(f"{FQCN}.activation_report", {"activation_report_hosts": WINDOWS, **files(lab)})


def collect(lab: Lab) -> None:
    lab.run(f"{FQCN}.proxy_collect", {"proxy_activation_hosts": "SRV-1,SRV-2", **proxy(lab)})


def request(lab: Lab) -> None:
    collect(lab)
    lab.run(f"{FQCN}.proxy_request", proxy(lab))


SHARED = "33333333-3333-4333-8333-333333333333"
WINDOWS = ["PC-01", "PC-02", "SRV-01"]
CASES = [
    Case(
        "convert_to_kms", "role.yml", lambda _lab: {"convert_to_kms_hosts": WINDOWS, "kms_client_kms_host": "kms01.role.example", **LAB_DNS}
    ),
    Case("activation_report", "role.yml", lambda lab: {"activation_report_hosts": WINDOWS, **files(lab)}),
    Case("activation_check", "role.yml", lambda _lab: {"activation_check_hosts": WINDOWS, "activation_check_fail_on": ["no_kms_host"]}),
    Case("activation_merge", "role.yml", records, prepare=report),
    Case(
        "mak_to_kms_when_ready",
        "mak_to_kms.yml",
        lambda _lab: {"mak_to_kms_when_ready_hosts": "SRV-1,PC-1", "mak_to_kms_when_ready_kms_hosts": "KMS01", **LAB_DNS},
    ),
    Case("convert_to_mak", "mak_to_kms.yml", lambda _lab: {"convert_to_mak_hosts": ["PC-1", "PC-2"], "mak_client_product_key": MAK}),
    Case("convert_to_mak", "mak_budget.yml", budget),
    Case("activate_esu", "esu_fleet.yml", updates),
    Case("kms_to_adba", "adba_refused.yml", lambda lab: moving(lab, "S22-1,S22-2", "Windows Server 2022")),
    Case("kms_failover", "failover.yml", failover, prepare=lambda lab: lab.client.crash("MOVED-1")),
    Case("kms_key_rotation", "key_rotation.yml", rotation),
    Case("kms_srv_cleanup", "srv_cleanup.yml", cleanup),
    Case("recover_nongenuine", "recover_nongenuine.yml", recovery, warnings=("because Windows does not return full product keys",)),
    Case("proxy_collect", "batch_activation.yml", lambda lab: {"proxy_activation_hosts": ["SRV-1", "SRV-2"], **proxy(lab)}),
    Case("proxy_request", "batch_activation.yml", proxy, prepare=collect),
    Case(
        "proxy_deposit", "batch_activation.yml", lambda lab: {"proxy_activation_hosts": ["SRV-1", "SRV-2"], **proxy(lab)}, prepare=request
    ),
    Case("proxy_activate", "batch_activation.yml", lambda lab: {"proxy_activation_hosts": "SRV-3", **proxy(lab)}),
    Case("windows_conformance", "conformance.yml", lambda lab: {"windows_conformance_folder": str(lab.folder / "kit")}),
    Case("rearm_duplicates", "rearm.yml", lambda _lab: {"rearm_duplicates": [{"cmid": SHARED, "machines_to_rearm": ["TWIN-A", "TWIN-B"]}]}),
]


def known(lab: Lab) -> set[str]:
    """The variables of the inventory, which an empty extra variable would replace."""
    return {*yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))["all"]["vars"]}


def seen(results: Results) -> list[tuple[str, str, str, bool, str]]:
    """What the tasks of a run were, and how they ended on each machine."""
    ended = []
    for task in results.run.tasks:
        for host, result in sorted(task.hosts.items()):
            message = str(result.get("msg", "")) if task.action.startswith(FQCN) else ""
            ended.append((task.name, host, str(result["status"]), bool(result.get("changed")), message))
    return ended


def outcomes(results: Results) -> dict[str, Any]:
    """What the run publishes for the next job. The reports have times of the clock of the lab."""
    return {name: value for name, value in results.run.artifacts.items() if name.endswith("_outcome")}


def case_id(case: Case) -> str:
    return f"{case.playbook}-{Path(case.estate).stem}"


@pytest.mark.parametrize(("lab", "case"), [(case.estate, case) for case in CASES], indirect=["lab"], ids=map(case_id, CASES))
def test_a_survey_with_few_answers_does_what_the_answers_say(lab: Lab, case: Case) -> None:
    case.prepare(lab)
    given = case.given(lab)
    survey = {**unanswered(playbook=case.playbook, but=known(lab) | {*given}), **answered(given)}
    assert sum(value == "" for value in survey.values()) > 3
    expected = lab.run(case.book, given, options=("--check",), expected_warnings=case.warnings)
    forecast = lab.run(case.book, survey, options=("--check",), expected_warnings=case.warnings)
    assert seen(forecast) == seen(expected)
    assert outcomes(forecast) == outcomes(expected)
    done = lab.run(case.book, survey, expected_warnings=case.warnings)
    assert done.run.exit_code == 0, done.output
    assert lab.run(case.book, given).run.exit_code == 0


def test_every_playbook_is_asked_for_all_of_its_variables() -> None:
    specs = yaml.safe_load((ROOT / "meta" / "playbook_specs.yml").read_text(encoding="utf-8"))["playbook_specs"]
    assert {case.playbook for case in CASES} == set(specs) - {"controller_apply", "workflow_failed"}


def play_of(role: str, hosts: str, **keywords: Any) -> dict[str, Any]:
    task = {"ansible.builtin.import_role": {"name": f"{FQCN}.{role}", "rolespec_validate": False, **keywords}}
    return {"name": "Scenario", "hosts": hosts, "gather_facts": False, "tasks": [{"name": "Do it", **task}]}


ROLES: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("kms_client", "role.yml", "PC-03", {"kms_client_kms_host": "kms01.role.example", **LAB_DNS}, {}),
    ("kms_host", "kms_host.yml", "", {"kms_host_firewall": "unmanaged"}, {}),
    ("activation_policy", "role.yml", "PC-03", {"activation_policy_skip_rearm": "enabled"}, {}),
    ("rearm", "role.yml", "PC-03", {"rearm_max_days_left": 0}, {}),
    ("mak_client", "mak_to_kms.yml", "PC-2", {"mak_client_product_key": MAK}, {}),
    ("kms_srv_cleanup", "role.yml", "PC-03", {"kms_srv_cleanup_dns": DNS}, {"tasks_from": "repair"}),
]
"""Roles without a playbook, and those that a play of a user calls."""


@pytest.mark.parametrize(
    ("lab", "role", "hosts", "given", "keywords"),
    [(estate, role, hosts, given, keywords) for role, estate, hosts, given, keywords in ROLES],
    indirect=["lab"],
    ids=[role for role, *_others in ROLES],
)
def test_a_role_in_a_play_of_a_user_understands_a_survey(lab: Lab, role: str, hosts: str, given: Given, keywords: dict[str, Any]) -> None:
    play = play_of(role, hosts or lab.names()[0], **keywords)
    survey = {**unanswered(role, but=known(lab) | {*given}), **answered(given)}
    check = {**play, "check_mode": True}
    assert seen(lab.playbook([check], extra=survey)) == seen(lab.playbook([check], extra=given))
    assert lab.playbook([play], extra=survey).run.exit_code == 0


@pytest.mark.parametrize("lab", ["role.yml"], indirect=True)
@pytest.mark.parametrize(
    ("role", "name"),
    [
        (path.name, name)
        for path in sorted((ROOT / "roles").iterdir())
        if path.name in ("kms_client", "kms_host", "mak_client")
        for name, option in specification(path.name).items()
        if is_refused(name, option)
    ],
)
def test_an_empty_key_is_refused_before_anything_is_sent(lab: Lab, role: str, name: str) -> None:
    results = lab.playbook([play_of(role, "PC-01,PC-02")], extra={name: ""})
    assert f"{name} is empty. Set it, " in results["PC-01"]["msg"]
    assert results["PC-01"]["msg"].endswith("Nothing was changed.")
    assert all(results.nothing_sent(machine) for machine in ("PC-01", "PC-02"))


@pytest.mark.parametrize("lab", ["role.yml"], indirect=True)
def test_an_empty_text_of_a_users_task_is_a_value(lab: Lab) -> None:
    results = lab.all("kms_client", ["PC-01"], kms_port="")
    assert results["PC-01"]["status"] == "failed"
    assert "kms_port" in results["PC-01"]["msg"]


@pytest.mark.parametrize("lab", ["role.yml"], indirect=True)
def test_an_empty_text_clears_a_setting_where_the_description_says_so(lab: Lab) -> None:
    for value in ("branch.example", ""):
        given = {"kms_client_lookup_domain": value, "kms_client_activate": "false", "kms_client_kms_host": ""}
        results = lab.playbook([play_of("kms_client", "SRV-02")], extra=given)
        assert results.run.results(f"{FQCN}.kms_client")["SRV-02"]["after"]["lookup_domain"] == (value or None)


@pytest.mark.parametrize("lab", ["role.yml"], indirect=True)
def test_the_role_hides_a_key_in_the_wrong_variable(lab: Lab) -> None:
    results = lab.playbook([play_of("mak_client", "PC-01")], extra={"mak_client_activation_method": MAK, "mak_client_product_key": MAK})
    assert MAK not in results.output
    assert "mak_client_activation_method" in results["PC-01"]["msg"]
    assert "argument_spec" not in results.output
