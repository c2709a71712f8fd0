# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winlab.simulation.catalog import windows_skus
from winlab.simulation.editions import RELEASES, editions_of, parse_os
from winlab.simulation.estate import Estate
from winlab.simulation.facts import setup_keys
from winlab.simulation.identity import check_digit, confirmation_id, with_check_digits
from winlab.simulation.keys import FORM, KeyRing, invent
from winlab.simulation.wmi_faults import LicensingError

At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]

KEYS = """
    clock: {ticking: false}
    dns: none
    microsoft:
      keys:
        - {key: MMMMM-KKKKK-MMMMM-22222-22222, channel: mak, fits: Server 2019 Standard, activations: 2}
        - {key: MMMMM-KKKKK-MMMMM-33333-33333, channel: mak, fits: Server 2019 Standard, blocked: install}
        - {key: MMMMM-KKKKK-MMMMM-44444-44444, channel: mak, fits: Server 2019 Standard, blocked: activate}
        - {key: MMMMM-KKKKK-MMMMM-66666-66666, channel: mak, fits: Server 2019 Datacenter}
        - {key: MMMMM-KKKKK-MMMMM-77777-77777, channel: mak, fits: Server 2019 Standard, extension_exceeded: true}
        - {key: CCCCC-VVVVV-KKKKK-22222-22222, channel: csvlk, fits: Server 2019, activations: 1}
        - {key: CCCCC-VVVVV-KKKKK-33333-33333, channel: csvlk, fits: Server 2025}
        - {key: RRRRR-TTTTT-RRRRR-22222-22222, channel: retail, fits: [Server 2019 Standard, Windows 11 Home]}
    machines:
      - {name: "s{1..3}", address: 127.56.1.1, os: Server 2019 Standard, state: no_key}
      - {name: trial, address: 127.56.2.1, os: Server 2019 Standard Evaluation, state: evaluation}
      - {name: home, address: 127.56.2.2, os: Windows 11 Home, state: retail}
      - {name: oem, address: 127.56.2.3, os: Windows 7 Professional, state: oem_no_marker}
"""


