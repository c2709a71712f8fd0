# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelled variable ends a run before anything is sent, wherever the variable is, and the message says what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .harness import FQCN, LAB_DNS, Lab, Results

ESTATE = "role.yml"
KMS = "kms01.role.example"
HOST_KEY = "CCCCC-VVVVV-KKKKK-33333-44444"
ROTATION = {
    "kms_key_rotation_hosts": "KMS01",
    "kms_key_rotation_clients": "clients",
    "kms_key_rotation_host_keys": [{"product_key": HOST_KEY}],
}
FAILOVER = {
    "kms_failover_replacement": "KMS01",
    "kms_failover_clients": "clients",
    "kms_failover_failed_host": "gone.role.example",
    "kms_failover_host_keys": [{"product_key": HOST_KEY}],
    "kms_failover_domains": ["role.example"],
}
REARM = {"rearm_duplicates": [{"cmid": "11111111-2222-3333-4444-555555555555", "machines_to_rearm": ["PC-01", "PC-02"]}]}
PLAYBOOKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "activate_esu": ({"activate_esu_hosts": "clients", "esu_programme": "windows_10_year_1"}, "esu_programm", "esu_programme"),
    "activation_check": ({"activation_check_hosts": "clients"}, "activation_check_porbe", "activation_check_probe"),
    "activation_report": ({"activation_report_hosts": "clients"}, "activation_report_aplication", "activation_report_application"),
    "convert_to_kms": ({"convert_to_kms_hosts": "clients"}, "kms_client_kms_hots", "kms_client_kms_host"),
    "convert_to_mak": ({"convert_to_mak_hosts": "clients"}, "mak_client_max_activation", "mak_client_max_activations"),
    "kms_failover": (FAILOVER, "kms_failover_client_mod", "kms_failover_client_mode"),
    "kms_key_rotation": (ROTATION, "kms_key_rotation_aplication", "kms_key_rotation_application"),
    "mak_to_kms_when_ready": (
        {"mak_to_kms_when_ready_hosts": "clients", "mak_to_kms_when_ready_kms_hosts": "KMS01"}, "kms_client_fallbak_key",
        "kms_client_fallback_key",
    ),
    "proxy_collect": (
        {"proxy_activation_hosts": "clients", "proxy_activation_file": "/tmp/never.csv"}, "proxy_activation_product_kye",
        "proxy_activation_product_key",
    ),
    "rearm_duplicates": (REARM, "rearm_lose_activatoin", "rearm_lose_activation"),
    "recover_nongenuine": ({"recover_nongenuine_hosts": "clients"}, "recover_nongenuine_sinse", "recover_nongenuine_since"),
}  # fmt: skip
"""For each playbook the variables of a run, a misspelled one, and what it should be."""


def failure(results: Results) -> str:
    """The message of the task that ended the run."""
    (message,) = [result["msg"] for result in results.run.results("ansible.builtin.fail").values() if result["status"] == "failed"]
    return str(message)


def beside(folder: Path, hosts: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Options of the command line for variables of some machines in a second inventory."""
    path = folder / "beside.yml"
    path.write_text(yaml.safe_dump({"windows": {"hosts": hosts}}), encoding="utf-8")
    return "-i", str(path)


def nothing_sent(lab: Lab, results: Results) -> bool:
    return all(results.nothing_sent(name) for name in lab.names())


@pytest.mark.parametrize("playbook", PLAYBOOKS)
@pytest.mark.smoke
def test_an_extra_variable_is_refused_before_the_first_play(lab: Lab, playbook: str) -> None:
    variables, name, meant = PLAYBOOKS[playbook]
    line = lab.refused(f"{FQCN}.{playbook}", {**variables, name: "x"})
    assert f"{name} is not a variable of this collection: did you mean {meant}? Correct the name." in line
    assert line.endswith("Nothing was changed.")


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_variable_of_one_machine_is_refused_before_any_machine_is_asked(lab: Lab, playbook: str, tmp_path: Path) -> None:
    """Also a machine of a later batch, or of a later play."""
    variables, name, meant = PLAYBOOKS[playbook]
    batches = {} if playbook == "activation_report" else {f"{PREFIX.get(playbook, playbook)}_serial": 1}
    done = lab.run(f"{FQCN}.{playbook}", {**variables, **batches}, options=beside(tmp_path, {"PC-02": {name: "x"}}))
    assert f"{name} is not a variable of this collection: did you mean {meant}? It is set for PC-02." in failure(done)
    allowed = {"KMS01"} if playbook == "mak_to_kms_when_ready" else set()
    assert all(done.nothing_sent(machine) for machine in lab.names() if machine not in allowed)


PREFIX = {"proxy_collect": "proxy_activation"}


def test_the_playbook_on_the_controller_checks_names_before_its_play(lab: Lab) -> None:
    line = lab.refused(f"{FQCN}.proxy_request", {"proxy_activation_file": "/tmp/never.csv", "proxy_activation_ask_agian": True})
    assert "proxy_activation_ask_agian is not a variable of this collection: did you mean proxy_activation_ask_again? Correct" in line


@pytest.mark.quick
def test_variables_of_a_play_with_a_role_are_looked_at_too(lab: Lab) -> None:
    play = {"name": "Convert", "hosts": ["PC-01", "PC-02"], "gather_facts": False, "roles": [f"{FQCN}.kms_client"]}
    done = lab.playbook([{**play, "vars": {"kms_client_kms_hots": KMS}}])
    assert failure(done).startswith("kms_client_kms_hots is not a variable of this collection: did you mean kms_client_kms_host? Correct")
    assert nothing_sent(lab, done)


def test_names_of_the_user_and_published_names_are_not_refused(lab: Lab) -> None:
    """A second role in the same play meets what the first one published, and the variables of other roles."""
    own = {
        "kms_client_kms_host": KMS,
        "kms_client_owner_of_mine": "office",
        "convert_to_kms_hosts": "clients",
        "mak_client_product_key": "unused",
        "__kms_client_kms_hots": "private",
        "activation_check_result": {},
        **LAB_DNS,
    }
    role = {"role": f"{FQCN}.kms_client", "vars": {"kms_client_activate": False}}
    play = {"name": "Twice", "hosts": ["PC-01"], "gather_facts": False, "vars": own, "roles": [role, role]}
    done = lab.playbook([play], extra={"kms_client_result": {"changed": False}})
    assert not [result for result in done.run.results("ansible.builtin.fail").values() if result["status"] == "failed"]
    assert done["PC-01"]["status"] == "ok"


def test_a_run_on_every_machine_looks_at_the_variables_of_each(lab: Lab, tmp_path: Path) -> None:
    """The strategy `free` runs each task on all machines."""
    play = {"name": "Freely", "hosts": "clients", "strategy": "free", "gather_facts": False, "roles": [f"{FQCN}.kms_client"]}
    book = tmp_path / "free.yml"
    book.write_text(yaml.safe_dump([play]), encoding="utf-8")
    warning = "Using run_once with the free strategy is not currently supported"
    done = lab.run(book, options=beside(tmp_path, {"PC-02": {"kms_client_kms_hots": "x"}}), expected_warnings=(warning,))
    assert nothing_sent(lab, done)
