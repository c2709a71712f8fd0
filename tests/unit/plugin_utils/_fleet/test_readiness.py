# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a machine moves from its MAK to KMS: only when a host would activate it at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.readiness import readiness


def machine(kind: str = "client", channel: str = "mak", **more: Any) -> dict[str, Any]:
    product = {"primary": True, "channel": channel, "partial_product_key": "TTWX3", "application": "windows"}
    return {"machine": {"product_type": kind, "computer_name": "PC"}, "products": [product], **more}


def host(count: int | None, kind: str = "server", status: str = "licensed", application: str = "windows") -> dict[str, Any]:
    key = {"channel": "csvlk", "application": application, "status": status, "host_role": {"current_count": count}}
    return {"machine": {"product_type": kind, "computer_name": "KMS01"}, "products": [key]}


@given(st.sampled_from([("client", 25), ("server", 5), ("domain_controller", 5)]), st.integers(0, 60))
def test_a_machine_moves_exactly_when_the_count_is_reached(kind: tuple[str, int], count: int) -> None:
    name, threshold = kind
    found = readiness(machine(name), [host(count)])
    assert (found["status"] == "ready") == (count >= threshold)
    assert f"KMS01 counts {count} of the {threshold} machines" in found["message"]


def test_one_ready_host_among_others_is_enough() -> None:
    assert readiness(machine(), [host(3), {"unreachable": True, "msg": "refused"}, host(30)])["status"] == "ready"


@pytest.mark.parametrize(
    ("hosts", "why"),
    [
        ([], "no KMS host was specified"),
        ([host(None)], "KMS01 counts 0 of the 25"),
        ([host(60, status="initial_grace")], "KMS01 is not an activated KMS host for Windows"),
        ([host(60, application="office")], "KMS01 is not an activated KMS host for Windows"),
        ([{"unreachable": True, "msg": "refused"}], "a KMS host could not be read"),
        ([{}], "a KMS host could not be read"),
    ],
)
def test_a_machine_keeps_its_mak_and_is_told_why(hosts: list[dict[str, Any]], why: str) -> None:
    found = readiness(machine(), hosts)
    assert found["status"] == "not_yet"
    assert found["message"].startswith("The machine keeps the MAK ending in TTWX3: ")
    assert why in found["message"]


def test_a_host_on_a_client_windows_activates_no_servers() -> None:
    assert readiness(machine("server"), [host(60, kind="client")])["status"] == "not_yet"
    assert readiness(machine("client"), [host(60, kind="client")])["status"] == "ready"


def test_a_machine_without_a_mak_is_left_alone_and_one_that_was_not_read_too() -> None:
    assert readiness(machine(channel="gvlk"), [host(60)]) == {"status": "not_affected", "message": "The machine does not have a MAK."}
    assert readiness({"unreachable": True, "msg": "refused"}, [host(60)])["status"] == "unread"
