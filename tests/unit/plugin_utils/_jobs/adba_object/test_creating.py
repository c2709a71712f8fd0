# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating an activation object: what is sent, what a lost response means, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ActivationObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.reading import Domains
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimUnknownOutcomeError,
    CimValue,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object import refusals
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object.model import DesiredObject, Hop
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object.plan import plan_for
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.claim import claim_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import Outcome, predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError, TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem, ProductType
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

KEY = ProductKey("CCCCC-VVVVV-KKKKK-22222-33333")
MADE = ActivationObject("CN=New", "1", "New", activation_id="a", partial_product_key="33333")
DELEGATES, STAYS = Hop(True, "CredSSP"), Hop(False, "NTLM")
Systems = Callable[..., OperatingSystem]


class Directory:
    """A directory whose objects appear after some reads; a read number of `broken` fails."""

    def __init__(self, *objects: ActivationObject, appears_after: int | None = None, broken: frozenset[int] = frozenset()) -> None:
        self._objects, self._appears_after, self._broken = objects, appears_after, broken
        self.reads = 0

    def objects(self) -> tuple[ActivationObject, ...]:
        """What is visible now."""
        self.reads += 1
        if self.reads in self._broken:
            raise DirectoryError("directory_unreachable")
        is_there = self._appears_after is not None and self.reads > self._appears_after
        return (*self._objects, *((MADE,) if is_there else ()))

    objects_again = objects

    def domains(self) -> Domains:
        """A forest with one domain."""
        return Domains("corp.lab", ("corp.lab",))


@dataclass
class Machine:
    """Answers the few queries of the job, and a method with an error or None."""

    error: Exception | None = None
    domain: str | None = "corp.lab"
    calls: list[tuple[str, Mapping[str, CimValue]]] = field(default_factory=list)

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """One instance of each class."""
        del namespace
        values: dict[str, str | None] = {"Version": "10.0.20348.1"}
        if "Win32_OperatingSystem" in wql:
            values = {
                "CSName": "DC1", "Caption": "Windows Server 2022", "Version": "10.0.20348", "BuildNumber": "20348", "ProductType": "3",
                "OSLanguage": "1033", "LocalDateTime": "2026-12-01T12:00:00+00:00", "CurrentTimeZone": "0",
            }  # fmt: skip
        elif "Win32_ComputerSystem" in wql:
            values = {"DNSHostName": "DC1", "Domain": self.domain or "WORKGROUP", "PartOfDomain": str(self.domain is not None)}
        return [CimInstance(wql.partition(" FROM ")[2].split()[0], values)]

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """Note the call, and fail if the test wants it."""
        del target, read_only
        self.calls.append((method, dict(arguments)))
        if self.error:
            raise self.error
        return CimResult(CimInstance("x", {"InstallationID": "123456789012"}))

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """The job writes no properties."""
        raise AssertionError((target, properties))

    def close(self) -> None:
        """Nothing is open."""


