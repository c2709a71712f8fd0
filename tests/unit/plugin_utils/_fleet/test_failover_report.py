# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failover states: the count and its forecast, and every client with what is known of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.filter.kms_failover_report import kms_failover_report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.failover_report import (
    THRESHOLDS,
    ClientResults,
    client_row,
    forecast,
    report,
)

FAILED, PID, OLD_PID = "kms1.example", "pid-of-kms2", "pid-of-kms1"


def host(count: int | None = 30, *, office: int | None = None) -> dict[str, Any]:
    keys = [
        {"channel": "csvlk", "application": "windows", "status": "licensed", "extended_pid": PID, "host_role": {"current_count": count}}
    ]
    if office is not None:
        keys.append({**keys[0], "application": "office", "extended_pid": "office", "host_role": {"current_count": office}})
    return {"products": keys, "service": {"current_count": count, "renewal_interval": 10080}}


def read(pid: str = PID, kind: str = "server", **changes: Any) -> dict[str, Any]:
    kms = {"kms_host": "kms2.example", "kms_port": 1688, "source": "discovered", "scope": None, "host_extended_pid": pid}
    product = {
        "primary": True,
        "channel": "gvlk",
        "status": "licensed",
        "activated_by": "kms",
        "expires": "2027-05-19T10:00:00Z",
        "kms": kms,
    }
    return {"machine": {"product_type": kind}, "service": {"kms_host": None}, "products": [{**product, **changes}]}


def asked(outcome: str, pid: str = PID, **more: Any) -> dict[str, Any]:
    activation = {
        "outcome": outcome,
        "kms_host": more.pop("host", "kms2.example"),
        "current_count": 4 if outcome == "waiting_for_count" else None,
        "required_count": 5 if outcome == "waiting_for_count" else None,
    }
    return {"products": read(pid)["products"], "activation": activation, **more}


def row(first: dict[str, Any] | None, then: dict[str, Any] | None = None) -> dict[str, Any]:
    return client_row("PC", ClientResults(first, then), [host()], [FAILED])


@pytest.mark.parametrize(("kind", "threshold"), [("server", 5), ("client", 25), ("office", 5)])
def test_the_thresholds_are_those_of_microsoft(kind: str, threshold: int) -> None:
    assert forecast(kind, threshold, 0)["reached"]
    assert not forecast(kind, threshold - 1, 0)["reached"]


@pytest.mark.parametrize(
    ("count", "still", "words"),
    [
        (30, 0, "client: threshold reached (30 counted, 25 required)"),
        (20, 10, "client: reached after 5 of the remaining 10 machines request activation, within 7 days (20 counted, 25 required)"),
        (20, 2, "client: 3 machines missing, even if the remaining 2 machines request activation (20 counted, 25 required)"),
        (24, 0, "client: 1 machine missing (24 counted, 25 required)"),
        (None, 25, "client: reached after 25 of the remaining 25 machines request activation, within 7 days (0 counted, 25 required)"),
        (3, None, "client: 22 machines missing, and the number of remaining machines is not known (3 counted, 25 required)"),
    ],
)
def test_the_forecast_in_words(count: int | None, still: int | None, words: str) -> None:
    assert forecast("client", count, still)["message"] == words


def test_an_odd_renewal_interval_is_told_in_minutes() -> None:
    assert "within 100 minutes" in forecast("server", 0, 9, 100)["message"]


@given(st.sampled_from(sorted(THRESHOLDS)), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60))
def test_a_forecast_is_met_or_lacks_something_and_asking_never_makes_it_worse(kind: str, count: int | None, still: int | None) -> None:
    now = forecast(kind, count, still)
    assert now["reached"] == (now["missing_count"] == 0) == ((count or 0) >= THRESHOLDS[kind])
    assert now["current_count"] + now["missing_count"] >= THRESHOLDS[kind]
    if still is not None:
        # The last of those that have not asked does so.
        assert now["shortfall"] == forecast(kind, (count or 0) + still, 0)["missing_count"]
    if still:
        one_later = forecast(kind, (count or 0) + 1, still - 1)
        assert one_later["shortfall"] == now["shortfall"]
        assert one_later["missing_count"] <= now["missing_count"]


