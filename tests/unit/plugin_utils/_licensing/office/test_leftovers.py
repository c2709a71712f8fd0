# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Office keys are not in use, and which installed products lack a key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import click_to_run_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import (
    InstalledOffice,
    installations,
    without_key,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.leftovers import ids_of, leftovers
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)

from ...conftest import build_client, build_office, build_state

SUITE_2019 = build_office("Office19ProPlus2019VL_KMS_Client_AE", status=LicenseStatus.NOTIFICATION)
SUITE_2021 = build_office("Office21ProPlus2021VL_KMS_Client_AE")
MAK_2021 = build_office("Office21ProPlus2021VL_MAK_AE1", Channel.MAK)
VISIO_2021 = build_office("Office21VisioPro2021VL_KMS_Client_AE")
SUITE_2016 = build_office("Office16ProPlusVL_KMS_Client")
SUITE_2016_MAK = build_office("Office16ProPlusVL_MAK", Channel.MAK)
VISIO_2016 = build_office("Office16VisioProXC2RVL_KMS_ClientC2R")
VISIO_2016_MSI = build_office("Office16VisioProVL_KMS_Client", status=LicenseStatus.NOTIFICATION)
SUITE_2010 = build_office("OfficeProPlus-KMS_Client")
MAK_2010 = build_office("OfficeProPlus-MAK", Channel.MAK, status=LicenseStatus.INITIAL_GRACE)
RETAIL_2021 = build_office("Office21ProPlus2021R_Retail", Channel.RETAIL)
MICROSOFT_365 = build_office("Office16O365ProPlusR_Subscription1", Channel.SUBSCRIPTION)
GRACE_365 = build_office("Office16O365ProPlusR_Grace", Channel.RETAIL, status=LicenseStatus.NOTIFICATION)
EVERY = (SUITE_2019, SUITE_2021, MAK_2021, VISIO_2021, SUITE_2016, SUITE_2010, MAK_2010, RETAIL_2021, MICROSOFT_365, GRACE_365)
IDS = ("ProPlus2021Volume", "VisioPro2021Volume", "ProPlus2019Volume", "O365ProPlusRetail", "ProPlus2021Retail", "VisioProXVolume")


def _state(*products: LicensedProduct) -> ActivationState:
    return replace(build_state(build_client(), *products), applications=frozenset(Application))


def _office(*release_ids: str) -> InstalledOffice:
    return InstalledOffice(click_to_run_of(",".join(release_ids)))


def _found(state: ActivationState, office: InstalledOffice) -> list[LicensedProduct]:
    return [each.product for each in leftovers(state, office)]


@pytest.mark.parametrize(
    ("products", "release_ids", "expected"),
    [
        ((SUITE_2021, VISIO_2021, SUITE_2019), ("ProPlus2021Volume", "VisioPro2021Volume"), [SUITE_2019]),
        ((SUITE_2021, SUITE_2016), ("ProPlus2021Volume",), [SUITE_2016]),
        ((SUITE_2021, SUITE_2010), ("ProPlus2021Volume",), []),
        ((SUITE_2010, MAK_2010), (), [MAK_2010]),
        ((SUITE_2021, MAK_2021), ("ProPlus2021Volume",), [MAK_2021]),
        ((replace(SUITE_2021, status=LicenseStatus.NOTIFICATION), MAK_2021), ("ProPlus2021Volume",), [SUITE_2021]),
        ((SUITE_2019,), ("O365ProPlusRetail",), [SUITE_2019]),
        ((SUITE_2021, RETAIL_2021), ("ProPlus2021Volume",), [RETAIL_2021]),
        ((RETAIL_2021,), ("ProPlus2021Retail",), []),
        ((MICROSOFT_365, GRACE_365), ("ProPlus2021Volume",), []),
        ((SUITE_2021, VISIO_2021, SUITE_2019), (), [SUITE_2019]),
        ((SUITE_2016,), (), []),
        ((SUITE_2016, SUITE_2021), (), [SUITE_2021]),
        ((SUITE_2016_MAK, SUITE_2019, SUITE_2021), (), [SUITE_2019, SUITE_2021]),
        ((VISIO_2016, VISIO_2021), (), [VISIO_2016]),
        ((VISIO_2016, VISIO_2016_MSI), ("VisioProXVolume",), [VISIO_2016_MSI]),
    ],
)
def test_leftover_keys(products: tuple[LicensedProduct, ...], release_ids: tuple[str, ...], expected: list[LicensedProduct]) -> None:
    found = leftovers(_state(*products), _office(*release_ids))
    assert [each.product.activation_id for each in found] == [each.activation_id for each in expected]
    assert all(each.reason.endswith(".") for each in found)


