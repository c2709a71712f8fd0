# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of kms_host promises is what the code takes and returns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import kms_host as module
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import result as _result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import plan as kms_host
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import run as kms_host_run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import host_matrix
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.firewall import (
    Firewall,
    FirewallRule,
    rule_path,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.model import (
    HostKey,
    HostState,
    KmsHostDesired,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import PublishedDomain
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from documented_options import options_of

OPTIONS = options_of(module.DOCUMENTATION)
RETURN: dict[str, dict[str, Any]] = yaml.safe_load(module.RETURN)
KEY = ProductKey("CCCCC-VVVVV-KKKKK-22222-33333")
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)


def hosting() -> HostState:
    """A host of which no part of a report is empty."""
    os = model.OperatingSystem("KMS01", "Windows Server 2022", "10.0.20348", 20348, model.ProductType.SERVER, 1033, NOW)
    product = model.LicensedProduct(
        activation_id="2de67392-b7a7-462a-b1ca-108dd189f588",
        application=model.Application.WINDOWS,
        application_id=model.WINDOWS_ID,
        name="Windows(R), ServerStandard edition",
        description="Windows(R) Operating System, VOLUME_KMS_WS22 channel",
        channel=model.Channel.CSVLK,
        channel_name="Volume:CSVLK",
        family="ServerStandard",
        status=model.LicenseStatus.LICENSED,
        partial_product_key=KEY.partial_product_key,
        kms_host=model.KmsHost(enabled=True, current_count=31),
    )
    rule = FirewallRule("SPPSVC-In-TCP", True, ("1688",), ("domain",), rule_path("SPPSVC-In-TCP"), None)
    licenses = model.ActivationState(os, model.LicensingService("10.0", dns_publishing=True), (product,))
    return HostState(licenses, "kms01.example.com", "example.com", (PublishedDomain("a.example.com"),), Firewall(True, (rule,)))


def result_of(desired: KmsHostDesired) -> dict[str, Any]:
    plan = kms_host.plan(hosting(), desired)
    outcome = kms_host_run.predict(plan)
    return {**_result.outcome_of(outcome, "KMS01", check_mode=True), **report.describe(outcome)}


def assert_documented(value: Any, contains: Mapping[str, Any], path: str) -> None:
    if isinstance(value, list):
        assert value, f"{path} is empty and shows nothing"
        value = value[0]
    assert set(value) == set(contains), path
    for name, field in contains.items():
        if "contains" in field and value[name] not in (None, []):
            assert_documented(value[name], field["contains"], f"{path}.{name}")


def test_options_are_the_wishes_planning_knows() -> None:
    wishes = {field.name for field in dataclasses.fields(KmsHostDesired)} - {"is_retried"}
    named = {"state": "present", "max_activations": "budget"}
    assert {named.get(name, name) for name in OPTIONS} == wishes
    assert set(OPTIONS["host_keys"]["suboptions"]) == {field.name for field in dataclasses.fields(HostKey)}
    assert set(OPTIONS["publish_domains"]["suboptions"]) == {field.name for field in dataclasses.fields(PublishedDomain)}


def test_defaults_are_those_of_the_wish() -> None:
    desired = KmsHostDesired()
    for name in ("activate", "firewall", "retry_timeout", "check_compatibility"):
        assert OPTIONS[name]["default"] == getattr(desired, name)
    assert OPTIONS["activation_method"]["default"] == desired.activation_method.value


def test_every_documented_kind_of_host_key_is_in_the_matrix_and_the_other_way_round() -> None:
    text = " ".join(OPTIONS["host_keys"]["suboptions"]["product_name"]["description"])
    assert set(re.findall(r"V\(([^)]+)\)", text)) == set(host_matrix.names())


def test_everything_that_is_returned_is_documented_and_the_other_way_round() -> None:
    desired = KmsHostDesired(host_keys=(HostKey(KEY),), listening_port=1689, low_priority=True)
    result = result_of(desired)
    assert set(result) - {"changed"} | {"diff", "error"} == set(RETURN)
    for name in ("machine", "steps", "before", "after", "firewall_info", "dns_publication", "activations"):
        assert_documented(result[name], RETURN[name]["contains"], name)
    absent = result_of(replace(desired, present=False))
    assert_documented(absent["stale_srv_records"], RETURN["stale_srv_records"]["contains"], "stale_srv_records")


def test_every_step_that_planning_knows_is_documented() -> None:
    text = str(RETURN["steps"]["contains"]["action"]["description"])
    documented = set(re.findall(r"V\((\w+)\)", text))
    everything = KmsHostDesired(
        host_keys=(HostKey(ProductKey("CCCCC-VVVVV-KKKKK-22222-44444")),), listening_port=1689, activation_interval=60, renewal_interval=60,
        dns_publishing=False, publish_domains=(), low_priority=True,
    )  # fmt: skip
    planned = {step["action"] for desired in (everything, KmsHostDesired(present=False)) for step in result_of(desired)["steps"]}
    assert planned <= documented
    assert documented - planned <= {"remove_product_key", "enable_firewall_rule", "restore_product_key", "clear_restart_marker"}
