# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role and the playbooks of the collection, called by their full names as a person would."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import read_records
from playbook import new_process
from project import ROOT
from stale import stale_texts, stale_values

from . import winrs
from .harness import FQCN, LAB_DNS, Lab, Results

ESTATE = "role.yml"
KMS = "kms01.role.example"
CLIENTS = ("PC-01", "PC-02", "PC-03", "SRV-01", "SRV-02")


VARIABLES = {"convert_to_kms_hosts": "clients", "kms_client_kms_host": KMS, **LAB_DNS}


@pytest.fixture(scope="module")
def converted(lab: Lab) -> Results:
    """A group of the inventory is converted with the playbook of the collection, started as a person does."""
    return replace(lab, start=new_process).run(f"{FQCN}.convert_to_kms", VARIABLES)


@pytest.fixture(scope="module")
def again(lab: Lab, converted: Results) -> Results:
    del converted
    return replace(lab, start=new_process).run(f"{FQCN}.convert_to_kms", {**VARIABLES, **stale_values()})


def outcomes(results: Results) -> dict[str, str]:
    """How the module ended on each machine."""
    return {host: str(result["status"]) for host, result in results.run.results(f"{FQCN}.kms_client").items()}


@pytest.mark.quick
@pytest.mark.smoke
def test_the_playbook_converts_what_it_can_and_one_refusal_stops_nobody_else(converted: Results) -> None:
    assert outcomes(converted) == {**dict.fromkeys(CLIENTS, "ok"), "EVAL": "failed"}
    assert converted.run.changed_hosts() == len(CLIENTS)
    assert "evaluation edition" in converted.run.results(f"{FQCN}.kms_client")["EVAL"]["msg"]


def test_the_playbook_touches_only_the_machines_it_was_given(converted: Results) -> None:
    assert converted.nothing_sent("ASIDE")


def test_the_second_run_of_the_playbook_changes_nothing(again: Results) -> None:
    assert again.run.changed_hosts() == 0
    assert {name: again.writes(name) for name in CLIENTS} == dict.fromkeys(CLIENTS, 0)


@pytest.mark.parametrize("name", CLIENTS)
def test_slmgr_says_that_the_machines_are_licensed_by_the_host(again: Results, lab: Lab, name: str) -> None:  # noqa: ARG001 - after it
    fields = winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), "/dlv"))
    assert (fields["License Status"], fields["Registered KMS machine name"]) == ("Licensed", f"{KMS}:1688")


def test_the_role_checks_its_variables_before_anything_is_sent(lab: Lab) -> None:
    refused = lab.run(f"{FQCN}.convert_to_kms", {"convert_to_kms_hosts": "ASIDE", "kms_client_activation_type": "phone"})
    assert refused["ASIDE"]["status"] == "failed"
    assert "phone" in refused["ASIDE"]["msg"]
    assert refused.nothing_sent("ASIDE")


