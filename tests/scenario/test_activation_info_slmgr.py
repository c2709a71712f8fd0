# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""activation_info says what slmgr /dlv prints on the same machine. The English text is read here, by rules of this file alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "info.yml"
CLIENTS = ("W7EN", "W8", "W81", "W10", "S2025")
OTHERS = ("S2008R2", "S2012R2", "S2016", "S2022", "W11OEM", "W10FAKE")
HOSTS = ("KMS2025", "KMS2022")
JAPANESE = ("W7JA", "S2012JA", "W11JA", "S2019JA")
_STATUS = {
    "Unlicensed": "unlicensed",
    "Licensed": "licensed",
    "Initial grace period": "initial_grace",
    "Non-genuine grace period.": "non_genuine_grace",
    "Notification": "notification",
}
_SAME = {
    "Name": "name",
    "Description": "description",
    "Activation ID": "activation_id",
    "Application ID": "application_id",
    "Extended PID": "extended_pid",
    "Product Key Channel": "channel_name",
    "Installation ID": "installation_id",
    "Partial Product Key": "partial_product_key",
}
_COUNTERS = {
    "Total requests received": "total",
    "Failed requests received": "failed",
    "Requests with License Status Unlicensed": "unlicensed",
    "Requests with License Status Licensed": "licensed",
    "Requests with License Status Initial grace period": "initial_grace",
    "Requests with License Status License expired or Hardware out of tolerance": "expired_or_hardware_out_of_tolerance",
    "Requests with License Status Non-genuine grace period": "non_genuine_grace",
    "Requests with License Status Notification": "notification",
}
_MINUTES = re.compile(r"(\d+) minute\(s\)")


@pytest.fixture(scope="module")
def info(lab: Lab) -> Results:
    """Ours, for all machines."""
    return lab.all("activation_info", [*CLIENTS, *OTHERS, *HOSTS, *JAPANESE])


@pytest.fixture(scope="module")
def printed(lab: Lab) -> dict[str, str]:
    """Theirs, for the same machines."""
    return {name: winrs.slmgr(lab.host_variables(name), "/dlv") for name in (*CLIENTS, *OTHERS, *HOSTS, *JAPANESE)}


def product_of(info: Results, name: str) -> dict[str, Any]:
    """The Windows product of a machine."""
    (found,) = (product for product in info[name]["products"] if product["primary"])
    return dict(found)


@pytest.mark.parametrize("name", [*CLIENTS, *OTHERS, *HOSTS])
def test_name_key_ids_and_channel_are_those_slmgr_prints(info: Results, printed: dict[str, str], name: str) -> None:
    fields, product = winrs.slmgr_fields(printed[name]), product_of(info, name)
    assert fields["Software licensing service version"] == info[name]["service"]["version"]
    theirs = {label: fields[label] for label in _SAME if label in fields}
    assert theirs == {label: product[field] for label, field in _SAME.items() if label in fields}
    assert len(theirs) >= 7


@pytest.mark.parametrize("name", [*CLIENTS, *OTHERS, *HOSTS])
def test_status_time_left_and_rearms_are_those_slmgr_prints(info: Results, printed: dict[str, str], name: str) -> None:
    fields, product = winrs.slmgr_fields(printed[name]), product_of(info, name)
    assert _STATUS[fields["License Status"]] == product["status"]
    left = [int(found) for label in fields.items() for found in _MINUTES.findall(label[1])]
    assert (left or [0])[0] == pytest.approx(product["grace_minutes"], abs=2)
    assert int(fields["Remaining Windows rearm count"]) == info[name]["service"]["windows_rearms_left"]
    if "Remaining SKU rearm count" in fields:
        assert int(fields["Remaining SKU rearm count"]) == product["product_rearms_left"]
    if "Notification Reason" in fields:
        assert product["reason"]["code"] in fields["Notification Reason"]


@pytest.mark.parametrize("name", ["W8", "W81", "W10", "S2025"])
def test_the_client_side_of_kms_is_that_slmgr_prints(info: Results, printed: dict[str, str], name: str) -> None:
    fields, kms, service = winrs.slmgr_fields(printed[name]), product_of(info, name)["kms"], info[name]["service"]
    label = "Registered KMS machine name" if kms["source"] == "configured" else "KMS machine name from DNS"
    assert fields[label] == f"{kms['kms_host']}:{kms['kms_port']}"
    assert fields["Client Machine ID (CMID)"] == service["cmid"]
    assert fields["KMS machine extended PID"] == kms["host_extended_pid"]
    assert fields["Activation interval"] == f"{kms['activation_interval']} minutes"
    assert fields["Renewal interval"] == f"{kms['renewal_interval']} minutes"
    assert fields["Configured Activation Type"].lower() == product_of(info, name)["activation_type"]
    assert fields.get("Registered KMS SRV record lookup domain") == kms["lookup_domain"]
    assert ("KMS host caching is enabled" in printed[name]) is service["host_caching"]
    if "KMS machine IP address" in fields:
        assert fields["KMS machine IP address"] == (kms["address"] or "not available")


def counters(fields: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The eight request counters."""
    for label, name in _COUNTERS.items():
        yield name, int(fields[label])


@pytest.mark.parametrize("name", HOSTS)
def test_the_host_side_of_kms_is_that_slmgr_prints(info: Results, printed: dict[str, str], name: str) -> None:
    fields, service = winrs.slmgr_fields(printed[name]), info[name]["service"]
    assert int(fields["Current count"]) == (-1 if service["current_count"] is None else service["current_count"])
    assert int(fields["Listening on Port"]) == service["listening_port"]
    assert ("DNS publishing enabled" in printed[name]) is service["dns_publishing"]
    assert fields["KMS priority"] == ("Low" if service["low_priority"] else "Normal")
    assert dict(counters(fields)) == service["request_counters"] == product_of(info, name)["host_role"]["request_counters"]


@pytest.mark.parametrize("name", JAPANESE)
def test_a_japanese_machine_says_the_same_in_numbers_and_ids(info: Results, printed: dict[str, str], name: str) -> None:
    product = product_of(info, name)
    assert "ライセンスの状態" in printed[name]
    for field in ("name", "description", "activation_id", "extended_pid", "installation_id", "partial_product_key"):
        assert product[field] in printed[name]
    if product["channel"] == "gvlk":
        assert info[name]["service"]["cmid"] in printed[name]
        assert product["kms"]["kms_host"] in printed[name].replace("[", "").replace("]", "")


def test_an_evaluation_tells_when_it_ends(info: Results, printed: dict[str, str]) -> None:
    assert "Evaluation End Date" in winrs.slmgr_fields(printed["S2022"])
    assert product_of(info, "S2022")["evaluation_end_time"].startswith("20")