def test_a_client_that_was_proven_is_not_looked_at_again() -> None:
    assert row(read(), {"skipped": True})["verified"]


def test_after_asking_the_product_that_was_left_behind_is_the_proof() -> None:
    assert row(read(OLD_PID), asked("activated"))["status"] == "verified"
    still = row(read(OLD_PID), asked("activated", OLD_PID))
    assert (still["status"], OLD_PID in still["message"]) == ("unverified", True)


def test_a_client_that_waits_says_what_the_host_counts() -> None:
    waiting = row(read(OLD_PID), asked("waiting_for_count", OLD_PID))
    assert (waiting["status"], waiting["verified"]) == ("waiting_for_count", False)
    assert "4 of 5" in waiting["message"]


def test_a_failure_is_told_in_its_own_words_beside_what_was_read_before() -> None:
    failed = row(read(OLD_PID), asked("failed", OLD_PID, failed=True, msg="PC: no host answered."))
    refused = row(read(OLD_PID), {"failed": True, "msg": "PC runs an evaluation edition."})
    lost = row(read(OLD_PID), {"unreachable": True, "msg": "timed out"})
    assert [(each["status"], each["message"], each["expires"]) for each in (failed, refused, lost)] == [
        ("unverified", "PC: no host answered.", "2027-05-19T10:00:00Z"),
        ("unverified", "PC runs an evaluation edition.", "2027-05-19T10:00:00Z"),
        ("unreachable", "timed out", "2027-05-19T10:00:00Z"),
    ]


@pytest.mark.parametrize(("host", "is_told"), [(FAILED.upper(), True), ("kms2.example", False), (None, False)])
def test_a_client_that_still_asks_the_failed_host_is_told_apart(host: str | None, is_told: bool) -> None:
    found = row(read(OLD_PID), asked("failed", OLD_PID, host=host, failed=True, msg="PC: no host answered."))
    assert found["message"].startswith("PC: no host answered.")
    assert any("TTL of the old record" in step for step in found["next_steps"]) == is_told


@pytest.mark.parametrize(("here", "beneath"), [(FAILED, None), ("own.example", FAILED)])
def test_a_client_that_the_registry_pins_has_the_way_on(here: str, beneath: str | None) -> None:
    scope = "application" if beneath is None else "product"
    first = read(PID)
    first["products"][0]["kms"].update(kms_host=here, source="configured", scope=scope, application_kms_host=beneath)
    found = row(first)
    assert (found["status"], found["failed_host_scope"]) == ("unverified", "application")
    assert "kms_failover_clear_application_settings: true" in found["next_steps"][0]
    assert "Group Policy" in found["next_steps"][1]


def test_the_line_of_a_client_that_cannot_be_reached_has_its_name_once() -> None:
    away = row({"unreachable": True, "msg": "PC: http://192.0.2.1:5985/wsman: connection refused."})
    assert report([away], {})["lines"] == ["PC: no KMS host, no expiry, unreachable: http://192.0.2.1:5985/wsman: connection refused."]


def test_check_mode_tells_who_would_be_asked() -> None:
    assert row(read(OLD_PID), asked("planned", OLD_PID))["status"] == "planned"


def variables(**clients: tuple[dict[str, Any] | None, dict[str, Any] | None]) -> dict[str, Any]:
    left = {
        name: {key: value for key, value in (("kms_failover_read", one), ("kms_failover_asked", two)) if value is not None}
        for name, (one, two) in clients.items()
    }
    return {**left, "KMS2": {"kms_failover_working_host": host(4)}}


