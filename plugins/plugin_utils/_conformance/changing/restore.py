# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore what the kit changed: the steps from what a machine shows now to what it showed before.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The same function verifies: without steps, everything is as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimSession
from ..._licensing.catalog import gvlk
from ..._licensing.kms import setting_steps
from ..._licensing.plan.key_steps import has_key, install_key
from ..._licensing.plan.step import Step
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.registry import own_keys
from ..._licensing.registry import steps as registry_steps
from ..._licensing.registry import values as registry
from ..._licensing.state.model import ActivationState
from .items import CreatedKey, Item, KmsHostSetting, License, PolicyValue


def steps_for(session: CimSession, state: ActivationState, items: Iterable[Item], noted: Iterable[Item]) -> dict[Item, list[Step]]:
    """Return the steps for each item that is not as before, the last change first. `state` must be current; the registry is read.

    `noted` are all items that the kit might have changed, so that a key with only such values is one of the kit. Raises CimError,
    MalformedResponseError, and UnreachableError.
    """
    every = list(noted)
    found = {item: _steps(session, state, item, every) for item in reversed(list(items))}
    return {item: steps for item, steps in found.items() if steps}


def _steps(session: CimSession, state: ActivationState, item: Item, items: list[Item]) -> list[Step]:
    if isinstance(item, PolicyValue):
        return _policy_value(session, item)
    if isinstance(item, CreatedKey):
        return _new_key(session, item, items)
    if isinstance(item, KmsHostSetting):
        return _kms_host(state, item)
    return _license(state, item)


def _new_key(session: CimSession, item: CreatedKey, items: list[Item]) -> list[Step]:
    """Return the step that removes a key, unless it has something else than these items, which another program has put there.

    The key can lack the mark of this collection, if the run ended between both writes.
    """
    found = registry.read_key(session, item.key)
    if found is None:
        return []
    values = [other.name for other in items if isinstance(other, PolicyValue) and other.key == item.key]
    below = [
        other.key.rpartition("\\")[2] for other in items if isinstance(other, CreatedKey) and other.key.rpartition("\\")[0] == item.key
    ]
    if not own_keys.is_empty(registry.with_subkeys(session, item.key, found), values, below):
        return []

    def remove(there: CimSession, _timer: RetryTimer) -> None:
        registry.delete_key(there, item.key)

    def is_gone(there: CimSession) -> bool:
        return registry.read_key(there, item.key) is None

    return [Step("restore_policy", registry.REGISTRY, "DeleteKey", item.undo, verify=is_gone, run=remove)]


def _policy_value(session: CimSession, item: PolicyValue) -> list[Step]:
    key = registry.read_key(session, item.key, (item.name,))
    now = key.value(item.name) if key else None
    before = item.before
    if before is None:
        return [] if now is None else [registry_steps.remove_value("restore_policy", item.undo, item.key, item.name)]
    if now is not None and (now.kind, now.data) == (before.kind, before.data):
        return []
    return [registry_steps.set_value("restore_policy", item.undo, item.key, before)]


def _kms_host(state: ActivationState, item: KmsHostSetting) -> list[Step]:
    now = state.service.kms
    is_same = hosts.same_name(now.host, item.host) if now.host and item.host else now.host == item.host
    if is_same and (now.port or DEFAULT_PORT) == (item.port or DEFAULT_PORT):
        return []
    host = item.host
    steps = setting_steps.set_service_endpoint(state, host, item.port) if host else setting_steps.clear_service_endpoint(state)
    return [replace(step, action="restore_kms_host", on_failure=()) for step in steps]


def _license(state: ActivationState, item: License) -> list[Step]:
    entry = gvlk.ending(item.partial_product_key)
    if entry is None or has_key(state, item.partial_product_key):
        return []
    step = install_key(state.service, entry.key, f"GVLK ending in {item.partial_product_key} again", replaces=state.primary)
    return [replace(step, action="restore_product_key")]


__all__ = ["steps_for"]
