# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host for Windows and Office dies: each Office product is a client of its own, and the report names what is left."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from . import winrs
from .failover_by_hand import KEY, failover, report_of, writes
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "failover_office.yml"
RESTART = "Restart the Office programs"
WISH = {
    "kms_failover_application": "all",
    "kms_failover_host_keys": [
        {"product_key": KEY},
        {"product_key": "CCCCC-VVVVV-KKKKK-33333-77777", "product_name": "Office LTSC 2021"},
    ],
}


@dataclass(frozen=True)
class Story:
    """The failover, and another run."""

    done: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.crash("SUITE-1")
    return Story(failover(lab, "suite", warnings=(RESTART,), **WISH), failover(lab, "suite", **WISH))


def test_windows_and_office_of_every_client_are_verified(story: Story) -> None:
    told = report_of(story.done)
    assert set(told["machines"]["verified"]) == {"PINNED", "FOUND", "NONE", "M365"}
    assert told["complete"]
    (host,) = told["kms_hosts"]
    assert [row["client_type"] for row in host["forecast"]] == ["client", "office"]


def test_a_product_that_was_set_to_the_dead_host_looks_in_dns_again(story: Story, lab: Lab) -> None:
    results = [task.hosts["PINNED"] for task in story.done.run.tasks if task.action == f"{FQCN}.kms_client" and "PINNED" in task.hosts]
    (office,) = (result for result in results if result.get("office_installations"))
    assert "clear_product_kms_host" in [step["action"] for step in office["steps"]]
    products = winrs.ospp_products(winrs.ospp(lab.host_variables("PINNED"), 16, "/dstatus"))
    assert len(products) == 2
    assert "suite-1" not in str(products).casefold()


def test_another_run_writes_nothing(story: Story) -> None:
    assert (writes(story.again), story.again.run.changed_hosts()) == (0, 0)
    assert report_of(story.again)["complete"]


def test_the_registry_setting_of_office_is_reported_and_removed_only_if_allowed(story: Story, lab: Lab) -> None:
    assert story.done
    kept = report_of(failover(lab, "suite", kms_failover_clients="policy", **WISH))
    (row,) = kept["rows"]
    assert row["status"] == "unverified"
    assert "the registry setting for all of Office is still configured to use the failed KMS host." in row["message"]
    assert row["next_steps"][0].startswith("Set kms_failover_clear_application_settings: true")
    allowed = {"kms_failover_clients": "policy", "kms_failover_clear_application_settings": True}
    done = failover(lab, "suite", warnings=(RESTART,), **allowed, **WISH)
    assert report_of(done)["complete"]
    again = failover(lab, "suite", **allowed, **WISH)
    assert (writes(again), report_of(again)["complete"]) == (0, True)


def test_a_new_key_of_the_host_for_office_activates_only_office_again(story: Story, lab: Lab) -> None:
    assert story.again
    variables = {
        "kms_key_rotation_hosts": "SUITE-2",
        "kms_key_rotation_clients": "suite",
        "kms_key_rotation_application": "all",
        "kms_key_rotation_host_keys": [{"product_key": "CCCCC-VVVVV-KKKKK-33333-88888", "product_name": "Office LTSC 2021"}],
        "kms_key_rotation_probe_retries": 3,
        "kms_key_rotation_probe_delay": 1,
    }
    done = lab.run(f"{FQCN}.kms_key_rotation", variables, expected_warnings=(RESTART,))
    assert report_of(done)["complete"]
    asked = [task.hosts["PINNED"] for task in done.run.tasks if task.action == f"{FQCN}.kms_client" and "PINNED" in task.hosts]
    (office,) = (result for result in asked if not result.get("skipped"))
    assert [item["outcome"] for item in office["activations"]] == ["activated", "activated"]
    assert office["activation"] is None
    again = lab.run(f"{FQCN}.kms_key_rotation", variables)
    assert (writes(again), report_of(again)["complete"]) == (0, True)
