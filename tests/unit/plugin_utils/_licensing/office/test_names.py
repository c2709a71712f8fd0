# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License names and Click-to-Run product IDs lead to the one GVLK of the product, for every published GVLK of Office."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk, office
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office import click_to_run, names
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.names import LicenseKind, OfficeName, parse
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)

OFFICE = [entry for entry in gvlk.catalog() if entry.application is Application.OFFICE]


def _license(entry: gvlk.Gvlk, tail: str = "KMS_Client") -> str:
    """The name of the license of a GVLK, by the pattern of its release."""
    product, release = entry.office_product or "", entry.office_release or ""
    if release == "2010":
        return f"Office 14, Office{product}-{tail} edition"
    if release == "2013":
        return f"Office 15, Office{product}VL_{tail} edition"
    if release == "2016":
        return f"Office 16, Office16{product}{'XC2R' if entry.click_to_run else ''}VL_{tail}{'C2R' if entry.click_to_run else ''} edition"
    return f"Office {release[2:]}, Office{release[2:]}{product}{release}VL_{tail}_AE edition"


def _release_id(entry: gvlk.Gvlk) -> str:
    year = "" if entry.office_release == "2016" else entry.office_release
    return f"{entry.office_product}{year}{'X' if entry.click_to_run else ''}Volume"


@pytest.mark.parametrize("entry", OFFICE, ids=lambda entry: entry.product)
def test_license_name_of_each_gvlk_leads_back_to_it(entry: gvlk.Gvlk) -> None:
    for name in (_license(entry), _license(entry).upper(), _license(entry).lower(), _license(entry).removesuffix(" edition")):
        found = parse(name)
        assert found is not None
        assert (found.product, found.release, found.kind) == (entry.office_product, entry.office_release, LicenseKind.KMS_CLIENT), name
        assert office.gvlk_for(found.product, found.release, found.is_click_to_run_2016) is entry


@pytest.mark.parametrize("entry", [each for each in OFFICE if each.office_release not in ("2010", "2013")], ids=lambda entry: entry.product)
def test_click_to_run_id_of_each_gvlk_leads_back_to_it(entry: gvlk.Gvlk) -> None:
    found = click_to_run.installation_of(_release_id(entry))
    assert found is not None
    assert (found.product, found.release, found.kind) == (entry.office_product, entry.office_release, "volume")
    assert office.gvlk_for(found.product, found.release or "", found.is_click_to_run_2016) is entry


def test_every_gvlk_names_a_known_product_and_release() -> None:
    assert len(OFFICE) == 87
    assert {entry.office_product for entry in OFFICE} == set(names.PRODUCTS)
    assert {entry.office_release for entry in OFFICE} == {"2010", "2013", "2016", "2019", "2021", "2024"}
    assert len({(entry.office_product, entry.office_release, entry.click_to_run) for entry in OFFICE}) == len(OFFICE)


def test_only_project_and_visio_2016_have_two_keys() -> None:
    pairs = {entry.product: other.product for entry in OFFICE if (other := office.other_installation(entry))}
    assert len(pairs) == 8
    assert pairs["Visio Professional 2016"] == "Visio Professional 2016 (Click-to-Run)"
    assert all(pairs[other] == product for product, other in pairs.items())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Office 16, Office16ProPlusVL_MAK edition", OfficeName("ProPlus", "2016", LicenseKind.MAK)),
        ("Office 21, Office21ProPlus2021VL_MAK_AE1 edition", OfficeName("ProPlus", "2021", LicenseKind.MAK)),
        ("Office 14, OfficeVisioPrem-MAK edition", OfficeName("VisioPrem", "2010", LicenseKind.MAK)),
        ("Office 14, OfficePublisher-KMS_Client edition", OfficeName("Publisher", "2010", LicenseKind.KMS_CLIENT)),
        ("Office 16, Office16PublisherVL_KMS_Client edition", OfficeName("Publisher", "2016", LicenseKind.KMS_CLIENT)),
        ("Office 16, Office16ProPlusR_Retail edition", OfficeName("ProPlus", "2016", LicenseKind.RETAIL)),
        ("Office 16, Office16ProPlusMSDNR_Retail edition", OfficeName("ProPlus", "2016", LicenseKind.RETAIL)),
        ("Office 16, Office16HomeBusinessR_OEM_Perp edition", OfficeName("HomeBusiness", "2016", LicenseKind.RETAIL)),
        ("Office 16, Office16ProPlusR_Grace edition", OfficeName("ProPlus", "2016", LicenseKind.GRACE)),
        (
            "Office 16, Office16O365ProPlusR_Subscription1 edition",
            OfficeName("O365ProPlus", "2016", LicenseKind.SUBSCRIPTION, is_subscription=True),
        ),
        ("Office 15, OfficeO365ProPlusR_Grace edition", OfficeName("O365ProPlus", "2013", LicenseKind.GRACE, is_subscription=True)),
        ("Office 16, OfficeKMSHostVL_KMS_Host edition", OfficeName("KMSHost", "2016", LicenseKind.KMS_HOST)),
        ("Office 27, Office27ProPlus2027VL_KMS_Client_AE edition", OfficeName("ProPlus", "2027", LicenseKind.KMS_CLIENT)),
    ],
)
def test_parts_of_a_name(name: str, expected: OfficeName) -> None:
    assert parse(name) == expected


@pytest.mark.parametrize(
    "name", ["", "Windows(R), Enterprise edition", "Office 16", "Office 12, OfficeProPlus edition", "Microsoft Office"]
)
def test_name_of_another_format_is_not_understood(name: str) -> None:
    assert parse(name) is None


@given(st.text(max_size=80))
def test_no_name_makes_the_functions_fail(text: str) -> None:
    for name in (text, f"Office 16, Office16{text} edition", f"Office 16, {text}_KMS_Client edition"):
        found = parse(name)
        assert found is None or (found.product and found.release)
    click_to_run.click_to_run_of(text)
    click_to_run.installation_of(f"{text}Volume")


def test_windows_is_not_an_office_name() -> None:
    windows = _product("Windows(R), Enterprise edition", Channel.GVLK, Application.WINDOWS)
    assert names.license_name(windows) is None
    assert not names.is_subscription(replace(windows, channel=Channel.SUBSCRIPTION))


@pytest.mark.parametrize(
    ("name", "channel", "expected"),
    [
        ("Office 16, Office16O365ProPlusR_Subscription1 edition", Channel.SUBSCRIPTION, True),
        ("Office 16, Office16O365ProPlusR_Grace edition", Channel.RETAIL, True),
        ("Office 16, Office16VisioProO365R_Subscription edition", Channel.SUBSCRIPTION, True),
        ("Unknown name", Channel.SUBSCRIPTION, True),
        ("Office 16, Office16ProPlusR_Grace edition", Channel.RETAIL, False),
        ("Office 21, Office21VisioPro2021VL_KMS_Client_AE edition", Channel.GVLK, False),
    ],
)
def test_licenses_of_a_subscription_include_those_of_its_grace_period(name: str, channel: Channel, expected: bool) -> None:
    assert names.is_subscription(_product(name, channel)) is expected


def _product(name: str, channel: Channel, application: Application = Application.OFFICE) -> LicensedProduct:
    return LicensedProduct(
        "aaaaaaaa-0000-4000-8000-000000000009", application, OFFICE_ID, name, "", channel, None, None, LicenseStatus.LICENSED, "AAAAA"
    )
