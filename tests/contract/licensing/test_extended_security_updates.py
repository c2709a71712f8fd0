# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine gets Extended Security Updates over a connection that may break anywhere: never two activations, and Windows stays."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.generations import plan_mak
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.simulation.estate import Estate

from .conftest import LabSession
from .mak import Make, Sessions, actions, spent

KEY = "MMMMM-KKKKK-MMMMM-BBBBB-99999"
MACHINE = "ten"


def give(make: Make, session: LabSession) -> LicenseOutcome:
    return make(session, product_key=ProductKey(KEY), esu="windows_10_year_2")


def windows(session: LabSession) -> object:
    return read_state(session).primary


@pytest.mark.parametrize(("method", "executed"), [("InstallProductKey", True), ("Activate", True)])
def test_a_lost_answer_is_read_off_the_addon_and_nothing_is_sent_again(
    session: Sessions, estate: Estate, make: Make, method: str, executed: bool
) -> None:
    before, machine = windows(session(MACHINE)), session(MACHINE)
    machine.lose_answer_of(method, executed)
    outcome = give(make, machine)
    assert outcome.activation["outcome"] == "activated"
    assert (machine.requests.count(method), spent(estate, KEY)) == (1, 1)
    assert windows(session(MACHINE)) == before


def test_a_key_whose_installation_never_arrived_is_not_sent_again_blindly(session: Sessions, estate: Estate, make: Make) -> None:
    machine = session(MACHINE)
    machine.lose_answer_of("InstallProductKey", False)
    with pytest.raises(StepFailedError, match="the response was lost"):
        give(make, machine)
    assert (machine.requests.count("InstallProductKey"), spent(estate, KEY)) == (1, 0)


def test_a_second_run_reads_and_writes_nothing(session: Sessions, estate: Estate, make: Make) -> None:
    assert actions(give(make, session(MACHINE))) == [("install_product_key", True), ("activate", True)]
    again = session(MACHINE)
    assert give(make, again).changed is False
    assert (again.writes, len(again.requests), spent(estate, KEY)) == ([], 3, 1)


def test_a_success_without_effect_is_not_believed(session: Sessions, make: Make) -> None:
    machine = session(MACHINE)
    machine.swallow("Activate")
    outcome = give(make, machine)
    assert (outcome.failed, outcome.activation["outcome"]) == (True, "failed")


def test_a_machine_that_is_lost_while_it_is_read_got_no_key(session: Sessions, estate: Estate) -> None:
    machine = session(MACHINE)
    machine.break_at("SELECT * FROM SoftwareLicensingProduct WHERE ID=")
    with pytest.raises(UnreachableError):
        plan_mak(machine, MakDesired(ProductKey(KEY), esu="windows_10_year_2"))
    assert (machine.writes, spent(estate, KEY)) == ([], 0)
