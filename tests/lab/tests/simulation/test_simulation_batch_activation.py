# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the batch activation service answers, and the book that it shares with the telephone and with online activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.interfaces import BatchAnswer, BatchQuestion
from winlab.simulation.estate import Estate, EstateError
from winlab.simulation.identity import confirmation_id, wrong_groups

MAK, OTHER, SPENT = "MMMMM-KKKKK-MMMMM-22222-33333", "MMMMM-KKKKK-MMMMM-22222-44444", "MMMMM-KKKKK-MMMMM-22222-66666"
BLOCKED, EXTENDED, ESU = "MMMMM-KKKKK-MMMMM-22222-77777", "MMMMM-KKKKK-MMMMM-22222-88888", "MMMMM-KKKKK-MMMMM-22222-99999"
OFFICE = "Office LTSC Professional Plus 2021"
SUITES = [OFFICE, "Office Professional Plus 2010"]
ESTATE = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    microsoft:
      keys:
        - {{key: {MAK}, channel: mak, fits: [Server 2019 Standard, Windows 10 Enterprise, Windows 7 Professional], activations: 3}}
        - {{key: {OTHER}, channel: mak, fits: Server 2019 Standard}}
        - {{key: {SPENT}, channel: mak, fits: Server 2019 Standard, activations: 3, used: 3}}
        - {{key: {BLOCKED}, channel: mak, fits: Server 2019 Standard, blocked: activate}}
        - {{key: {EXTENDED}, channel: mak, fits: Server 2019 Standard, extension_exceeded: true}}
        - {{key: {ESU}, channel: mak, fits: ESU Windows 10 year 1, activations: 9}}
    machines:
      - {{name: srv, address: 127.56.79.1, os: Server 2019 Standard, state: mak_unactivated, key: {MAK}}}
      - {{name: twin, address: 127.56.79.2, os: Server 2019 Standard, state: mak_unactivated, key: {MAK}}}
      - {{name: other, address: 127.56.79.3, os: Server 2019 Standard, state: mak_unactivated, key: {OTHER}}}
      - {{name: spent, address: 127.56.79.4, os: Server 2019 Standard, state: mak_unactivated, key: {SPENT}}}
      - {{name: blocked, address: 127.56.79.5, os: Server 2019 Standard, state: mak_unactivated, key: {BLOCKED}}}
      - {{name: extended, address: 127.56.79.6, os: Server 2019 Standard, state: mak_unactivated, key: {EXTENDED}}}
      - {{name: seven, address: 127.56.79.7, os: Windows 7 Professional, state: mak_unactivated, key: {MAK},
         office: [{{product: {SUITES[1]}, state: mak_unactivated}}]}}
      - name: pc
        address: 127.56.79.8
        os: Windows 10 Enterprise
        build: 19045
        ubr: 6456
        state: mak_licensed
        key: {MAK}
        esu: [{{programme: windows_10_year_1, state: installed, key: {ESU}}}]
        office: [{{product: {OFFICE}, state: mak_unactivated}}]
      - {{name: host, address: 127.56.79.9, os: Server 2022 Standard, state: kms_host}}
      - {{name: client, address: 127.56.79.10, os: Server 2019 Standard, state: grace}}
      - {{name: odd, address: 127.56.79.11, os: Server 2019 Standard, state: wrong_key}}
      - {{name: shop, address: 127.56.79.12, os: Windows 10 Pro, state: retail_unactivated}}
      - {{name: old, address: 127.56.79.13, os: Server 2003 Standard}}