class Clock:
    """A clock that only waiting moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.now += seconds


def create(machine: Machine, directory: Directory, account: Account | None = None, **options: object) -> tuple[Outcome[object], Clock]:
    clock = Clock()
    plan = plan_for(machine, directory, replace(DesiredObject(KEY), **options), DELEGATES)  # type: ignore[arg-type]
    return apply(plan, machine, clock, clock.sleep, account), clock


def test_the_key_and_the_name_are_sent_once_and_the_directory_proves_it() -> None:
    machine, directory = Machine(), Directory(appears_after=1)
    outcome, clock = create(machine, directory, name="New")
    assert machine.calls == [("DoActiveDirectoryOnlineActivation", {"ProductKey": KEY.reveal(), "ActivationObjectName": "New"})]
    assert outcome.changed
    assert outcome.after == {"object": {"name": "New", "activation_id": "a", "partial_product_key": "33333"}}
    assert clock.now == 0


def test_an_object_with_the_key_is_enough_and_nothing_is_sent() -> None:
    machine = Machine()
    outcome, _clock = create(machine, Directory(MADE), name="Another")
    assert machine.calls == []
    assert not outcome.changed
    assert "another name" in outcome.warnings[0]


def test_an_object_of_another_activation_id_is_not_the_one_of_the_task() -> None:
    machine = Machine()
    create(machine, Directory(MADE), activation_id="b")
    assert [method for method, _arguments in machine.calls] == ["DoActiveDirectoryOnlineActivation"]


def test_an_object_that_replication_brings_later_is_a_warning_and_no_failure() -> None:
    outcome, clock = create(Machine(), Directory())
    assert outcome.changed
    assert not outcome.failed
    assert "Do not run the task again" in outcome.warnings[0]
    assert 0 < clock.now <= 20


@pytest.mark.parametrize("broken", [frozenset(), frozenset({2, 3})])
def test_after_a_lost_response_the_directory_is_read_until_it_shows_the_object(broken: frozenset[int]) -> None:
    machine = Machine(CimUnknownOutcomeError("Invoke", "the connection broke"))
    outcome, clock = create(machine, Directory(appears_after=4, broken=broken))
    assert outcome.changed
    assert len(machine.calls) == 1
    assert clock.now > 0


def test_without_an_object_after_a_lost_response_the_outcome_is_unknown_and_the_key_is_not_sent_again() -> None:
    machine, account = Machine(CimUnknownOutcomeError("Invoke", "the connection broke")), Account()
    with pytest.raises(StepFailedError) as failed:
        create(machine, Directory(), account)
    assert len(machine.calls) == 1
    assert failed.value.explain().code == "unknown_outcome"
    assert failed.value.explain().transient is False, "what repeats transient errors would use another activation"
    assert "adba_object_info" in failed.value.explain().next_steps[0]
    assert [(step.done, step.uncertain) for step in account.steps] == [(False, True)]
    assert (account.changed, account.activations_used) == (True, 0)


@pytest.mark.parametrize(("code", "might"), [(0x80072098, True), (0x80072EE2, True), (0xC004C003, False), (0x80072EE7, False)])
def test_an_error_of_windows_is_explained_and_says_whether_microsoft_might_have_counted(code: int, might: bool) -> None:
    account = Account()
    with pytest.raises(StepFailedError) as failed:
        create(Machine(CimError(code, "", "Invoke")), Directory(), account)
    assert failed.value.explain().code == f"0x{code:08X}"
    assert ("Microsoft might have counted" in failed.value.message) is might
    assert not account.changed


def test_by_telephone_the_installation_id_is_read_and_nothing_is_planned() -> None:
    machine = Machine()
    plan = plan_for(machine, Directory(), DesiredObject(KEY, method=ActivationMethod.TELEPHONE), DELEGATES)
    assert plan.is_empty
    assert plan.state.installation_id == "123456789012"
    assert [method for method, _arguments in machine.calls] == ["GenerateActiveDirectoryOfflineActivationId"]


def test_check_mode_does_not_send_the_key() -> None:
    machine = Machine()
    wishes = DesiredObject(KEY, sends_key=False), DesiredObject(KEY, method=ActivationMethod.TELEPHONE, sends_key=False)
    plans = [plan_for(machine, Directory(), desired, DELEGATES) for desired in wishes]
    assert [predict(plan).changed for plan in plans] == [True, False]
    assert machine.calls == []


def test_a_confirmation_id_uses_no_activation_and_is_not_deposited_for_another_installation_id() -> None:
    machine, account = Machine(), Account()
    wish = {"method": ActivationMethod.TELEPHONE, "confirmation_id": "000000", "installation_id": "123456789012"}
    create(machine, Directory(appears_after=1), account, **wish)
    assert machine.calls[-1][0] == "DepositActiveDirectoryOfflineActivationConfirmation"
    assert machine.calls[-1][1]["ConfirmationID"] == "000000"
    assert account.activations_used == 0
    with pytest.raises(TaskRefusedError) as refused:
        create(machine, Directory(), **{**wish, "installation_id": "999999999999"})
    assert refused.value.error_code == "stale_installation_id"


def test_two_runs_do_not_create_an_object_through_one_machine_at_the_same_time() -> None:
    plan = plan_for(Machine(), Directory(), DesiredObject(KEY), DELEGATES)
    claim = claim_of(plan)
    assert claim is not None
    assert claim.subject == "33333"
    assert claim_of(plan_for(Machine(), Directory(MADE), DesiredObject(KEY), DELEGATES)) is None


def test_a_published_key_of_clients_is_refused_before_the_directory_is_read() -> None:
    directory = Directory()
    with pytest.raises(TaskRefusedError) as refused:
        plan_for(Machine(), directory, DesiredObject(ProductKey("VDYBN-27WPP-V4HQT-9VMD4-VMK7H")), DELEGATES)
    assert refused.value.error_code == "not_a_host_key"
    assert directory.reads == 0


def test_a_domain_controller_needs_no_delegation_and_a_member_does(make_os: Systems) -> None:
    refusals.refuse_hop(make_os(product_type=ProductType.DOMAIN_CONTROLLER), STAYS)
    refusals.refuse_hop(make_os(), DELEGATES)
    with pytest.raises(TaskRefusedError) as refused:
        refusals.refuse_hop(make_os(), STAYS)
    assert refused.value.error_code == "no_delegation"


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("corp.lab", None),
        ("EU.Corp.Lab.", None),
        ("plant.lab", None),
        (None, "not_domain_member"),
        ("notcorp.lab", "other_forest"),
        ("resources.corp.lab", "other_forest"),
    ],
)
def test_the_domain_of_the_machine_must_be_one_of_the_forest(make_os: Systems, domain: str | None, code: str | None) -> None:
    domains = Domains("corp.lab", ("corp.lab", "eu.corp.lab", "plant.lab"))
    if code is None:
        refusals.refuse_domain(make_os(), domain, domains)
        return
    with pytest.raises(TaskRefusedError) as refused:
        refusals.refuse_domain(make_os(), domain, domains)
    assert refused.value.error_code == code


def test_if_the_domains_cannot_be_read_the_name_of_the_domain_decides(make_os: Systems) -> None:
    refusals.refuse_domain(make_os(), "EU.corp.lab", Domains("corp.lab"))
    with pytest.raises(TaskRefusedError, match=r"notcorp\.lab"):
        refusals.refuse_domain(make_os(), "notcorp.lab", Domains("corp.lab"))


def test_an_object_whose_key_the_account_cannot_read_might_be_the_one_of_the_task() -> None:
    machine, unread = Machine(), replace(MADE, activation_id=None, partial_product_key=None)
    with pytest.raises(TaskRefusedError, match="cannot read") as refused:
        create(machine, Directory(unread), name="Another")
    assert refused.value.error_code == "activation_object_not_readable"
    assert machine.calls == []
