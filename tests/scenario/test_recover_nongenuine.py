# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that failed the genuine validation recover by what their key asks for; genuine ones are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from key_gate import assert_no_keys
from stale import stale_texts, stale_values

from .documented import task_complaints
from .harness import FQCN, Lab, Results, report_rows

ESTATE = "recover_nongenuine.yml"
NEW_HOST_KEY, NEW_MAK = "CCCCC-VVVVV-KKKKK-GNR22-44444", "MMMMM-KKKKK-MMMMM-GNR33-TTWX3"
NO_WAY_BACK = "if the activation fails, because Windows does not return full product keys"
ROTATION: dict[str, Any] = {
    "kms_key_rotation_hosts": "GNR-KMS2",
    "kms_key_rotation_clients": "CLIENT-FINE",
    "kms_key_rotation_host_keys": [],
    "kms_key_rotation_activation_method": "telephone",
    "kms_key_rotation_lose_activation": False,
    "kms_key_rotation_retry_timeout": "no number",
}
"""Variables of a rotation in a file that both playbooks get."""

HOSTS = ("GNR-KMS1", "GNR-KMS2")
CLIENTS, MAKS = ("CLIENT-W7", "CLIENT-W11", "CLIENT-APART"), ("MAK-S2019", "MAK-W10")
MACHINES = (*CLIENTS, "CLIENT-FINE", *MAKS, "TAMPERED", "RETAIL")
STATES: Mapping[str, tuple[str, str | None, str | None]] = {
    "GNR-KMS1": ("blocked_key", "kms_host", "0xC004C4A2"),
    "CLIENT-W7": ("blocked_key", "kms_client", "0xC004C4A2"),
    "MAK-W10": ("blocked_key", "mak", "0xC004C4A2"),
    "TAMPERED": ("tampered", "kms_client", "0x8004FE21"),
    "RETAIL": ("blocked_key", "other", "0xC004C4A2"),
    "CLIENT-FINE": ("genuine", None, None),
}


def product(lab: Lab, name: str) -> Mapping[str, Any]:
    """The Windows product by the machine's own account."""
    return dict(lab.client.machine(name)["products"][0]["properties"])


