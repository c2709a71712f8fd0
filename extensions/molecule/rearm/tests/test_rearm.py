# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that each clone has a CMID of its own, and is activated again."""

from __future__ import annotations

import pytest

import outside

SHARED = "2ffcfc30-6a6a-49ec-92b8-f6150c7df211"
REARMED = ["clone-desktop", "clone-old"]
FIRST_DAYS = 179


def test_one_machine_keeps_the_cmid_and_each_other_one_has_its_own() -> None:
    found = {name: outside.cmid(name) for name in outside.names("clones")}
    assert [name for name, cmid in found.items() if cmid == SHARED] == ["clone-keeps"]
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("name", REARMED)
def test_a_rearmed_client_is_activated_again_by_the_host_of_its_domain(name: str) -> None:
    assert outside.kms_host(name) == "kms3.clients.lab:1688"
    assert (outside.minutes_left(name) or 0) > FIRST_DAYS * 24 * 60


def test_an_english_client_shows_that_it_is_licensed() -> None:
    assert outside.status("clone-desktop") == "Licensed"


def test_two_runs_used_one_rearm() -> None:
    assert (outside.rearms_left("clone-desktop"), outside.rearms_left("clone-keeps")) == (999, 1000)
