# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""activation_info on every generation of Windows: the fields it documents, the values slmgr prints, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from . import winrs
from .documented import complaints, documentation
from .harness import Lab, Results

ESTATE = "info.yml"
MACHINES = (
    "KMS2025", "KMS2022", "KMSOFFICE", "W7EN", "W7JA", "S2008R2", "S2008R2JA", "W8", "S2012JA", "W81", "S2012R2", "W10", "W11JA", "S2016",
    "S2019JA", "S2022", "S2025", "W11OEM", "W10NOKEY", "W10FAKE", "W10OFFICE",
)  # fmt: skip
_COMMON = ("ansible_facts", "invocation", "_ansible_verbose_always", "_ansible_no_log", "status", "failed", "warnings", "deprecations")


@pytest.fixture(scope="module")
def info(lab: Lab) -> Results:
    """What the module says about every machine of the estate, in one run."""
    return lab.all("activation_info", MACHINES)


def returned(result: Any) -> dict[str, Any]:
    """A result without what Ansible adds to every one; "status" is the recorder's."""
    return {name: value for name, value in result.items() if name not in _COMMON and not name.startswith("_ansible")}


def primary(result: Any) -> dict[str, Any]:
    """The product that is Windows itself."""
    (found,) = (product for product in result["products"] if product["primary"])
    return dict(found)


@pytest.mark.quick
@pytest.mark.smoke
def test_every_machine_of_the_estate_answers(info: Results, lab: Lab) -> None:
    assert sorted(info) == sorted(lab.names())
    assert {result["status"] for result in info.values()} == {"ok"}
    assert not any(result["changed"] for result in info.values())


@pytest.mark.parametrize("name", MACHINES)
def test_every_documented_field_is_there_and_has_its_type(info: Results, name: str) -> None:
    documented = {field: described for field, described in documentation("activation_info").items() if field != "error"}
    assert list(complaints({key: value for key, value in returned(info[name]).items() if key != "changed"}, documented)) == []


@pytest.mark.parametrize("name", MACHINES)
def test_reading_costs_three_requests_no_shell_and_no_write(info: Results, name: str) -> None:
    assert (info.requests(name), info.costs[name]["shells"], info.writes(name)) == (3, 0, 0)
    assert info.costs[name]["tcp_connections"] == 1


@pytest.mark.parametrize("name", MACHINES)
def test_what_the_machine_is_does_not_depend_on_its_language(info: Results, lab: Lab, name: str) -> None:
    machine, truth = info[name]["machine"], lab.client.machine(name)
    assert machine["computer_name"] == name
    assert machine["version"] == truth["os"]["version"]
    assert machine["build"] == int(truth["os"]["version"].split(".")[2])
    assert machine["language"] == (1041 if name.endswith("JA") else 1033)
    assert machine["product_type"] == ("server" if truth["os"]["server"] else "client")
    assert machine["licensing_version"] == truth["service"]["Version"] == info[name]["service"]["version"]
    read = datetime.fromisoformat(machine["current_time"].replace("Z", "+00:00"))
    assert abs(read - datetime.fromisoformat(truth["os"]["time"])) < timedelta(minutes=5)