def recover(lab: Lab, stale: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> Results:
    variables = {
        "recover_nongenuine_hosts": ",".join(MACHINES),
        "recover_nongenuine_kms_hosts": ",".join(HOSTS),
        "recover_nongenuine_host_keys": [{"product_key": NEW_HOST_KEY}],
        "recover_nongenuine_product_key": NEW_MAK,
        "recover_nongenuine_max_activations": len(MAKS),
        "kms_key_rotation_probe_delay": 1,
        # As the command line hands it over.
        "recover_nongenuine_ignore_tampering": "false",
        **ROTATION,
        **stale,
    }
    return lab.run(f"{FQCN}.recover_nongenuine", variables, expected_warnings=warnings)


@pytest.fixture(scope="module")
def found(lab: Lab) -> Results:
    return lab.all("genuine_info", [*HOSTS, *MACHINES, "NO-KEY"])


@pytest.fixture(scope="module")
def keyless(lab: Lab, found: Results) -> Results:
    """A run without keys."""
    del found
    role = {"name": "Recover", "hosts": ["GNR-KMS1", "MAK-W10"], "gather_facts": False, "roles": [f"{FQCN}.recover_nongenuine"]}
    return lab.playbook([role])


@pytest.fixture(scope="module")
def done(lab: Lab, keyless: Results) -> Results:
    del keyless
    return recover(lab, stale_values(), (NO_WAY_BACK,))


@pytest.fixture(scope="module")
def again(lab: Lab, done: Results) -> Results:
    del done
    return recover(lab, stale_texts())


def failures(results: Results) -> dict[str, str]:
    """The message of every machine that failed."""
    return {host: str(result["msg"]) for task in results.run.tasks for host, result in task.hosts.items() if result["status"] == "failed"}


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", STATES)
def test_event_8209_says_why_and_the_key_says_what_helps(found: Results, name: str) -> None:
    result, (state, method, code) = found[name], STATES[name]
    assert (result["genuine_state"], result["recovery_method"]) == (state, method)
    assert (result["reason"] or {}).get("code") == code
    assert result["days_left"] == (None if state == "genuine" else result["days_left"])
    assert result["changed"] is False
    assert found.writes(name) == 0


def test_a_machine_without_a_key_has_nothing_to_check(found: Results) -> None:
    assert found["NO-KEY"]["error"]["code"] == "no_product_key"


@pytest.mark.parametrize("name", STATES)
def test_results_are_as_documented(found: Results, name: str) -> None:
    assert task_complaints("genuine_info", found[name]) == []


def test_without_the_new_keys_nothing_is_touched_and_the_message_names_them(keyless: Results) -> None:
    told = failures(keyless)
    assert "Set recover_nongenuine_host_keys to the new key." in told["GNR-KMS1"]
    assert "Set recover_nongenuine_product_key to the new MAK." in told["MAK-W10"]
    assert [keyless.writes(name) for name in ("GNR-KMS1", "MAK-W10")] == [0, 0]


@pytest.mark.parametrize("name", HOSTS)
def test_every_kms_host_of_the_key_has_another_one(done: Results, lab: Lab, name: str) -> None:  # noqa: ARG001 - after the story
    shown = product(lab, name)
    assert (shown["PartialProductKey"], shown["LicenseStatus"], shown["GenuineStatus"]) == (NEW_HOST_KEY[-5:], 1, 0)


@pytest.mark.parametrize("name", ["CLIENT-W7", "CLIENT-W11"])
def test_a_client_recovers_once_its_host_has_another_key(done: Results, lab: Lab, name: str) -> None:
    shown = product(lab, name)
    assert (shown["LicenseStatus"], shown["GenuineStatus"]) == (1, 0)
    assert done.calls(name, "Activate") == 1
    assert done.calls(name, "InstallProductKey") == 0


@pytest.mark.quick
@pytest.mark.parametrize("name", MAKS)
def test_a_machine_with_a_mak_gets_another_one_for_one_activation(done: Results, lab: Lab, name: str) -> None:
    shown = product(lab, name)
    assert (shown["PartialProductKey"], shown["LicenseStatus"], shown["GenuineStatus"]) == (NEW_MAK[-5:], 1, 0)
    assert done.calls(name, "Activate") == 1


def test_a_machine_that_cannot_reach_microsoft_is_licensed_and_told_to_validate(done: Results, lab: Lab) -> None:
    assert product(lab, "CLIENT-APART")["LicenseStatus"] == 1
    row = report_rows(done)["CLIENT-APART"]
    assert (row["status"], row["message"].partition("; ")[2]) == ("activated", "awaiting validation.")
    assert "fwlink" in row["next_steps"][0]


def test_changed_files_and_other_keys_stop_the_machine_before_anything_is_done(done: Results) -> None:
    told = failures(done)
    assert set(told) == {"TAMPERED", "RETAIL"}
    assert "Reinstall Windows" in " ".join(told["TAMPERED"].split())
    assert "0x8004FE21" in told["TAMPERED"]
    assert "Install a key that is valid for this machine" in " ".join(told["RETAIL"].split())
    assert done.writes("RETAIL") == 0


def test_a_genuine_machine_is_left_alone(again: Results) -> None:
    assert again.writes("CLIENT-FINE") == 0


def test_a_second_run_changes_nothing(again: Results) -> None:
    assert again.run.changed_hosts() == 0
    assert sum(again.writes(name) for name in (*HOSTS, *CLIENTS, *MAKS, "CLIENT-FINE")) == 0


def test_no_output_shows_a_key(keyless: Results, done: Results, again: Results) -> None:
    for run in (keyless, done, again):
        assert_no_keys(run.output)
