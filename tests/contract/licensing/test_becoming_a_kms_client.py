# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine becomes a KMS client: the steps, what they cost, and that a second run finds nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import apply as applying
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome, predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationType
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]
KMS1 = "kms1.corp.example"


def converge(session: Any, **desired: Any) -> LicenseOutcome:
    """What the module does; the prediction of check mode must come true whenever the activation works."""
    plan = kms_client.plan(with_edition_id(session, read_state(session)), KmsClientDesired(**desired))
    predicted = predict(plan)
    outcome = applying.apply(plan, session)
    assert predicted.steps == tuple(step if not step.done else _undone(step) for step in outcome.steps)
    if not outcome.failed and outcome.activation["outcome"] != "waiting_for_count":
        assert predicted.after == outcome.after
        assert predicted.changed == outcome.changed
    return outcome


def _undone(step: Any) -> Any:
    return replace(step, done=False)


def assert_steady(session: Any, **desired: Any) -> None:
    session.requests.clear()
    outcome = converge(session, **desired)
    assert not outcome.changed
    assert outcome.steps == ()
    assert session.writes == []
    assert len(session.requests) == 3


def test_a_mak_machine_becomes_a_kms_client_in_ten_requests(session: Sessions) -> None:
    mak = session("mak22")
    outcome = converge(mak, kms_host=KMS1)
    assert len(mak.requests) == 10
    assert [step.action for step in outcome.steps] == ["set_kms_host", "install_product_key", "activate"]
    assert all(step.done for step in outcome.steps)
    assert outcome.activation["outcome"] == "activated"
    assert (outcome.activation["kms_host"], outcome.activation["kms_port"]) == ("kms1.corp.example", 1688)
    assert outcome.activation["expires"] == "2027-05-19T09:00:00Z"
    assert (outcome.before["channel"], outcome.after["channel"], outcome.after["status"]) == ("mak", "gvlk", "licensed")
    assert outcome.changed
    assert_steady(mak, kms_host=KMS1)


@pytest.mark.parametrize("name", ["client22", "mak22", "pinned19", "grace22", "seven", "eleven"])
def test_after_one_run_the_second_sends_three_reads_and_no_write(session: Sessions, name: str) -> None:
    machine = session(name)
    assert converge(machine, kms_host=KMS1).activation["outcome"] in ("activated", "already_licensed")
    assert_steady(machine, kms_host=KMS1)
    assert_steady(machine, kms_host="KMS1.CORP.EXAMPLE.", kms_port=1688)
    assert_steady(machine)


def test_a_client_that_is_fine_is_only_read(session: Sessions) -> None:
    client = session("client22")
    assert_steady(client, kms_host=KMS1)
    assert converge(client).activation["outcome"] == "already_licensed"


def test_a_machine_pinned_to_a_dead_host_is_moved_and_activated_anew_even_while_licensed(session: Sessions) -> None:
    client = session("client22")
    outcome = converge(client, kms_host="kms2.corp.example", kms_port=1690)
    assert [step.action for step in outcome.steps] == ["set_kms_host", "set_kms_port", "activate"]
    assert (outcome.activation["kms_host"], outcome.activation["kms_port"]) == ("kms2.corp.example", 1690)
    assert_steady(client, kms_host="kms2.corp.example", kms_port=1690)
    assert_steady(client, kms_host="kms2.corp.example")


def test_a_client_left_to_dns_says_which_host_it_found(session: Sessions, publish: Any) -> None:
    publish("kms2")
    grace = session("grace22")
    outcome = converge(grace, discovery=True)
    assert [step.description for step in outcome.steps] == ["activate with a KMS host from DNS"]
    assert (outcome.activation["kms_host"], outcome.activation["kms_port"]) == ("kms2.corp.example", 1690)
    assert_steady(grace, discovery=True)
    assert (converge(grace).activation["kms_host"], converge(grace).activation["kms_port"]) == ("kms2.corp.example", 1690)


def test_a_stale_port_is_cleared_when_a_new_host_has_none(session: Sessions) -> None:
    client = session("client22")
    converge(client, kms_host="kms2.corp.example", kms_port=1690)
    outcome = converge(client, kms_host=KMS1)
    assert [step.action for step in outcome.steps] == ["set_kms_host", "clear_kms_port", "activate"]
    assert (outcome.after["kms_host"], outcome.after["kms_port"]) == (KMS1, 1688)


def test_a_host_pinned_for_the_product_alone_gives_way_to_the_wanted_one(session: Sessions) -> None:
    client = session("client22")
    state = read_state(client)
    assert state.primary
    client.invoke(state.primary.path, "SetKeyManagementServiceMachine", {"MachineName": "dead.corp.example"})
    client.invoke(state.primary.path, "SetKeyManagementServicePort", {"PortNumber": 4711})
    outcome = converge(client, kms_host=KMS1)
    assert [step.action for step in outcome.steps] == ["clear_product_kms_host", "clear_product_kms_port", "activate"]
    assert outcome.before["kms_host"] == "dead.corp.example"
    assert_steady(client, kms_host=KMS1)


