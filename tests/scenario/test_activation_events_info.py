# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of the licensing service: every one decoded in any language, requests with their answers, never a whole log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .documented import complaints, documentation
from .harness import Lab, Results

ESTATE = "activation_events.yml"
WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f"
SKU = "68531fb9-5511-4989-97be-d11a0f55633f"
TEMPLATE = "66c92734-d682-4d71-983e-d6ec3f160599"
CMID = "36f27b39-2fb6-4a0e-9e9f-000000000000"
SHARED_CMID = "11111111-2222-4333-8444-555555555555"
OF_THE_FILE = 43
"""Events of the estate file that lie within two hours and are those of the licensing service."""

DECODED: Mapping[int, tuple[str, str, Mapping[str, Any]]] = {
    1003: ("status_check_done", "info", {"application_id": WINDOWS}),
    1014: ("use_license_failed", "error", {"result": "0x80072EE7", "activation_id": SKU}),
    1016: ("key_installed", "info", {"activation_id": SKU}),
    1017: ("key_refused", "warning", {"result": "0xC004F050", "partial_product_key": "2BCDF", "activation_id": None}),
    1040: ("hardware_changed", "info", {"application_id": WINDOWS, "activation_id": SKU}),
    1062: ("offline_activation_failed", "error", {"result": "0xC004F04D", "activation_id": SKU}),
    8198: (
        "automatic_activation_failed",
        "error",
        {"result": "0x8007007B", "action": "AutoActivate", "trigger": "NetworkAvailable", "application_id": WINDOWS, "activation_id": SKU},
    ),
    8200: ("acquisition_details", "error", {"result": "0xC004C003", "details": "Server response 0xC004C003"}),
    8208: ("genuine_ticket_failed", "error", {"result": "0x80072EE7", "template_id": TEMPLATE}),
    8209: ("set_non_genuine", "error", {"result": "0xC004C4A2", "application_id": WINDOWS}),
    8212: ("rearm_failed", "error", {"result": "0xC004D307", "remaining_rearms": 0}),
    8214: ("ad_object_failed", "error", {"result": "0xC004F081", "ad_object_name": "object", "ad_object_dn": "CN=object"}),
    8233: ("volume_activation_attempt_failed", "info", {"result": "0xC004F074", "trigger": "TimerEvent"}),
    12289: ("response_processed", "info", {"result": "0x00000000", "current_count": 10, "renewal_interval": 10080}),
    12290: (
        "request_processed",
        "info",
        {"result": "0xC004F06C", "client": "client1.contoso.example", "cmid": CMID, "client_time": "2010-09-29T21:46:00Z"},
    ),
    12291: ("kms_not_started", "info", {"result": "0x80070005"}),
    12293: ("dns_publishing_failed", "info", {"result": "0x80072338", "domain": "contoso.example"}),
    12294: ("dns_published", "info", {"domain": "contoso.example"}),
    12306: ("rearmed", "info", {"remaining_rearms": 999}),
    12308: ("ad_activated", "info", {"activation_id": SKU, "ad_object_name": "object"}),
    16384: ("restart_scheduled", "info", {"scheduled": "2026-11-21T09:00:00Z", "reason_word": "RulesEngine"}),
}


@pytest.fixture(scope="module")
def known(lab: Lab) -> Results:
    """The logs of the estate file, on an English and a Japanese machine."""
    return lab.all("activation_events_info", ["EN", "JA"], since=2)


