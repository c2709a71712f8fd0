# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office of Click-to-Run, retail and Microsoft 365: registry, licenses, the keys each takes; and mistakes of the entry `office`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.simulation.estate import Estate, EstateError
from winlab.simulation.facts import WINDOWS
from winlab.simulation.office_installation import CONFIGURATION

ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    microsoft:
      keys:
        - {key: MMMMM-KKKKK-MMMMM-22222-88888, channel: mak, fits: [Visio Professional 2016], activations: 5}
    machines:
      - name: pc
        address: 127.56.77.1
        os: Windows 10 Enterprise
        office: [Office LTSC Professional Plus 2021, {product: Visio LTSC Professional 2021, state: grace}, Office Professional Plus 2010,
                 {product: Office Professional Plus 2019, state: mak_licensed, installed: false}]
      - {name: m365, address: 127.56.77.3, os: Windows 11 Enterprise,
         office: [{product: Microsoft 365 Apps for enterprise, shared_computer: true}]}
      - name: old365
        address: 127.56.77.4
        os: Windows 11 Enterprise
        office:
          - {product: Microsoft 365 Apps for enterprise, subscription_licenses: true}
          - {product: Visio LTSC Standard 2021, state: grace}
      - {name: retail, address: 127.56.77.5, os: Windows 11 Pro,
         office: [{product: Office Professional Plus 2021, retail: true, state: licensed}]}
      - {name: c2r, address: 127.56.77.6, os: Windows 11 Pro, office: [{product: Visio Professional 2016, click_to_run: true}]}
      - {name: msi, address: 127.56.77.7, os: Windows 11 Pro, office: [Visio Professional 2016]}
      - {name: bare, address: 127.56.77.9, os: Windows 11 Pro}
"""
PRO_2021, PRO_2010, VISIO_2016, VISIO_2016_C2R = (
    "FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH",
    "VYBBJ-TRJPB-QFQRF-QFT4D-H3GVB",
    "PD3PC-RHNGV-FXJ29-8JK7D-RJRJK",
    "69WXN-MBYV6-22PQG-3WGHK-RM6XC",
)
At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]


@pytest.fixture
def on(estate_of: Callable[[str], Estate], remote: Any) -> At:
    estate = estate_of(ESTATE)
    return lambda name: remote(estate, name)


def licenses(machine: Any) -> dict[str, Mapping[str, Any]]:
    found = machine.query("SELECT * FROM SoftwareLicensingProduct")
    return {product["Name"].split()[2]: product for product in found if product["ApplicationID"] != WINDOWS}


def test_retail_has_its_own_licenses_and_no_volume_one(on: At) -> None:
    assert set(licenses(on("retail"))) == {"Office21ProPlus2021R_Retail", "Office21ProPlus2021R_Grace"}


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("retail", PRO_2021, 0xC004F069),
        ("retail", VISIO_2016, 0xC004E016),
        ("m365", PRO_2021, 0xC004E016),
        ("c2r", VISIO_2016, 0xC004F069),
        ("c2r", "MMMMM-KKKKK-MMMMM-22222-88888", 0xC004F069),
        ("c2r", VISIO_2016_C2R, 0),
        ("msi", VISIO_2016_C2R, 0xC004F069),
        ("msi", VISIO_2016, 0),
        ("msi", "MMMMM-KKKKK-MMMMM-22222-88888", 0),
        ("pc", PRO_2010, 0xC004E016),
    ],
)
def test_a_key_fits_the_delivery_it_is_for(on: At, fault_code: FaultCode, name: str, key: str, code: int) -> None:
    def install() -> object:
        return on(name).on_service("InstallProductKey", ProductKey=key)

    assert (fault_code(install) if code else install().return_value) == code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "ids", "shared", "channel"),
    [
        ("pc", "ProPlus2021Volume,VisioPro2021Volume", None, "PerpetualVL2021"),
        ("m365", "O365ProPlusRetail", "1", "Production::CC"),
        ("old365", "O365ProPlusRetail,VisioStd2021Volume", "0", "PerpetualVL2021"),
        ("retail", "ProPlus2021Retail", None, "Production::CC"),
        ("c2r", "VisioProXVolume", None, "Production::CC"),
        ("msi", None, None, None),
        ("bare", None, None, None),
    ],
)
def test_click_to_run_shows_in_the_registry(on: At, name: str, ids: str | None, shared: str | None, channel: str | None) -> None:
    def value(of: str) -> object:
        return on(name).registry("GetStringValue", CONFIGURATION.partition("\\")[2], sValueName=of).outputs.get("sValue")

    assert (value("ProductReleaseIds"), value("SharedComputerLicensing"), value("AudienceData")) == (ids, shared, channel)


def test_a_subscription_has_licenses_only_from_before_1910(on: At) -> None:
    assert licenses(on("m365")) == {}
    found = licenses(on("old365"))
    subscription, grace = found["Office16O365ProPlusR_Subscription1"], found["Office16O365ProPlusR_Grace"]
    assert (subscription["Description"], subscription["LicenseStatus"]) == ("Office 16, TIMEBASED_SUB channel", 1)
    assert subscription["GracePeriodRemaining"] == 26 * 1440
    assert (grace["LicenseStatus"], grace["LicenseStatusReason"]) == (5, 0xC004F009)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("os: Windows 7 Professional, office: [Office LTSC Standard 2021]", "does not install on Windows 7"),
        ("os: Server 2008 R2 Standard, office: [Microsoft 365 Apps for enterprise]", "does not install on Windows 7"),
        ("os: Windows 11 Pro, office: [{product: Office 95}]", "known Office products"),
        ("os: Windows 11 Pro, office: [{product: Office Standard 2016, click_to_run: true}]", "known Office products"),
        ("os: Windows 11 Pro, office: [{product: Word LTSC 2024, click_to_run: false}]", "Click-to-Run and nothing else"),
        ("os: Windows 11 Pro, office: [{product: Office Standard 2010, retail: true}]", "no retail Click-to-Run of 2010"),
        ("os: Windows 11 Pro, office: [{product: Office Standard 2019, state: licensed}]", "is none of no_key, grace"),
        ("os: Windows 11 Pro, office: [{product: Microsoft 365 Apps for business, state: grace}]", "is none of no_key"),
        ("os: Windows 11 Pro, office: [{title: Office Standard 2019}]", "unknown entry title"),
        ("os: Windows 11 Pro, office: [{product: Office Standard 2019, state: kms_licensed}]", "needs a KMS host"),
        (
            "os: Windows 11 Pro, domain: corp.lab, office: [{product: Word LTSC 2024, state: kms_licensed}]",
            "no host key for Word LTSC 2024",
        ),
        ("os: Windows 11 Pro, application_kms_host: {outlook: kms}", "unknown entry outlook"),
        ("os: Windows 11 Pro, application_kms_host: {office: 'kms:x'}", "'x' is no port"),
    ],
)
def test_a_mistake_of_the_file_is_named(estate_of: Callable[[str], Estate], entry: str, complaint: str) -> None:
    text = f"""
        dns: none
        kms_hosts: [{{name: kms, address: 127.56.76.30, os: Server 2022 Standard, domain: corp.lab, office_host_keys: [Office LTSC 2021]}}]
        machines: [{{name: a, address: 127.56.76.31, {entry}}}]
    """
    with pytest.raises(EstateError, match=complaint):
        estate_of(text)