def test_a_pin_left_on_the_kms_client_license_is_found_once_it_has_a_key_and_before_activating(session: Sessions) -> None:
    mak = session("mak22")
    found = mak.query("SELECT * FROM SoftwareLicensingProduct WHERE LicenseFamily='ServerStandard' AND Description LIKE '%KMSCLIENT%'")
    target = CimPath("SoftwareLicensingProduct", {"ID": found[0].text("ID")})
    mak.invoke(target, "SetKeyManagementServiceMachine", {"MachineName": "dead.corp.example"})
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1))
    outcome = applying.apply(plan, mak)
    assert [step.action for step in outcome.steps] == ["set_kms_host", "install_product_key", "clear_product_kms_host", "activate"]
    assert outcome.activation["outcome"] == "activated"
    assert_steady(mak, kms_host=KMS1)


def test_discovery_clears_host_and_port_at_both_levels(session: Sessions) -> None:
    client = session("client22")
    state = read_state(client)
    assert state.primary
    for target in (state.service.path, state.primary.path):
        client.invoke(target, "SetKeyManagementServiceMachine", {"MachineName": "dead.corp.example"})
        client.invoke(target, "SetKeyManagementServicePort", {"PortNumber": 4711})
    plan = kms_client.plan(read_state(client), KmsClientDesired(discovery=True, activate=False))
    outcome = applying.apply(plan, client)
    assert [step.action for step in outcome.steps] == [
        "clear_kms_host",
        "clear_kms_port",
        "clear_product_kms_host",
        "clear_product_kms_port",
    ]
    assert (outcome.after["kms_host"], outcome.after["kms_port"]) == (None, None)
    assert_steady(client, discovery=True, activate=False)


def test_an_ipv6_address_is_stored_in_brackets_and_compared_in_any_spelling(session: Sessions) -> None:
    client = session("client22")
    outcome = converge(client, kms_host="2001:db8::1", activate=False)
    assert outcome.after["kms_host"] == "2001:db8::1"
    assert client.query("SELECT * FROM SoftwareLicensingService")[0].text("KeyManagementServiceMachine") == "[2001:db8::1]"
    assert_steady(client, kms_host="2001:DB8:0:0::1", activate=False)


def test_lookup_domain_caching_and_activation_type_are_settings_like_the_others(session: Sessions) -> None:
    client = session("client22")
    desired = {"lookup_domain": "other.example", "host_caching": False, "activation_type": ActivationType.KMS, "activate": False}
    outcome = converge(client, **desired)
    assert [step.action for step in outcome.steps] == ["set_lookup_domain", "set_host_caching", "set_activation_type"]
    assert {name: outcome.after[name] for name in ("lookup_domain", "host_caching", "activation_type")} == {
        "lookup_domain": "other.example",
        "host_caching": False,
        "activation_type": "kms",
    }
    assert any("no effect while the KMS host" in warning for warning in outcome.warnings)
    assert_steady(client, **desired)
    back = converge(client, lookup_domain="", host_caching=True, activation_type=ActivationType.ALL, activate=False)
    assert (back.after["lookup_domain"], back.after["host_caching"], back.after["activation_type"]) == (None, True, "all")


@pytest.mark.parametrize(("option", "value"), [("lookup_domain", "corp.example"), ("activation_type", ActivationType.KMS)])
def test_windows_7_refuses_what_it_does_not_have_and_names_its_version(session: Sessions, option: str, value: Any) -> None:
    seven = session("seven")
    with pytest.raises(TaskRefusedError, match=r"version 6\.1") as refusal:
        converge(seven, **{option: value})
    assert refusal.value.error_code == "not_supported_by_windows"
    assert option in refusal.value.message
    assert seven.writes == []


def test_windows_7_takes_host_port_and_caching(session: Sessions) -> None:
    seven = session("seven")
    outcome = converge(seven, kms_host="kms2.corp.example", kms_port=1690, host_caching=False)
    assert outcome.activation["outcome"] == "activated"
    assert_steady(seven, kms_host="kms2.corp.example", kms_port=1690, host_caching=False)


def test_a_machine_without_a_key_gets_the_one_of_its_edition_id(session: Sessions) -> None:
    blank = session("blank25")
    outcome = converge(blank, kms_host=KMS1, activate=False)
    assert outcome.after["partial_product_key"] == "MY832"
    assert blank.requests.count("GetStringValue") == 1
    assert outcome.activation["outcome"] == "not_requested"
    assert_steady(blank, kms_host=KMS1, activate=False)


@pytest.mark.parametrize(
    ("name", "code"),
    [("eval22", "evaluation_edition"), ("home", "no_gvlk_for_edition"), ("host22", "is_kms_host"), ("kms1", "is_kms_host")],
)
def test_what_must_not_become_a_client_is_refused_before_anything_is_written(session: Sessions, name: str, code: str) -> None:
    machine = session(name)
    with pytest.raises(TaskRefusedError) as refusal:
        converge(machine, kms_host=KMS1)
    assert refusal.value.error_code == code
    assert refusal.value.next_steps
    assert machine.writes == []


def test_a_kms_host_becomes_a_client_on_explicit_wish_and_is_reminded_of_its_dns_record(session: Sessions) -> None:
    host = session("host22")
    outcome = converge(host, kms_host=KMS1, convert_kms_host=True)
    assert outcome.after["channel"] == "gvlk"
    assert outcome.activation["outcome"] == "activated"
    assert any("_vlmcs._tcp" in warning for warning in outcome.warnings)


def test_check_mode_sends_nothing_beyond_the_reading(session: Sessions) -> None:
    mak = session("mak22")
    predicted = predict(kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1)))
    assert len(mak.requests) == 3
    assert predicted.changed
    assert predicted.activation["outcome"] == "planned"
    assert not any(step.done for step in predicted.steps)
