# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two reports: every machine is compared only if both read it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sample_fleet import NOW, OPTIONS, machine, records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.history.changes import LISTS, MOVES, changes_of, lines
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.history.model import ReportHistory, RunFigures
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.history import history_tables
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.model import Report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.texts import Texts

Fleet = dict[str, dict[str, Any]]
BEFORE = NOW - timedelta(days=1)
OFF = {"unreachable": True, "msg": "no route to host"}


def client(days: int = 170, **changes: Any) -> dict[str, Any]:
    return machine(random.Random(1), 1, **{"days": days, **changes})


def host(count: int | None) -> dict[str, Any]:
    found = client(channel="csvlk", days=0, activated_by=None, host_role={"current_count": count})
    found["service"].update(is_kms_host=True, current_count=count, required_count=25)
    return found


def report(fleet: Fleet, language: str = "en") -> Report:
    found = merge({"a": [Record(name, NOW, result) for name, result in fleet.items()]}, NOW)
    return report_of(found, {**OPTIONS, "language": language}, NOW)


def compared(before: Fleet, now: Fleet) -> Report:
    earlier = report(before)
    history = ReportHistory(earlier.records, BEFORE, (RunFigures.of(earlier.summary, BEFORE),))
    return replace(report(now), history=history)


def changes(before: Fleet, now: Fleet) -> dict[str, Any]:
    found = changes_of(compared(before, now))
    assert found is not None
    return found


def of_interest(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in (*LISTS, *MOVES) if found[name]}


def test_first_report_has_no_changes() -> None:
    assert changes_of(report({"pc1": client()})) is None
    assert changes_of(replace(report({"pc1": client()}), history=ReportHistory())) is None
    assert lines(None) == []


def test_same_machines_have_no_changes() -> None:
    found = changes({"pc1": client(), "kms1": host(30)}, {"pc1": client(), "kms1": host(30)})
    assert of_interest(found) == {}
    assert lines(found) == ["Since 2026-11-29T12:00:00Z: no change of a license or a KMS host."]


def test_license_that_is_lost_and_one_that_is_gained() -> None:
    lost = client(0, status="notification", activated_by=None)
    found = changes({"pc1": client(), "pc2": lost}, {"pc1": lost, "pc2": client()})
    assert of_interest(found) == {"newly_unlicensed": ["pc1"], "newly_licensed": ["pc2"]}
    assert lines(found) == [
        "Since 2026-11-29T12:00:00Z: 1 machine no longer licensed: pc1.",
        "Since 2026-11-29T12:00:00Z: 1 machine newly licensed: pc2.",
    ]


def test_machine_that_was_off_is_not_unlicensed() -> None:
    assert of_interest(changes({"pc1": client()}, {"pc1": OFF})) == {"no_longer_read": ["pc1"]}
    assert of_interest(changes({"pc1": OFF}, {"pc1": client()})) == {"read_again": ["pc1"]}
    assert of_interest(changes({"pc1": OFF}, {"pc1": OFF})) == {}


def test_new_and_gone_machines_are_in_natural_order() -> None:
    before = {f"pc{number}": client() for number in (10, 9)}
    assert of_interest(changes(before, {"pc2": client()})) == {"new_machines": ["pc2"], "gone_machines": ["pc9", "pc10"]}


def test_renewal_is_a_later_end_of_a_license_by_kms() -> None:
    before = {"pc1": client(173), "pc2": client(173), "pc3": client(100, channel="mak", activated_by=None)}
    now = {"pc1": client(180), "pc2": client(173), "pc3": client(170, channel="mak", activated_by=None)}
    assert of_interest(changes(before, now)) == {"renewed": ["pc1"]}


def test_end_that_moves_by_minutes_is_no_renewal() -> None:
    minutes = client(173)
    minutes["products"][0]["expires"] = (NOW + timedelta(days=173, minutes=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert of_interest(changes({"pc1": client(173)}, {"pc1": minutes})) == {}


def test_moves_have_before_and_after() -> None:
    other = client(kms={"kms_host": "kms2.example.com", "kms_port": 1688, "source": "configured"})
    same = client(kms={"kms_host": "KMS1.example.com", "kms_port": 1688, "source": "configured"})
    mak = client(0, channel="mak", activated_by=None)
    found = changes({"pc1": client(), "pc2": client(), "pc3": client()}, {"pc1": other, "pc2": same, "pc3": mak})
    assert found["kms_host_changes"] == [{"machine": "pc1", "before": "kms1.example.com:1688", "after": "kms2.example.com:1688"}]
    assert found["channel_changes"] == [{"machine": "pc3", "before": "gvlk", "after": "mak"}]
    assert any("pc3 (gvlk to mak)" in line for line in lines(found))


def test_a_machine_that_moved_from_kms_to_active_directory_is_named_and_one_with_another_key_is_not() -> None:
    lost, mak = client(0, status="notification", activated_by=None), client(0, channel="mak", activated_by="mak")
    before = {"pc1": client(), "pc2": client(), "pc3": client(), "pc4": client(activated_by="ad")}
    found = changes(before, {"pc1": client(activated_by="ad"), "pc2": lost, "pc3": mak, "pc4": client(activated_by="kms")})
    assert found["activated_by_changes"] == [
        {"machine": "pc1", "before": "kms", "after": "ad"},
        {"machine": "pc4", "before": "ad", "after": "kms"},
    ]
    assert any("2 machines with a GVLK activated in another way: pc1 (kms to ad), pc4 (ad to kms)." in line for line in lines(found))


def test_counts_are_compared_with_the_last_report_that_has_the_host() -> None:
    before, now = {"kms1": host(20), "kms2": host(30)}, {"kms1": host(24), "kms2": OFF, "kms3": host(5)}
    found = changes(before, now)
    assert found["kms_count_changes"] == [
        {"machine": "kms1", "application": "windows", "before": 20, "after": 24},
        {"machine": "kms3", "application": "windows", "before": None, "after": 5},
    ]
    assert [each["count_by_kms_host"]["windows"] for each in found["trend"]] == [{"kms1": 20, "kms2": 30}, {"kms1": 24, "kms3": 5}]
    assert "Since 2026-11-29T12:00:00Z: KMS host kms1 counts 24, before 20." in lines(found)


def test_tables_have_all_changes_in_both_languages() -> None:
    made = compared({"kms1": host(20), "pc1": client()}, {"kms1": host(24), "pc1": client(0, channel="mak", activated_by=None), "pc2": OFF})
    for language in ("en", "ja"):
        assert [each.id for each in history_tables(made, Texts(language))] == ["changes", "moves", "trend"]
    assert history_tables(report({"pc1": client()}), Texts("en")) == []


@given(st.integers(0, 60), st.integers(0, 60))
def test_every_machine_has_at_most_one_place_among_those_that_exclude_each_other(before: int, now: int) -> None:
    earlier = {record.inventory_hostname: dict(record.result) for record in records(before)}
    later = {record.inventory_hostname: dict(record.result) for record in records(now)}
    found = changes(earlier, later)
    exclusive = ("newly_unlicensed", "newly_licensed", "no_longer_read", "read_again", "new_machines", "gone_machines")
    listed = [name for each in exclusive for name in found[each]]
    assert len(listed) == len(set(listed))
    assert set(found["new_machines"]) == set(later) - set(earlier)
    assert set(found["gone_machines"]) == set(earlier) - set(later)