"""


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


def keyed(estate: Estate, name: str, title: str = "") -> Mapping[str, Any]:
    """A product with a key, the first one or one whose name has this title."""
    found = estate.snapshot(name)
    products = [
        product["properties"] for product in (*found["products"], *(found.get("ospp") or found.get("office") or {}).get("products", ()))
    ]
    return next(product for product in products if product["PartialProductKey"] and title in product["Name"])


def shown(estate: Estate, name: str, title: str = "") -> tuple[str, str]:
    """Extended PID and installation ID."""
    product = keyed(estate, name, title)
    return product["ProductKeyID"], product["OfflineInstallationId"]


def ask(estate: Estate, pid: str, iid: str | None = None) -> BatchAnswer:
    question = BatchQuestion(pid, iid)
    estate.batch_activation.arrived(question)
    return estate.batch_activation.answer(question)


def book(estate: Estate, key: str) -> dict[str, Any]:
    return next(entry for entry in estate.batch_activation.book() if entry["partial_key"] == key[-5:])


@pytest.mark.parametrize(("name", "digits"), [("srv", 63), ("seven", 54)])
def test_a_confirmation_id_activates_the_machine_and_costs_one_activation(estate: Estate, remote: Any, name: str, digits: int) -> None:
    machine, (pid, iid) = remote(estate, name), shown(estate, name, "Windows")
    cid = ask(estate, pid, iid).confirmation_id
    assert (len(iid), len(cid), wrong_groups(cid, 6)) == (digits, 48, [])
    arguments = {"InstallationId": iid, "ConfirmationId": cid}
    machine.invoke("SoftwareLicensingProduct", {"ID": keyed(estate, name, "Windows")["ID"]}, "DepositOfflineConfirmationId", **arguments)
    assert keyed(estate, name, "Windows")["LicenseStatus"] == 1
    assert (book(estate, MAK)["used"], book(estate, MAK)["remaining"]) == (2, 1)  # the first one is that of pc, which begins licensed


def test_telephone_online_and_batch_activation_share_one_book(estate: Estate, remote: Any) -> None:
    pid, iid = shown(estate, "srv")
    assert ask(estate, pid) == BatchAnswer(remaining=2)
    remote(estate, "srv").on_product("Activate")
    assert ask(estate, pid) == BatchAnswer(remaining=1)
    assert estate.phone(iid) == confirmation_id(iid)
    assert ask(estate, pid) == BatchAnswer(remaining=0)
    assert ask(estate, pid, iid) == BatchAnswer(0x7F)
    assert (book(estate, MAK)["used"], book(estate, MAK)["remaining_asked"]) == (3, 3)


def test_the_same_question_asked_twice_gets_the_same_answer_and_counts_twice(estate: Estate) -> None:
    pid, iid = shown(estate, "srv")
    assert ask(estate, pid, iid) == ask(estate, pid, iid) == BatchAnswer(confirmation_id=confirmation_id(iid))
    assert ask(estate, pid, iid) == BatchAnswer(0x7F)
    assert book(estate, MAK)["questions"] == {iid: {"asked": 3, "answered": 2}}
    assert book(estate, MAK)["used"] == 3


@pytest.mark.parametrize(
    ("name", "error"),
    [("spent", 0x7F), ("extended", 0x7F), ("blocked", 0x67), ("odd", 0x68), ("host", 0x86), ("client", 0x86), ("shop", 0x86)],
)
def test_a_key_that_gets_no_confirmation_id_is_refused_with_its_code(estate: Estate, name: str, error: int) -> None:
    pid, iid = shown(estate, name)
    used = [entry["used"] for entry in estate.batch_activation.book()]
    assert ask(estate, pid, iid) == BatchAnswer(error)
    assert [entry["used"] for entry in estate.batch_activation.book()] == used


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("spent", BatchAnswer(remaining=0)),
        ("extended", BatchAnswer(remaining=0)),
        ("blocked", BatchAnswer(0x67)),
        ("host", BatchAnswer(0x86)),
    ],
)
def test_activations_left_are_none_of_a_used_up_key_and_an_error_of_others(estate: Estate, name: str, answer: BatchAnswer) -> None:
    assert ask(estate, shown(estate, name)[0]) == answer


@pytest.mark.parametrize(
    ("fault", "error", "left"), [("mak_exhausted", 0x7F, BatchAnswer(remaining=0)), ("key_blocked", 0x67, BatchAnswer(0x67))]
)
def test_faults_of_microsofts_service_hold_for_the_machine_that_has_them(estate: Estate, fault: str, error: int, left: BatchAnswer) -> None:
    estate.set_fault("srv", fault)
    assert ask(estate, *shown(estate, "srv")) == BatchAnswer(error)
    assert ask(estate, shown(estate, "srv")[0]) == left
    assert ask(estate, *shown(estate, "twin")).error == 0


@pytest.mark.parametrize(("name", "title"), [("pc", "ESU"), ("pc", "Office"), ("seven", "Office")])
def test_esu_and_office_keys_are_answered_and_counted_by_themselves(estate: Estate, name: str, title: str) -> None:
    key = keyed(estate, name, title)["PartialProductKey"]
    before, windows = book(estate, key)["used"], book(estate, MAK)["used"]
    pid, iid = shown(estate, name, title)
    assert ask(estate, pid, iid).confirmation_id == confirmation_id(iid)
    assert (book(estate, key)["used"], book(estate, MAK)["used"]) == (before + 1, windows)
    assert ask(estate, pid).remaining == book(estate, key)["remaining"]


def test_the_extended_pid_must_be_of_the_license_and_key_of_the_installation_id(estate: Estate) -> None:
    iid = shown(estate, "pc")[1]
    for name, title in (("pc", "ESU"), ("pc", "Office"), ("srv", "")):
        assert ask(estate, shown(estate, name, title)[0], iid) == BatchAnswer(0x90)
    assert ask(estate, shown(estate, "other")[0], shown(estate, "srv")[1]) == BatchAnswer(0x90)
    assert ask(estate, shown(estate, "twin")[0], shown(estate, "srv")[1]).error == 0


def test_the_first_group_of_an_extended_pid_counts_for_nothing(estate: Estate) -> None:
    pid, iid = shown(estate, "srv")
    assert ask(estate, "12345" + pid[5:], iid).error == 0
    assert ask(estate, "12345" + pid[5:]) == BatchAnswer(remaining=1)


@pytest.mark.parametrize(
    "spoil", [lambda pid: pid[:-1], lambda pid: pid[:12] + str((int(pid[12]) + 1) % 10) + pid[13:], lambda _: "", lambda _: MAK]
)
def test_an_extended_pid_that_no_machine_has_shown_is_no_valid_key(estate: Estate, spoil: Callable[[str], str]) -> None:
    pid, iid = shown(estate, "srv")
    assert ask(estate, spoil(pid), iid) == ask(estate, spoil(pid)) == BatchAnswer(0x68)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda iid: iid[:-1],
        lambda iid: iid[:-1] + str((int(iid[-1]) + 1) % 7),
        lambda iid: "-".join(iid[start : start + 7] for start in range(0, 63, 7)),
        lambda _: "",
        lambda _: "0" * 63,
    ],
)
def test_an_installation_id_that_is_mistyped_or_of_no_machine_is_wrong(estate: Estate, spoil: Callable[[str], str]) -> None:
    pid, iid = shown(estate, "srv")
    assert ask(estate, pid, spoil(iid)) == BatchAnswer(0x90)


def test_an_installation_id_of_server_2003_is_refused(estate: Estate, remote: Any) -> None:
    fetched = remote(estate, "old").invoke("Win32_WindowsProductActivation", {"ServerName": "old"}, "GetInstallationID")
    assert ask(estate, shown(estate, "srv")[0], str(fetched.outputs["InstallationID"])) == BatchAnswer(0x90)


def test_ids_of_before_a_new_installation_are_still_answered(estate: Estate, remote: Any) -> None:
    pid, iid = shown(estate, "srv")
    estate.rebuild("srv")
    remote(estate, "srv").on_service("InstallProductKey", ProductKey=MAK)
    assert shown(estate, "srv")[1] == iid
    assert shown(estate, "srv")[0] != pid
    assert ask(estate, pid, iid).confirmation_id == ask(estate, *shown(estate, "srv")).confirmation_id


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{}", r"address: None is no IPv4 address"),
        ("{address: 192.0.2.1}", r"192\.0\.2\.1 is not in 127\.0\.0\.0/8"),
        ("{address: 127.56.79.1, port: 0}", r"port: must be a number from 1 to 65535"),
        ("{address: 127.56.79.1, proxy_port: 8443}", r"must differ"),
        ("{address: 127.56.79.1, prot: 1}", r"unknown entry prot"),
        ("{address: 127.56.79.99}", r"srv has 127\.56\.79\.99 already"),
    ],
)
def test_a_mistake_in_the_entry_of_the_estate_file_is_named(estate_of: Callable[[str], Estate], entry: str, message: str) -> None:
    with pytest.raises(EstateError, match=message):
        estate_of(
            f"dns: none\nmicrosoft: {{batch_activation: {entry}}}\n"
            "machines: [{name: srv, address: 127.56.79.99, os: Server 2019 Standard, state: grace}]\n"
        )
