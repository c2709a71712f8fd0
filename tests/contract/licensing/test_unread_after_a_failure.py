# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that cannot be read after a failure: the failure itself is told first, and the way back is taken all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, MalformedResponseError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

from .conftest import LabSession

Sessions = Callable[[str], LabSession]
MAK = ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222")
REFUSED = CimError(0x800706BA, "The RPC server is unavailable.", "query")
NONSENSE = MalformedResponseError("LicenseStatus is no number")


def to_a_silent_host(session: LabSession) -> LicensePlan:
    return kms_client.plan(read_state(session), KmsClientDesired(kms_host="gone.corp.example", fallback_key=MAK, lose_activation=True))


def unreadable_from(session: LabSession, method: str, problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """From this method on every question ends like this."""

    def fail(_wql: str, _namespace: str = "root/cimv2") -> Any:
        raise problem

    session.before(method, lambda: monkeypatch.setattr(session, "query", fail))


@pytest.mark.parametrize(
    ("problem", "words"),
    [(REFUSED, "Could not activate the fallback key ending in 22222: 0x800706BA"), (NONSENSE, "Then the machine could not be read")],
)
def test_a_refused_activation_is_told_and_the_fallback_key_is_back(
    session: Sessions, naps: Any, monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str
) -> None:
    here, account = session("mak22"), Account()
    plan = to_a_silent_host(here)
    unreadable_from(here, "Activate", problem, monkeypatch)
    with pytest.raises(StepFailedError) as failure:
        apply(plan, here, naps.clock, naps.sleep, account)
    assert failure.value.message.startswith("The activation of Windows(R), ServerStandard edition failed: 0xC004F0")
    assert f"The module restored the fallback key ending in 22222. {words}" in failure.value.message
    assert "The current license status is unknown" in failure.value.message
    assert " Next: " in failure.value.message
    assert failure.value.explanation.code.startswith("0xC004F0")
    assert (account.rolled_back, here.requests.count("InstallProductKey")) == (True, 2)


def test_a_machine_that_is_gone_after_a_refused_activation_is_unreachable_and_the_refusal_is_told(session: Sessions, naps: Any) -> None:
    here = session("mak22")
    plan = to_a_silent_host(here)
    here.before("Activate", lambda: here.break_at("InstallProductKey"))
    with pytest.raises(UnreachableError, match=r"^The activation of .* failed: 0xC004F0.* Then the rollback to the fallback key") as lost:
        apply(plan, here, naps.clock, naps.sleep)
    assert "the connection was refused" in lost.value.message


def test_a_lost_answer_about_which_the_machine_cannot_be_asked_is_not_called_a_refusal(
    session: Sessions, naps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, account = session("mak22"), Account()
    plan = to_a_silent_host(here)
    here.lose_answer_of("InstallProductKey", True)
    unreadable_from(here, "InstallProductKey", REFUSED, monkeypatch)
    with pytest.raises(StepFailedError, match=r"^The result of this step is unknown: install .*\. The response was lost") as failure:
        apply(plan, here, naps.clock, naps.sleep, account)
    assert failure.value.explanation.code == "unknown_outcome"
    assert account.changed
    assert account.losses() == (
        "This task might have lost the activation of Windows(R), ServerStandard edition with the MAK ending in 22222.",
    )


def test_a_machine_that_is_gone_while_a_setting_is_put_back_is_unreachable_and_the_refusal_is_told(
    session: Sessions, estate: Any, convert: Callable[..., Any]
) -> None:
    client = session("client22")
    estate.set_fault("client22", "wmi_fault", method="SetKeyManagementServicePort", hresult="0x80070005")
    client.before("SetKeyManagementServicePort", lambda: client.break_at("SetKeyManagementServiceMachine"))
    with pytest.raises(UnreachableError, match=r"^Could not set the KMS port to 1690: 0x80070005.* Then the module could not"):
        convert(client, kms_host="kms2.corp.example", kms_port=1690)


@pytest.mark.parametrize("request_after", ["SELECT", "RefreshLicenseStatus"])
def test_a_machine_that_is_gone_right_after_a_refused_activation_is_unreachable_and_the_refusal_is_told(
    session: Sessions, naps: Any, request_after: str
) -> None:
    here = session("client22")
    plan = kms_client.plan(read_state(here), KmsClientDesired(kms_host="gone.corp.example"))
    here.before("Activate", lambda: here.break_at(request_after))
    with pytest.raises(UnreachableError, match=r"^The activation of .* failed: 0xC004F0"):
        apply(plan, here, naps.clock, naps.sleep)


def test_an_activation_of_which_nobody_knows_may_have_changed_the_machine(session: Sessions, naps: Any) -> None:
    here, account = session("unactivated22"), Account()
    plan = mak_client.plan_for(here, MakDesired())
    here.lose_answer_of("Activate", False)
    outcome = apply(plan, here, naps.clock, naps.sleep, account)
    assert account.changed
    assert outcome.changed
