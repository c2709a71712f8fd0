# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that restart in the middle of a task: nothing is guessed, nothing is written twice, and the next run finishes the work."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from .harness import Lab, Results

ESTATE = "wire.yml"
KMS = "kms01.wire.example"
BETWEEN_PAGES, WRITTEN, NOT_WRITTEN, QUERIES = "DROPPED-READ", "INSTALL-DONE", "INSTALL-LOST", "CUT-REPLY"


@dataclass(frozen=True)
class Story:
    """The run in which the machines restart, and the one after it."""

    read: Results
    broken: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Convert all machines while they restart, and once more when they are back."""
    lab.client.set_fault(BETWEEN_PAGES, "restart", action="Pull", times=1)
    lab.client.set_fault(WRITTEN, "restart", method="InstallProductKey", times=1, executed=True)
    lab.client.set_fault(NOT_WRITTEN, "restart", method="InstallProductKey", times=1)
    lab.client.set_fault(QUERIES, "query_fault", class_name="*", hresult=0x80041033, form="HRESULT")
    wishes = {name: {"kms_host": KMS, "lose_activation": True} for name in (WRITTEN, NOT_WRITTEN, QUERIES)}
    read = lab.all("activation_info", [BETWEEN_PAGES], include_products_without_key=True)
    broken = lab.each("kms_client", wishes)
    lab.client.clear_faults()
    time.sleep(2)  # a restart takes a second
    return Story(read, broken, lab.each("kms_client", {**wishes, BETWEEN_PAGES: wishes[WRITTEN]}))


def test_a_restart_between_two_pages_returns_no_half_of_the_products(story: Story) -> None:
    result = story.read[BETWEEN_PAGES]
    assert result["status"] == "unreachable"
    assert "products" not in result
    assert "Check that the machine is not restarting" in result["msg"]


@pytest.mark.parametrize("name", [WRITTEN, NOT_WRITTEN])
def test_a_restart_in_the_middle_of_a_write_says_that_nobody_knows_whether_it_took_effect(story: Story, name: str) -> None:
    result = story.broken[name]
    assert "Steps with an unknown result: install the GVLK" in result["msg"]
    assert (result["status"], result["changed"]) == ("unreachable", True)
    assert [(step["action"], step["done"], step["uncertain"]) for step in result["steps"] if step["uncertain"]] == [
        ("install_product_key", False, True)
    ]
    assert story.broken.calls(name, "InstallProductKey") == 1


def test_a_machine_none_of_whose_queries_works_fails_with_the_code_and_is_not_changed(story: Story) -> None:
    result = story.broken[QUERIES]
    assert (result["status"], story.broken.writes(QUERIES)) == ("failed", 0)
    assert "0x80041033" in result["msg"]


@pytest.mark.parametrize("name", [BETWEEN_PAGES, WRITTEN, NOT_WRITTEN, QUERIES])
def test_the_next_run_finishes_the_work(story: Story, name: str) -> None:
    result = story.again[name]
    assert (result["status"], result["activation"]["outcome"]) == ("ok", "activated")
    assert (result["after"]["channel"], result["after"]["status"]) == ("gvlk", "licensed")
    assert story.again.calls(name, "InstallProductKey") == (0 if name == WRITTEN else 1)
