# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan of kms_client, over machines and wishes nobody thought of.

The machine here is the smallest one with the three levels of KMS settings: the service's, the application's, which only the registry has,
and the product's own, which wins. Whether a product shows the value of its application is not documented, so machines of both kinds exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _hosts as hosts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.application_level import application_level
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.effective import effective_settings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import ApplicationKms, KmsClient, StoredValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import REG_SZ, SPP_KEY, RegistryValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    SPP_PRODUCT,
    SPP_SERVICE,
    WINDOWS_ID,
    ActivationState,
    ActivationType,
    Application,
    Channel,
    Feature,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
    ProductType,
)

GVLK_ID, MAK_ID = "aaaaaaaa-0000-4000-8000-000000000002", "aaaaaaaa-0000-4000-8000-000000000001"
OS = OperatingSystem(
    "WEB01", "Windows Server 2022", "10.0.20348", 20348, ProductType.SERVER, 1033, datetime(2026, 11, 20, tzinfo=timezone.utc)
)
NAMES = ["kms1.corp.example", "KMS1.corp.example.", "kms2.corp.example", "2001:db8::1", "10.1.2.3"]


@dataclass(frozen=True)
class Level:
    """One level of KMS settings as Windows stores them; empty text and 0 are "not set"."""

    host: str = ""
    port: int = 0
    lookup_domain: str = ""
    activation_type: int = 0


@dataclass
class Machine:
    """What a machine keeps; a product without its own setting shows the service's."""

    key: Channel | None
    status: LicenseStatus = LicenseStatus.LICENSED
    service: Level = field(default_factory=Level)
    own: dict[str, Level] = field(default_factory=dict)
    host_caching: bool = True
    application: dict[str, str] = field(default_factory=dict)
    shows_application: bool = False

    def state(self) -> ActivationState:
        features = frozenset(Feature)
        service = LicensingService("10.0", kms=_shown(self.service), host_caching=self.host_caching, features=features)
        return ActivationState(OS, service, self._products(), application_kms=(self.level(),))

    def level(self) -> ApplicationKms:
        key = rf"{SPP_KEY}\{WINDOWS_ID}"
        stored = tuple(StoredValue(key, RegistryValue(name, REG_SZ, data)) for name, data in self.application.items())
        return application_level(WINDOWS_ID, SPP_PRODUCT, stored)

    def _products(self) -> tuple[LicensedProduct, ...]:
        if self.key is None:
            return ()
        identity = GVLK_ID if self.key is Channel.GVLK else MAK_ID
        own = self.own.get(identity, Level())
        of_application = self.level() if self.shows_application else ApplicationKms(SPP_PRODUCT, WINDOWS_ID)
        wider = (of_application.host, of_application.port or 0) if of_application.host else (self.service.host, self.service.port)
        seen = Level(
            own.host or wider[0],
            own.port if own.host or own.port else wider[1],
            own.lookup_domain or self.service.lookup_domain,
            own.activation_type or self.service.activation_type,
        )
        partial_product_key = gvlk.choose_gvlk(OS, "ServerStandard").partial_product_key if self.key is Channel.GVLK else "PPPPP"
        product = LicensedProduct(
            identity, Application.WINDOWS, WINDOWS_ID, "Windows(R)", "", self.key, None, "ServerStandard", self.status, partial_product_key,
            allowed_type=ActivationType(seen.activation_type), kms=_shown(seen),
        )  # fmt: skip
        return (product,)

    def carry_out(self, step: Step) -> None:
        if step.method == "InstallProductKey":
            self.key, self.status = Channel.GVLK, LicenseStatus.INITIAL_GRACE
        elif step.method == "DisableKeyManagementServiceHostCaching":
            self.host_caching = not step.arguments["DisableCaching"]
        elif step.method == "StopService":
            return  # this machine reads its registry at once
        elif step.method == "DeleteValue":
            del self.application[str(step.description.rpartition("\\")[2].rstrip(")"))]
        elif step.target.class_name == SPP_SERVICE:
            self.service = _write(self.service, step)
        else:
            identity = step.target.keys["ID"]
            self.own[identity] = _write(self.own.get(identity, Level()), step)

    def follow(self, plan: LicensePlan) -> None:
        """As apply does: the steps, then the corrections the product still needs, then the activation."""
        for step in plan.steps:
            self.carry_out(step)
        primary = self.state().primary
        for step in plan.corrections(primary) if primary and not plan.is_empty else ():
            self.carry_out(step)
        if plan.activation:
            self.status = LicenseStatus.LICENSED


def _shown(level: Level) -> KmsClient:
    host, _port = hosts.split_port(level.host) if level.host else (None, None)
    return KmsClient(host=host, port=level.port or None, lookup_domain=level.lookup_domain or None)


def _write(level: Level, step: Step) -> Level:
    changes: dict[str, dict[str, Any]] = {
        "SetKeyManagementServiceMachine": {"host": step.arguments.get("MachineName")},
        "ClearKeyManagementServiceMachine": {"host": ""},
        "SetKeyManagementServicePort": {"port": step.arguments.get("PortNumber")},
        "ClearKeyManagementServicePort": {"port": 0},
        "SetKeyManagementServiceLookupDomain": {"lookup_domain": step.arguments.get("LookupDomain")},
        "ClearKeyManagementServiceLookupDomain": {"lookup_domain": ""},
        "SetVLActivationTypeEnabled": {"activation_type": step.arguments.get("ActivationType")},
        "ClearVLActivationTypeEnabled": {"activation_type": 0},
    }
    return replace(level, **changes[step.method])


