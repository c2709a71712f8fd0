# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a KMS client finds its host, and what is said of hosts that do not answer the controller."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import renewal as check_renewal
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import (
    CheckData,
    CheckSettings,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import Severity
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.route import (
    HostAnswer,
    KmsEndpoint,
    ProbeResult,
    Route,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationType, LicenseStatus

from ...conftest import build_client, build_state

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
FOUND = {"discovered_host": "kms7.corp.example", "discovered_port": 1689, "discovered_address": "192.0.2.7"}
YES = HostAnswer("kms1.corp.example:1688", answers=True, is_known=True, meaning="A KMS host listens here.", next_steps=())
NO = HostAnswer("kms7.corp.example:1689", answers=False, is_known=True, meaning="No answer came in time.", next_steps=("Check it.",))
UNKNOWN = HostAnswer("kms7.corp.example:1689", answers=False, is_known=False, meaning="Not asked.", next_steps=("Fix it.",))


@pytest.mark.parametrize(
    ("own", "service", "domain", "expected"),
    [
        ({"host": "a.example", "port": 1700}, {"host": "b.example"}, None, Route(fixed=KmsEndpoint("a.example", 1700))),
        ({}, {"host": "b.example"}, None, Route(fixed=KmsEndpoint("b.example", 1688))),
        ({}, {"host": "kms1"}, "corp.example", Route(fixed=KmsEndpoint("kms1.corp.example", 1688))),
        ({"host": "2001:db8::1"}, {}, "corp.example", Route(fixed=KmsEndpoint("2001:db8::1", 1688))),
        (FOUND, {}, "corp.example", Route(cached=KmsEndpoint("kms7.corp.example", 1689, "192.0.2.7"), domain="corp.example")),
        ({}, {"lookup_domain": "other.example"}, "corp.example", Route(domain="other.example")),
        ({}, {}, None, Route()),
    ],
)
def test_a_client_asks_the_host_that_is_fixed_else_the_one_it_knows_else_those_of_dns(
    own: dict[str, Any], service: dict[str, Any], domain: str | None, expected: Route
) -> None:
    client = build_client(kms=KmsClient(**own))
    state = build_state(client, service={"kms": KmsClient(**service)})
    assert check_renewal.route_of(state, client, domain) == expected


def test_without_caching_the_host_found_last_is_forgotten() -> None:
    client = build_client(kms=KmsClient(**FOUND))
    state = build_state(client, service={"host_caching": False})
    assert check_renewal.route_of(state, client, "corp.example").cached is None


@pytest.mark.parametrize(
    ("own", "reach", "expected"),
    [
        ({"host": "kms1"}, ProbeResult(fixed=YES), []),
        ({"host": "kms1"}, ProbeResult(fixed=NO), ["kms_host_not_responding"]),
        ({"host": "kms1"}, ProbeResult(fixed=UNKNOWN), ["renewal_not_checked"]),
        (FOUND, ProbeResult(cached=YES), []),
        (FOUND, ProbeResult(cached=NO, published=(NO, YES)), ["cached_kms_host_not_responding"]),
        (FOUND, ProbeResult(cached=NO, published=(NO,)), ["kms_host_not_responding"]),
        (FOUND, ProbeResult(cached=NO, published=()), ["no_kms_host"]),
        (FOUND, ProbeResult(cached=NO, problem=("no answer", ("Ask another.",))), ["renewal_not_checked"]),
        ({}, ProbeResult(published=(YES,)), []),
        ({}, ProbeResult(published=()), ["no_kms_host"]),
    ],
)
def test_a_renewal_that_cannot_work_is_told_from_one_that_was_not_checked(
    own: dict[str, Any], reach: ProbeResult, expected: list[str]
) -> None:
    client = build_client(kms=KmsClient(**own))
    state = build_state(client)
    route = check_renewal.route_of(state, client, "corp.example")
    found = check.findings(CheckData(state, NOW, domain="corp.example", probe_results={route: reach}), CheckSettings())
    assert [finding.id for finding in found] == expected
    assert all(finding.next_steps for finding in found)


def renewal_findings(reach: ProbeResult) -> list[check_renewal.CheckFinding]:
    client = build_client()
    state = build_state(client)
    route = check_renewal.route_of(state, client, "corp.example")
    return check.findings(CheckData(state, NOW, domain="corp.example", probe_results={route: reach}), CheckSettings())


def test_hosts_beyond_the_first_few_are_counted_whether_they_were_asked_or_not() -> None:
    answers = tuple(replace(UNKNOWN, endpoint=f"kms{number}.corp.example:1688") for number in range(10))
    (finding,) = renewal_findings(ProbeResult(published=answers, unasked=2))
    assert "; 6 more are not shown; 2 more were not probed)" in finding.message


def test_where_only_too_many_hosts_are_the_reason_the_step_is_about_them() -> None:
    (finding,) = renewal_findings(ProbeResult(published=(NO,), unasked=2, unasked_steps=("Remove some.",)))
    assert finding.next_steps == ("Remove some.",)


def test_a_machine_in_no_domain_that_looks_into_dns_finds_nobody() -> None:
    client = build_client()
    state = build_state(client)
    found = check.findings(CheckData(state, NOW, probe_results={Route(): ProbeResult()}), CheckSettings())
    assert [finding.id for finding in found] == ["no_kms_host"]
    assert "is not in a domain" in found[0].message


@pytest.mark.parametrize(
    ("used", "allowed", "expected"),
    [
        (ActivationType.KMS, ActivationType.AD, ["kms_not_allowed"]),
        (ActivationType.KMS, ActivationType.TOKEN, ["kms_not_allowed"]),
        (ActivationType.KMS, ActivationType.ALL, []),
        (ActivationType.KMS, ActivationType.KMS, []),
        (ActivationType.AD, ActivationType.AD, ["activated_by_ad"]),
        (ActivationType.AD, ActivationType.TOKEN, ["activated_by_ad"]),
        (None, ActivationType.AD, ["kms_not_allowed"]),
    ],
)
def test_a_client_that_kms_activated_and_may_not_renew_is_found(
    used: ActivationType | None, allowed: ActivationType, expected: list[str]
) -> None:
    client = build_client(used_type=used, allowed_type=allowed, kms=KmsClient(host_extended_pid="03612-00206-471"))
    state = build_state(client)
    found = check.findings(CheckData(state, NOW), CheckSettings(probe=False))
    assert [finding.id for finding in found] == expected
    if expected == ["kms_not_allowed"]:
        assert found[0].severity is Severity.ERROR
        assert allowed.name.lower() in found[0].message.lower() or "Active Directory" in found[0].message
        assert "activation_type" in found[0].next_steps[0]
    assert check.findings(CheckData(state, NOW), CheckSettings(renewal=False)) == () or expected == ["activated_by_ad"]


def test_a_client_that_is_not_licensed_is_not_said_to_lose_its_license() -> None:
    client = build_client(used_type=ActivationType.KMS, allowed_type=ActivationType.AD, status=LicenseStatus.NOTIFICATION)
    found = check.findings(CheckData(build_state(client), NOW), CheckSettings(probe=False))
    assert [finding.id for finding in found] == ["not_licensed"]
