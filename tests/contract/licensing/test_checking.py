# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and judging machines of the lab: which findings each state yields, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.generations import EVERY
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.reading.check import result_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import CheckSettings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.read import read_check_data
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.ad.objects import KnownObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.log import SkippedRecords
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import genuine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.simulation.estate import Estate
from winlab.simulation.genuine import note

Sessions = Callable[[str], Any]
NOW = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
WINDOWS = frozenset({Application.WINDOWS})
WISH = CheckSettings(min_days_left=30, clock_tolerance=60)


def findings(session: Any, desired: CheckSettings = WISH) -> list[str]:
    return [finding.id for finding in check.findings(read_check_data(session, WINDOWS, desired, lambda: NOW, EVERY), desired)]


@pytest.mark.parametrize(
    ("name", "expected", "requests"),
    [
        ("mak22", [], 3),
        ("client22", [], 8),
        ("pinned19", ["not_licensed"], 8),
        ("blank25", ["no_product_key"], 3),
        ("grace22", ["not_licensed"], 9),
        ("eval22", ["evaluation"], 3),
        ("oem7", ["not_licensed"], 9),
        ("home", [], 3),
        ("host22", ["count_below_threshold", "no_kms_activity"], 7),
        ("old03", ["not_licensed"], 5),
    ],
)
def test_every_state_of_a_machine_has_its_findings_and_its_price(session: Sessions, name: str, expected: list[str], requests: int) -> None:
    machine = session(name)
    assert findings(machine) == expected
    assert machine.writes == []
    assert len(machine.requests) == requests


def test_a_check_of_a_machine_that_is_in_order_asks_the_event_log_twice_and_within_bounds(session: Sessions) -> None:
    machine = session("client22")
    findings(machine)
    asked = [request for request in machine.requests if "Win32_NTLogEvent" in request]
    assert len(asked) == 2
    assert all("Logfile='Application'" in request and "EventCode=" in request and "TimeGenerated >=" in request for request in asked)


def test_a_licensed_machine_whose_host_died_is_found_after_its_next_renewal(
    session: Sessions, convert: Callable[..., Any], publish: Callable[..., None], estate: Estate
) -> None:
    publish("kms1")
    machine = session("grace22")
    convert(machine)
    assert findings(machine) == []
    estate.set_fault("kms1", "kms_host_down")
    estate.advance(timedelta(days=8))
    found = read_check_data(machine, WINDOWS, WISH, lambda: NOW + timedelta(days=8))
    (told,) = check.findings(found, WISH)
    assert told.id == "last_request_failed"
    assert told.error is not None
    assert told.error["code"] == "0xC004F074"
    assert "kms1.corp.example:1688" in told.message


class Refusing:
    """A machine that refuses an event log, and is else what it was."""

    def __init__(self, machine: Any, log: str = "") -> None:
        self.machine = machine
        self.log = log

    def query(self, wql: str, namespace: str = "root/cimv2") -> Any:
        if "Win32_NTLogEvent" in wql and self.log in wql:
            self.machine.query("SELECT NoSuchColumn FROM Win32_NTLogEvent")
        return self.machine.query(wql, namespace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.machine, name)


def test_a_refused_event_log_does_not_end_the_check(session: Sessions) -> None:
    assert findings(Refusing(session("client22"))) == ["events_not_read"]


def test_a_start_that_failed_counts_until_the_host_has_served_or_published_again(session: Sessions, estate: Estate) -> None:
    host = estate.machines["host22"]
    host.log(12291, "0xC004F074")
    assert "kms_host_failed_to_start" in findings(session("host22"))
    estate.advance(timedelta(minutes=5))
    host.log(12294, "corp.example")
    assert "kms_host_failed_to_start" not in findings(session("host22"), CheckSettings())


def test_renewal_timer_that_failed_counts_until_the_host_has_published_again(session: Sessions, estate: Estate) -> None:
    host = estate.machines["host22"]
    host.log(12292, "0x80070005")
    assert "renewal_timer_failed" in findings(session("host22"))
    estate.advance(timedelta(minutes=5))
    host.log(12294, "corp.example")
    assert "renewal_timer_failed" not in findings(session("host22"), CheckSettings())


@pytest.mark.parametrize("log", ["Application", "Key Management Service"])
def test_a_host_whose_log_is_refused_says_so(session: Sessions, log: str) -> None:
    found = findings(Refusing(session("host22"), log))
    assert "events_not_read" in found
    assert "no_kms_activity" not in found or log == "Application"


