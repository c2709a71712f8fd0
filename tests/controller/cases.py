# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the shipped job templates are launched, and how their jobs end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from awx_rules.objects import Template
from awx_rules.survey import TEXTS

from .lab_site import FOLDER, PREFIX, Site

CHECK = " (check)"


@dataclass(frozen=True)
class Case:
    """Answers of a launch, and the end of its job."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    status: str = "successful"
    says: str = ""


NAME_SERVER = {"kms_client_dns_server": "127.0.0.1"}
"""In this site, an empty answer to this question means the resolver of the computer, which does not know the KMS hosts."""

LIMIT = {"proxy_activation_max_activations": "remaining"}
"""An empty limit is refused, so that the question is required."""

READING = {
    "Report": Case(says="machines licensed"),
    "Check activation": Case(
        {"activation_check_hosts": "file-*", "activation_check_dns_server": "127.0.0.1"}, says="2 of 2 machines licensed"
    ),
    "Merge records": Case({"activation_merge_paths": f"{FOLDER}/activation-report.jsonl"}),
    "Conformance test": Case({"windows_conformance_hosts": "file-01"}),
}

# The resolver of the machines keeps an SRV record for its TTL: the failover comes before anybody asks for it.
KMS = {
    "Clean up SRV records": Case({"kms_srv_cleanup_domains": "controller.lab"}),
    "Fail over a KMS host": Case(
        {
            "kms_failover_failed_host": "kms1.controller.lab",
            "kms_failover_replacement": "kms2",
            "kms_failover_clients": "pin-01:old-01",
            "kms_failover_domains": "controller.lab",
        }
    ),
    "Change KMS host keys": Case({"kms_key_rotation_hosts": "kms2", "kms_key_rotation_clients": "pin-01"}),
    "Convert to KMS": Case({"convert_to_kms_hosts": "pc-01:file-01", **NAME_SERVER}),
    "Move from KMS to Active Directory": Case({"kms_to_adba_hosts": "join-01"}, says="join-01"),
    "Move from MAK to KMS when ready": Case(
        {"mak_to_kms_when_ready_hosts": "file-02", "mak_to_kms_when_ready_kms_hosts": "kms2", **NAME_SERVER}
    ),
}

MAK = {
    "Convert to MAK": Case({"convert_to_mak_hosts": "pin-01", "mak_client_max_activations": "1"}),
    "Activate ESU": Case({"activate_esu_hosts": "esu-01", "esu_max_activations": "1", "esu_programme": "windows_10_year_2"}),
    "MAK by proxy, collect": Case({"proxy_activation_hosts": "plant-01", "proxy_activation_file": f"{FOLDER}/plant.csv"}),
    "MAK by proxy, request": Case({"proxy_activation_file": f"{FOLDER}/plant.csv", **LIMIT}),
    "MAK by proxy, deposit": Case({"proxy_activation_hosts": "plant-01", "proxy_activation_file": f"{FOLDER}/plant.csv"}),
    "MAK by proxy, all phases": Case({"proxy_activation_hosts": "plant-02", "proxy_activation_file": f"{FOLDER}/all.csv", **LIMIT}),
    "Rearm duplicates": Case({"rearm_duplicates": [{"cmid": "11111111-2222-4333-8444-555555555555", "machines_to_rearm": ["twin-02"]}]}),
    "Recover non-genuine machines": Case({"recover_nongenuine_hosts": "file-01"}),
}


def empties(template: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers, and an empty text for each other question that takes one."""
    asked = [question for question in template.questions if question.kind in TEXTS and not question.required]
    return {**{question.variable: "" for question in asked}, **answers}


def run_case(site: Site, name: str, case: Case, *, empty: bool = False) -> None:
    """Launch a template, and compare the end of its job."""
    template = site.controller.objects.templates[f"{PREFIX}{name}"]
    done = site.launch(template.name, empties(template, case.answers) if empty else case.answers)
    assert done.order
    assert not done.order.ignored
    assert done.status == case.status, done.job.stdout
    assert case.says in done.job.stdout


def run_twin(site: Site, name: str, case: Case) -> None:
    """Launch the twin in check mode with empty answers, which changes nothing, and then the template itself with its defaults."""
    site.lab.reset_counters()
    run_case(site, f"{name}{CHECK}", case, empty=True)
    assert sum(machine["writes"] for machine in site.lab.counters().values()) == 0
    run_case(site, name, case)
