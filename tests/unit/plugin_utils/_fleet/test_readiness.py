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
    found = readiness(machine(channel="gvlk"), [host(60)])
    assert found == {"status": "not_affected", "message": "The machine does not have a MAK.", "application": None}
    assert readiness({"unreachable": True, "msg": "refused"}, [host(60)])["status"] == "unread"


def office(channel: str = "mak", status: str = "licensed") -> dict[str, Any]:
    kind = "MAK_AE" if channel == "mak" else "KMS_Client_AE"
    name = f"Office 21, Office21ProPlus2021VL_{kind} edition"
    product = {"primary": False, "channel": channel, "partial_product_key": "OFFI2", "application": "office", "name": name}
    return {**product, "activation_id": channel, "status": status}


def with_office(*products: dict[str, Any], channel: str = "mak") -> dict[str, Any]:
    found = machine(channel=channel)
    return {**found, "products": [*found["products"], *products]}


@pytest.mark.parametrize(("windows", "of_office", "ready"), [(30, 5, "all"), (30, 4, "windows"), (24, 5, "office"), (24, 4, None)])
def test_windows_and_office_move_by_their_own_counts(windows: int, of_office: int, ready: str | None) -> None:
    hosts = [host(windows), host(of_office, application="office")]
    found = readiness(with_office(office()), hosts, "all")
    assert (found["application"], found["status"]) == (ready, "ready" if ready else "not_yet")


def test_a_mak_beside_a_licensed_gvlk_is_not_in_use() -> None:
    read = with_office(office(), office("gvlk"), channel="gvlk")
    assert readiness(read, [host(60, application="office")], "office")["status"] == "not_affected"
    read = with_office(office(), office("gvlk", "notification"), channel="gvlk")
    assert readiness(read, [host(60, application="office")], "office")["application"] == "office"


def office_machine(*words: str, kind: str = "client") -> dict[str, Any]:
    """A machine with a MAK of Windows, and Office products with a MAK each."""
    products = [
        {
            "primary": False,
            "channel": "mak",
            "partial_product_key": f"KEY0{number}",
            "application": "office",
            "activation_id": word,
            "status": "licensed",
            "name": f"Office {word[6:8]}, {word} edition",
        }
        for number, word in enumerate(words)
    ]
    found = machine(kind)
    return {**found, "products": [*found["products"], *products]}


def office_host(count: int | None, word: str = "Office21KMSHost2021VL_KMS_Host_AE", **more: Any) -> dict[str, Any]:
    found = host(count, application="office", **more)
    return {**found, "products": [{**found["products"][0], "name": f"Office {word[6:8]}, {word} edition"}]}


SUITE, VISIO = "Office21ProPlus2021VL_MAK_AE", "Office21VisioPro2021VL_MAK_AE"


@given(st.integers(0, 20), st.sampled_from(["client", "server"]), st.sampled_from(["client", "server"]))
def test_office_moves_exactly_when_its_own_count_is_reached_on_every_windows(count: int, kind: str, host_kind: str) -> None:
    found = readiness(office_machine(SUITE, kind=kind), [office_host(count, kind=host_kind)], "office")
    assert (found["status"] == "ready") == (count >= 5)
    assert f"KMS01 counts {count} of the 5 machines that an Office client requires" in found["message"]
    assert readiness(office_machine(SUITE, kind=kind), [office_host(count)])["status"] == "not_yet"


@pytest.mark.parametrize(
    ("client", "key", "expected"),
    [
        (SUITE, "Office24KMSHost2024VL_KMS_Host_AE", "ready"),
        ("Office16ProPlusVL_MAK", "Office21KMSHost2021VL_KMS_Host_AE", "ready"),
        (SUITE, "Office19KMSHost2019VL_KMS_Host_AE", "not_yet"),
        ("Office15ProPlusVL_MAK", "Office24KMSHost2024VL_KMS_Host_AE", "not_yet"),
    ],
)
def test_a_host_key_of_office_is_for_its_release_and_those_before_it_down_to_2016(client: str, key: str, expected: str) -> None:
    assert readiness(office_machine(client), [office_host(60, key)], "office")["status"] == expected


def test_every_mak_of_office_must_have_a_host_and_each_is_named() -> None:
    waiting = readiness(office_machine(SUITE, VISIO), [office_host(2)], "office")
    assert waiting["status"] == "not_yet"
    assert waiting["message"].count("Office keeps the MAK ending in KEY0") == 2
    ready = readiness(office_machine(SUITE, VISIO), [office_host(8)], "office")["message"]
    assert "Office moves from the MAK ending in KEY00 of ProPlus 2021 to KMS." in ready
    assert "Office moves from the MAK ending in KEY01 of VisioPro 2021 to KMS." in ready


def test_a_mak_of_a_product_that_is_not_installed_does_not_move() -> None:
    read = {**office_machine(SUITE), "office_installations": [{"product": "ProPlus", "release": "2024", "release_id": "ProPlus2024Volume"}]}
    found = readiness(read, [office_host(60)], "office")
    assert (found["status"], found["message"]) == ("not_affected", "Office does not have a MAK of an installed product.")
    read["office_installations"] = []
    assert readiness(read, [office_host(60)], "office")["status"] == "ready"
