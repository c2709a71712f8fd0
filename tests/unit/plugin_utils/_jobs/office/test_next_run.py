# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Office products a task is about: what one run converts is in use for the next one, and what one run removes it does not install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.model import OfficeDesired, Selection
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.selection import select
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import click_to_run_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import (
    InstalledOffice,
    is_volume,
    without_key,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.leftovers import leftovers
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.volume import OfficeMachine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OSPP_PRODUCT,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)

from ...conftest import build_client, build_office, build_state

GVLK_WORDS = (
    "OfficeProPlus-KMS_Client",
    "OfficeWord-KMS_Client",
    "OfficeVisioProVL_KMS_Client",
    "Office16ProPlusVL_KMS_Client",
    "Office16StandardVL_KMS_Client",
    "Office16VisioProVL_KMS_Client",
    "Office16VisioProXC2RVL_KMS_ClientC2R",
    "Office19ProPlus2019VL_KMS_Client_AE",
    "Office21ProPlus2021VL_KMS_Client_AE",
    "Office21VisioPro2021VL_KMS_Client_AE",
    "Office24Word2024VL_KMS_Client_AE",
)
OTHERS = {
    "OfficeProPlus-MAK": Channel.MAK,
    "Office16VisioProVL_MAK": Channel.MAK,
    "Office21ProPlus2021VL_MAK_AE": Channel.MAK,
    "Office21ProPlus2021R_Retail": Channel.RETAIL,
    "OfficeHomeBusiness-Retail": Channel.RETAIL,
    "OfficeWord-Retail": Channel.RETAIL,
    "Office16O365ProPlusR_Subscription1": Channel.SUBSCRIPTION,
}
RELEASE_IDS = ("ProPlus2021Volume", "VisioPro2021Volume", "ProPlus2019Volume", "O365ProPlusRetail", "ProPlus2021Retail", "VisioProXVolume")
DESIRED = OfficeDesired(remove_leftover_keys=True, with_windows=True)


def license_of(word: str, status: LicenseStatus | None) -> LicensedProduct:
    """A license with a key in this status, or without a key."""
    product = build_office(word, OTHERS.get(word, Channel.GVLK), **({"class_name": OSPP_PRODUCT} if "-" in word else {}))
    if status is None:
        return replace(product, partial_product_key=None, status=LicenseStatus.UNLICENSED)
    return replace(product, status=status)


def machine_of(products: Sequence[LicensedProduct], release_ids: Sequence[str]) -> OfficeMachine:
    state = replace(build_state(build_client(), *products), applications=frozenset(Application))
    return OfficeMachine(state, InstalledOffice(click_to_run_of(",".join(release_ids))))


def after(machine: OfficeMachine, selection: Selection) -> OfficeMachine:
    """The machine after a run that activated the products and removed the leftover keys."""
    activated = {product.client.activation_id for product in selection.products}
    removed = {product.activation_id for product in selection.leftovers}

    def changed(product: LicensedProduct) -> LicensedProduct:
        if product.activation_id in activated:
            return replace(product, partial_product_key="AAAAA", status=LicenseStatus.LICENSED)
        if product.activation_id in removed:
            return replace(product, partial_product_key=None, status=LicenseStatus.UNLICENSED)
        return product

    products = tuple(map(changed, machine.licenses.products))
    return replace(machine, licenses=replace(machine.licenses, products=products))


CLIENT_OF = {
    "OfficeProPlus-MAK": "OfficeProPlus-KMS_Client",
    "Office16VisioProVL_MAK": "Office16VisioProVL_KMS_Client",
    "Office21ProPlus2021VL_MAK_AE": "Office21ProPlus2021VL_KMS_Client_AE",
}
"""A volume edition brings the licenses for both."""


def with_clients(words: dict[str, LicenseStatus | None]) -> dict[str, LicenseStatus | None]:
    """The licenses with those that come with them."""
    return {**{CLIENT_OF[word]: None for word in words if word in CLIENT_OF}, **words}


def is_possible(words: dict[str, LicenseStatus | None]) -> bool:
    """Whether there are not both editions of Visio 2016 with a key."""
    keyed = {word for word, status in words.items() if status}
    return not {"Office16VisioProVL_KMS_Client", "Office16VisioProVL_MAK"} & keyed or "Office16VisioProXC2RVL_KMS_ClientC2R" not in keyed