def damage(session: Any, **wrong: Any) -> None:
    """The first record in each answer of a log makes no sense."""
    ask = session.query

    def query(wql: str, namespace: str = "root/cimv2") -> Any:
        found = ask(wql, namespace)
        if "Win32_NTLogEvent" in wql and found:
            found[0] = CimInstance(found[0].class_name, {**found[0].properties, **wrong})
        return found

    session.query = query


WRONG: list[dict[str, Any]] = [{"TimeGenerated": "yesterday"}, {"InsertionStrings": ("?",)}]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong)))
def test_records_that_make_no_sense_are_left_out_and_counted(
    session: Sessions, convert: Callable[..., Any], publish: Callable[..., None], wrong: dict[str, Any]
) -> None:
    publish("kms1")
    machine = session("grace22")
    convert(machine)
    data = read_check_data(machine, WINDOWS, WISH, lambda: NOW)
    assert result_of(data, WISH, "grace22")["skipped_records"] == 0
    damage(machine, **wrong)
    data = read_check_data(machine, WINDOWS, WISH, lambda: NOW)
    assert result_of(data, WISH, "grace22")["skipped_records"] == 1


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong)))
def test_records_about_genuineness_that_make_no_sense_are_left_out_and_counted(
    session: Sessions, estate: Estate, wrong: dict[str, Any]
) -> None:
    note(estate.machines["mak22"], 0xC004C4A2)
    machine, left_out = session("mak22"), SkippedRecords()
    state = read_state(machine)
    assert len(genuine.read_events(machine, state, timedelta(days=30), left_out)) == 2
    assert left_out.count == 0
    damage(machine, **wrong)
    assert len(genuine.read_events(machine, state, timedelta(days=30), left_out)) == 1
    assert left_out.count == 1


def answered(session: Any, class_name: str, **stated: Any) -> Any:
    """The machine, which states other values in instances of a class that have the first of the properties."""
    ask, first = session.query, next(iter(stated))

    def query(wql: str, namespace: str = "root/cimv2") -> Any:
        return [
            CimInstance(each.class_name, {**each.properties, **stated})
            if each.class_name == class_name and first in each.properties and each.properties.get("PartialProductKey", "x")
            else each
            for each in ask(wql, namespace)
        ]

    session.query = query
    return session


AO = "CN=Server 2022,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=example"
BY_AD = {"VLActivationType": "1", "ADActivationObjectName": "Server 2022", "ADActivationObjectDN": AO}
OBJECTS = (KnownObject("Server 2022", AO, "Windows Server 2022"),)


def by_ad(session: Any) -> Any:
    return answered(session, "SoftwareLicensingProduct", **BY_AD)


def test_a_machine_that_active_directory_activated_costs_one_query_more_for_its_domain(session: Sessions) -> None:
    machine = by_ad(session("client22"))
    assert findings(machine) == ["activated_by_ad"]
    assert [request for request in machine.requests if "Win32_ComputerSystem" in request] == [
        "SELECT DNSHostName,Domain,PartOfDomain FROM Win32_ComputerSystem"
    ]
    assert len(machine.requests) == 5


def test_a_machine_that_active_directory_activated_and_that_left_the_domain_is_found(session: Sessions) -> None:
    machine = answered(by_ad(session("client22")), "Win32_ComputerSystem", PartOfDomain="False", Domain="WORKGROUP")
    assert findings(machine) == ["left_the_domain", "activated_by_ad"]


def test_the_activation_objects_cost_a_kms_client_with_a_configured_host_one_query_for_its_domain(session: Sessions) -> None:
    machine, desired = session("client22"), CheckSettings(min_days_left=30, clock_tolerance=60, activation_objects=OBJECTS)
    assert findings(machine, desired) == ["activated_by_kms_although_ad"]
    assert len(machine.requests) == 9


def test_a_server_2025_is_named_before_anything_is_touched_if_the_objects_are_for_server_2022(session: Sessions) -> None:
    desired = CheckSettings(activation_objects=OBJECTS)
    machine = answered(session("client22"), "Win32_OperatingSystem", BuildNumber="26100", Version="10.0.26100")
    found = check.findings(read_check_data(machine, WINDOWS, desired, lambda: NOW, EVERY), desired)
    told = next(finding for finding in found if finding.id == "object_too_old")
    assert "Windows Server 2025" in told.message
    assert machine.writes == []
