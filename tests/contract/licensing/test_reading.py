# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading machines of the lab: three queries for Windows, and every generation of Windows yields the same model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimValue,
    MalformedResponseError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.generations import EVERY
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import LicensingError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application, Channel
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe

Sessions = Callable[[str], Any]
WINDOWS = frozenset({Application.WINDOWS})
EVERY_APPLICATION, OFFICE = frozenset(Application), Application.OFFICE


@pytest.mark.parametrize("name", ["mak22", "client22", "pinned19", "seven", "eleven", "kms1", "eval22"])
def test_windows_costs_three_queries(session: Sessions, name: str) -> None:
    machine = session(name)
    state = read_state(machine)
    assert len(machine.requests) == 3
    assert machine.writes == []
    assert state.primary is not None
    assert state.primary.partial_product_key
    assert describe(state)["machine"]["edition_id"] == state.primary.family


def test_the_host_key_of_office_2010_belongs_to_the_service_of_windows_and_is_read(session: Sessions) -> None:
    machine = session("suite14")
    found = [(each.channel, each.class_name, each.kms_host.current_count) for each in read_state(machine, EVERY_APPLICATION).keyed(OFFICE)]
    assert found == [(Channel.CSVLK, "SoftwareLicensingProduct", 10)]


def test_a_japanese_windows_7_reads_like_any_other(session: Sessions) -> None:
    state = read_state(session("seven"))
    assert state.os.language == 1041
    assert state.primary is not None
    assert state.primary.channel is Channel.GVLK
    assert gvlk.shows_edition(state.primary)


def test_the_edition_id_is_asked_for_only_when_no_key_tells_it(session: Sessions) -> None:
    keyed, blank = session("mak22"), session("blank25")
    assert with_edition_id(keyed, read_state(keyed)).os.edition_id is None
    assert with_edition_id(blank, read_state(blank)).os.edition_id == "ServerStandard"
    assert (len(keyed.requests), len(blank.requests)) == (3, 4)
    assert read_state(blank).os.edition_id is None


def test_unkeyed_products_are_listed_only_on_request(session: Sessions) -> None:
    blank = session("blank25")
    assert read_state(blank).products == ()
    listed = read_state(blank, include_unkeyed=True).products
    assert len(listed) > 3
    assert all(product.partial_product_key is None for product in listed)


def test_office_costs_one_query_more_and_a_missing_class_is_no_office(session: Sessions) -> None:
    seven, office = session("seven"), session("office19")
    assert read_state(seven, frozenset(Application)).keyed(Application.OFFICE) == ()
    state = read_state(office, frozenset(Application), include_unkeyed=True)
    assert {product.application for product in state.products} == {Application.WINDOWS, Application.OFFICE}
    # The products of Windows and of Office since 2013 in one, those of the licensing service of Office in another.
    assert len(office.requests) == 4


def test_a_kms_host_shows_its_count_and_its_counters(session: Sessions) -> None:
    found = describe(read_state(session("kms1")))
    assert found["service"]["is_kms_host"] is True
    assert found["products"][0]["host_role"]["current_count"] == found["service"]["current_count"] > 25
    assert set(found["products"][0]["host_role"]["request_counters"]) == {
        "total", "failed", "unlicensed", "licensed", "initial_grace", "expired_or_hardware_out_of_tolerance", "non_genuine_grace",
        "notification",
    }  # fmt: skip


def test_times_are_the_machines_own(session: Sessions) -> None:
    state = read_state(session("client22"))
    assert state.os.time.replace(microsecond=0) == datetime(2026, 11, 20, 9, tzinfo=timezone.utc)


class Scripted:
    """A machine that answers from a table of classes; a class that is not in it does not exist."""

    def __init__(self, **classes: list[Mapping[str, str | None]]) -> None:
        self._classes = classes

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        name = wql.partition(" FROM ")[2].split()[0]
        if name not in self._classes:
            raise CimError(0x8033801A, "the class does not exist", namespace)
        return [CimInstance(name, values) for values in self._classes[name]]

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        raise AssertionError(f"{method} on {target} with {arguments} ({read_only})")

    def close(self) -> None:
        """Nothing is open."""


def test_windows_2003_on_itanium_has_nothing_to_ask_and_is_told_so_by_name() -> None:
    old = {"CSName": "OLD", "Caption": "Microsoft Windows Server 2003", "Version": "5.2.3790", "BuildNumber": "3790", "ProductType": "3"}
    with pytest.raises(LicensingError, match=r"Windows Server 2003 \(version 5\.2\.3790\) does not have Win32_WindowsProductActivation"):
        read_state(Scripted(Win32_OperatingSystem=[old]), served=EVERY)


def test_a_number_that_is_none_is_a_sentence_and_no_stack_of_code() -> None:
    machine = {"CSName": "ODD", "Version": "10.0.20348", "BuildNumber": "many", "ProductType": "3"}
    with pytest.raises(MalformedResponseError, match=r"'many' for Win32_OperatingSystem\.BuildNumber, which must be a whole number from 0"):
        read_state(Scripted(Win32_OperatingSystem=[machine]))


def test_windows_6_0_reads_with_the_columns_it_has() -> None:
    os = {"CSName": "VISTA", "Caption": "Windows", "Version": "6.0.6002", "BuildNumber": "6002", "ProductType": "3"}
    service = {
        "Version": "6.0.6002.18005",
        "KeyManagementServiceMachine": "kms1:1700",
        "ClientMachineID": "c",
        "VLRenewalInterval": "10080",
    }
    product = {
        "ID": "2de67392-b7a7-462a-b1ca-108dd189f588",
        "ApplicationID": "55c92734-d682-4d71-983e-d6ec3f16059f", "Name": "Windows", "LicenseFamily": "ServerStandard",
        "Description": "Windows Operating System - Windows Server(R), VOLUME_KMSCLIENT channel", "LicenseStatus": "1",
        "PartialProductKey": "BFGM2", "GracePeriodRemaining": "1000",
    }  # fmt: skip
    state = read_state(Scripted(Win32_OperatingSystem=[os], SoftwareLicensingService=[service], SoftwareLicensingProduct=[product]))
    found = describe(state)
    assert found["products"][0]["kms"]["kms_host"] == "kms1"
    assert found["products"][0]["kms"]["kms_port"] == 1700
    assert found["products"][0]["kms"]["renewal_interval"] == 10080
    assert found["service"]["host_caching"] is None
    assert found["licensed"] is True
