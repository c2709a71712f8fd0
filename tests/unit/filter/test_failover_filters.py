# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the failover: found by their names, and what they return is what their documentation says."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PACKAGE = "ansible_collections.winops.volume_activation.plugins.filter"
KMS = {"kms_host": "kms2.example", "kms_port": 1688, "source": "discovered", "scope": None, "host_extended_pid": "pid"}
PRODUCT = {"primary": True, "channel": "gvlk", "status": "licensed", "activated_by": "kms", "expires": None, "kms": KMS}
READ = {"machine": {"product_type": "server"}, "service": {"kms_host": None}, "products": [PRODUCT]}
OFFICE = {
    **PRODUCT,
    "primary": False,
    "application": "office",
    "name": "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition",
    "activation_id": "id",
    "partial_product_key": "6F7TH",
    "managed_by": None,
}
READ_OF_OFFICE = {**READ, "products": [{**PRODUCT, "application": "windows"}, OFFICE]}
KEY = {"channel": "csvlk", "application": "windows", "status": "licensed", "extended_pid": "pid", "host_role": {"current_count": 9}}
LIVING = {"service": {"current_count": 9, "renewal_interval": 10080}, "products": [KEY]}
VARIABLES = {"PC": {"kms_failover_read": READ}, "KMS2": {"kms_failover_working_host": LIVING}}
RECORDS = [{"domain": "example", "records": []}]

CALLS: dict[str, tuple[Any, ...]] = {
    "kms_client_verification": (READ_OF_OFFICE, [LIVING], (), "all"),
    "kms_takeover_records": (RECORDS, "kms1.example", {"host": "kms2.example", "port": 1688}),
    "kms_undecided_probes": ([{"status": "busy"}],),
    "kms_failover_report": (["PC"], VARIABLES, ["KMS2"]),
}


def load(name: str) -> Any:
    return import_module(f"{PACKAGE}.{name}")


def documentation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "plugins" / "filter" / f"{name}.yml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", CALLS)
def test_ansible_finds_the_filter_by_its_name(name: str) -> None:
    module = load(name)
    assert module.FilterModule().filters() == {name: getattr(module, name)}
    assert documentation(name)["DOCUMENTATION"]["name"] == name


def same_keys(documented: dict[str, Any], value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            same_keys(documented, each)
    elif "contains" in documented:
        assert set(value) == set(documented["contains"])
        for key, about in documented["contains"].items():
            same_keys(about, value[key])


@pytest.mark.parametrize("name", CALLS)
def test_the_documented_result_is_the_real_one(name: str) -> None:
    same_keys(documentation(name)["RETURN"]["_value"], getattr(load(name), name)(*CALLS[name]))


def test_a_host_that_cannot_be_read_at_the_end_still_verifies_the_clients_of_its_earlier_reading() -> None:
    lost = {"task_status": "unreachable", "unreachable": True, "msg": "the ticket has expired."}
    unread = {**VARIABLES, "KMS2": {"kms_failover_working_host": lost}}
    known = {**VARIABLES, "KMS2": {"kms_failover_working_host": lost, "kms_failover_identified_host": LIVING}}
    reports = [load("kms_failover_report").kms_failover_report(["PC"], given, ["KMS2"]) for given in (unread, known)]
    assert [report["machines"]["verified"] for report in reports] == [[], ["PC"]]
    assert not any(report["kms_hosts"][0]["reachable"] for report in reports)
