# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines begin with a MAK and move to KMS when a host counts enough of the others, and not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from stale import stale_texts, stale_values

from .harness import FQCN, LAB_DNS, Lab, Results, report_rows

ESTATE = "mak_to_kms.yml"
BOOK = f"{FQCN}.mak_to_kms_when_ready"
VARIABLES: dict[str, Any] = {
    "mak_to_kms_when_ready_hosts": "SRV-1,PC-1,PC-2,KMS-PC",
    "mak_to_kms_when_ready_kms_hosts": "KMS01",
    **LAB_DNS,
}
LOW_COUNT = {
    "kms_client_kms_host_info": [
        {
            "machine": {"computer_name": "KMS01", "product_type": "server"},
            "products": [{"channel": "csvlk", "application": "windows", "status": "licensed", "host_role": {"current_count": 1}}],
            "service": {"current_count": 1},
        }
    ]
}
"""What an earlier job read of the KMS host, with which no machine would move."""


@dataclass(frozen=True)
class Story:
    """The KMS host out of reach; a count that is enough for servers; enough for all, because one more client asked; again."""

    unread: Results
    early: Results
    late: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.set_fault("KMS01", "refuse_connections")
    unread = lab.run(BOOK, {**VARIABLES, **stale_values()})
    lab.client.clear_faults()
    early = lab.run(BOOK, {**VARIABLES, **LOW_COUNT, **stale_texts()})
    # The clients of the organization come to the host as they would anyway, one of this estate among them.
    lab.all("kms_client", ["KMS-PC"], discovery=True)
    return Story(unread, early, lab.run(BOOK, VARIABLES), lab.run(BOOK, VARIABLES))


def why(results: Results, name: str) -> str:
    return str(report_rows(results)[name]["message"])


def moved(results: Results) -> set[str]:
    return {host for host, result in results.run.results(f"{FQCN}.kms_client").items() if result.get("changed")}


def test_while_no_host_can_be_read_every_machine_keeps_its_mak(story: Story) -> None:
    assert moved(story.unread) == set()
    assert "The machine keeps the MAK ending in TTWX3: a KMS host could not be read" in why(story.unread, "SRV-1")


def test_servers_move_at_five_and_clients_wait_for_twenty_five(story: Story) -> None:
    assert moved(story.early) == {"SRV-1"}
    assert "GVLK instead of the MAK ending in TTWX3" in why(story.early, "SRV-1")
    assert "The machine keeps the MAK ending in TTWX3: KMS01 counts" in why(story.early, "PC-1")
    assert "of the 25 machines that a client requires" in why(story.early, "PC-1")
    assert not any(story.early.writes(name) for name in ("PC-1", "PC-2", "KMS-PC"))


def test_clients_move_when_enough_others_have_asked(story: Story) -> None:
    assert moved(story.late) == {"PC-1", "PC-2"}
    done = story.late.run.results(f"{FQCN}.kms_client")
    assert {done[name]["activation"]["outcome"] for name in ("PC-1", "PC-2")} == {"activated"}


def test_a_second_run_finds_nobody_with_a_mak(story: Story) -> None:
    assert moved(story.again) == set()
    assert {why(story.again, name) for name in ("SRV-1", "PC-1", "PC-2")} == {"The machine does not have a MAK."}
    assert not any(story.again.writes(name) for name in ("SRV-1", "PC-1", "PC-2", "KMS-PC"))
