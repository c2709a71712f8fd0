# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token-based activation as far as it is simulated: issuance licenses come and go, and what a token activated shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate, EstateError
from winlab.simulation.license_files import issuance_license
from winlab.simulation.token_licenses import TokenLicense

CLASS = "SoftwareLicensingTokenActivationLicense"
OFFICE_CLASS = "OfficeSoftwareProtectionTokenActivationLicense"
ILID = "3f7d2c10-9a4b-4c5d-8e6f-0123456789ab"
ESTATE = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    machines:
      - {{name: card, address: 127.56.90.1, os: Server 2022 Standard, state: token_licensed,
         token_licenses: [{{ilid: {ILID}, ilvid: 4, expires: 2027-11-20T09:00:00Z, additional_info: Site A}}]}}
      - {{name: plain, address: 127.56.90.2, os: Windows 10 Enterprise, state: grace}}
      - {{name: seven, address: 127.56.90.3, os: Windows 7 Professional, state: token_licensed}}
      - {{name: office, address: 127.56.90.4, os: Windows 7 Professional, state: grace, office_service: true}}
"""
FaultCode = Callable[[Callable[[], object]], int]


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


@pytest.fixture
def at(estate: Estate, remote: Any) -> Callable[[str], Any]:
    return lambda name: remote(estate, name)


def licenses(machine: Any, class_name: str = CLASS) -> list[dict[str, Any]]:
    return [dict(found) for found in machine.query(f"SELECT * FROM {class_name}")]


def test_a_machine_activated_by_a_token_shows_license_grant_and_certificate(at: Callable[[str], Any]) -> None:
    product, service = at("card").product(), at("card").service()
    assert (product["LicenseStatus"], product["VLActivationType"], product["VLActivationTypeEnabled"]) == (1, 3, 3)
    for shown in (product, service):
        assert (shown["TokenActivationILID"], shown["TokenActivationILVID"], shown["TokenActivationGrantNumber"]) == (ILID, 4, 1)
        assert shown["TokenActivationAdditionalInfo"] == "Site A"
        assert len(shown["TokenActivationCertificateThumbprint"]) == 40
    assert product["GracePeriodRemaining"] == 365 * 1440


def test_a_machine_without_one_shows_the_number_for_none(at: Callable[[str], Any]) -> None:
    for shown in (at("plain").product(), at("plain").service()):
        assert (shown["TokenActivationILID"], shown["TokenActivationILVID"]) == (None, 0xFFFFFFFF)
    assert licenses(at("plain")) == []


def test_the_class_has_one_instance_for_each_issuance_license(at: Callable[[str], Any]) -> None:
    (found,) = licenses(at("card"))
    product = at("card").product()
    assert found == {
        "ID": found["ID"], "ILID": ILID, "ILVID": 4, "AuthorizationStatus": 0, "Description": product["Description"],
        "ExpirationDate": datetime(2027, 11, 20, 9, tzinfo=timezone.utc), "AdditionalInfo": "Site A",
    }  # fmt: skip
    assert found["ID"] != product["ID"]
    assert at("card").get(CLASS, ID=found["ID"])["ILID"] == ILID


def test_windows_7_knows_tokens_and_no_activation_types(at: Callable[[str], Any]) -> None:
    product = at("seven").product()
    assert product["TokenActivationILVID"] == 1
    assert "VLActivationType" not in product
    assert at("seven").service()["KeyManagementServiceActivationDisabled"] is True
    assert at("seven").machine.service.settings.activation_type == 0


def test_a_license_file_installs_an_issuance_license_and_versions_lie_side_by_side(at: Callable[[str], Any]) -> None:
    machine = at("plain")
    product = machine.product()
    for version in (1, 2):
        text = issuance_license(TokenLicense(product["ID"], ILID, version, additional_info="B & C"))
        assert machine.on_service("InstallLicense", License=text).return_value == 0
    first, second = licenses(machine)
    assert [(each["ILID"], each["ILVID"], each["AdditionalInfo"], each["AuthorizationStatus"]) for each in (first, second)] == [
        (ILID, 1, "B & C", 0), (ILID, 2, "B & C", 0),
    ]  # fmt: skip
    assert first["ID"] != second["ID"]
    assert machine.product()["LicenseStatus"] == product["LicenseStatus"], "an issuance license alone activates nothing"
    assert machine.product()["TokenActivationILVID"] == 0xFFFFFFFF


@pytest.mark.parametrize(
    ("old", "new"), [(ILID, "no-guid"), ('"tokenIlvid">1<', '"tokenIlvid">x<'), ('"tokenIlvid">1<', '"tokenIlvid">4294967295<')]
)
def test_a_license_file_with_wrong_fields_is_refused(at: Callable[[str], Any], fault_code: FaultCode, old: str, new: str) -> None:
    machine = at("plain")
    text = issuance_license(TokenLicense(machine.product()["ID"], ILID))
    assert old in text
    assert fault_code(lambda: machine.on_service("InstallLicense", License=text.replace(old, new))) == 0xC004F01F
    assert licenses(machine) == []


def test_the_status_says_that_a_license_expired_or_is_for_no_client_license(estate: Estate, at: Callable[[str], Any]) -> None:
    machine = at("plain")
    ends = estate.clock.now() + timedelta(days=1)
    for number, identity in enumerate((machine.product()["ID"], "11111111-2222-4333-8444-555555555555")):
        machine.on_service("InstallLicense", License=issuance_license(TokenLicense(identity, ILID, number, expires=ends)))
    assert [found["AuthorizationStatus"] for found in licenses(machine)] == [0, 0xC004F306]
    estate.advance(timedelta(days=2))
    assert [found["AuthorizationStatus"] for found in licenses(machine)] == [0xC004FC07, 0xC004F306]


def test_uninstall_removes_the_license_and_what_it_activated_is_not_activated_any_more(
    at: Callable[[str], Any], fault_code: FaultCode
) -> None:
    machine = at("card")
    keys = {"ID": licenses(machine)[0]["ID"]}
    assert machine.invoke(CLASS, keys, "Uninstall").return_value == 0
    product = machine.product()
    assert licenses(machine) == []
    assert (product["LicenseStatus"], product["LicenseStatusReason"], product["VLActivationType"]) == (5, 0xC004F304, 0)
    assert product["TokenActivationILVID"] == 0xFFFFFFFF
    assert fault_code(lambda: machine.invoke(CLASS, keys, "Uninstall")) == 0x80041002


def test_without_the_card_nothing_is_activated_by_a_token(at: Callable[[str], Any], fault_code: FaultCode) -> None:
    machine = at("card")
    assert machine.on_product("GetTokenActivationGrants").outputs["Grants"] == ()
    assert fault_code(lambda: machine.on_product("GenerateTokenActivationChallenge")) == 0xC004F304
    assert fault_code(lambda: machine.on_product("Activate")) == 0xC004F304
    assert machine.product()["LicenseStatus"] == 1


def test_a_token_activation_ends_with_the_issuance_license_and_nothing_renews_it(estate: Estate, at: Callable[[str], Any]) -> None:
    estate.advance(timedelta(days=364))
    assert at("card").product()["LicenseStatus"] == 1
    assert at("card").machine.events.newest_first(number=8198) == []
    estate.advance(timedelta(days=2))
    assert at("card").product()["LicenseStatus"] == 3


def test_ospp_has_issuance_licenses_of_its_own(at: Callable[[str], Any]) -> None:
    machine = at("office")
    text = issuance_license(
        TokenLicense("11111111-2222-4333-8444-555555555555", ILID), application_id="0ff1ce15-a989-479d-af46-f275c6370663"
    )
    machine.invoke("OfficeSoftwareProtectionService", {"Version": "14.0.370.400"}, "InstallLicense", License=text)
    assert [found["ILID"] for found in licenses(machine, OFFICE_CLASS)] == [ILID]
    assert licenses(machine) == []
    with pytest.raises(WmiFault):
        licenses(at("plain"), OFFICE_CLASS)


def test_slmgr_shows_lists_and_removes_tokens(at: Callable[[str], Any]) -> None:
    machine = at("card")
    shown = machine.run("cscript //nologo slmgr.vbs /dlv").stdout
    assert "Token-based Activation information" in shown
    assert f"License ID (ILID): {ILID}" in shown
    listed = machine.run("cscript //nologo slmgr.vbs /lil").stdout
    assert f"License ID (ILID): {ILID}" in listed
    assert "Additional Information: Site A" in listed
    assert "no issuance license" in machine.run(f"cscript //nologo slmgr.vbs /ril {ILID} 5").stdout
    assert "Removed license" in machine.run(f"cscript //nologo slmgr.vbs /ril {{{ILID}}} 4").stdout
    assert "No licenses found" in machine.run("cscript //nologo slmgr.vbs /lil").stdout


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("[{ilid: x}]", "token_licenses[0].ilid: must be a GUID"),
        ("[{ilvid: 4294967295}]", "token_licenses[0].ilvid: must be a number"),
        ("[{}, {}]", "there are two issuance licenses"),
        ("[{card: yes}]", "unknown entry card"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(estate_of: Callable[[str], Estate], entry: str, told: str) -> None:
    with pytest.raises(EstateError) as caught:
        estate_of(f"""
            dns: none
            machines: [{{name: a, address: 127.56.90.9, os: Server 2022 Standard, token_licenses: {entry}}}]
        """)
    assert told in str(caught.value)
