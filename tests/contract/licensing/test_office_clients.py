# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office products become KMS clients: requests, lost responses, and that one failure does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.action.kms_client import ActionModule
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kms_client import plan_for
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office import run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.run import ClientsOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting import service
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms import application_level
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.timer import RetryTimer
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry import steps as registry_steps
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import REG_SZ, RegistryValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe_kms

Sessions = Callable[[str], Any]
SPEC: ModuleSpec = ActionModule.SPEC
KMS1 = "suite.corp.example"


def plan(session: Any, application: str, **options: Any) -> Any:
    return plan_for(session, SPEC.validate({"application": application, **options}))


def converge(session: Any, application: str = "office", **options: Any) -> ClientsOutcome:
    """What the module does; the prediction of check mode must come true if nothing fails."""
    made = plan(session, application, **options)
    predicted, outcome = run.predict(made), run.carry_out(made, session)
    if not outcome.failed:
        assert predicted.changed == outcome.changed
        assert predicted.after == outcome.after
    return outcome


@pytest.mark.parametrize("application", ["office", "all"])
def test_a_machine_in_the_desired_state_costs_five_requests_and_no_write(session: Sessions, application: str) -> None:
    machine = session("office19")
    converge(machine, application, kms_host=KMS1)
    machine.requests.clear()
    again = converge(machine, application, kms_host=KMS1)
    assert (again.changed, again.steps, machine.writes) == (False, (), [])
    assert len(machine.requests) == 5


def test_a_machine_without_office_is_refused_only_if_the_task_is_about_office(session: Sessions) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        plan(session("client22"), "office", kms_host=KMS1)
    assert refused.value.error_code == "no_office"
    assert converge(session("client22"), "all", kms_host=KMS1).plan.office == ()


def test_an_activation_whose_answer_was_lost_is_proven_by_the_state_of_its_product(session: Sessions) -> None:
    machine = session("suite11")
    machine.lose_answer_of("Activate", True)
    outcome = converge(machine, kms_host=KMS1)
    assert [outcome.activation_of(part.plan)["outcome"] for part in outcome.plan.office] == ["activated", "activated"]
    assert machine.requests.count("Activate") == 2


def test_a_key_that_is_refused_fails_its_product_and_not_the_next(session: Sessions) -> None:
    machine = session("suite11")
    machine.lose_answer_of("InstallProductKey", False, False)
    outcome = converge(machine, kms_host=KMS1)
    first, second = (outcome.activation_of(part.plan) for part in outcome.plan.office)
    assert (first["outcome"], first["attempts"], second["outcome"]) == ("failed", 0, "activated")
    assert outcome.failed
    assert "1 of 2 products failed. Office LTSC Professional Plus 2021: " in str(outcome.message)
    assert "the response was lost" in str(outcome.message)


def test_a_lost_connection_ends_the_task_and_the_account_has_all_steps(session: Sessions) -> None:
    machine, account = session("suite11"), Account()
    made = plan(machine, "office", kms_host=KMS1)
    machine.break_at("Activate")
    with pytest.raises(UnreachableError):
        run.carry_out(made, machine, account=account)
    done = [(step.action, step.done) for step in account.steps]
    assert done[:3] == [("set_product_kms_host", True), ("install_product_key", True), ("activate", False)]
    assert [action for action, _done in done[3:]] == ["set_product_kms_host", "install_product_key", "activate"]
    assert account.changed


def test_success_without_effect_is_not_reported_as_an_activation(session: Sessions) -> None:
    machine = session("office19")
    machine.swallow("Activate")
    outcome = converge(machine, kms_host=KMS1)
    (part,) = outcome.plan.office
    assert outcome.activation_of(part.plan)["outcome"] == "failed"
    assert "Windows returned success, but the status of the product is" in str(outcome.message)


def test_a_mak_is_removed_only_after_kms_has_activated_its_product(session: Sessions) -> None:
    machine = session("suitemak")
    with pytest.raises(TaskRefusedError) as refused:
        plan(machine, "office", kms_host=KMS1, remove_leftover_keys=True)
    assert (refused.value.error_code, machine.writes) == ("activation_would_be_lost", [])
    options = {"remove_leftover_keys": True, "lose_activation": True}
    failed = converge(machine, kms_host="nowhere.corp.example", **options)
    assert (failed.rolled_back, [step.action for step in failed.steps if step.done][-1]) == (True, "remove_product_key")
    assert failed.after["office_products"][0]["channel"] == "mak"
    assert "(the MAK ending in 88888 still licenses the product)" in str(failed.message)
    done = converge(machine, kms_host=KMS1, **options)
    assert [step.action for step in done.steps] == ["set_product_kms_host", "install_product_key", "activate", "remove_product_key"]
    assert done.after["office_products"][0]["status"] == "licensed"


def test_host_caching_of_office_changes_windows_too_and_says_so(session: Sessions) -> None:
    outcome = converge(session("suite11"), kms_host=KMS1, host_caching=False)
    assert outcome.after["host_caching"] is False
    assert any("the task changes it for Windows too" in warning for warning in outcome.warnings)


