# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What registered results say of the KMS host of a name: enough, too few, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing.known_hosts import known_hosts, look_up


def read(count: int | None, name: str = "KMS01", status: str = "licensed") -> dict[str, Any]:
    """A result of activation_info."""
    key = {"channel": "csvlk", "application": "windows", "status": status, "host_role": {"current_count": count}}
    return {"machine": {"product_type": "server", "computer_name": name}, "products": [key]}


@given(st.sampled_from([("client", 25), ("server", 5)]), st.integers(0, 60))
def test_a_host_counts_enough_from_the_threshold_on(kind: tuple[str, int], count: int) -> None:
    name, threshold = kind
    told = look_up(known_hosts([read(count)], name), "kms01.corp.example")
    assert told is not None
    assert told[0] == (count >= threshold)
    assert f"counts {count} of the {threshold}" in told[1]


@pytest.mark.parametrize("host", ["kms01.corp.example", "KMS01", "Kms01.other.example"])
def test_a_host_is_found_by_its_computer_name(host: str) -> None:
    told = look_up(known_hosts([read(60)], "client"), host)
    assert told is not None
    assert told[0] is True


@pytest.mark.parametrize("host", ["kms02.corp.example", "192.0.2.1", "2001:db8::1"])
def test_nothing_is_known_of_another_name_or_of_an_address(host: str) -> None:
    assert look_up(known_hosts([read(60)], "client"), host) is None


def test_a_host_whose_key_is_not_activated_serves_nobody() -> None:
    told = look_up(known_hosts([read(60, status="initial_grace")], "client"), "kms01")
    assert told is not None
    assert told[0] is False


@pytest.mark.parametrize(
    "result",
    [{}, {"unreachable": True, "msg": "gone"}, {"failed": True, "msg": "no"}, {"machine": "KMS01"}, "KMS01", None, {"products": []}],
)
def test_a_result_that_says_nothing_is_no_knowledge(result: Any) -> None:
    assert known_hosts([result], "client") == {}
