# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Office products a task is about: what is installed decides, and what is unclear is refused or left alone."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.clients import parts_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.model import OfficeDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.selection import select
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import click_to_run_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import InstalledOffice
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.volume import OfficeMachine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_2010_ID,
    OFFICE_ID,
    OSPP_PRODUCT,
    SPP_PRODUCT,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
    ProductType,
)

OS = OperatingSystem("PC", "Windows 10", "10.0.19045", 19045, ProductType.CLIENT, 1033, datetime(2026, 11, 30, tzinfo=timezone.utc))
CHANNELS = {"KMS_Client": Channel.GVLK, "MAK": Channel.MAK, "Retail": Channel.RETAIL, "KMS_Host": Channel.CSVLK}


def license_of(word: str, key: str | None = None, *, licensed: bool = False) -> LicensedProduct:
    """A license such as Office21ProPlus2021VL_KMS_Client_AE; those of Office 2010 are in the older service."""
    version = word.removeprefix("Office")[:2]
    number = version if version.isdigit() else "14" if "-" in word else "15"
    is_2010 = number == "14"
    channel = next((kind for text, kind in CHANNELS.items() if text in word), Channel.UNKNOWN)
    return LicensedProduct(
        activation_id=f"id of {word}",
        application=Application.OFFICE,
        application_id=OFFICE_2010_ID if is_2010 else OFFICE_ID,
        name=f"Office {number}, {word} edition",
        description="",
        channel=channel,
        channel_name=None,
        family=None,
        status=LicenseStatus.LICENSED if licensed else LicenseStatus.UNLICENSED,
        partial_product_key=key,
        class_name=OSPP_PRODUCT if is_2010 else SPP_PRODUCT,
    )


def machine(*words: str | LicensedProduct, installed: str | None = None) -> OfficeMachine:
    products = tuple(license_of(word) if isinstance(word, str) else word for word in words)
    state = ActivationState(OS, LicensingService("10.0.19041.1"), products, frozenset({Application.OFFICE}))
    return OfficeMachine(state, InstalledOffice(click_to_run_of(installed)))


def titles(found: OfficeMachine, *names: str, with_windows: bool = False) -> list[str]:
    return [product.title for product in select(found, OfficeDesired(products=names, with_windows=with_windows)).products]


def code_of(found: OfficeMachine, *names: str) -> str:
    with pytest.raises(TaskRefusedError) as refused:
        select(found, OfficeDesired(products=names))
    return str(refused.value.error_code)


PRO_PLUS_2021 = "Office21ProPlus2021VL_KMS_Client_AE"
STANDARD_2021 = "Office21Standard2021VL_KMS_Client_AE"
PRO_PLUS_2016 = "Office16ProPlusVL_KMS_Client"
STANDARD_2016 = "Office16StandardVL_KMS_Client"
VISIO_PRO_2016, VISIO_STD_2016 = "Office16VisioProVL_KMS_Client", "Office16VisioStdVL_KMS_Client"
WORD_2010, PRO_PLUS_2010 = "OfficeWord-KMS_Client", "OfficeProPlus-KMS_Client"


def test_a_single_installed_volume_license_without_a_key_is_a_product() -> None:
    assert titles(machine(PRO_PLUS_2016)) == ["Office Professional Plus 2016"]
    assert titles(machine(PRO_PLUS_2021, installed="ProPlus2021Volume")) == ["Office LTSC Professional Plus 2021"]


def test_programs_of_a_suite_are_not_products_of_their_own() -> None:
    assert titles(machine(PRO_PLUS_2010, WORD_2010, "OfficeExcel-KMS_Client")) == ["Office Professional Plus 2010"]
    assert titles(machine(WORD_2010, "OfficeExcel-KMS_Client")) == ["Word 2010", "Excel 2010"]


def test_two_suites_of_one_release_are_refused_unless_a_key_or_click_to_run_or_the_task_decides() -> None:
    both = (PRO_PLUS_2016, STANDARD_2016)
    assert code_of(machine(*both)) == "several_office_suites"
    assert titles(machine(license_of(PRO_PLUS_2016, "WFG99"), STANDARD_2016)) == ["Office Professional Plus 2016"]
    assert titles(machine(*both), "Office Standard 2016") == ["Office Standard 2016"]
    assert titles(machine(PRO_PLUS_2021, STANDARD_2021, installed="Standard2021Volume")) == ["Office LTSC Standard 2021"]
    assert code_of(machine(PRO_PLUS_2021, STANDARD_2021, installed="Standard2021Volume,ProPlus2021Volume")) == "several_office_suites"


def test_suites_of_releases_that_are_installed_side_by_side_are_both_products() -> None:
    assert titles(machine(PRO_PLUS_2010, PRO_PLUS_2021, installed="ProPlus2021Volume")) == [
        "Office Professional Plus 2010",
        "Office LTSC Professional Plus 2021",
    ]