def test_the_report_playbook_says_how_every_machine_is_activated(again: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    files = {f"activation_report_{name}_path": str(lab.folder / f"report.{name}") for name in ("html", "record")}
    report = lab.run(f"{FQCN}.activation_report", {"activation_report_hosts": "windows", **files, **stale_texts()})
    assert report.run.exit_code == 0
    assert {name: report.writes(name) for name in CLIENTS} == dict.fromkeys(CLIENTS, 0)
    found = {record.inventory_hostname: record.result for record in read_records(lab.folder / "report.record")}
    assert found["PC-01"]["licensed"] is True
    assert found["PC-01"]["products"][0]["kms"]["kms_host"] == KMS


BATCHES = {"convert_to_kms_hosts": ["EVAL", "PC-01", "ASIDE"], "convert_to_kms_serial": 2}


@pytest.mark.smoke
def test_a_batch_in_which_too_many_failed_is_finished_and_the_last(again: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    stopped = lab.run(f"{FQCN}.convert_to_kms", BATCHES, options=("--check",))
    assert (outcomes(stopped), stopped.run.exit_code) == ({"EVAL": "failed", "PC-01": "ok"}, 2)
    assert "1 of the 2 machines of the batch that could be reached failed" in " ".join(stopped.output.split())
    assert stopped.nothing_sent("ASIDE")


def test_a_batch_with_no_more_failures_than_allowed_is_followed_by_the_next(again: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    done = lab.run(f"{FQCN}.convert_to_kms", {**BATCHES, "convert_to_kms_max_fail_percentage": 50}, options=("--check",))
    assert (set(outcomes(done)), done.run.exit_code) == ({"EVAL", "PC-01", "ASIDE"}, 2)
    assert "No other batch begins" not in done.output


@pytest.mark.parametrize(
    ("playbook", "variables", "limit", "words"),
    [
        ("activation_check", {"activation_check_hosts": "ofices"}, None, "_hosts is ofices, and the inventory does not contain a machine"),
        ("activation_check", {"activation_check_hosts": "windows:!ASID"}, None, "does not contain a machine or a group ASID."),
        ("convert_to_kms", {"convert_to_kms_hosts": "clients"}, "ASIDE", "The limit ASIDE excludes all machines of convert_to_kms_hosts"),
        ("convert_to_mak", {"convert_to_mak_hosts": ""}, None, "machines of the inventory, and is not set. Set it, for example -e"),
        ("kms_failover", {"kms_failover_replacement": "KMS01", "kms_failover_clients": "clients"}, "clients", "the playbook needs: KMS01."),
        ("kms_failover", {"kms_failover_replacement": "NO", "kms_failover_clients": "clients"}, None, "kms_failover_replacement must be"),
        ("kms_failover", {"kms_failover_replacement": "KMS01", "kms_failover_clients": "no"}, None, "kms_failover_clients is no, and"),
        ("kms_key_rotation", {"kms_key_rotation_hosts": "KMS01", "kms_key_rotation_clients": "no"}, None, "_clients is no, and"),
        ("convert_to_kms", {"convert_to_kms_hosts": "ASIDE", "convert_to_kms_serial": "abc"}, None, "convert_to_kms_serial must be"),
        ("convert_to_mak", {"convert_to_mak_hosts": "ASIDE", "convert_to_mak_max_fail_percentage": "100%"}, None, "must be a number"),
        ("convert_to_mak", {"convert_to_mak_hosts": "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"}, None, "is XXXXX-XXXXX-XXXXX-XXXXX-FGHJK, and"),
        ("rearm_duplicates", {"rearm_duplicates": "ASIDE"}, None, "must be a list of dictionaries with machines_to_rearm, and is ASIDE."),
        ("kms_srv_cleanup", {"kms_srv_cleanup_domains": ["role.example"]}, "PC-01", "excludes localhost, which the playbook needs"),
    ],
)  # fmt: skip
@pytest.mark.smoke
def test_a_run_about_nobody_or_without_whom_it_needs_is_refused_in_one_line(
    lab: Lab, playbook: str, variables: dict[str, object], limit: str | None, words: str
) -> None:
    line = lab.refused(f"{FQCN}.{playbook}", variables, options=("--limit", limit) if limit else ())
    assert words in line
    assert line.endswith("Nothing was changed.")


def test_a_slice_without_its_machines_does_nothing_when_that_is_allowed(lab: Lab) -> None:
    variables = {"convert_to_kms_hosts": "clients", "convert_to_kms_allow_empty": True}
    done = lab.run(f"{FQCN}.convert_to_kms", variables, options=("--limit", "ASIDE"))
    assert (done.run.exit_code, set(done), done.run.artifacts["convert_to_kms_outcome"]["outcome"]) == (0, {"ASIDE"}, "nothing_to_do")
    assert not any(cost["tcp_connections"] for cost in done.costs.values())


def outcomes_of(results: Results) -> list[str]:
    """How the last task ended on each machine."""
    return [str(result["status"]) for result in results.values()]


def example_of_the_guide(lab: Lab) -> dict[str, Any]:
    """The play of the guide about module_defaults, with the names and the server of the lab."""
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_module_defaults.rst").read_text(encoding="utf-8")
    (block,) = re.findall(r"code-block:: yaml\+jinja\n\n((?:   .*\n|\n)+?)\n(?=\w)", text.partition("Set options for one module")[0])
    (play,) = yaml.safe_load(block)
    dns, server = play["module_defaults"][f"group/{FQCN}.dns"], lab.client.dns()
    dns.update(domains=["role.example"], dns_server=server["server"], dns_port=server["port"])
    play["tasks"][0][f"{FQCN}.kms_srv_record_info"]["probe_networks"] = "{{ winlab_probe_networks }}"
    play["tasks"][1][f"{FQCN}.kms_endpoint_info"]["endpoints"] = [lab.address("KMS01")]
    return dict(play)


def test_the_defaults_for_groups_of_the_guide_reach_the_modules(lab: Lab) -> None:
    done = lab.playbook([example_of_the_guide(lab)])
    (records,) = done.run.results(f"{FQCN}.kms_srv_record_info").values()
    (probed,) = done.run.results(f"{FQCN}.kms_endpoint_info").values()
    assert [one["domain"] for one in records["domains"]] == ["role.example"]
    assert [record["probe_result"]["is_kms_host"] for record in records["domains"][0]["records"]] == [True]
    assert [one["is_kms_host"] for one in probed["endpoints"]] == [True]
    assert {result["invocation"]["module_args"]["probe_timeout"] for result in (records, probed)} == {10}


def test_the_filter_explains_a_code_in_a_playbook(lab: Lab) -> None:
    text = "{{ ('0xC004F074' | winops.volume_activation.explain_activation_error).symbol }}"
    told = lab.play(["ASIDE"], {"ansible.builtin.debug": {"msg": text}})
    assert told["ASIDE"]["msg"] == "SL_E_VL_BINDING_SERVICE_UNAVAILABLE"
    assert told.nothing_sent("ASIDE")
