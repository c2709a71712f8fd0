# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Activate whose answer was lost may still be asking one KMS host after the other: when is its failure the last word?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]


def run_with_a_lost_answer(session: Any, naps: Any, **desired: Any) -> LicenseOutcome:
    """Activate is sent, its answer never comes, and what happens on the machine is up to `naps.then`."""
    session.lose_answer_of("Activate", False)
    return apply(kms_client.plan(read_state(session), KmsClientDesired(**desired)), session, clock=naps.clock, sleep=naps.sleep)


def ask_the_hosts(session: Any) -> None:
    """What the machine does meanwhile."""
    product = read_state(session).primary
    assert product
    session.invoke(product.path, "Activate", {})


def test_a_host_that_is_down_is_not_the_last_word_while_another_may_be_asked(
    session: Sessions, estate: Any, naps: Any, publish: Callable[..., None]
) -> None:
    publish("kms1", "kms2")
    estate.set_fault("kms1", "kms_host_down")
    estate.set_fault("kms2", "kms_host_down")
    client, worker = session("grace22"), session("grace22")

    def first_one_then_the_other(now: float) -> None:
        if now == 5:
            with pytest.raises(CimError, match="C004F074"):
                ask_the_hosts(worker)
        if now == 15:
            estate.clear_faults()
            ask_the_hosts(worker)

    naps.then = first_one_then_the_other
    outcome = run_with_a_lost_answer(client, naps)
    assert (outcome.activation["outcome"], outcome.activation["attempts"]) == ("activated", 1)
    assert client.requests.count("Activate") == 1


def test_a_failure_that_stays_the_newest_is_the_last_word(session: Sessions, estate: Any, naps: Any, publish: Callable[..., None]) -> None:
    publish("kms2")
    estate.set_fault("kms2", "kms_host_down")
    client, worker = session("grace22"), session("grace22")

    def fail_once(now: float) -> None:
        if now == 5:
            with pytest.raises(CimError, match="C004F074"):
                ask_the_hosts(worker)

    naps.then = fail_once
    outcome = run_with_a_lost_answer(client, naps)
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.error["underlying"]["code"]) == ("0xC004F074", "0x800706BA")
    assert (outcome.activation["kms_host"], outcome.activation["kms_port"]) == ("kms2.corp.example", 1690)
    assert 35 < sum(naps.naps) < 120


def test_the_failure_of_a_fixed_host_is_the_last_word_at_once(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("kms1", "kms_host_down")
    client, worker = session("grace22"), session("grace22")

    def fail(_now: float) -> None:
        with pytest.raises(CimError, match="C004F074"):
            ask_the_hosts(worker)

    naps.then = fail
    outcome = run_with_a_lost_answer(client, naps, kms_host="kms1.corp.example")
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.error["underlying"]["kms_host"]) == ("0xC004F074", "kms1.corp.example")
    assert naps.naps == [5]
