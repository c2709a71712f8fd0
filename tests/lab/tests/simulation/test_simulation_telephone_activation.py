# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installation IDs, and the telephone service that answers them with confirmation IDs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winlab.simulation.estate import Estate
from winlab.simulation.faults import Faults
from winlab.simulation.identity import check_digit, confirmation_id, with_check_digits, wrong_groups
from winlab.simulation.keys import KeyRing
from winlab.simulation.telephone_activation import TelephoneActivation

FaultCode = Callable[[Callable[[], object]], int]
FIRST, SECOND, SPENT = "MMMMM-KKKKK-MMMMM-22222-22223", "MMMMM-KKKKK-MMMMM-22222-33333", "MMMMM-KKKKK-MMMMM-22222-44444"
KEYED = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey <> ''"
BLOCKED, EXTENDED = "MMMMM-KKKKK-MMMMM-22222-66666", "MMMMM-KKKKK-MMMMM-22222-77777"
ESTATE = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    microsoft:
      keys:
        - {{key: {FIRST}, channel: mak, fits: [Server 2019 Standard, Windows 7 Professional], activations: 2}}
        - {{key: {SECOND}, channel: mak, fits: Server 2019 Standard}}
        - {{key: {SPENT}, channel: mak, fits: Server 2019 Standard, activations: 3, used: 3}}
        - {{key: {BLOCKED}, channel: mak, fits: Server 2019 Standard, blocked: activate}}
        - {{key: {EXTENDED}, channel: mak, fits: Server 2019 Standard, extension_exceeded: true}}
    machines:
      - {{name: srv, address: 127.56.70.1, os: Server 2019 Standard, state: no_key}}
      - {{name: twin, address: 127.56.70.2, os: Server 2019 Standard, state: no_key}}
      - {{name: seven, address: 127.56.70.3, os: Windows 7 Professional, state: no_key}}
      - {{name: host, address: 127.56.70.4, os: Server 2022 Standard, state: kms_host}}
      - {{name: odd, address: 127.56.70.5, os: Server 2019 Standard, state: wrong_key}}
      - {{name: pc, address: 127.56.70.6, os: Windows 10 Enterprise, state: grace, office: [Office LTSC Professional Plus 2021]}}
