# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms of KMS hosts: raised, in order, or not known because the facts were not read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.alarms import ALARMS, kms_alarms
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.machines import Machine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import FINDINGS

from .results import machine, office, product

FROM_EVENTS = ["kms_host_failed_to_start", "renewal_timer_failed", "dns_publishing_failed", "no_kms_activity"]


def host(name: str = "kms1", count: int | None = 30, findings: list[str] | None = None, **service: Any) -> Machine:
    """A KMS host, checked if it has findings."""
    key = product(channel="csvlk", activated_by=None, host_role={"current_count": count})
    result = machine(name, None, key, kind="server")
    result["service"].update(is_kms_host=True, current_count=count, **service)
    if findings is not None:
        result["findings"] = [{"id": each, "severity": FINDINGS[each].value, "message": each} for each in findings]
    return Machine(name, result)


def states(*machines: Machine, of: str = "kms1") -> dict[str, str]:
    """Return the state of each alarm for one machine."""
    found = {}
    for alarm in kms_alarms(machines):
        lists = ("machines", "ok_machines", "not_known_machines")
        found[alarm["finding_id"]] = next((each for each in lists if of in alarm[each]), "")
    return found


def test_alarms_have_the_severity_of_their_finding() -> None:
    assert {alarm.finding: alarm.severity for alarm in ALARMS} == {alarm.finding: FINDINGS[alarm.finding].value for alarm in ALARMS}


def test_all_alarms_are_in_the_result_without_kms_hosts() -> None:
    found = kms_alarms([Machine("pc1", machine("pc1"))])
    assert [alarm["monitor"] for alarm in found] == [alarm.monitor for alarm in ALARMS]
    assert all(alarm[name] == [] for alarm in found for name in ("machines", "ok_machines", "not_known_machines"))


def test_healthy_host_with_a_check_is_in_order() -> None:
    assert set(states(host(findings=[])).values()) == {"ok_machines"}


def test_events_that_were_not_read_are_not_known() -> None:
    for unread in (host(), host(findings=["events_not_read"])):
        found = states(unread)
        assert {name for name, state in found.items() if state == "not_known_machines"} == {*FROM_EVENTS, "kms_host_not_responding"}
        assert found["count_below_threshold"] == "ok_machines"


@pytest.mark.parametrize("finding", [alarm.finding for alarm in ALARMS])
def test_finding_raises_its_alarm_also_if_other_events_were_not_read(finding: str) -> None:
    assert states(host(findings=[finding, "events_not_read"]))[finding] == "machines"


def test_silent_host_does_not_show_that_its_service_works() -> None:
    assert states(host(findings=["no_kms_activity"]))["kms_host_not_responding"] == "not_known_machines"


def test_client_that_cannot_reach_its_host_raises_the_alarm_about_the_service() -> None:
    client = machine("pc1", findings=[{"id": "kms_host_not_responding", "severity": "error", "message": "-"}])
    (alarm,) = (each for each in kms_alarms([host(findings=[]), Machine("pc1", client)]) if each["finding_id"] == "kms_host_not_responding")
    assert alarm["machines"] == ["pc1"]
    assert alarm["ok_machines"] == ["kms1"]


@pytest.mark.parametrize(
    ("count", "required", "state"),
    [(30, 25, "ok_machines"), (24, 25, "machines"), (4, None, "machines"), (5, None, "ok_machines"), (None, 25, "not_known_machines")],
)
def test_count_is_compared_without_a_check(count: int | None, required: int | None, state: str) -> None:
    assert states(host(count=count, required_count=required))["count_below_threshold"] == state


def test_count_of_office_is_compared_too() -> None:
    found = host()
    key = office(channel="csvlk", activated_by=None, host_role={"current_count": 3})
    both = Machine("kms1", {**found.result, "products": [*found.result["products"], key]})
    assert states(both)["count_below_threshold"] == "machines"


def test_host_key_that_is_not_activated_is_a_host_whose_events_the_check_does_not_read() -> None:
    key = product(channel="csvlk", activated_by=None, status="unlicensed", host_role=None)
    result = machine("kms1", None, key, findings=[])
    result["service"]["is_kms_host"] = True
    assert states(Machine("kms1", result))["dns_publishing_failed"] == "not_known_machines"


@given(st.lists(st.lists(st.sampled_from(sorted(FINDINGS)), max_size=4) | st.none(), max_size=4), st.integers(0, 50) | st.none())
def test_every_host_is_in_one_list_of_each_alarm(checks: list[list[str] | None], count: int | None) -> None:
    hosts = [host(f"kms{number}", count, findings) for number, findings in enumerate(checks)]
    for alarm in kms_alarms(hosts):
        listed = [*alarm["machines"], *alarm["ok_machines"], *alarm["not_known_machines"]]
        assert sorted(listed) == sorted(each.name for each in hosts)
