# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last play of a run has a host also if the run had no machine, and none while Ansible only lists the hosts."""

from __future__ import annotations

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict

from ansible_collections.winops.volume_activation.plugins.filter.ending_hosts import FilterModule, ending_hosts


def test_the_machines_of_the_play_before_are_those_of_the_last_play() -> None:
    assert ending_hosts(["pc2", "pc1"], ["pc1", "pc2", "pc3"]) == ["pc2", "pc1"]
    assert ending_hosts([], ["pc1"]) == []


def test_a_run_without_machines_has_one_host_that_the_limit_left() -> None:
    assert ending_hosts(None, ["web1", "web2"]) == ["web1"]
    assert ending_hosts(None, []) == ["localhost"]


@pytest.mark.parametrize("how", ["syntax", "listhosts", "listtasks", "listtags"])
def test_a_list_of_hosts_does_not_name_a_machine_that_was_not_selected(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict({how: True}))
    assert ending_hosts(None, ["web1"]) == []


def test_the_filter_is_registered() -> None:
    assert FilterModule().filters() == {"ending_hosts": ending_hosts}