KEYED = st.sampled_from([None, LicenseStatus.LICENSED, LicenseStatus.NOTIFICATION])
MACHINES = st.builds(
    lambda words, ids: machine_of([license_of(word, status) for word, status in with_clients(words).items()], ids),
    st.dictionaries(st.sampled_from([*GVLK_WORDS, *OTHERS]), KEYED, max_size=8).filter(is_possible),
    st.lists(st.sampled_from(RELEASE_IDS), unique=True, max_size=3),
)


@given(MACHINES)
def test_the_second_run_finds_what_the_first_one_left(machine: OfficeMachine) -> None:
    try:
        first = select(machine, DESIRED)
    except TaskRefusedError:
        return
    second = select(after(machine, first), DESIRED)
    assert {each.client.activation_id for each in second.products} == {each.client.activation_id for each in first.products}
    assert second.leftovers == ()


@given(MACHINES)
def test_no_product_is_converted_and_removed_by_one_task(machine: OfficeMachine) -> None:
    try:
        found = select(machine, DESIRED)
    except TaskRefusedError:
        return
    converted = {each.client.activation_id for each in found.products}
    assert not converted & {each.activation_id for each in found.leftovers}
    assert all(each.channel is not Channel.SUBSCRIPTION for each in found.leftovers)


@given(MACHINES)
def test_the_check_has_nothing_to_say_about_keys_after_a_run(machine: OfficeMachine) -> None:
    try:
        selection = select(machine, DESIRED)
    except TaskRefusedError:
        return
    done = after(machine, selection)
    keyed = done.licenses.keyed(Application.OFFICE)
    evidence = () if done.office.click_to_run or any(map(is_volume, keyed)) else tuple(filter(is_volume, done.licenses.products))
    office = replace(done.office, unkeyed=evidence)
    state = replace(done.licenses, products=tuple(product for product in done.licenses.products if product.has_key))
    assert leftovers(state, office) == ()
    assert selection.warnings or without_key(state, office) == ()


def test_an_msi_product_beside_click_to_run_is_left_alone() -> None:
    visio = license_of("Office16VisioProVL_KMS_Client", None)
    suite = license_of("Office21ProPlus2021VL_KMS_Client_AE", LicenseStatus.LICENSED)
    found = select(machine_of([visio, suite], ["ProPlus2021Volume"]), DESIRED)
    assert [each.client for each in found.products] == [suite]
    assert found.leftovers == ()
    named = select(machine_of([visio, suite], ["ProPlus2021Volume"]), replace(DESIRED, products=("Visio Professional 2016",)))
    assert [each.client for each in named.products] == [visio]


def test_a_retail_key_that_is_left_does_not_hide_the_installed_volume_edition() -> None:
    suite = license_of("Office21ProPlus2021VL_KMS_Client_AE", None)
    retail = license_of("Office21ProPlus2021R_Retail", LicenseStatus.LICENSED)
    found = select(machine_of([suite, retail], ["ProPlus2021Volume"]), DESIRED)
    assert [each.client for each in found.products] == [suite]
    assert found.leftovers == (retail,)


def test_a_retail_suite_of_another_name_is_what_is_installed() -> None:
    """The suites of Office 2010 bring the licenses of the others, so those without a key show no second suite."""
    suite, retail = license_of("OfficeProPlus-KMS_Client", None), license_of("OfficeHomeBusiness-Retail", LicenseStatus.LICENSED)
    machine = machine_of([suite, retail], [])
    assert select(machine, DESIRED) == Selection((), ())
    assert without_key(replace(machine.licenses, products=(retail,)), InstalledOffice(unkeyed=(suite,))) == ()


def test_an_installed_retail_edition_is_not_converted() -> None:
    suite = license_of("Office16ProPlusVL_KMS_Client", None)
    retail = license_of("Office21ProPlus2021R_Retail", LicenseStatus.LICENSED)
    assert select(machine_of([suite, retail], []), DESIRED) == Selection((), ())


def test_an_installed_product_without_licenses_is_named() -> None:
    machine = machine_of([], ["ProPlus2021Volume"])
    (warning,) = select(machine, DESIRED).warnings
    assert warning.startswith(
        "The machine does not have the licenses of ProPlus2021Volume, which Click-to-Run has installed. Repair Office"
    )
    with pytest.raises(TaskRefusedError, match="does not have the licenses of ProPlus2021Volume") as refused:
        select(machine, replace(DESIRED, with_windows=False))
    assert refused.value.error_code == "no_office"