def test_two_editions_of_visio_without_a_key_are_left_alone_with_a_warning() -> None:
    found = select(machine(PRO_PLUS_2016, VISIO_PRO_2016, VISIO_STD_2016), OfficeDesired())
    assert [product.title for product in found.products] == ["Office Professional Plus 2016"]
    assert "Visio Professional 2016 and Visio Standard 2016" in found.warnings[0]
    assert code_of(machine(VISIO_PRO_2016, VISIO_STD_2016)) == "no_office"


def test_a_release_that_click_to_run_replaced_is_no_product_and_its_key_is_left_over() -> None:
    old = license_of(PRO_PLUS_2016, "WFG99")
    found = select(machine(PRO_PLUS_2021, old, installed="ProPlus2021Volume"), OfficeDesired())
    assert [product.title for product in found.products] == ["Office LTSC Professional Plus 2021"]
    assert found.leftovers == (old,)


def test_a_license_without_a_key_of_a_release_that_is_not_installed_is_ignored() -> None:
    found = select(
        machine(PRO_PLUS_2021, "Office19ProPlus2019VL_KMS_Client_AE", PRO_PLUS_2016, installed="ProPlus2021Volume"), OfficeDesired()
    )
    assert [product.title for product in found.products] == ["Office LTSC Professional Plus 2021"]


def test_a_mak_is_converted_and_becomes_the_leftover_of_its_product() -> None:
    mak = license_of("Office21ProPlus2021VL_MAK_AE", "22222", licensed=True)
    found = select(machine(PRO_PLUS_2021, mak, installed="ProPlus2021Volume"), OfficeDesired())
    assert ([product.title for product in found.products], found.leftovers) == (["Office LTSC Professional Plus 2021"], (mak,))


def test_keys_of_a_subscription_and_of_a_kms_host_are_never_left_over() -> None:
    keys = (
        license_of("Office16O365ProPlusR_Subscription1", "WXYZ2", licensed=True),
        license_of("Office16O365ProPlusR_Grace", "KHGM9"),
        license_of("OfficeKMSHostVL_KMS_Host", "HHHHH", licensed=True),
    )
    found = select(machine(PRO_PLUS_2021, *keys, installed="O365ProPlusRetail,ProPlus2021Volume"), OfficeDesired())
    assert found.leftovers == ()


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (machine(), "no_office"),
        (machine(installed="O365ProPlusRetail"), "managed_by_subscription"),
        (machine(license_of("Office16O365ProPlusR_Subscription1", "WXYZ2")), "managed_by_subscription"),
        (machine(installed="ProPlus2021Retail"), "click_to_run_is_retail"),
    ],
)
def test_a_machine_without_a_volume_edition_is_refused_for_office_and_left_alone_for_all(found: OfficeMachine, code: str) -> None:
    assert code_of(found) == code
    assert titles(found, with_windows=True) == []


@pytest.mark.parametrize(
    "name",
    [
        "office ltsc professional plus 2021",
        "ProPlus2021Volume",
        PRO_PLUS_2021,
        f"Office 21, {PRO_PLUS_2021} edition",
        f"{{ID OF {PRO_PLUS_2021.upper()}}}",
        "id of Office21ProPlus2021VL_MAK_AE",
    ],
)
def test_a_product_has_many_names(name: str) -> None:
    mak = license_of("Office21ProPlus2021VL_MAK_AE", "22222")
    found = machine(PRO_PLUS_2021, mak, "Office21VisioPro2021VL_KMS_Client_AE", installed="ProPlus2021Volume,VisioPro2021Volume")
    assert titles(found, name) == ["Office LTSC Professional Plus 2021"]


def test_a_wrong_name_is_refused_with_the_products_of_the_machine() -> None:
    found = machine(PRO_PLUS_2021, installed="ProPlus2021Volume,O365ProPlusRetail,VisioPro2021Retail")
    assert code_of(found, "Office LTSC Standard 2021") == "office_product_unknown"
    assert code_of(found, "O365ProPlusRetail") == "managed_by_subscription"
    assert code_of(found, "VisioPro2021Retail") == "click_to_run_is_retail"
    with pytest.raises(TaskRefusedError, match=r"The machine has Office LTSC Professional Plus 2021"):
        select(found, OfficeDesired(products=("nothing",)))


def test_a_setting_that_no_product_has_is_refused_and_one_that_some_have_is_not() -> None:
    desired = OfficeDesired(lookup_domain="kms.example")
    with pytest.raises(TaskRefusedError) as refused:
        parts_of(machine(PRO_PLUS_2010), desired)
    assert refused.value.error_code == "not_supported_by_windows"
    _selection, parts = parts_of(machine(PRO_PLUS_2010, PRO_PLUS_2016), desired)
    assert [part.case.change.target_settings.lookup_domain for part in parts] == [None, "kms.example"]