def test_no_release_is_a_leftover_if_click_to_run_could_not_be_read() -> None:
    unread = InstalledOffice(notes=("The Click-to-Run installation of Office could not be read: access denied",))
    assert _found(_state(SUITE_2016, SUITE_2021, SUITE_2019), unread) == []
    assert _found(_state(SUITE_2016, SUITE_2016_MAK), unread) == [SUITE_2016_MAK]


@given(st.lists(st.sampled_from(EVERY), unique_by=lambda product: product.name), st.lists(st.sampled_from(IDS), unique=True))
def test_what_is_never_a_leftover(products: list[LicensedProduct], release_ids: list[str]) -> None:
    state, office = _state(*products), _office(*release_ids)
    found = _found(state, office)
    assert not {MICROSOFT_365, GRACE_365} & set(found)
    # One key of each installed product stays, and removing the leftovers leaves no others.
    kept = [product for product in products if product not in found]
    assert not _found(_state(*kept), office)
    assert {each.product for each in without_key(_state(*kept), office)} == {each.product for each in without_key(state, office)}
    assert ids_of(leftovers(state, office)) == {product.activation_id for product in found}


def test_installations_of_windows_installer_are_those_of_the_licenses() -> None:
    state = _state(SUITE_2010, SUITE_2016, VISIO_2021)
    alone = [(each.product, each.release, each.release_id) for each in installations(state, InstalledOffice())]
    beside = [(each.product, each.release, each.release_id) for each in installations(state, _office("VisioPro2021Volume"))]
    assert alone == [("ProPlus", "2010", ""), ("ProPlus", "2016", ""), ("VisioPro", "2021", "")]
    assert beside == [("VisioPro", "2021", "VisioPro2021Volume"), ("ProPlus", "2010", "")]


def test_each_volume_product_needs_its_own_key() -> None:
    office = _office("ProPlus2021Volume", "VisioPro2021Volume", "ProjectPro2021Retail", "O365ProPlusRetail")
    assert [each.release_id for each in without_key(_state(SUITE_2021), office)] == ["VisioPro2021Volume"]
    assert [each.release_id for each in without_key(_state(SUITE_2019), office)] == ["ProPlus2021Volume", "VisioPro2021Volume"]
    assert without_key(_state(replace(VISIO_2021, name="Unknown")), office) == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("OfficeProPlus-KMS_Client", "OfficeWord-KMS_Client", "OfficeExcel-KMS_Client"), ["ProPlus"]),
        (("OfficeProPlus-KMS_Client", "OfficeVisioPro-KMS_Client", "OfficeVisioStd-KMS_Client"), ["ProPlus"]),
        (("OfficeProPlus-KMS_Client", "OfficeStandard-KMS_Client"), []),
        (("Office16VisioProVL_KMS_Client", "Office16ProPlusVL_KMS_Client"), ["VisioPro", "ProPlus"]),
        (("OfficeWord-KMS_Client",), ["Word"]),
        (("OfficeWord-KMS_Client", "OfficeExcel-KMS_Client"), []),
    ],
)
def test_licenses_without_a_key_show_a_product_only_without_doubt(words: tuple[str, ...], expected: list[str]) -> None:
    unkeyed = tuple(build_office(word, partial_product_key=None) for word in words)
    assert [each.product for each in installations(_state(), InstalledOffice(unkeyed=unkeyed))] == expected
