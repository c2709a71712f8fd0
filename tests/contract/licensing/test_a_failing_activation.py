# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An activation that fails is explained, tried again only where that can help, and not taken for a success."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance
from explained import assert_explained

Sessions = Callable[[str], Any]
Convert = Callable[..., Any]
MAK = "MMMMM-KKKKK-MMMMM-BBBBB-22222"


def test_a_kms_host_that_is_down_is_named_with_the_reason_from_event_12288(
    session: Sessions, convert: Convert, estate: Any, naps: Any
) -> None:
    estate.set_fault("kms1", "kms_host_down")
    grace = session("grace22")
    outcome = convert(grace)
    assert outcome.failed
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F074"
    assert outcome.error["underlying"]["code"] == "0x800706BA"
    assert (outcome.error["underlying"]["kms_host"], outcome.error["underlying"]["kms_port"]) == ("kms1.corp.example", 1688)
    assert outcome.error["next_steps"][0] == "Test the port from the client: 'Test-NetConnection kms1.corp.example -Port 1688'."
    assert "0x800706BA" in outcome.error["cause"]
    assert outcome.message is not None
    assert all(word in outcome.message for word in ("Windows(R), ServerStandard edition", "0xC004F074", "0x800706BA", "Next: "))
    assert [(step.action, step.done) for step in outcome.steps] == [("set_kms_host", True), ("activate", False)]
    assert outcome.activation["attempts"] == 1
    assert naps.naps == []
    assert_explained({"error": outcome.error, "msg": outcome.message})  # by the reason behind the code
    assert sum("Win32_NTLogEvent" in request for request in grace.requests) == 1


def test_a_count_too_low_is_a_result_of_its_own_with_the_count(session: Sessions, convert: Convert) -> None:
    outcome = convert(session("grace22"), kms_host="young.corp.example")
    assert not outcome.failed
    assert outcome.activation["outcome"] == "waiting_for_count"
    assert (outcome.activation["current_count"], outcome.activation["required_count"]) == (2, 5)
    assert outcome.activation["error"]["code"] == "0xC004F038"
    assert any("current count: 2, required count: 5" in warning for warning in outcome.warnings)
    assert outcome.changed  # the host was set


def test_a_count_that_rises_in_time_is_waited_for_with_growing_pauses(session: Sessions, convert: Convert, estate: Any, naps: Any) -> None:
    estate.set_fault("kms1", "kms_count", value=3)
    naps.then = lambda now: estate.clear_faults() if now > 60 else None
    outcome = convert(session("grace22"), retry_timeout=600)
    assert outcome.activation["outcome"] == "activated"
    assert outcome.activation["attempts"] == 5
    assert naps.naps == [5, 10, 20, 40]


def test_the_deadline_ends_the_waiting_with_a_last_attempt_at_its_end(session: Sessions, convert: Convert, estate: Any, naps: Any) -> None:
    estate.set_fault("*", "kms_host_down")
    outcome = convert(session("grace22"), retry_timeout=100)
    assert outcome.failed
    assert sum(naps.naps) == 100
    assert outcome.activation["attempts"] == len(naps.naps) + 1


def test_an_error_that_will_not_pass_is_not_tried_again(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("kms1", "kms_host_not_activated")
    outcome = convert(session("grace22"), retry_timeout=600)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F041"
    assert outcome.activation["attempts"] == 1


def test_a_host_that_is_down_behind_dns_is_named_too(session: Sessions, convert: Convert, estate: Any, publish: Any) -> None:
    publish("kms2")
    estate.set_fault("kms2", "kms_port_closed")
    outcome = convert(session("grace22"), kms_host=None)
    assert outcome.error is not None
    assert (outcome.error["underlying"]["kms_host"], outcome.error["underlying"]["kms_port"]) == ("kms2.corp.example", 1690)
    assert (outcome.activation["kms_host"], outcome.activation["kms_port"]) == ("kms2.corp.example", 1690)


def test_no_srv_record_is_said_by_its_own_code(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("*", "no_srv")
    outcome = convert(session("grace22"), kms_host=None)
    assert outcome.error is not None
    assert outcome.error["code"] == "0x8007232B"
    assert outcome.error["next_steps"]


def test_a_yes_that_the_state_does_not_bear_out_is_a_failure(session: Sessions, convert: Convert) -> None:
    grace = session("grace22")
    grace.swallow("Activate")
    outcome = convert(grace)
    assert outcome.failed
    assert outcome.message is not None
    assert "Windows returned success, but the status of the product is initial_grace" in outcome.message


def test_an_activation_through_active_directory_names_no_kms_host(session: Sessions, convert: Convert, monkeypatch: Any) -> None:
    grace = session("grace22")
    ask = grace.query

    def as_active_directory_would(wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        used = {"VLActivationType": "1"} if "Activate" in grace.requests else {}
        return [replace(found, properties={**found.properties, **used}) for found in ask(wql, namespace)]

    monkeypatch.setattr(grace, "query", as_active_directory_would)
    activation = convert(grace).activation
    assert (activation["outcome"], activation["kms_host"]) == ("activated", None)


def test_clocks_apart_are_named(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("grace22", "clock_skew", minutes=600)
    outcome = convert(session("grace22"))
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F06C"


def test_a_missing_oem_marker_is_told_from_a_wrong_key(session: Sessions, convert: Convert) -> None:
    outcome = convert(session("oem7"))
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F035"
    assert outcome.error["subcode"] == "oem_marker_missing"
    assert "MAK" in outcome.error["next_steps"][0]