@pytest.fixture
def shop(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(KEYS)


def test_a_refused_key_is_event_1017_with_its_last_five_characters(at: At, gvlk: Mapping[str, str], fault_code: FaultCode) -> None:
    srv = at("srv")
    fault_code(lambda: srv.on_service("InstallProductKey", ProductKey=gvlk["Server 2019 Datacenter"]))
    fault_code(lambda: srv.on_service("InstallProductKey", ProductKey="nonsense"))
    shown = [event.strings for event in srv.machine.events.newest_first(number=1017)]
    assert shown == [("hr=0xC004F050", "", "", "?"), ("hr=0xC004F069", "63DFG", "", "?")]


def test_every_published_windows_key_fits_exactly_the_edition_it_is_for() -> None:
    checked = 0
    for release in RELEASES:
        for edition in editions_of(release):
            os = parse_os(f"{release.name} {edition.name}")
            for key in setup_keys():
                expected = key.kind == "windows" and key.fits(edition.edition_id, os.build, os.server)
                try:
                    fits = KeyRing().match(key.key, os, windows_skus(os).values()).family == edition.edition_id
                except LicensingError:
                    fits = False
                assert fits is expected, (os.caption, key.edition)
                checked += expected
    assert checked > 45


@pytest.mark.parametrize(
    ("key", "code"),
    [("", 0xC004F050), ("hello", 0xC004F050), ("N69G4-B89J2-4G8F4-WWYCC-J464", 0xC004F050), ("A69G4-B89J2-4G8F4-WWYCC-J464C", 0xC004F050),
     ("N69G4-B89J2-4G8F4-WWYCC-J464D", 0xC004E016), ("WC2BQ-8NRM3-FDDYY-2BFGV-KHKQY", 0xC004E016),
     ("WMDGN-G9PQG-XVVXX-R3X43-63DFG", 0xC004F069),
     ("MMMMM-KKKKK-MMMMM-66666-66666", 0xC004F069), ("MMMMM-KKKKK-MMMMM-33333-33333", 0xC004F051),
     ("CCCCC-VVVVV-KKKKK-33333-33333", 0xC004F050)],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_refused_with_its_code(shop: Estate, remote: Any, fault_code: FaultCode, key: str, code: int) -> None:
    s1 = remote(shop, "s1")
    assert fault_code(lambda: s1.on_service("InstallProductKey", ProductKey=key)) == code
    assert s1.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL") == []


def test_an_evaluation_takes_no_volume_key(shop: Estate, remote: Any, gvlk: Mapping[str, str], fault_code: FaultCode) -> None:
    trial = remote(shop, "trial")
    assert trial.product()["Description"].endswith("TIMEBASED_EVAL channel")
    assert trial.product()["EvaluationEndDate"].year > 2000
    assert fault_code(lambda: trial.on_service("InstallProductKey", ProductKey=gvlk["Server 2019 Standard"])) == 0xC004F069


def test_home_has_no_volume_license_at_all(shop: Estate, remote: Any, gvlk: Mapping[str, str], fault_code: FaultCode) -> None:
    home = remote(shop, "home")
    family = "SELECT Description FROM SoftwareLicensingProduct WHERE LicenseFamily = 'Core' AND Description LIKE '%VOLUME%'"
    assert home.query(family) == []
    assert fault_code(lambda: home.on_service("InstallProductKey", ProductKey=gvlk["Windows 10 Enterprise"])) == 0xC004F069


def test_a_mak_activates_as_often_as_microsoft_allows(shop: Estate, remote: Any, fault_code: FaultCode) -> None:
    for name, code in (("s1", 0), ("s2", 0), ("s3", 0xC004C020)):
        machine = remote(shop, name)
        machine.on_service("InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-22222-22222")
        if code:
            assert fault_code(lambda machine=machine: machine.on_product("Activate")) == code  # type: ignore[misc]
            continue
        machine.on_product("Activate")
        assert (machine.product()["LicenseStatus"], machine.product()["GracePeriodRemaining"]) == (1, 0)
    assert shop.snapshot("s1")["products"][0]["activations_used"] == 2


def test_a_mak_whose_extension_is_exceeded_has_a_code_of_its_own(shop: Estate, remote: Any, fault_code: FaultCode) -> None:
    s1 = remote(shop, "s1")
    s1.on_service("InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-77777-77777")
    assert fault_code(lambda: s1.on_product("Activate")) == 0xC004C021
    assert shop.snapshot("s1")["products"][0]["activations_used"] == 0


def test_only_a_mak_has_an_extension(estate_of: Callable[[str], Estate]) -> None:
    text = KEYS.replace("channel: csvlk, fits: Server 2019,", "channel: csvlk, extension_exceeded: true, fits: Server 2019,")
    with pytest.raises(ValueError, match=r"keys\[5\]\.extension_exceeded: only a MAK"):
        estate_of(text)


def test_activating_a_licensed_mak_again_costs_again(shop: Estate, remote: Any) -> None:
    s1 = remote(shop, "s1")
    s1.on_service("InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-22222-22222")
    s1.on_product("Activate")
    s1.on_product("Activate")
    assert shop.snapshot("s1")["products"][0]["activations_used"] == 2


def test_slmgr_spends_nothing_on_a_licensed_mak(shop: Estate, remote: Any) -> None:
    s1 = remote(shop, "s1")
    s1.run("cscript slmgr.vbs /ipk MMMMM-KKKKK-MMMMM-22222-22222")
    for _again in range(3):
        assert s1.run("cscript slmgr.vbs /ato").exit_code == 0
    assert shop.snapshot("s1")["products"][0]["activations_used"] == 1


@pytest.mark.parametrize(
    ("fault", "params", "code"),
    [("mak_exhausted", {}, 0xC004C020), ("no_internet", {}, 0x80072EE7), ("key_blocked", {"at": "activate"}, 0xC004C003)],
)
def test_faults_of_microsofts_service(shop: Estate, remote: Any, fault_code: FaultCode, fault: str, params: Any, code: int) -> None:
    s1 = remote(shop, "s1")
    shop.set_fault("s1", fault, **params)
    s1.on_service("InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-22222-22222")
    assert fault_code(lambda: s1.on_product("Activate")) == code


def test_a_key_blocked_at_microsoft_installs_and_does_not_activate(shop: Estate, remote: Any, fault_code: FaultCode) -> None:
    s1 = remote(shop, "s1")
    s1.on_service("InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-44444-44444")
    assert fault_code(lambda: s1.on_product("Activate")) == 0xC004C003


def test_the_key_blocked_fault_strikes_at_installation(shop: Estate, remote: Any, gvlk: Mapping[str, str], fault_code: FaultCode) -> None:
    shop.set_fault("*", "key_blocked")
    assert fault_code(lambda: remote(shop, "s1").on_service("InstallProductKey", ProductKey=gvlk["Server 2019 Standard"])) == 0xC004F051


def test_a_host_key_makes_a_kms_host_and_its_activations_are_counted(shop: Estate, remote: Any, fault_code: FaultCode) -> None:
    s1, s2 = remote(shop, "s1"), remote(shop, "s2")
    for machine in (s1, s2):
        machine.on_service("InstallProductKey", ProductKey="CCCCC-VVVVV-KKKKK-22222-22222")
    assert s1.product()["IsKeyManagementServiceMachine"] == 0
    s1.on_product("Activate")
    assert (s1.product()["IsKeyManagementServiceMachine"], s1.service()["IsKeyManagementServiceMachine"]) == (1, 1)
    assert s1.product()["ProductKeyChannel"] == "Volume:CSVLK"
    assert fault_code(lambda: s2.on_product("Activate")) == 0xC004C008
    s1.on_product("UninstallProductKey")
    assert s1.service()["IsKeyManagementServiceMachine"] == 0


def test_uninstalling_leaves_no_key_and_a_second_time_fails(at: At, fault_code: FaultCode) -> None:
    srv = at("srv")
    keys = {"ID": srv.product()["ID"]}
    srv.on_product("UninstallProductKey")
    assert srv.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL") == []
    assert fault_code(lambda: srv.invoke("SoftwareLicensingProduct", keys, "UninstallProductKey")) == 0xC004F014
    assert fault_code(lambda: srv.invoke("SoftwareLicensingProduct", keys, "Activate")) == 0xC004F014


def test_the_telephone_accepts_only_the_answer_to_this_installation_id(at: At, fault_code: FaultCode) -> None:
    srv = at("srv")
    srv.on_service("InstallProductKey", ProductKey=srv.machine.context.keys.for_product("mak", "Server 2019 Standard").key)
    iid = srv.product()["OfflineInstallationId"]
    assert len(iid) == 63
    good = confirmation_id(iid)
    other = with_check_digits(8, 6, "another")
    typo = str((int(good[0]) + 1) % 10) + good[1:]

    def deposit(installation: str, confirmation: str) -> object:
        return srv.on_product("DepositOfflineConfirmationId", InstallationId=installation, ConfirmationId=confirmation)

    assert fault_code(lambda: deposit(iid, good[:-1])) == 0xC004F02F
    assert fault_code(lambda: deposit(iid, "x" * 48)) == 0xC004F02C
    assert fault_code(lambda: deposit(iid, typo)) == 0xC004F04D
    assert fault_code(lambda: deposit(iid, other)) == 0xC004F031
    assert fault_code(lambda: deposit(iid[::-1], good)) == 0xC004F031
    assert fault_code(lambda: deposit(iid, "-".join(re.findall("......", good)))) == 0xC004F02C
    assert srv.product()["LicenseStatus"] == 0
    deposit(iid, good)
    assert srv.product()["LicenseStatus"] == 1


def test_rearm_takes_effect_at_the_restart(at: At, fault_code: FaultCode, gvlk: Mapping[str, str]) -> None:
    old = at("old")
    before = old.service()["ClientMachineID"]
    old.on_service("ReArmWindows")
    assert old.service()["RemainingWindowsReArmCount"] == 2
    assert fault_code(lambda: old.on_service("InstallProductKey", ProductKey=gvlk["Windows 7 Professional"])) == 0xC004D302
    assert old.service()["ClientMachineID"] == before
    old.machine.restart()
    assert old.service()["ClientMachineID"] != before
    for _time in range(2):
        old.on_service("ReArmWindows")
        old.machine.restart()
    assert fault_code(lambda: old.on_service("ReArmWindows")) == 0xC004D307


def test_skip_rearm_makes_rearm_do_nothing(at: At) -> None:
    key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
    at("old").registry("SetDWORDValue", key, sValueName="SkipRearm", uValue=1)
    at("old").on_service("ReArmWindows")
    assert at("old").service()["RemainingWindowsReArmCount"] == 3


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 1000))
def test_invented_keys_have_the_form_of_a_key_and_look_invented(channel: str, product: str, number: int) -> None:
    key = invent(channel, product, number)
    assert FORM.fullmatch(key)
    assert key.startswith(("MMMMM-", "CCCCC-", "RRRRR-"))
    assert key == invent(channel, product, number)


@given(st.text("0123456789", min_size=5, max_size=6), st.integers(0, 4), st.integers(1, 9))
def test_the_check_digit_finds_a_wrong_digit_unless_it_differs_by_seven(body: str, position: int, change: int) -> None:
    wrong = body[:position] + str((int(body[position]) + change) % 10) + body[position + 1 :]
    differs = abs(int(wrong[position]) - int(body[position])) % 7 != 0
    assert (check_digit(wrong) != check_digit(body)) is differs


def test_the_check_digit_matches_public_samples() -> None:
    for group in ("020650", "770493", "0332550", "9038505"):
        assert check_digit(group[:-1]) == group[-1]