@pytest.fixture(scope="module")
def told(lab: Lab) -> Results:
    """What clients and hosts say after the clients were converted."""
    host, young, nobody = lab.address("KMS1"), lab.address("YOUNG"), lab.address("OLD")
    wishes = {"GOOD": host, "CLONE": host, "TWIN": host, "WAITS": young, "LOST": nobody}
    warning = ("has not counted enough clients",)
    lab.each("kms_client", {name: {"kms_host": address} for name, address in wishes.items()}, expected_warnings=warning)
    lab.client.advance(10)
    return lab.all("activation_events_info", [*wishes, "KMS1", "YOUNG", "QUIET"], since=1)


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event with each code by its number."""
    return {name: value["code"] if isinstance(value, dict) and "code" in value else value for name, value in fields.items()}


def the(result: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """The newest event of a number."""
    return next(event for event in result["events"] if event["event_id"] == number)


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", ["EN", "JA"])
@pytest.mark.parametrize(("number", "expected"), DECODED.items())
def test_each_event_is_decoded_in_any_language(
    known: Results, name: str, number: int, expected: tuple[str, str, Mapping[str, Any]]
) -> None:
    event = the(known[name], number)
    word, severity, fields = expected
    assert (event["name"], event["severity"], event["decoded"]) == (word, severity, True)
    found = plain(event["fields"])
    assert {field: found[field] for field in fields} == fields
    assert len(event["meaning"]) > 10


def test_both_languages_say_the_same_and_events_of_other_programs_are_left_out(known: Results) -> None:
    english, japanese = (
        [(event["event_id"], event["fields"], event["strings"]) for event in known[name]["events"]] for name in ("EN", "JA")
    )
    assert english == japanese
    assert len(english) == OF_THE_FILE
    assert {event["source"] for event in known["EN"]["events"]} == {"Microsoft-Windows-Security-SPP"}


def test_what_cannot_be_decoded_is_kept_as_it_is(known: Results) -> None:
    odd = [event for event in known["EN"]["events"] if not event["decoded"]]
    assert {(event["event_id"], *event["strings"]) for event in odd} >= {(12288, "no request"), (1025, "a text nobody knows")}
    assert all(event["fields"] == {} for event in odd)
    (unread,) = [request for request in known["EN"]["requests"] if request["outcome"] == "unknown"]
    assert (unread["answered"], unread["kms_host"]) == (False, None)


def test_the_status_of_each_license_in_a_status_check_is_told(known: Results) -> None:
    keyed, unkeyed = the(known["JA"], 1003)["fields"]["products"]
    assert (keyed["activation_id"], keyed["has_key"], keyed["result"]["code"], keyed["grace_minutes"]) == (SKU, True, "0x00000000", 259192)
    assert (
        unkeyed["has_key"],
        unkeyed["result"]["symbol"],
        unkeyed["grace_minutes"],
    ) == (False, "SL_E_PKEY_NOT_INSTALLED", None)


def test_the_result_is_as_documented(known: Results, told: Results) -> None:
    documented = {name: field for name, field in documentation("activation_events_info").items() if name != "error"}
    for result in (*known.values(), *told.values()):
        assert list(complaints({key: result[key] for key in documented}, documented)) == []


def test_requests_are_joined_with_their_answers(known: Results, told: Results) -> None:
    first, _unread, refused = known["EN"]["requests"]
    assert (first["outcome"], first["answered"], first["answer"]["current_count"]) == ("activated", True, 10)
    assert (refused["outcome"], refused["answered"], refused["answer"]) == ("refused", False, None)
    (good,) = told["GOOD"]["requests"]
    assert (good["outcome"], good["status"], good["required_count"], good["answer"]["activation_interval"]) == (
        "activated",
        "initial_grace",
        25,
        120,
    )
    (waits,) = told["WAITS"]["requests"]
    assert (waits["outcome"], waits["answer"]["result"]["symbol"], waits["answer"]["flags"]["names"]) == (
        "refused",
        "SL_E_VL_NOT_ENOUGH_COUNT",
        ["not_enough_count"],
    )


def test_a_request_that_reached_nobody_stays_unanswered_with_the_reason(told: Results, lab: Lab) -> None:
    (lost,) = told["LOST"]["requests"]
    assert (lost["answered"], lost["answer"], lost["outcome"], lost["result"]["code"]) == (False, None, "not_reached", "0x800706BA")
    assert (lost["kms_host"], lost["kms_port"]) == (lab.address("OLD"), 1688)


def test_the_host_tells_its_clients_and_which_share_an_id(told: Results) -> None:
    clients = {client["cmid"]: client for client in told["KMS1"]["clients"]}
    twins = clients.pop(SHARED_CMID)
    assert (sorted(twins["names"]), twins["request_count"], twins["refused_count"]) == (["CLONE.corp.lab", "TWIN.corp.lab"], 2, 0)
    (good,) = clients.values()
    assert (good["names"], good["last_result"]["code"], good["cmid"]) == (
        ["GOOD.corp.lab"],
        "0x00000000",
        told["GOOD"]["requests"][0]["cmid"],
    )
    assert [client["refused_count"] for client in told["YOUNG"]["clients"]] == [1]
    assert told["KMS1"]["requests"] == []


def test_a_machine_without_the_log_of_kms_hosts_is_no_failure(told: Results) -> None:
    quiet = told["QUIET"]
    assert (quiet["changed"], quiet["events"], quiet["clients"]) == (False, [], [])
    assert [(log["name"], log["exists"]) for log in quiet["logs"]] == [("application", True), ("key_management_service", False)]
    assert [(log["name"], log["exists"]) for log in told["KMS1"]["logs"]] == [("application", True), ("key_management_service", True)]


def test_a_failed_online_activation_and_one_windows_tried_by_itself_are_told(lab: Lab) -> None:
    lab.all("mak_client", ["MAK"])
    lab.client.advance(150)
    found = lab.all("activation_events_info", ["MAK", "LOST"], since=3, event_ids=[1014, 8200, 8198])
    assert [event["event_id"] for event in found["MAK"]["events"]] == [1014, 8200]
    assert {event["fields"]["result"]["code"] for event in found["MAK"]["events"]} == {"0x80072EE7"}
    automatic = the(found["LOST"], 8198)["fields"]
    assert (automatic["action"], automatic["result"]["code"], automatic["activation_id"] is not None) == (
        "AutoActivate",
        "0xC004F074",
        True,
    )


def test_the_last_ones_are_looked_for_further_and_further_back_and_no_further_than_needed(lab: Lab) -> None:
    near = lab.all("activation_events_info", ["PAST"], max_events=1, event_ids=[8209])
    far = lab.all("activation_events_info", ["PAST"], max_events=2, event_ids=[8209])
    none = lab.all("activation_events_info", ["PAST"], max_events=3, event_ids=[8209])
    codes = [[event["fields"]["result"]["code"] for event in run["PAST"]["events"]] for run in (near, far, none)]
    assert codes == [["0xC004C4A1"], ["0xC004C4A1", "0xC004C4A2"], ["0xC004C4A1", "0xC004C4A2"]]
    assert [run.costs["PAST"]["operations"]["Enumerate"] for run in (near, far, none)] == [3, 5, 6]
    assert near["PAST"]["since"] > far["PAST"]["since"] > none["PAST"]["since"]


def test_it_asks_for_the_clock_and_once_for_each_log_and_writes_nothing(lab: Lab) -> None:
    found = lab.all("activation_events_info", ["KMS1"], {"keywords": {"check_mode": True}}, max_events=2, since="2026-11-20T08:00:00Z")
    assert (found["KMS1"]["changed"], len(found["KMS1"]["events"])) == (False, 2)
    assert (found.costs["KMS1"]["operations"]["Enumerate"], found.writes("KMS1")) == (3, 0)


def test_only_what_is_about_a_product_is_told_with_the_answers_to_its_requests(lab: Lab) -> None:
    found = lab.all(
        "activation_events_info", ["EN"], since="2026-11-20T08:00:00Z", activation_id=SKU.upper(), event_ids=[12288, 12289, 1003, 8209]
    )
    assert [event["event_id"] for event in found["EN"]["events"]] == [12289, 12288, 12288, 1003]


REFUSED: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "EN": ({"since": "yesterday"}, ("since", "neither a number of hours nor a time")),
    "JA": ({"since": 0}, ("since", "0 hours")),
    "GOOD": ({"max_events": 0}, ("max_events", "1 to 10000")),
    "WAITS": ({"event_ids": [12288, 12312]}, ("event_ids", "12312 is not a known event", "12311")),
    "LOST": ({"event_ids": ["all"]}, ("event_ids", "'all' is not a whole number")),
    "MAK": ({"logs": ["system"]}, ("logs", "'system' is not one of application, key_management_service")),
    "CLONE": ({"event_ids": [12290], "logs": ["application"]}, ("does not write the events 12290", "Do not specify logs")),
    "TWIN": ({"activation_id": "windows"}, ("activation_id", "'windows' is not an ID")),
}


def test_a_wish_that_makes_no_sense_is_refused_before_anything_is_sent(lab: Lab) -> None:
    found = lab.each("activation_events_info", {name: wish for name, (wish, _words) in REFUSED.items()})
    for name, (_wish, words) in REFUSED.items():
        assert (found[name]["status"], found.nothing_sent(name)) == ("failed", True), name
        assert [word for word in words if word not in found[name]["msg"]] == []


def test_an_empty_list_is_no_list(lab: Lab) -> None:
    found = lab.all("activation_events_info", ["PAST"], max_events=1, event_ids=[], logs=[])
    assert ([event["event_id"] for event in found["PAST"]["events"]], len(found["PAST"]["logs"])) == ([8209], 2)


def test_windows_server_2003_has_no_such_events_and_says_so(lab: Lab) -> None:
    found = lab.all("activation_events_info", ["OLD"])["OLD"]
    assert (found["status"], found["error"]["code"]) == ("failed", "not_supported_by_windows")
    assert "activation_info" in found["msg"]
