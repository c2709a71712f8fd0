# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes of the kit on a machine, as steps with what restores them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Policies and the KMS host are restored at once. The key is the one that the machine has, so nothing but the activation restores its license.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..._cim.session import CimSession
from ..._jobs.activation_policy import plan as policy_plan
from ..._licensing.catalog import gvlk
from ..._licensing.kms.setting_steps import set_service_endpoint
from ..._licensing.plan.key_steps import install_key
from ..._licensing.plan.step import Step
from ..._licensing.policies.deviations import deviating, target_values_of
from ..._licensing.policies.model import DesiredPolicies, PolicyState
from ..._licensing.policies.places import DISABLED, ENABLED, OFFICE_USERS
from ..._licensing.policies.read import read_policies
from ..._licensing.registry import values as registry
from ..._licensing.state.model import ActivationState, LicensedProduct
from .items import CreatedKey, Item, KmsHostSetting, License, PolicyValue, is_restorable

TEST_HOST, TEST_PORT = "winops-conformance.invalid", 1689
"""The KMS host that the kit sets for a moment. No DNS server has names below invalid (RFC 2606)."""

_POLICIES = DesiredPolicies(
    activation_alternate_url="https://winops-conformance.invalid/",
    windows_anytime_upgrade=DISABLED,
    avs_validation=DISABLED,
    allow_windows_entitlement_reactivation=DISABLED,
    notifications=DISABLED,
    standard_user_activation=ENABLED,
    office_standard_user_activation=ENABLED,
    skip_rearm=ENABLED,
)


@dataclass(frozen=True)
class Experiment:
    """Some changes that are made and restored together. `items` are noted in the record before the first step."""

    name: str
    items: tuple[Item, ...]
    steps: tuple[Step, ...]


def policies(session: CimSession, state: ActivationState) -> Experiment:
    """Return the policies that are set: all that the collection sets, but those with values that could not be restored.

    Reads the registry. Raises CimError, MalformedResponseError, and UnreachableError.
    """
    has_office = any(registry.has_key(session, place.key) for place in OFFICE_USERS.places)
    wanted = _POLICIES if has_office else replace(_POLICIES, office_standard_user_activation=None)
    found = read_policies(session, state.os, wanted)
    odd = {target.option for target in target_values_of(found, wanted) if not is_restorable(found.value(target.place))}
    without: dict[str, Any] = dict.fromkeys(odd)
    wanted = replace(wanted, **without)
    plan = policy_plan.plan(found, wanted)
    return Experiment("policies", _items(found, wanted), plan.steps)


def _items(found: PolicyState, wanted: DesiredPolicies) -> tuple[Item, ...]:
    """Return the missing keys, the uppermost first, and the values with what they are now."""
    changed = deviating(found, target_values_of(found, wanted))
    keys = dict.fromkeys(key for target in changed for key in target.place.own_keys if not found.has_key(key))
    values = [PolicyValue(target.place.key, target.place.name, found.value(target.place)) for target in changed]
    return (*map(CreatedKey, keys), *values)


def kms_host(state: ActivationState) -> Experiment:
    """Return the KMS host that is set at the licensing service. A port without a host is not changed, because it cannot be restored."""
    now = state.service.kms
    if now.port and not now.host:
        return Experiment("kms_host", (), ())
    return Experiment("kms_host", (KmsHostSetting(now.host, now.port),), tuple(set_service_endpoint(state, TEST_HOST, TEST_PORT)))


def same_key(state: ActivationState, product: LicensedProduct) -> Experiment:
    """Return the installation of the published key that the machine has."""
    entry = gvlk.ending(product.partial_product_key)
    if entry is None:
        raise LookupError("the key of the machine is not published")
    item = License(entry.partial_product_key, product.status.is_activated)
    step = install_key(state.service, entry.key, f"GVLK ending in {entry.partial_product_key}, which the machine has", replaces=None)
    return Experiment("key", (item,), (step,))


__all__ = ["TEST_HOST", "TEST_PORT", "Experiment", "kms_host", "policies", "same_key"]
