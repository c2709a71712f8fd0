# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Server 2003 in words and numbers: what it is, what it lacks, and why it says that a confirmation ID is not valid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _phone as phone
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003 import mak
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003 import messages as wpa_words
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003 import read as wpa
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003.generation import (
    ProductActivationGeneration,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003.model import (
    ProductActivation,
    SystemFile,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationState,
    Application,
    LicenseStatus,
    ProductType,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ...conftest import build_os

KEY = ProductKey("RRRRR-TTTTT-RRRRR-22222-33333")
CID = "".join(body + phone.check_digit(body) for body in ("12345", "67890", "11111", "22222", "33333", "44444", "55555"))
OLD = (SystemFile("licdll.dll", "5.2.3790.0"), SystemFile("winlogon.exe", "5.2.3790.0"))


def activation(**changes: Any) -> ProductActivation:
    standard = ProductActivation("OLD", "69712-640-1234567-45123", True, True, 12, None, OLD)
    return replace(standard, **changes)


def state(found: ProductActivation) -> ActivationState:
    os = build_os(
        computer_name="OLD", caption="Microsoft(R) Windows(R) Server 2003, Standard Edition", version="5.2.3790", build=3790,
        product_type=ProductType.SERVER,
    )  # fmt: skip
    return ActivationState(os, wpa.service_of(), (wpa.product_of(os, found),), generation=ProductActivationGeneration(found))


@pytest.mark.parametrize(
    ("versions", "installed"),
    [
        (("5.2.3790.0", "5.2.3790.0"), False),
        (("5.2.3790.80", "5.2.3790.81"), False),
        (("5.2.3790.81", "5.2.3790.81"), True),
        (("5.2.3790.1830", "5.2.3790.3959"), True),
        ((None, "5.2.3790.81"), None),
        ((None, "5.2.3790.0"), False),
        (("nonsense", "5.2.3790.81"), None),
        ((), None),
    ],
)
def test_the_fix_is_there_when_both_files_are_new_enough(versions: tuple[str | None, ...], installed: bool | None) -> None:
    names = ("licdll.dll", "winlogon.exe")
    files = tuple(SystemFile(name, version) for name, version in zip(names, versions, strict=False))
    assert activation(files=files).has_fix is installed


@pytest.mark.parametrize(
    ("changes", "status", "minutes"),
    [
        ({}, LicenseStatus.INITIAL_GRACE, 12 * 1440),
        ({"grace_days": 0}, LicenseStatus.NOTIFICATION, 0),
        ({"is_required": False}, LicenseStatus.LICENSED, 0),
        ({"is_required": False, "grace_days": 30}, LicenseStatus.LICENSED, 0),
    ],
)
def test_its_status_is_that_of_later_windows(changes: dict[str, Any], status: LicenseStatus, minutes: int) -> None:
    product = state(activation(**changes)).primary
    assert product is not None
    assert (product.status, product.grace_minutes) == (status, minutes)


@pytest.mark.parametrize(
    "desired",
    [
        {"activation_id": "2de67392-b7a7-462a-b1ca-108dd189f588"},
        {"installation_id": "1" * 54, "confirmation_id": CID, "activation_method": ActivationMethod.TELEPHONE},
        {"edition_id": "ServerStandard"},
        {"clear_kms_settings": True},
        {"convert_kms_host": True},
        {"application": Application.OFFICE},
    ],
)
def test_what_means_nothing_there_is_refused_by_name(desired: dict[str, Any]) -> None:
    with pytest.raises(TaskRefusedError, match=r"^OLD runs .*Server 2003") as refused:
        mak.plan(state(activation()), MakDesired(**desired))
    assert refused.value.error_code == "not_supported_by_windows"
    assert any(name in refused.value.next_steps[0] for name in desired)


@pytest.mark.parametrize(
    ("desired", "actions", "consumes"),
    [
        ({}, [], 1),
        ({"product_key": KEY}, ["install_product_key"], 1),
        ({"activation_method": ActivationMethod.TELEPHONE}, ["get_installation_id"], 0),
        ({"product_key": KEY, "activation_method": ActivationMethod.PROXY}, ["install_product_key", "get_installation_id"], 0),
        ({"product_key": KEY, "activation_method": ActivationMethod.TELEPHONE, "confirmation_id": CID}, [], 0),
        ({"product_key": KEY, "activate": False}, ["install_product_key"], 0),
    ],
)
def test_no_installation_id_is_fetched_between_the_call_and_the_confirmation_id(
    desired: dict[str, Any], actions: list[str], consumes: int
) -> None:
    plan = mak.plan(state(activation()), MakDesired(**desired))
    assert [step.action for step in plan.steps] == actions
    assert (1 if plan.activation and plan.activation.consumes else 0) == consumes


def test_a_task_that_ansible_repeats_is_refused_there_too_when_it_would_spend() -> None:
    with pytest.raises(TaskRefusedError) as refused:
        mak.plan(state(activation()), MakDesired(product_key=KEY, is_retried=True))
    assert refused.value.error_code == "retries_not_supported"
    assert mak.plan(state(activation()), MakDesired(activation_method=ActivationMethod.TELEPHONE, is_retried=True)).activation is None


@pytest.mark.parametrize("method", list(ActivationMethod))
def test_an_activated_machine_is_left_alone(method: ActivationMethod) -> None:
    more = {} if method is ActivationMethod.ONLINE else {"confirmation_id": CID}
    plan = mak.plan(state(activation(is_required=False)), MakDesired(product_key=KEY, activation_method=method, **more))
    assert plan.is_empty
    assert "accepts a key only while activation is required" in plan.warnings[0]


def test_the_defect_is_told_before_a_confirmation_id_is_sent_in_vain() -> None:
    late = activation(grace_days=0)
    plan = mak.plan(state(late), MakDesired(activation_method=ActivationMethod.TELEPHONE, confirmation_id=CID))
    assert "KB824345 is not installed" in plan.warnings[0]
    for fixed in (activation(), replace(late, files=(SystemFile("licdll.dll", "5.2.3790.81"), SystemFile("winlogon.exe", "5.2.3790.81")))):
        assert mak.plan(state(fixed), MakDesired(activation_method=ActivationMethod.TELEPHONE, confirmation_id=CID)).warnings == ()


def test_an_invalid_confirmation_id_is_explained_by_its_digits_then_by_the_defect_then_by_the_last_installation_id() -> None:
    wrong = CID[:5] + str((int(CID[5]) + 1) % 7) + CID[6:]
    late = activation(grace_days=0)
    assert "group A does not match" in wpa_words.explain_rejection(late, wrong, 1).cause
    assert "KB824345" in wpa_words.explain_rejection(late, CID, 1).cause
    assert "the last installation ID" in wpa_words.explain_rejection(activation(), CID, 1).cause
    assert all("confirmation ID is not valid" in wpa_words.explain_rejection(late, cid, 1).meaning for cid in (CID, wrong))


@given(st.integers(1, 0xFFFF))
def test_a_small_return_code_is_not_taken_for_a_win32_error(code: int) -> None:
    told = wpa_words.explain_failure(code)
    assert (told.code, told.known) == (f"0x{code:08X}", False)
    assert "Windows Server 2003" in told.meaning


def test_an_hresult_is_explained_as_everywhere() -> None:
    assert wpa_words.explain_failure(0x80072EE7).symbol == "WININET_E_NAME_NOT_RESOLVED"