@pytest.mark.parametrize("application", ["office", "all"])
def test_lookup_domain_and_activation_type_are_set_at_the_product(session: Sessions, application: str) -> None:
    machine = session("suite11")
    outcome = converge(machine, application, lookup_domain="kms.example", activation_type="kms", activate=False)
    items = outcome.after["office_products"]
    assert {(item["lookup_domain"], item["activation_type"]) for item in items} == {("kms.example", "kms")}
    assert not converge(machine, application, lookup_domain="kms.example", activation_type="kms", activate=False).changed
    cleared = converge(machine, application, lookup_domain="", activation_type="all", activate=False)
    assert {(item["lookup_domain"], item["activation_type"]) for item in cleared.after["office_products"]} == {(None, "all")}


def test_the_kms_host_that_the_registry_sets_for_office_is_shown_and_removed_when_asked(session: Sessions, publish: Any) -> None:
    publish("suite")
    machine = session("policy11")
    kept = converge(machine, discovery=True)
    assert kept.failed
    assert kept.after["office_products"][0]["application_kms_host"] == "old.corp.example"
    assert any("The registry sets the KMS host old.corp.example:1688 for Office" in warning for warning in kept.warnings)
    cleared = plan(machine, "office", discovery=True, clear_application_settings=True)
    assert [step.action for step in cleared.parts[0].steps] == ["clear_application_kms_host", "restart_service"]
    assert not run.carry_out(cleared, machine).failed
    again = plan(machine, "office", discovery=True, clear_application_settings=True)
    assert again.before["office_products"][0]["application_kms_host"] is None


def test_a_failure_of_windows_does_not_stop_office(session: Sessions) -> None:
    machine = session("both22")
    machine.lose_answer_of("InstallProductKey", False, False)
    outcome = converge(machine, "all", kms_host=KMS1, lose_activation=True)
    assert [activation["outcome"] for activation in map(outcome.activation_of, outcome.plan.parts)] == ["failed", "activated"]
    assert str(outcome.message).startswith("1 of 2 products failed. Windows: ")
    assert (outcome.after["channel"], outcome.after["office_products"][0]["status"]) == ("mak", "licensed")


def test_windows_goes_back_to_its_mak_with_the_fallback_key_also_beside_office(session: Sessions) -> None:
    options = {"lose_activation": True, "fallback_key": "MMMMM-KKKKK-MMMMM-BBBBB-CCCCC"}
    outcome = converge(session("both22"), "all", kms_host="nowhere.corp.example", **options)
    assert [activation["outcome"] for activation in map(outcome.activation_of, outcome.plan.parts)] == ["failed", "failed"]
    assert (outcome.rolled_back, outcome.activations_used) == (True, 1)
    assert (outcome.after["channel"], outcome.after["status"]) == ("mak", "licensed")


def test_windows_moves_from_its_mak_and_office_gets_its_first_key_in_one_task(session: Sessions) -> None:
    outcome = converge(session("both22"), "all", kms_host=KMS1, lose_activation=True)
    assert not outcome.failed
    assert [step.action for step in outcome.steps] == [
        "set_kms_host", "install_product_key", "activate", "set_product_kms_host", "install_product_key", "activate",
    ]  # fmt: skip
    assert "the activation of Windows(R), ServerStandard edition with the MAK" in str(outcome.steps[1].loses)


@pytest.mark.parametrize("class_name", ["OfficeSoftwareProtectionProduct", "OfficeSoftwareProtectionService"])
def test_windows_is_configured_if_the_licenses_of_office_cannot_be_read_and_the_task_fails(
    session: Sessions, estate: Any, class_name: str
) -> None:
    machine = session("older10")
    estate.faults.set("older10", "query_fault", class_name=class_name, hresult=0x80041001)
    made = plan(machine, "all", kms_host=KMS1)
    predicted, outcome = run.predict(made), run.carry_out(made, machine)
    assert ("set_kms_host", True) in [(step.action, step.done) for step in outcome.steps]
    assert outcome.after["kms_host"] == KMS1
    assert (predicted.failed, outcome.failed) == (True, True)
    assert outcome.error is not None
    assert outcome.error["code"] == "office_not_read"
    assert "Office: The licensing classes of Office could not be read: " in str(outcome.message)
    with pytest.raises(TaskRefusedError) as refused:
        plan(machine, "office", kms_host=KMS1)
    assert refused.value.error_code == "office_not_read"


def test_a_second_run_beside_an_unreadable_office_writes_nothing_and_still_fails(session: Sessions, estate: Any) -> None:
    machine = session("office19")
    estate.faults.set("office19", "query_fault", class_name="OfficeSoftwareProtectionProduct", hresult=0x80041001)
    first, second = (run.carry_out(plan(machine, "all", kms_host=KMS1), machine) for _run in range(2))
    assert "Windows is not affected." in str(first.message) or "Windows: " in str(first.message)
    assert (second.changed, second.failed) == (False, True)