levels = st.builds(
    Level,
    host=st.sampled_from(["", "", *map(hosts.wire_host, NAMES)]),
    port=st.sampled_from([0, 0, 1688, 1689, 4000]),
    lookup_domain=st.sampled_from(["", "", "corp.example", "CORP.example", "lab.example"]),
    activation_type=st.integers(0, 3),
)
machines = st.builds(
    Machine,
    key=st.sampled_from([Channel.GVLK, Channel.MAK, Channel.RETAIL, None]),
    status=st.sampled_from(LicenseStatus),
    service=levels,
    own=st.dictionaries(st.sampled_from([GVLK_ID, MAK_ID]), levels, max_size=2),
    host_caching=st.booleans(),
    application=st.sampled_from(
        [
            {},
            {"KeyManagementServiceName": "kms3.corp.example"},
            {"KeyManagementServiceName": "kms1.corp.example", "KeyManagementServicePort": "4000"},
            {"KeyManagementServicePort": "1689"},
        ]
    ).map(dict),
    shows_application=st.booleans(),
)


@st.composite
def wishes(draw: st.DrawFn) -> KmsClientDesired:
    host = draw(st.none() | st.sampled_from(NAMES))
    return KmsClientDesired(
        kms_host=host,
        kms_port=draw(st.none() | st.sampled_from([1688, 1689])) if host else None,
        discovery=draw(st.booleans()) if host is None else False,
        lookup_domain=draw(st.none() | st.sampled_from(["", "corp.example", "lab.example"])),
        host_caching=draw(st.none() | st.booleans()),
        activation_type=draw(st.none() | st.sampled_from(ActivationType)),
        activate=draw(st.booleans()),
        clear_application_settings=draw(st.booleans()),
    )


def _plan(machine: Machine, desired: KmsClientDesired) -> LicensePlan:
    state = machine.state()
    edition = None if state.primary else "ServerStandard"
    return kms_client.plan(replace(state, os=replace(OS, edition_id=edition)), desired)


@given(machines, wishes())
@settings(max_examples=150)
def test_a_second_plan_after_the_first_was_followed_has_nothing_to_do(machine: Machine, desired: KmsClientDesired) -> None:
    machine.follow(_plan(machine, desired))
    again = _plan(machine, desired)
    assert again.steps == ()
    assert again.activation is None
    assert again.before == again.after


@given(machines, wishes())
@settings(max_examples=150)
def test_what_was_predicted_is_what_comes_out(machine: Machine, desired: KmsClientDesired) -> None:
    plan = _plan(machine, desired)
    machine.follow(plan)
    found = kms_client.settings_dict(machine.state())
    if desired.activation_type is None and plan.changes_key:
        # The new license has an activation type of its own, which nobody can see before it has a key.
        assume(found["activation_type"] == plan.after["activation_type"])
    own = machine.own.get(GVLK_ID, Level())
    if plan.changes_key and (own.host or own.port) and not (desired.kms_host or desired.discovery):
        assume(False)  # the same holds for its KMS host
    if plan.changes_key and own.lookup_domain and desired.lookup_domain is None:
        assume(False)
    if machine.shows_application and desired.clear_application_settings:
        # A product that shows the host of its application, with a port of its own and no host, cannot be told from one that shows both.
        assume(not any(level.port and not level.host for level in machine.own.values()))
    assert _normal(found) == _normal(plan.after)


def _normal(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {**shown, "kms_host": hosts.normalize_name(shown["kms_host"]), "lookup_domain": hosts.normalize_name(shown["lookup_domain"])}


@given(machines, wishes())
def test_no_step_without_a_difference_and_no_difference_without_a_step(machine: Machine, desired: KmsClientDesired) -> None:
    plan = _plan(machine, desired)
    if plan.steps:
        assert _normal(plan.before) != _normal(plan.after)
    if _normal(plan.before) != _normal(plan.after):
        assert not plan.is_empty
    assert plan.changed == (not plan.is_empty)


OWN_PORT = Machine(
    Channel.GVLK,
    own={GVLK_ID: Level(port=1688)},
    application={"KeyManagementServiceName": "kms1.corp.example", "KeyManagementServicePort": "4000"},
    shows_application=True,
)
"""It shows the host of its application with a port of its own, as a machine with both of its own does."""


@given(machines, wishes())
@example(OWN_PORT, KmsClientDesired(kms_host="kms1.corp.example", clear_application_settings=True))
def test_the_wished_endpoint_is_in_force_afterwards(machine: Machine, desired: KmsClientDesired) -> None:
    machine.follow(_plan(machine, desired))
    state = machine.state()
    now = effective_settings(state, state.primary)
    if desired.clear_application_settings:
        assert machine.application == {}
    elif machine.level().host:
        return  # the task warns about it, see test_application_level.py
    if desired.kms_host:
        assert hosts.same_name(now.host, desired.kms_host)
        assert desired.kms_port is None or (now.port or 1688) == desired.kms_port
    if desired.discovery:
        assert (now.host, now.port) == (None, None)
    if desired.lookup_domain is not None:
        assert hosts.same_name(now.lookup_domain, desired.lookup_domain)
    if desired.activation_type is not None:
        assert now.activation_type == desired.activation_type


@given(machines, wishes())
def test_settings_come_first_the_key_next_and_every_step_has_words(machine: Machine, desired: KmsClientDesired) -> None:
    plan = _plan(machine, desired)
    methods = [step.method for step in plan.steps]
    assert methods.count("InstallProductKey") <= 1
    assert "InstallProductKey" not in methods[:-1]
    assert all(step.description and step.consumes is None for step in plan.steps)
    assert len({(step.action, step.target.class_name) for step in plan.steps}) == len(methods)