"""


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


def install(machine: Any, key: str) -> str:
    """The installation ID the machine shows for a key."""
    machine.on_service("InstallProductKey", ProductKey=key)
    return str(machine.product()["OfflineInstallationId"])


def deposit(machine: Any, iid: str, cid: str) -> object:
    return machine.on_product("DepositOfflineConfirmationId", InstallationId=iid, ConfirmationId=cid)


def test_an_installation_id_stays_until_the_key_or_the_hardware_changes(estate: Estate, remote: Any) -> None:
    srv = remote(estate, "srv")
    first = install(srv, FIRST)
    srv.on_product("UninstallProductKey")
    assert install(srv, FIRST) == first
    srv.on_service("RefreshLicenseStatus")
    srv.on_service("ReArmWindows")
    srv.machine.restart()
    assert srv.product()["OfflineInstallationId"] == first
    estate.advance(timedelta(days=100))
    estate.rebuild("srv")
    assert srv.product()["OfflineInstallationId"] != first
    assert install(srv, FIRST) == first
    assert install(srv, SECOND) != first
    estate.change_hardware("srv")
    assert install(srv, FIRST) != first


def test_two_machines_and_two_licenses_have_installation_ids_of_their_own(estate: Estate, remote: Any) -> None:
    pc, found = remote(estate, "pc"), {install(remote(estate, "srv"), FIRST), install(remote(estate, "twin"), FIRST)}
    pc.on_service("InstallProductKey", ProductKey=estate.keys.for_product("mak", "Office LTSC Professional Plus 2021").key)
    found |= {product["OfflineInstallationId"] for product in pc.query(KEYED)}
    assert len(found) == 4


def test_the_installation_id_of_office_too_depends_on_hardware_and_key_alone(estate: Estate, remote: Any) -> None:
    pc, key = remote(estate, "pc"), estate.keys.for_product("mak", "Office LTSC Professional Plus 2021").key
    office = KEYED + " AND ApplicationID = '0ff1ce15-a989-479d-af46-f275c6370663'"

    def shown() -> str:
        pc.on_service("InstallProductKey", ProductKey=key)
        return str(pc.query(office)[0]["OfflineInstallationId"])

    first = shown()
    assert shown() == first
    pc.on_service("RefreshLicenseStatus")
    estate.change_hardware("pc")
    (product,) = pc.query(office)
    assert product["OfflineInstallationId"] != first
    cid = estate.phone(product["OfflineInstallationId"])
    arguments = {"InstallationId": product["OfflineInstallationId"], "ConfirmationId": cid}
    pc.invoke("SoftwareLicensingProduct", {"ID": product["ID"]}, "DepositOfflineConfirmationId", **arguments)
    assert pc.query(office)[0]["LicenseStatus"] == 1


@pytest.mark.parametrize(("name", "digits"), [("srv", 63), ("seven", 54)])
def test_a_call_activates_a_machine_and_counts_one_activation(estate: Estate, remote: Any, name: str, digits: int) -> None:
    machine = remote(estate, name)
    iid = install(machine, FIRST)
    assert len(iid) == digits
    cid = estate.phone(iid)
    assert (len(cid), wrong_groups(cid, 6)) == (48, [])
    deposit(machine, iid, cid)
    assert (machine.product()["LicenseStatus"], machine.product()["GracePeriodRemaining"]) == (1, 0)
    assert estate.snapshot(name)["products"][0]["activations_used"] == 1


def test_the_desk_takes_blanks_and_hyphens(estate: Estate, remote: Any) -> None:
    iid = install(remote(estate, "srv"), FIRST)
    assert estate.phone("-".join(iid[start : start + 7] for start in range(0, 63, 7)) + " ") == confirmation_id(iid)


def test_every_answer_counts_also_to_the_same_question_until_the_mak_is_used_up(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    srv = remote(estate, "srv")
    iid = install(srv, FIRST)
    assert estate.phone(iid) == estate.phone(iid)
    with pytest.raises(ValueError, match=r"ends in 22223 has no activations left"):
        estate.phone(iid)
    assert fault_code(lambda: srv.on_product("Activate")) == 0xC004C020
    assert estate.snapshot("srv")["products"][0]["activations_used"] == 2


def test_online_activations_count_at_the_desk(estate: Estate, remote: Any) -> None:
    srv = remote(estate, "srv")
    iid = install(srv, FIRST)
    for _ in range(2):
        srv.on_product("Activate")
    with pytest.raises(ValueError, match="no activations left"):
        estate.phone(iid)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (SPENT, "The product key that ends in 44444 has no activations left. Ask Microsoft to raise its limit."),
        (EXTENDED, "The product key that ends in 77777 has no activations left. Ask Microsoft to raise its limit."),
        (BLOCKED, "The product key that ends in 66666 is blocked."),
    ],
)
def test_the_desk_refuses_a_key_and_names_it_by_its_last_five(estate: Estate, remote: Any, key: str, sentence: str) -> None:
    iid = install(remote(estate, "srv"), key)
    before = estate.snapshot("srv")["products"][0]["activations_used"]
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        estate.phone(iid)
    assert estate.snapshot("srv")["products"][0]["activations_used"] == before


@pytest.mark.parametrize(("fault", "sentence"), [("mak_exhausted", "no activations left"), ("key_blocked", "is blocked")])
def test_faults_of_microsofts_service_hold_on_the_telephone(estate: Estate, remote: Any, fault: str, sentence: str) -> None:
    iid = install(remote(estate, "srv"), FIRST)
    estate.set_fault("srv", fault)
    with pytest.raises(ValueError, match=sentence):
        estate.phone(iid)


def test_the_desk_knows_no_kms_client_key_and_no_foreign_key(estate: Estate, remote: Any) -> None:
    with pytest.raises(ValueError, match="2YT43 is a KMS client key, which is not activated by telephone"):
        estate.phone(remote(estate, "pc").product()["OfflineInstallationId"])
    with pytest.raises(ValueError, match="is not known to Microsoft"):
        estate.phone(remote(estate, "odd").product()["OfflineInstallationId"])


def test_a_kms_host_key_is_answered_however_often_it_was_used(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    host = remote(estate, "host")
    for _ in range(9):
        host.on_product("Activate")
    assert fault_code(lambda: host.on_product("Activate")) == 0xC004C008
    iid = host.product()["OfflineInstallationId"]
    deposit(host, iid, estate.phone(iid))
    assert estate.snapshot("host")["products"][0]["activations_used"] == 11


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "An installation ID has digits only"),
        ("12345x", "An installation ID has digits only"),
        ("\u0661" * 54, "An installation ID has digits only"),
        ("123456", "An installation ID has 54 or 63 digits, this one has 6."),
        (with_check_digits(9, 6, "stranger"), "No machine has shown this installation ID"),
        ("000001" + "000000" * 8, r"in group 1 \(000001\) of the installation ID"),
        ("0000000" * 7 + "0000003" + "0000004", r"in group 8 \(0000003\), 9 \(0000004\) of the installation ID"),
    ],
)
def test_what_is_no_installation_id_of_the_estate_is_refused_with_a_reason(estate: Estate, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        estate.phone(text)


def test_an_installation_id_counts_as_shown_also_after_the_key_was_replaced(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    srv = remote(estate, "srv")
    old = install(srv, FIRST)
    new = install(srv, SECOND)
    cid = estate.phone(old)
    assert estate.keys.for_product("mak", "Windows 7 Professional").used == 1
    assert fault_code(lambda: deposit(srv, old, cid)) == 0xC004F031
    assert fault_code(lambda: deposit(srv, new, cid)) == 0xC004F031


def test_a_confirmation_id_from_before_the_hardware_changed_is_not_bound(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    srv = remote(estate, "srv")
    old = install(srv, FIRST)
    cid = estate.phone(old)
    for _ in range(2):
        estate.change_hardware("srv")
    new = srv.product()["OfflineInstallationId"]
    assert fault_code(lambda: deposit(srv, new, cid)) == 0xC004F07F
    assert fault_code(lambda: deposit(srv, old, cid)) == 0xC004F031
    deposit(srv, new, estate.phone(new))
    assert srv.product()["LicenseStatus"] == 1
    assert [event.strings[0] for event in srv.machine.events.newest_first(number=1062)] == ["hr=0xC004F031", "hr=0xC004F07F"]


def test_a_product_without_a_key_takes_no_confirmation_id(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    srv = remote(estate, "srv")
    iid = install(srv, FIRST)
    cid, keys = estate.phone(iid), {"ID": srv.product()["ID"]}
    srv.on_product("UninstallProductKey")
    arguments = {"InstallationId": iid, "ConfirmationId": cid}
    refused = fault_code(lambda: srv.invoke("SoftwareLicensingProduct", keys, "DepositOfflineConfirmationId", **arguments))
    assert refused == 0xC004F014


def test_slmgr_shows_the_installation_id_and_takes_the_confirmation_id(estate: Estate, remote: Any) -> None:
    srv = remote(estate, "srv")
    iid = install(srv, FIRST)
    assert iid in srv.run("cscript //nologo slmgr.vbs /dti").stdout
    assert srv.run(f"cscript //nologo slmgr.vbs /atp {estate.phone(iid)}").exit_code == 0
    assert srv.product()["LicenseStatus"] == 1


@given(st.text(max_size=70))
def test_the_desk_says_why_or_answers_and_never_breaks(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        TelephoneActivation(KeyRing(), Faults()).answer(text)


@given(st.lists(st.text("0123456789", min_size=5, max_size=5), min_size=1, max_size=10), st.data())
def test_exactly_the_groups_with_a_wrong_check_digit_are_named(bodies: list[str], data: st.DataObject) -> None:
    wrong = data.draw(st.sets(st.integers(1, len(bodies))))
    text = ""
    for number, body in enumerate(bodies, 1):
        right = check_digit(body)
        text += body + (str((int(right) + data.draw(st.integers(1, 6))) % 7) if number in wrong else right)
    assert wrong_groups(text, 6) == sorted(wrong)
