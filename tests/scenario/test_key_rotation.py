# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of KMS hosts is changed, one host after the other, and the clients of the old key ask again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from key_gate import assert_no_keys
from stale import stale_texts, stale_values

from .failover_by_hand import failure, host_key, pid_of_host, pids_of_clients, report_of, writes
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "key_rotation.yml"
PLAYBOOK = f"{FQCN}.kms_key_rotation"
NEW = "CCCCC-VVVVV-KKKKK-77777-33333"
FAILOVER: dict[str, Any] = {
    "kms_failover_clients": "ROT-C1",
    "kms_failover_replacement": "ROT-2",
    "kms_failover_other_hosts": ["ROT-2"],
    "kms_failover_hosts": ["ROT-2"],
    "kms_failover_failed_host": "rot-2.rot.example",
    "kms_failover_failed_names": ["rot-1.rot.example"],
    "kms_failover_client_mode": "reassign",
    "kms_failover_retry_timeout": "no number",
    "kms_failover_require_all": True,
}
"""Variables of a failover in a file that both playbooks get."""

HOSTS, CLIENTS = ("ROT-1", "ROT-2"), ("ROT-C1", "ROT-C2", "ROT-C3", "ROT-C4", "ROT-PIN")


def rotate(lab: Lab, story: str, *, options: tuple[str, ...] = (), warnings: tuple[str, ...] = (), **changes: Any) -> Results:
    """The playbook for the hosts and clients of one domain."""
    variables = {
        "kms_key_rotation_hosts": f"{story}_hosts",
        "kms_key_rotation_clients": story,
        "kms_key_rotation_host_keys": [{"product_key": NEW}],
        "kms_key_rotation_probe_delay": 1,
        "kms_key_rotation_probe_retries": 2,
        **changes,
    }
    return lab.run(PLAYBOOK, variables, options=options, expected_warnings=warnings)


@pytest.fixture(scope="module")
def forecast(lab: Lab) -> Results:
    """Two hosts and their clients, one of which is set to a host."""
    return rotate(lab, "rot", options=("--check",))


@pytest.fixture(scope="module")
def old_pids(lab: Lab, forecast: Results) -> set[str]:
    del forecast
    return {pid_of_host(lab, name) for name in HOSTS}


@pytest.fixture(scope="module")
def done(lab: Lab, old_pids: set[str]) -> Results:
    del old_pids
    return rotate(lab, "rot", **FAILOVER, **stale_values())


@pytest.fixture(scope="module")
def again(lab: Lab, done: Results) -> Results:
    del done
    return rotate(lab, "rot", **FAILOVER, **stale_texts())


def test_check_mode_says_what_the_keys_cost_and_writes_nothing(forecast: Results) -> None:
    assert writes(forecast) == 0
    told = forecast.run.results(f"{FQCN}.kms_host")
    spent = [step["consumes"] for name in HOSTS for step in told[name]["steps"] if step["action"] == "activate"]
    assert len(spent) == len(HOSTS)
    assert all("1 of the 10 activations" in words for words in spent)