@pytest.mark.parametrize("name", ["W7EN", "S2016", "W11JA"])
def test_the_edition_is_the_one_windows_names_in_the_registry(info: Results, lab: Lab, name: str) -> None:
    registry = winrs.registry(lab.host_variables(name), r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion")
    assert info[name]["machine"]["edition_id"] == registry["EditionID"]


@pytest.mark.parametrize(
    ("name", "status", "channel", "licensed"),
    [
        ("W7EN", "initial_grace", "gvlk", False),
        ("W7JA", "licensed", "gvlk", True),
        ("S2008R2", "licensed", "mak", True),
        ("S2008R2JA", "notification", "gvlk", False),
        ("S2012R2", "licensed", "retail", True),
        ("S2016", "initial_grace", "mak", False),
        ("S2022", "licensed", "evaluation", True),
        ("W11OEM", "licensed", "oem", True),
        ("W10FAKE", "non_genuine_grace", "mak", False),
        ("KMS2025", "licensed", "csvlk", True),
    ],
)
def test_status_and_channel_are_told_in_every_state(info: Results, name: str, status: str, channel: str, licensed: bool) -> None:
    product = primary(info[name])
    assert (product["status"], product["channel"], info[name]["licensed"]) == (status, channel, licensed)


def test_a_machine_without_a_key_has_no_product_and_is_not_licensed(info: Results) -> None:
    assert info["W10NOKEY"]["products"] == []
    assert info["W10NOKEY"]["licensed"] is False


def test_a_reason_has_its_symbol_and_a_meaning(info: Results) -> None:
    reason = primary(info["S2008R2JA"])["reason"]
    assert reason["code"] == "0xC004F009"
    assert reason["symbol"] == "SL_E_GRACE_TIME_EXPIRED"
    assert len(reason["meaning"]) > 10


def test_a_mak_is_permanent_and_a_kms_activation_is_not(info: Results) -> None:
    mak, kms = primary(info["S2008R2"]), primary(info["W10"])
    assert (mak["permanent"], mak["expires"], mak["grace_minutes"]) == (True, None, 0)
    assert (kms["permanent"], kms["grace_minutes"] > 258000) == (False, True)
    left = datetime.fromisoformat(kms["expires"].replace("Z", "+00:00")) - datetime.fromisoformat(
        info["W10"]["machine"]["current_time"].replace("Z", "+00:00")
    )
    assert left == timedelta(minutes=kms["grace_minutes"])


def test_the_kms_host_is_told_with_how_it_was_found(info: Results) -> None:
    found = {
        name: (kms["kms_host"], kms["kms_port"], kms["source"], kms["scope"])
        for name in MACHINES
        for kms in [p["kms"] for p in info[name]["products"][:1]]
    }
    assert found["W81"] == ("kms2025.info.example", 1688, "configured", "service")
    assert found["W11JA"] == ("2001:db8::25", 1700, "configured", "service")
    assert (found["W10"][0].lower(), found["W10"][1:]) == ("kms2025.info.example", (1688, "discovered", None))
    assert found["S2025"][2] == "lookup_domain"
    assert found["S2008R2"] == (None, None, None, None)


def test_a_kms_host_tells_its_count_and_its_eight_counters(info: Results) -> None:
    service = info["KMS2025"]["service"]
    assert (service["is_kms_host"], service["current_count"] >= 40, service["required_count"]) == (True, True, 25)
    assert set(service["request_counters"]) == set(documentation("activation_info")["service"]["contains"]["request_counters"]["contains"])
    assert all(isinstance(count, int) for count in service["request_counters"].values())
    assert info["KMS2022"]["service"]["listening_port"] == 1700


def test_numbers_windows_uses_for_not_set_never_show(info: Results) -> None:
    def numbers(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [number for inner in value.values() for number in numbers(inner)]
        if isinstance(value, list):
            return [number for inner in value for number in numbers(inner)]
        return [value]

    for name in MACHINES:
        shown = numbers(returned(info[name]))
        assert 0xFFFFFFFF not in shown
        assert not any(isinstance(value, str) and value.startswith("1601-") for value in shown)


def test_office_costs_one_more_request_and_comes_beside_windows(lab: Lab) -> None:
    found = lab.all("activation_info", ["W10OFFICE", "KMSOFFICE"], application="all")
    assert {product["application"] for product in found["KMSOFFICE"]["products"]} == {"windows", "office"}
    (office,) = (product for product in found["KMSOFFICE"]["products"] if product["application"] == "office")
    assert office["channel"] == "csvlk"
    assert office["host_role"]["current_count"] == 10  # of twelve clients: the cache for Office holds ten
    assert office["activation_id"] == "47f3b983-7c53-4d45-abc6-bcd91e2dd90a"
    assert found.requests("W10OFFICE") <= 5
    assert found.writes("W10OFFICE") == 0


def test_unkeyed_products_come_on_request_over_as_many_pages_as_it_takes(lab: Lab) -> None:
    found = lab.all("activation_info", ["W10"], include_products_without_key=True)
    products = found["W10"]["products"]
    assert len(products) > 100
    assert len({product["activation_id"] for product in products}) == len(products)
    assert [product["partial_product_key"] for product in products].count(None) == len(products) - 1
    assert found.costs["W10"]["operations"]["Pull"] > 1


def test_check_mode_reads_the_same(info: Results, lab: Lab) -> None:
    found = lab.all("activation_info", ["S2008R2", "KMS2025"], {"keywords": {"check_mode": True}})
    for name in ("S2008R2", "KMS2025"):
        assert found[name]["changed"] is False
        assert [product["extended_pid"] for product in found[name]["products"]] == [
            product["extended_pid"] for product in info[name]["products"]
        ]
        assert (found.requests(name), found.writes(name)) == (3, 0)
