# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""convert_to_mak with the number of activations that Microsoft has left as its budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stale import stale_values

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "batch_activation.yml"
FEW = "MMMMM-KKKKK-MMMMM-22222-88888"


def convert(lab: Lab, hosts: str, **more: Any) -> Results:
    batch = lab.client.batch()
    way = {"mak_client_service_url": batch["url"], "mak_client_ca_path": batch["ca"], "mak_client_http_proxy": batch["proxy"]}
    variables = {"convert_to_mak_hosts": hosts, "mak_client_product_key": FEW, "mak_client_check_remaining": True, **way, **more}
    return lab.run(f"{FQCN}.convert_to_mak", variables)


def book(lab: Lab) -> Mapping[str, Any]:
    (found,) = (key for key in lab.client.batch()["keys"] if str(key["partial_key"]).endswith(FEW[-5:]))
    return dict(found)


def words(results: Results) -> str:
    return " ".join(results.output.split())


def budget_of(results: Results) -> Mapping[str, Any]:
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    return dict(next(fact["mak_client_budget"] for fact in facts if "mak_client_budget" in fact))


def test_a_play_that_needs_more_than_is_left_activates_nothing(lab: Lab) -> None:
    refused = convert(lab, "few")
    assert "that the play would use: 4. Left at Microsoft: 3 at 20" in words(refused)
    assert (book(lab)["used"], [found["request_type"] for found in lab.client.batch_requests()]) == (1, [2])
    assert not any(refused.writes(name) for name in lab.names("few"))
    (mak,) = budget_of(refused)["maks"]
    assert (mak["partial_product_key"], mak["remaining_activations"]) == ("88888", 3)
    assert mak["checked_time"].startswith("20")


def test_a_play_without_the_mak_needs_its_extended_pid(lab: Lab) -> None:
    refused = convert(lab, "FRESH")
    assert "requires the extended product ID of one MAK, and no machine of the play has the MAK yet. Nothing was changed." in words(refused)
    assert lab.client.batch_requests() == []
    read = lab.all("activation_info", ["FEW-1"])["FEW-1"]
    (pid,) = (product["extended_pid"] for product in read["products"] if product["channel"] == "mak")
    over = convert(lab, "FRESH", mak_client_extended_pid=pid, mak_client_max_activations=0)
    assert "Allowed by mak_client_max_activations: 0" in words(over)
    assert book(lab)["used"] == 1


def test_as_many_machines_as_are_left_are_activated_and_a_second_run_needs_none(lab: Lab) -> None:
    done = convert(lab, "FEW-1,FEW-2,FEW-3")
    assert {result["status"] for result in done.values()} == {"ok"}
    assert (book(lab)["used"], book(lab)["remaining"]) == (4, 0)
    again = convert(lab, "FEW-1,FEW-2,FEW-3", **stale_values())
    assert {result["status"] for result in again.values()} == {"ok"}
    assert book(lab)["used"] == 4
    assert budget_of(again)["maks"][0]["remaining_activations"] == 0


def test_a_service_that_does_not_answer_stops_the_play_before_the_first_activation(lab: Lab) -> None:
    lab.client.set_fault("*", "batch_http_status", status=503, request_type=2)
    failed = convert(lab, "FEW-4")
    lab.client.clear_faults()
    assert "service_failed" in words(failed)
    assert book(lab)["used"] == 4
