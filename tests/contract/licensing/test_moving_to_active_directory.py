# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A licensed KMS client that Active Directory is to activate, in a domain without an activation object, keeps its license and its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import apply as applying
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationState, ActivationType
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]


def converge(session: Any, **desired: Any) -> LicenseOutcome:
    plan = kms_client.plan(with_edition_id(session, read_state(session)), KmsClientDesired(**desired))
    return applying.apply(plan, session)


def primary(state: ActivationState) -> Any:
    assert state.primary
    return state.primary


def test_a_kms_client_that_active_directory_does_not_activate_gets_its_type_back(session: Sessions) -> None:
    client = session("client22")
    before = primary(read_state(client))
    outcome = converge(client, activation_type=ActivationType.AD)
    assert [(step.action, step.done) for step in outcome.steps] == [
        ("set_activation_type", True),
        ("activate", False),
        ("restore_activation_type", True),
    ]
    assert (outcome.failed, outcome.rolled_back, outcome.before == outcome.after) == (True, True, True)
    assert "The module restored the previous activation type (all). The product is still licensed until" in str(outcome.message)
    after = primary(read_state(client))
    assert (after.allowed_type, after.used_type, after.status) == (ActivationType.ALL, before.used_type, before.status)


def test_the_type_of_the_product_itself_is_restored_too(session: Sessions) -> None:
    client = session("client22")
    product = primary(read_state(client)).path
    client.invoke(product, "SetVLActivationTypeEnabled", {"ActivationType": int(ActivationType.KMS)})
    outcome = converge(client, activation_type=ActivationType.AD)
    assert (outcome.rolled_back, primary(read_state(client)).allowed_type) == (True, ActivationType.KMS)
    assert "the previous activation type (kms)" in str(outcome.message)


def test_a_client_in_its_grace_period_can_still_use_kms_after_active_directory_did_not_activate_it(session: Sessions) -> None:
    client = session("grace22")
    outcome = converge(client, activation_type=ActivationType.AD)
    assert (outcome.failed, outcome.rolled_back, outcome.after["activation_type"]) == (True, True, "all")
    assert "(all). It is not licensed now." in str(outcome.message)


def test_a_client_that_already_had_the_type_keeps_it(session: Sessions) -> None:
    client = session("client22")
    service = read_state(client).service.path
    client.invoke(service, "SetVLActivationTypeEnabled", {"ActivationType": int(ActivationType.AD)})
    outcome = converge(client, activation_type=ActivationType.AD)
    assert (outcome.failed, outcome.rolled_back, outcome.changed) == (True, False, False)
    assert primary(read_state(client)).allowed_type is ActivationType.AD


def test_a_type_that_cannot_be_restored_is_named_beside_the_failure(session: Sessions) -> None:
    client = session("client22")

    def refuse() -> None:
        raise CimError(0x80070005, "Access is denied.", "ClearVLActivationTypeEnabled")

    client.before("ClearVLActivationTypeEnabled", refuse)
    outcome = converge(client, activation_type=ActivationType.AD)
    assert (outcome.rolled_back, outcome.after["activation_type"]) == (False, "ad")
    parts = ("0xC004F081", "The rollback also failed. Could not allow", "The product is still licensed")
    places = [str(outcome.message).index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("is_executed", [False, True])
def test_a_lost_answer_of_the_restored_type_is_looked_up(session: Sessions, is_executed: bool) -> None:
    client = session("client22")
    client.lose_answer_of("ClearVLActivationTypeEnabled", is_executed)
    outcome = converge(client, activation_type=ActivationType.AD)
    assert (outcome.rolled_back, outcome.after["activation_type"]) == (True, "all")
