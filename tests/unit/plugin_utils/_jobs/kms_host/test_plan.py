# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planning a KMS host: what is spent, what is refused, what waits for a license, and what holds for every plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import plan as kms_host
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import report as kms_host_report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import run as kms_host_run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.firewall import (
    Firewall,
    FirewallRule,
    rule_path,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.model import (
    HostKey,
    HostPlan,
    HostState,
    KmsHostDesired,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import (
    Publication,
    PublishedDomain,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.settings import setting_steps
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.budget import Budget
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.servicing import Servicing

Products = Callable[..., LicensedProduct]
States = Callable[..., ActivationState]
KEY, OTHER = ProductKey("CCCCC-VVVVV-KKKKK-22222-33333"), ProductKey("CCCCC-VVVVV-KKKKK-22222-44444")
OFFICE = ProductKey("CCCCC-VVVVV-KKKKK-22222-66666")
OFFICE_2021 = "47f3b983-7c53-4d45-abc6-bcd91e2dd90a"
SERVICE: dict[str, Any] = {"dns_publishing": True, "low_priority": False, "kms": KmsClient(activation_interval=120, renewal_interval=10080)}


def consumes(plan: HostPlan) -> int:
    """The activations check mode says a plan would spend."""
    return kms_host_report.activations_used(kms_host_run.predict(plan))


def described(state: HostState) -> dict[str, Any]:
    """What the result has of a host that needs nothing."""
    return kms_host_report.describe(kms_host_run.predict(kms_host.plan(state, desired())))


def wall(enabled: bool = False) -> Firewall:
    return Firewall(True, (FirewallRule("SPPSVC-In-TCP", enabled, ("1688",), (), rule_path("SPPSVC-In-TCP"), None),))


@pytest.fixture
def hosting(make_mak: Products, make_state: States) -> Callable[..., HostState]:
    """A Server 2022 with a host key; `status` None means with a GVLK instead."""

    def build(status: LicenseStatus | None = LicenseStatus.LICENSED, *more: LicensedProduct, **changes: Any) -> HostState:
        csvlk = {"channel": Channel.CSVLK, "partial_product_key": KEY.partial_product_key}
        gvlk = {"channel": Channel.GVLK, "partial_product_key": "VMK7H"}
        windows = make_mak(**(gvlk if status is None else {**csvlk, "status": status}))
        licenses = replace(make_state(windows, *more, service=SERVICE), applications=frozenset(Application))
        noted = None if status is None else licenses.service.version
        standard = {"name": "kms1.corp.example", "domain": "corp.example", "firewall": wall(True), "host_version": noted}
        return HostState(**{"licenses": licenses, **standard, **changes})

    return build


@pytest.fixture
def office(make_mak: Products) -> Callable[..., LicensedProduct]:
    return lambda **changes: make_mak(
        **{
            "activation_id": OFFICE_2021, "application": Application.OFFICE, "application_id": OFFICE_ID, "channel": Channel.CSVLK,
            "name": "Office 21, host", "partial_product_key": OFFICE.partial_product_key, **changes,
        }
    )  # fmt: skip


def actions(plan: HostPlan) -> list[str]:
    return [step.action for step in kms_host_run.predict(plan).steps]


def desired(*keys: HostKey, **settings: Any) -> KmsHostDesired:
    return KmsHostDesired(host_keys=keys, **settings)


def test_a_licensed_host_with_everything_needs_nothing(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(hosting(), desired(HostKey(KEY), listening_port=1688, renewal_interval=10080, dns_publishing=True))
    assert (plan.changed, consumes(plan), plan.before == plan.after) == (False, 0, True)


@pytest.mark.parametrize("status", [LicenseStatus.INITIAL_GRACE, LicenseStatus.NOTIFICATION, LicenseStatus.UNLICENSED])
def test_a_host_key_that_is_not_licensed_is_activated_without_being_installed_again(
    hosting: Callable[..., HostState], status: LicenseStatus
) -> None:
    plan = kms_host.plan(hosting(status), desired(HostKey(KEY)))
    assert (actions(plan), consumes(plan)) == (["set_restart_marker", "activate", "restart_service"], 1)


def test_a_new_key_is_installed_activated_and_the_service_restarted_once(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(hosting(), desired(HostKey(OTHER), listening_port=1689, low_priority=True))
    assert actions(plan)[:3] == ["install_product_key", "set_restart_marker", "activate"]
    assert actions(plan)[-3:] == ["set_listening_port", "set_low_priority", "restart_service"]
    assert plan.after["host_keys"] == [{"partial_product_key": OTHER.partial_product_key, "status": "licensed"}]


def test_by_telephone_nothing_is_activated_without_a_confirmation_id_and_settings_wait(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(
        hosting(None), desired(HostKey(OTHER), activation_method=ActivationMethod.TELEPHONE, renewal_interval=60, firewall="unmanaged")
    )
    assert (actions(plan), consumes(plan), plan.after["renewal_interval"]) == (["install_product_key", "set_host_version"], 0, 10080)
    assert plan.keys[0].plan.outcome_if_idle == "needs_confirmation_id"
    assert any("does not write these settings" in warning and "renewal_interval" in warning for warning in plan.warnings)


@pytest.mark.parametrize("method", [ActivationMethod.ONLINE, ActivationMethod.TELEPHONE])
def test_a_confirmation_id_is_deposited_and_spends_nothing(hosting: Callable[..., HostState], method: ActivationMethod) -> None:
    budget = Budget(0, 1, takes_plan=False)
    plan = kms_host.plan(hosting(None), desired(HostKey(OTHER, confirmation_id="1" * 48), activation_method=method, budget=budget))
    assert (plan.keys[0].plan.activation is not None, consumes(plan)) == (True, 0)


def test_a_confirmation_id_for_another_installation_id_is_not_deposited(hosting: Callable[..., HostState]) -> None:
    shown = "1" * 54
    state = hosting(LicenseStatus.INITIAL_GRACE)
    products = tuple(replace(product, installation_id=shown) for product in state.licenses.products)
    state = replace(state, licenses=replace(state.licenses, products=products))
    stale, fitting = (HostKey(KEY, confirmation_id="1" * 48, installation_id=identity) for identity in ("2" * 54, shown))
    with pytest.raises(TaskRefusedError) as refused:
        kms_host.plan(state, desired(stale))
    assert refused.value.error_code == "stale_installation_id"
    made = kms_host.plan(state, desired(fitting)).keys[0].plan.activation
    assert made is not None
    assert made.installation_id == shown
    assert kms_host.plan(state, desired(stale, activate=False)).keys[0].plan.activation is None


@pytest.mark.parametrize(("limit", "machines"), [(1, 1), (3, 2), (0, 1)])
def test_every_host_key_that_would_be_activated_counts_for_each_machine_of_the_play(
    hosting: Callable[..., HostState], limit: int, machines: int
) -> None:
    state = hosting(None, known_ids=frozenset({OFFICE_2021}))
    keys = (HostKey(OTHER), HostKey(OFFICE, product_name="Office LTSC 2021"))
    enough, less = (Budget(number, machines, takes_plan=False) for number in (2 * machines, limit))
    assert consumes(kms_host.plan(state, desired(*keys, budget=enough))) == 2
    with pytest.raises(TaskRefusedError, match="of which each can use 2 activations") as refused:
        kms_host.plan(state, desired(*keys, budget=less))
    assert refused.value.error_code == "activation_budget"


def test_a_licensed_host_key_needs_no_budget(hosting: Callable[..., HostState]) -> None:
    budget = Budget(0, 9, is_repeated=True, takes_plan=False)
    assert consumes(kms_host.plan(hosting(), desired(HostKey(KEY), budget=budget))) == 0


def test_without_activation_the_key_is_only_installed(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(hosting(None), desired(HostKey(OTHER), activate=False, firewall="unmanaged"))
    assert (actions(plan), plan.keys[0].plan.outcome_if_idle) == (["install_product_key", "set_host_version"], "not_requested")


def test_an_office_key_leaves_the_one_of_windows_in_place(hosting: Callable[..., HostState]) -> None:
    state = hosting(known_ids=frozenset({OFFICE_2021}))
    plan = kms_host.plan(state, desired(HostKey(KEY), HostKey(OFFICE, product_name="Office LTSC 2021")))
    assert [item["partial_product_key"] for item in plan.after["host_keys"]] == [KEY.partial_product_key, OFFICE.partial_product_key]
    install = plan.keys[1].plan.steps[0]
    assert "replaces" not in install.description
    assert plan.keys[1].plan.guard is not None
    assert plan.keys[1].plan.guard.activation_id == OFFICE_2021


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ((HostKey(KEY), HostKey(KEY)), "duplicate_host_key"),
        ((HostKey(KEY), HostKey(OFFICE)), "several_windows_keys"),
        ((HostKey(OTHER, product_name="Windows Server 2025"),), "host_update_missing"),
        ((HostKey(OTHER, product_name="Windows Server 2019"),), "key_not_supported_on_host"),
        ((HostKey(OFFICE, product_name="Office LTSC 2021"),), "office_pack_missing"),
        ((HostKey(KEY, activation_id=OFFICE_2021),), "activation_id_mismatch"),
        ((HostKey(OFFICE, activation_id="8d368fc1-9470-4be2-8d66-90e836cbb051"),), "client_activation_id"),
    ],
)
def test_what_cannot_work_is_refused(hosting: Callable[..., HostState], keys: tuple[HostKey, ...], code: str) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        kms_host.plan(hosting(known_ids=frozenset(), servicing=Servicing(revision=1)), desired(*keys))
    assert refused.value.error_code == code
    assert refused.value.next_steps


def test_force_lets_the_machine_decide_about_the_matrix(hosting: Callable[..., HostState]) -> None:
    assert consumes(kms_host.plan(hosting(), desired(HostKey(OTHER, product_name="Windows Server 2019"), check_compatibility=False))) == 1


def test_an_azure_edition_is_refused_by_its_edition_and_not_by_its_name(hosting: Callable[..., HostState]) -> None:
    state = hosting(None)
    azure = replace(state, licenses=replace(state.licenses, os=replace(state.licenses.os, edition_id="ServerTurbineCor")))
    with pytest.raises(TaskRefusedError) as refused:
        kms_host.plan(azure, desired(HostKey(OTHER)))
    assert refused.value.error_code == "azure_edition"


def test_a_setting_after_the_first_has_the_service_restarted_when_it_fails(hosting: Callable[..., HostState]) -> None:
    first, *others = setting_steps(
        hosting(), desired(listening_port=1689, activation_interval=60, dns_publishing=False, publish_domains=())
    )
    assert first.on_failure == ()
    assert all([put_back.action for put_back in step.on_failure] == ["restart_service"] for step in others)


def test_an_interrupted_run_is_made_up_for_by_a_restart(hosting: Callable[..., HostState]) -> None:
    assert actions(kms_host.plan(hosting(restart_due=True), desired())) == ["restart_service"]
    noted = kms_host.plan(hosting(restart_due=True), desired(listening_port=1689, firewall="unmanaged"))
    assert actions(noted) == ["set_listening_port", "restart_service"]


def test_a_host_becomes_a_client_with_its_own_gvlk_and_its_records_are_named(
    hosting: Callable[..., HostState], office: Callable[..., LicensedProduct]
) -> None:
    state = hosting(LicenseStatus.LICENSED, office(), publish_list=(PublishedDomain("a.example", 5),))
    plan = kms_host.plan(state, KmsHostDesired(present=False))
    assert actions(plan) == [
        "set_restart_marker", "set_dns_publishing", "set_publish_domains", "disable_firewall_rule", "install_product_key",
        "remove_product_key", "set_host_version", "restart_service",
    ]  # fmt: skip
    assert [(item["domain"], item["priority"]) for item in plan.stale_records] == [("corp.example", 0), ("a.example", 5)]
    assert (consumes(plan), plan.after["host_keys"], plan.after["firewall"]) == (0, [], "closed")


def test_a_machine_that_never_was_a_host_only_has_its_firewall_closed(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(hosting(None), KmsHostDesired(present=False))
    assert (actions(plan), plan.stale_records, plan.after["dns_publishing"]) == (["disable_firewall_rule"], (), True)
    assert not kms_host.plan(hosting(None), KmsHostDesired(present=False, firewall="unmanaged")).changed


def test_without_a_host_key_here_or_in_the_task_there_is_no_host_to_keep(hosting: Callable[..., HostState]) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        kms_host.plan(hosting(None), desired(renewal_interval=60))
    assert (refused.value.error_code, "host_keys" in refused.value.next_steps[0]) == ("host_key_missing", True)


def test_a_machine_without_a_domain_has_no_name_an_srv_record_could_hold(hosting: Callable[..., HostState]) -> None:
    state = hosting(name="kms1", domain=None, publish_list=(PublishedDomain("a.example"),))
    assert described(state)["srv_records"] == []
    assert kms_host.plan(state, KmsHostDesired(present=False)).stale_records == ()


@pytest.mark.parametrize("noted", [None, "10.0.17763.1"])
def test_the_version_monitoring_looks_for_is_noted_on_a_host(hosting: Callable[..., HostState], noted: str | None) -> None:
    plan = kms_host.plan(hosting(host_version=noted), desired())
    assert (actions(plan), plan.before["host_version"], plan.after["host_version"]) == (["set_host_version"], noted, "10.0.20348.1")


def test_a_note_of_the_version_that_outlived_its_host_is_removed(hosting: Callable[..., HostState]) -> None:
    plan = kms_host.plan(hosting(None, host_version="10.0.20348.1", firewall=wall(False)), KmsHostDesired(present=False))
    assert (actions(plan), plan.after["host_version"]) == (["set_host_version"], None)


@pytest.mark.parametrize(
    ("listed", "told"), [((), ("published", "corp.example")), ((PublishedDomain("Static.example."),), ("failed", "static.example"))]
)
def test_a_domain_the_host_publishes_in_no_longer_has_no_say_in_how_publishing_went(
    hosting: Callable[..., HostState], listed: tuple[PublishedDomain, ...], told: tuple[str, str]
) -> None:
    events = (Publication("static.example", None, 0x8007232D), Publication("CORP.example", None))
    state = hosting(publish_list=listed, publications=events)
    found = described(state)["dns_publication"]
    assert (found["outcome"], found["domain"].casefold()) == told


domains = st.lists(st.builds(PublishedDomain, st.sampled_from(["a.example", "b.example"]), st.integers(0, 2)), max_size=2).map(tuple)
wishes = st.builds(
    KmsHostDesired,
    present=st.booleans(),
    host_keys=st.sampled_from([(), (HostKey(KEY),), (HostKey(OTHER),), (HostKey(OTHER, confirmation_id="1" * 48),)]),
    activate=st.booleans(),
    activation_method=st.sampled_from([ActivationMethod.ONLINE, ActivationMethod.TELEPHONE]),
    listening_port=st.none() | st.sampled_from([1688, 1689]),
    activation_interval=st.none() | st.sampled_from([120, 60]),
    renewal_interval=st.none() | st.sampled_from([10080, 60]),
    dns_publishing=st.none() | st.booleans(),
    publish_domains=st.none() | domains,
    low_priority=st.none() | st.booleans(),
    firewall=st.sampled_from(["open", "closed", "unmanaged"]),
)


@given(status=st.none() | st.sampled_from(LicenseStatus), desired=wishes, published=domains, is_open=st.booleans(), due=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_holds_for_every_plan(
    hosting: Callable[..., HostState],
    status: LicenseStatus | None,
    desired: KmsHostDesired,
    published: tuple[PublishedDomain, ...],
    is_open: bool,
    due: bool,
) -> None:
    state = hosting(status, publish_list=published, firewall=wall(is_open), restart_due=due)
    assume(state.host_products or desired.host_keys or not desired.present)
    plan = kms_host.plan(state, desired)
    steps = kms_host_run.predict(plan).steps
    kinds = [step.action for step in steps]
    own = ("set_firewall_port", "set_restart_marker", "set_host_version")
    changing = [kind for kind in kinds if kind.startswith("set_") and kind not in own]
    # One restart at most, at the very end, and only with a reason.
    assert kinds.count("restart_service") <= 1
    assert "restart_service" not in kinds[:-1]
    assert ("restart_service" in kinds) == bool(changing or due or "activate" in kinds or (not desired.present and state.host_products))
    # Before anything counts from the next start on, the need for one is noted.
    if changing or "activate" in kinds:
        assert due or kinds.index("set_restart_marker") < min(kinds.index(kind) for kind in (*changing, "activate") if kind in kinds)
    # A licensed key is never activated, and only online activations spend.
    licensed = status is not None and status.is_activated
    assert not (licensed and desired.host_keys == (HostKey(KEY),) and "activate" in kinds)
    assert consumes(plan) == sum(1 for step in steps if step.consumes)
    # Nothing is written without a difference, the note, the restart and a deposit apart.
    assert not plan.changed or plan.before != plan.after or set(kinds) <= {"activate", "set_restart_marker", "restart_service"}