def test_the_statement_names_everybody_once_and_is_complete_only_when_nothing_is_left() -> None:
    clients = variables(
        GOOD=(read(), {"skipped": True}), WAITS=(read(OLD_PID, "client"), asked("waiting_for_count", OLD_PID)),
        FAILS=(read(OLD_PID), {"failed": True, "msg": "refused"}), GONE=({"unreachable": True, "msg": "timed out"}, None),
        ASIDE=(None, None), MAK=(read(channel="mak"), None),
    )  # fmt: skip
    found = kms_failover_report([*[*clients][:-1], "NOBODY"], clients, ["KMS2"], [FAILED])
    assert found["machines"] == {
        "verified": ["GOOD"], "waiting_for_count": ["WAITS"], "planned": [], "unverified": ["FAILS"], "unread": ["ASIDE", "NOBODY"],
        "unreachable": ["GONE"], "not_affected": ["MAK"],
    }  # fmt: skip
    told = found["machines"].values()
    assert sorted(name for names in told for name in names) == sorted(each["machine"] for each in found["rows"])
    assert found["complete"] is False
    assert found["summary"].startswith("1 of 6 KMS clients are verified")
    assert all(name in found["summary"] for name in ("WAITS", "FAILS", "GONE", "ASIDE", "MAK"))
    assert len(found["lines"]) == len(found["rows"]) + 2


def test_whoever_was_counted_or_served_is_not_expected_to_be_counted_again() -> None:
    rows = [row(read()), row(read(OLD_PID, "client"), asked("waiting_for_count", OLD_PID)), row({"unreachable": True}), row(None)]
    (found,) = report(rows, {"KMS2": host(4)})["kms_hosts"]
    assert [(each["client_type"], each["current_count"], each["pending"]) for each in found["forecast"]] == [
        ("server", 4, 2),
        ("client", 4, 2),
    ]
    assert (found["extended_pids"], found["reachable"]) == ([PID], True)


def test_a_host_that_could_not_be_asked_is_in_the_statement_without_a_count() -> None:
    told = report([row(None)], {"KMS2": {"unreachable": True, "msg": "timed out"}})
    (found,) = told["kms_hosts"]
    assert (found["reachable"], found["current_count"], found["forecast"]) == (False, None, [])
    assert (
        told["lines"][0]
        == "KMS2: The KMS host could not be read, so its count is not known, and clients that it activated might not be verified. timed out"
    )


def test_office_is_counted_apart_and_nobody_knows_how_many_there_are() -> None:
    (found,) = report([row(read())], {"KMS2": host(30, office=2)})["kms_hosts"]
    assert [(each["client_type"], each["current_count"], each["shortfall"]) for each in found["forecast"]] == [
        ("server", 30, 0),
        ("office", 2, None),
    ]


def test_all_proven_is_complete() -> None:
    found = report([row(read())], {"KMS2": host()})
    assert (found["complete"], found["summary"]) == (True, "1 of 1 KMS clients are verified to use a KMS host that works.")
    assert found["lines"] == [
        "KMS2, server: threshold reached (30 counted, 5 required)",
        "PC: kms2.example:1688, until 2027-05-19T10:00:00Z, verified",
    ]


@pytest.mark.parametrize("role", ["kms_failover", "kms_key_rotation"])
@pytest.mark.parametrize(("done", "verb"), [(True, "lost"), (False, "would lose")])
def test_what_a_host_lost_with_its_new_key_is_a_line_and_names_the_variable_that_accepted_it(role: str, done: bool, verb: str) -> None:
    loses = "the activation of Windows(R), ServerStandard edition with the MAK ending in 66666"
    steps = [{"loses": loses, "done": done}, {"loses": None, "done": done}]
    given = {"KMS2": {"kms_failover_working_host": host(4), f"__{role}_installed": {"steps": steps}}}
    found = kms_failover_report([], given, ["KMS2"])
    assert found["lost_activations"] == [{"machine": "KMS2", "loses": loses, "done": done, "allowed_by": f"{role}_lose_activation"}]
    assert f"KMS2 {verb} {loses} ({role}_lose_activation: true)" in found["lines"]


def test_a_host_that_failed_before_it_had_steps_lost_nothing() -> None:
    given = {"KMS2": {"kms_failover_working_host": host(4), "__kms_failover_installed": {"failed": True, "msg": "refused"}}}
    assert kms_failover_report([], given, ["KMS2"])["lost_activations"] == []