def test_the_final_state_of_a_task_about_all_has_the_registry_settings_of_windows_and_office(session: Sessions) -> None:
    outcome = converge(session("levels11"), "all", kms_host=KMS1)
    assert outcome.before["application_kms_host"] == outcome.after["application_kms_host"] == "old.corp.example"
    (item,) = outcome.after["office_products"]
    assert (item["application_kms_host"], item["kms_host"], item["status"]) == ("old.corp.example", KMS1, "licensed")
    assert [outcome.activation_of(part.plan)["kms_host"] for part in outcome.plan.office] == [KMS1]


def test_the_rollback_of_office_does_not_claim_that_windows_was_not_changed(session: Sessions) -> None:
    outcome = converge(session("suitemak"), "all", kms_host="nowhere.corp.example")
    assert outcome.rolled_back
    assert "restored the previous keys of Office LTSC Professional Plus 2021 (the MAK ending in" in str(outcome.message)
    assert "Windows itself" not in str(outcome.message)


def test_the_gvlk_of_another_product_is_not_in_the_warning_of_a_mak_whose_product_is_known(session: Sessions) -> None:
    machine = session("suite11")
    converge(machine, activate=False)
    state = read_state(machine, frozenset({Application.OFFICE}), include_unkeyed=True)
    (license_of_mak,) = (each for each in state.products if each.name == "Office 21, Office21ProPlus2021VL_MAK_AE edition")
    desired = MakDesired(product_key=ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-66666"), application=Application.OFFICE)
    unknown = mak_client.plan_for(machine, desired)
    assert len([warning for warning in unknown.warnings if "If the MAK is for the same product" in warning]) == 2
    known = mak_client.plan_for(machine, replace(desired, activation_id=license_of_mak.activation_id))
    (warning,) = (each for each in known.warnings if "keeps its GVLK" in each)
    assert warning.startswith("Office 21, Office21ProPlus2021VL_KMS_Client_AE edition keeps its GVLK ending in 6F7TH")
    assert "addition to the MAK. Remove the GVLK with product_key" in warning


def set_in_registry_of_the_older_service(machine: Any, host: str) -> None:
    """As Group Policy preferences would, before osppsvc starts."""
    where = RegistryValue("KeyManagementServiceName", REG_SZ, host)
    step = registry_steps.set_value("set", "set", application_level.OSPP_KEY, where)
    machine.invoke(step.target, "CreateKey", {name: step.arguments[name] for name in ("hDefKey", "sSubKeyName")})
    machine.invoke(step.target, step.method, step.arguments)
    restart = service.restart("for the test", service.OSPPSVC).run
    assert restart is not None
    restart(machine, RetryTimer(time.monotonic, time.sleep))


def test_the_registry_value_of_the_older_service_is_that_of_its_application_whether_it_was_read_or_not(session: Sessions) -> None:
    machine = session("older10")
    converge(machine, activate=False)
    set_in_registry_of_the_older_service(machine, "old.corp.example")
    state = read_state(machine, frozenset({Application.OFFICE}))
    (product,) = state.keyed(Application.OFFICE)
    for each in (state, application_level.with_application_levels(machine, state, [product])):
        shown = describe_kms(each, product)
        assert (shown["kms_host"], shown["scope"]) == ("old.corp.example", "application")


def test_the_registry_value_of_the_older_service_is_removed_and_its_service_restarted(session: Sessions) -> None:
    machine = session("older10")
    converge(machine, activate=False)
    set_in_registry_of_the_older_service(machine, "old.corp.example")
    kept = converge(machine, discovery=True, activate=False)
    assert any("Set clear_application_settings: true to remove it." in warning for warning in kept.warnings)
    cleared = converge(machine, discovery=True, activate=False, clear_application_settings=True)
    actions = ["clear_application_kms_host", "restart_service", "clear_product_kms_host"]
    assert [step.action for step in cleared.steps] == actions
    assert "osppsvc" in cleared.steps[1].description
    assert cleared.after["office_products"][0]["kms_host"] is None
    assert not converge(machine, discovery=True, activate=False, clear_application_settings=True).changed


def test_a_refusal_of_one_part_of_a_task_says_how_to_change_the_other(session: Sessions) -> None:
    with pytest.raises(TaskRefusedError) as of_windows:
        plan(session("both22"), "all", kms_host="nowhere.corp.example", probe=True, dns_timeout=1, probe_timeout=1)
    assert of_windows.value.next_steps[-1] == "To change only Office, set application: office."
    with pytest.raises(TaskRefusedError) as of_office:
        plan(session("both22"), "all", kms_host=KMS1, lose_activation=True, products=["Visio LTSC Professional 2021"])
    assert (of_office.value.error_code, len(of_office.value.next_steps)) == ("office_product_unknown", 2)
    assert of_office.value.next_steps[-1] == "To change only Windows, set application: windows."


def test_a_product_that_is_named_but_not_installed_is_a_warning(session: Sessions) -> None:
    made = plan(session("former10"), "office", kms_host=KMS1, products=["Office Professional Plus 2019"])
    assert any("Office Professional Plus 2019 does not seem to be installed. Click-to-Run has" in warning for warning in made.warnings)
    named = plan(session("former10"), "office", kms_host=KMS1, products=["Office LTSC Professional Plus 2021"])
    assert not any("does not seem to be installed" in warning for warning in named.warnings)