def test_every_host_has_the_new_key_and_only_that(old_pids: set[str], done: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    for name in HOSTS:
        properties = host_key(lab, name)["properties"]
        assert (properties["PartialProductKey"], properties["LicenseStatus"]) == (NEW[-5:], 1)
    assert old_pids.isdisjoint({pid_of_host(lab, name) for name in HOSTS})


def test_one_host_is_finished_before_the_next_is_touched(done: Results) -> None:
    order = [
        (task.action.rpartition(".")[2], host)
        for task in done.run.tasks
        for host in task.hosts
        if task.action in (f"{FQCN}.kms_host", f"{FQCN}.kms_endpoint_info")
    ]
    checked, *changed = order  # The first host checks all of them.
    assert checked == ("kms_host", "ROT-1")
    assert changed == [("kms_host", "ROT-1"), ("kms_endpoint_info", "ROT-1"), ("kms_host", "ROT-2"), ("kms_endpoint_info", "ROT-2")]


@pytest.mark.quick
def test_every_client_is_proven_by_a_host_with_the_new_key(done: Results, lab: Lab) -> None:
    told = report_of(done)
    assert (told["machines"]["verified"], told["complete"]) == (list(CLIENTS), True)
    assert pids_of_clients(lab, CLIENTS) <= {pid_of_host(lab, name) for name in HOSTS}


def test_a_client_that_is_set_to_a_host_stays_set_to_it(again: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    assert lab.client.machine("ROT-PIN")["service"]["KeyManagementServiceMachine"] == "rot-2.rot.example"


def test_the_next_run_changes_nothing_and_spends_nothing(done: Results, again: Results, lab: Lab) -> None:
    assert (again.run.changed_hosts(), writes(again)) == (0, 0)
    assert [done.calls(name, "Activate") for name in HOSTS] == [1, 1]
    assert host_key(lab, "ROT-1")["activations_used"] == len(HOSTS)


@pytest.mark.smoke
def test_after_a_batch_of_clients_that_could_not_be_read_no_other_is_asked(again: Results, lab: Lab) -> None:  # noqa: ARG001 - after it
    lab.client.set_fault("ROT-C1", "query_fault", class_name="SoftwareLicensingService", hresult=0x80041001)
    stopped = rotate(lab, "rot", kms_key_rotation_serial=1)
    lab.client.clear_faults()
    assert "1 of the 1 machines of the batch that could be reached failed" in " ".join(stopped.output.split())
    assert "kms_key_rotation_max_fail_percentage" in stopped.output
    assert [stopped.nothing_sent(name) for name in CLIENTS] == [False, True, True, True, True]
    assert {row["machine"]: row["verified"] for row in report_of(stopped)["rows"]} == dict.fromkeys(CLIENTS, False)


def test_no_output_shows_the_key(forecast: Results, done: Results, again: Results) -> None:
    for run in (forecast, done, again):
        assert_no_keys(run.output)


def test_a_license_of_one_host_is_protected_before_any_other_host_is_changed_and_else_named_in_the_statement(lab: Lab) -> None:
    stopped = rotate(lab, "keep")
    assert (stopped.run.exit_code, [stopped.writes(name) for name in ("KEEP-1", "KEEP-2", "KEEP-C")]) == (2, [0, 0, 0])
    assert re.search(r"KEEP-2 would lose the activation of .* with the MAK ending in ", " ".join(stopped.output.split()))
    (lost,) = report_of(rotate(lab, "keep", kms_key_rotation_lose_activation=True))["lost_activations"]
    assert (lost["machine"], lost["done"], lost["allowed_by"]) == ("KEEP-2", True, "kms_key_rotation_lose_activation")


def test_a_host_that_cannot_be_activated_ends_the_run_before_the_next(lab: Lab) -> None:
    lab.client.set_fault("HALT-1", "no_internet")
    stopped = rotate(lab, "halt")
    lab.client.clear_faults()
    assert (stopped.run.exit_code, stopped.writes("HALT-2"), stopped.writes("HALT-C")) == (2, 0, 0)
    assert host_key(lab, "HALT-2")["properties"]["PartialProductKey"] != NEW[-5:]


def test_a_host_that_does_not_answer_ends_the_run_before_the_next_and_is_taken_up_again(lab: Lab) -> None:
    lab.client.set_fault("HALT-1", "kms_port_closed")
    stopped = rotate(lab, "halt")
    lab.client.clear_faults()
    assert "does not respond" in failure(stopped)
    assert "Next: " in failure(stopped).partition("does not respond")[2]
    assert (stopped.calls("HALT-1", "Activate"), stopped.writes("HALT-2")) == (1, 0)
    done = rotate(lab, "halt")
    assert (report_of(done)["complete"], done.calls("HALT-1", "Activate"), done.calls("HALT-2", "Activate")) == (True, 0, 1)


def test_an_old_key_beside_the_new_one_is_removed_as_the_message_says(lab: Lab) -> None:
    old, new = "CCCCC-VVVVV-KKKKK-77777-44444", "CCCCC-VVVVV-KKKKK-77777-66666"
    lab.all("kms_host", ["PACK-1"], host_keys=[{"product_key": old, "product_name": "Office LTSC 2021"}])
    keys = [{"product_key": new, "product_name": "Office LTSC 2024"}]
    advice = failure(rotate(lab, "pack", kms_key_rotation_host_keys=keys)).partition("winops.volume_activation.product_key: ")[2]
    removal = dict(option.split(": ") for option in advice.partition(", and run")[0].split(", "))
    assert removal == {"state": "absent", "application": "office", "product_key": "the old key", "convert_kms_host": "true"}
    assert lab.all("product_key", ["PACK-1"], **{**removal, "product_key": old})["PACK-1"]["changed"]
    done = rotate(lab, "pack", kms_key_rotation_host_keys=keys)
    assert (done.run.exit_code, done.calls("PACK-1", "Activate")) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kms_key_rotation_activation_method": "letter"}, "letter"),
        ({"kms_key_rotation_clients": "rot_hosts"}, "kms_key_rotation_clients is rot_hosts, and the pattern does not match a client"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_touched(lab: Lab, changes: dict[str, Any], words: str) -> None:
    refused = rotate(lab, "rot", **changes)
    assert words in failure(refused)
    assert writes(refused) == 0


def test_a_slice_of_a_job_may_hold_no_client(lab: Lab) -> None:
    done = rotate(lab, "rot", options=("--check",), kms_key_rotation_clients="rot_hosts", kms_key_rotation_allow_empty="true")
    assert (done.run.exit_code, writes(done), report_of(done)["rows"]) == (0, 0, [])
