# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office whose licensing classes fail: what only reads goes on and says so, what would change a key of Office is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.model import RearmDesired, Scope
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.read import plan_for as rearm_plan_for
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_again, read_state

Sessions = Callable[[str], Any]
PRODUCT, SERVICE = "OfficeSoftwareProtectionProduct", "OfficeSoftwareProtectionService"
FAILED, NO_SUCH_CLASS = 0x80041001, 0x80041010
OFFICE = frozenset({Application.OFFICE})
OFFICE_GVLK = ProductKey("FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH")
MAK = ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-66666")
SOME_ID = "00000000-0000-4000-8000-000000000000"

BROKEN = [("seven", SERVICE), ("seven", PRODUCT), ("office19", PRODUCT)]


def product_key(session: Any, **desired: Any) -> Any:
    return key_change.plan_for(session, ProductKeyDesired(application=Application.OFFICE, **desired))


def mak(session: Any, **desired: Any) -> Any:
    return mak_client.plan_for(session, MakDesired(application=Application.OFFICE, **desired))


CHANGES: dict[str, Callable[[Any], Any]] = {
    "a key is installed": lambda session: product_key(session, product_key=MAK),
    "a key is removed": lambda session: product_key(session, present=False),
    "a certain key is removed": lambda session: product_key(session, present=False, product_key=MAK),
    "a MAK is installed": lambda session: mak(session, product_key=MAK),
    "the MAK that is there is activated": mak,
    "an Office is rearmed": lambda session: rearm_plan_for(session, RearmDesired(scope=Scope.PRODUCT, activation_id=SOME_ID, force=True)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("name", "class_name"), BROKEN)
def test_what_would_change_office_is_refused_when_its_classes_fail(
    session: Sessions, estate: Any, name: str, class_name: str, change: str
) -> None:
    estate.faults.set(name, "query_fault", class_name=class_name, hresult=FAILED)
    with pytest.raises(TaskRefusedError) as refused:
        CHANGES[change](session(name))
    assert refused.value.error_code == "office_not_read"
    assert "0x80041001" in str(refused.value)
    assert "osppsvc" in str(refused.value)


def test_a_class_that_is_not_there_is_no_problem_for_the_service_of_windows(session: Sessions, estate: Any) -> None:
    estate.faults.set("office19", "query_fault", class_name=PRODUCT, hresult=NO_SUCH_CLASS)
    assert [step.action for step in product_key(session("office19"), product_key=MAK).steps] == ["install_product_key"]


@pytest.mark.parametrize("class_name", [SERVICE, PRODUCT])
def test_a_key_is_not_sent_to_the_service_of_windows_if_that_of_office_is_not_there(
    session: Sessions, estate: Any, class_name: str
) -> None:
    estate.faults.set("seven", "query_fault", class_name=class_name, hresult=NO_SUCH_CLASS)
    with pytest.raises(TaskRefusedError) as refused:
        product_key(session("seven"), product_key=MAK)
    assert refused.value.error_code == "office_service_missing"


@pytest.mark.parametrize(("name", "class_name"), BROKEN)
def test_what_only_reads_goes_on_and_says_so(session: Sessions, estate: Any, name: str, class_name: str) -> None:
    estate.faults.set(name, "query_fault", class_name=class_name, hresult=FAILED)
    (note,) = read_state(session(name), frozenset(Application)).notes
    assert "0x80041001" in note


def test_tasks_about_windows_are_not_concerned(session: Sessions, estate: Any) -> None:
    for class_name in (PRODUCT, SERVICE):
        estate.faults.set("seven", "query_fault", class_name=class_name, hresult=FAILED)
        seven = session("seven")
        kms_client.plan(with_edition_id(seven, read_state(seven)), KmsClientDesired(kms_host="kms1.corp.example"))
        key_change.plan_for(seven, ProductKeyDesired(product_key=MAK))
        assert mak_client.plan_for(seven, MakDesired(product_key=MAK)).steps


def test_a_key_of_office_that_is_there_already_is_not_installed_again(session: Sessions, estate: Any) -> None:
    office = session("office19")
    apply(product_key(office, product_key=OFFICE_GVLK), office)
    estate.faults.set("office19", "query_fault", class_name=PRODUCT, hresult=FAILED)
    assert product_key(office, product_key=OFFICE_GVLK).is_empty


def test_products_that_cannot_be_read_after_a_change_are_not_taken_for_gone(session: Sessions, estate: Any) -> None:
    office = session("office19")
    state = read_state(office, OFFICE)
    estate.faults.set("office19", "query_fault", class_name=PRODUCT, hresult=FAILED)
    with pytest.raises(CimError):
        read_again(office, state)
