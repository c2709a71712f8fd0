# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""product_key on machines of the lab: installed once, removed once, and what turns out to be another product's key is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]
MAK = ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222")
OFFICE_GVLK = ProductKey("FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH")


def converge(session: Any, application: Application = Application.WINDOWS, **desired: Any) -> LicenseOutcome:
    state = read_state(session, frozenset({application}))
    state = with_edition_id(session, state) if application is Application.WINDOWS else state
    return apply(key_change.plan(state, ProductKeyDesired(application=application, **desired)), session)


def test_a_mak_goes_in_once_and_no_activation_is_spent(session: Sessions, estate: Any) -> None:
    client = session("client22")
    used = estate.keys.of(MAK.reveal()).used
    outcome = converge(client, product_key=MAK, clear_from_registry="on_change")
    assert [step.action for step in outcome.steps] == ["install_product_key", "clear_product_key_from_registry"]
    assert (outcome.after["partial_product_key"], outcome.after["channel"], outcome.after["status"]) == ("22222", "mak", "initial_grace")
    assert outcome.activation["outcome"] == "not_requested"
    assert estate.keys.of(MAK.reveal()).used == used
    assert len(client.requests) == 3 + 2 + 1 + 2
    client.requests.clear()
    assert not converge(client, product_key=MAK, clear_from_registry="on_change").changed
    assert len(client.requests) == 3


def test_a_key_whose_installation_was_lost_but_took_effect_is_not_installed_again(session: Sessions) -> None:
    client = session("client22")
    client.lose_answer_of("InstallProductKey", True)
    assert converge(client, product_key=MAK).changed
    assert client.requests.count("InstallProductKey") == 1


def test_a_mak_whose_installation_was_lost_is_left_to_the_next_run(session: Sessions) -> None:
    client = session("client22")
    client.lose_answer_of("InstallProductKey", False)
    with pytest.raises(StepFailedError, match="the response was lost") as lost:
        converge(client, product_key=MAK)
    assert lost.value.explanation.code == "unknown_outcome"
    assert lost.value.explanation.next_steps[0].startswith("Run the task again")
    assert client.requests.count("InstallProductKey") == 1


def test_a_key_is_removed_once(session: Sessions) -> None:
    mak = session("mak22")
    outcome = converge(mak, present=False, lose_activation=True)
    assert [(step.action, step.done) for step in outcome.steps] == [("remove_product_key", True)]
    assert outcome.after["partial_product_key"] is None
    assert not converge(mak, present=False).changed
    assert read_state(mak).primary is None


def test_a_key_for_another_product_than_the_one_named_is_reported(session: Sessions) -> None:
    with pytest.raises(StepFailedError, match="belongs to"):
        converge(session("client22"), product_key=MAK, activation_id="00000000-0000-4000-8000-000000000000")


def test_an_office_key_goes_into_office_and_out_of_it_and_windows_keeps_its_own(session: Sessions) -> None:
    office = session("office19")
    installed = converge(office, Application.OFFICE, product_key=OFFICE_GVLK)
    assert (installed.after["partial_product_key"], installed.after["channel"]) == ("6F7TH", "gvlk")
    assert not converge(office, Application.OFFICE, product_key=OFFICE_GVLK).changed
    assert converge(office, Application.OFFICE, present=False).changed
    primary = read_state(office).primary
    assert primary is not None
    assert primary.partial_product_key == "J464C"
