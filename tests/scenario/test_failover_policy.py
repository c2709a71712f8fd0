# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host dies that the registry sets for all of Windows: such a client is named, and moved only when somebody says so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from . import winrs
from .failover_by_hand import failover, pid_of_host, pids_of_clients, report_of
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "failover.yml"
KEY = rf"{winrs.SPP_KEY}\55c92734-d682-4d71-983e-d6ec3f16059f"
NAME = "KeyManagementServiceName"


@dataclass(frozen=True)
class Story:
    """A run without and a run with the permission to clear the registry, and what the registry of the client has after each."""

    named: Results
    kept: dict[str, str]
    moved: Results
    left: dict[str, str]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """POLICY-B gets the value as a Group Policy preference would write it, and the host dies."""
    client = lab.host_variables("POLICY-B")
    winrs.command(client, "reg", "add", f'"{KEY}"', "/v", NAME, "/t", "REG_SZ", "/d", "policy-1.policy.example", "/f")
    lab.client.crash("POLICY-1")
    named = failover(lab, "policy")
    kept = winrs.registry(client, KEY)
    moved = failover(lab, "policy", kms_failover_clear_application_settings=True)
    return Story(named, kept, moved, winrs.registry(client, KEY))


def test_without_permission_the_client_is_named_with_the_way_on_and_not_touched(story: Story) -> None:
    told = report_of(story.named)
    assert (told["machines"]["verified"], told["machines"]["unverified"]) == (["POLICY-A"], ["POLICY-B"])
    (row,) = (row for row in told["rows"] if row["machine"] == "POLICY-B")
    assert "registry setting for all of Windows" in row["message"]
    assert "kms_failover_clear_application_settings: true" in row["next_steps"][0]
    assert story.named.run.exit_code != 0
    assert story.named.writes("POLICY-B") == 0
    assert story.kept == {NAME: "policy-1.policy.example"}


def test_with_permission_the_value_goes_and_the_new_host_activates_the_client(story: Story, lab: Lab) -> None:
    assert report_of(story.moved)["machines"]["verified"] == ["POLICY-A", "POLICY-B"]
    assert story.left == {}
    asked = story.moved.run.results(f"{FQCN}.kms_client")["POLICY-B"]
    assert [step["action"] for step in asked["steps"]] == ["clear_application_kms_host", "restart_service", "activate"]
    assert pids_of_clients(lab, ["POLICY-A", "POLICY-B"]) == {pid_of_host(lab, "POLICY-2")}


def test_the_other_client_is_not_activated_twice(story: Story) -> None:
    assert story.moved.writes("POLICY-A") == 0
