# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of an estate file about logging on."""

from __future__ import annotations

from pathlib import Path

import pytest

from winlab.interfaces import CertificateMapping, MachineProxy
from winlab.simulation.estate import Estate, load_estate
from winlab.simulation.estate_file import EstateError


def load(folder: Path, machine: str, more: str = "") -> Estate:
    path = folder / "estate.yml"
    path.write_text(f"title: x\ndns: none\nmachines:\n  - {{name: PC, address: 127.55.200.1, {machine}}}\n{more}", encoding="utf-8")
    return load_estate(path)


@pytest.mark.parametrize(
    ("system", "outside", "inside"),
    [
        ("Windows 7 Enterprise", False, "1.0"),
        ("Windows 7 Enterprise, updates: [KB3080079]", False, "1.2"),
        ("Server 2012 Standard", False, "1.2"),
        ("Server 2019 Standard", False, "1.2"),
        ("Server 2022 Standard", True, "1.3"),
        ("Windows 11 Pro", True, "1.3"),
        ("Windows 11 Pro, listen: {tls_1_3: false}", False, "1.2"),
        ("Windows 11 Pro, listen: {credssp_tls: '1.2'}", True, "1.2"),
    ],
)
def test_the_versions_of_tls_are_those_of_the_release(tmp_path: Path, system: str, outside: bool, inside: str) -> None:
    listen = load(tmp_path, f"os: {system}").machines["PC"].listen
    assert (listen.tls_1_3, listen.credssp_tls) == (outside, inside)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("locked", 0xC0000234), ("disabled", 0xC0000072), ("expired", 0xC0000193), ("password_expired", 0xC0000071),
        ("password_must_change", 0xC0000224), ("no_network_logon", 0xC000015B),
    ],
)  # fmt: skip
def test_an_account_with_a_state_cannot_log_on(tmp_path: Path, state: str, status: int) -> None:
    machine = load(tmp_path, f"os: Windows 10 Pro, accounts: {{Ann: {{password: x, state: {state}}}, Bob: y, Cid: ''}}").machines["PC"]
    assert [machine.refusal_of(user) for user in ("ann", ".\\Ann", "PC\\ANN", "Bob", "Cid", "Dan")] == [
        status, status, status, None, 0xC000006E, None,
    ]  # fmt: skip
    assert machine.password_of("Ann") == "x"


@pytest.mark.parametrize(
    ("user", "known"),
    [
        ("LabAdmin", True), (".\\labadmin", True), ("PC\\LabAdmin", True), ("CORP.LAB\\LabAdmin", True), ("corp\\LabAdmin", True),
        ("LabAdmin@corp.lab", True), ("LabAdmin@other.lab", False), ("OTHER\\LabAdmin", False), ("nobody@corp.lab", False),
    ],
)  # fmt: skip
def test_a_name_has_several_forms(tmp_path: Path, user: str, known: bool) -> None:
    machine = load(tmp_path, "os: Windows 10 Pro, domain: corp.lab").machines["PC"]
    assert (machine.password_of(user) is not None) == known


def test_mappings_of_certificates_are_those_of_the_file_or_the_usual_one(tmp_path: Path) -> None:
    usual = load(tmp_path, "os: Windows 10 Pro").machines["PC"].certificate_mappings
    assert usual == (CertificateMapping("labadmin@localhost", "LabAdmin"),)
    assert load(tmp_path, "os: Windows 10 Pro, certificate_mappings: []").machines["PC"].certificate_mappings == ()
    told = load(tmp_path, "os: Windows 10 Pro, certificate_mappings: [{subject: '*', user: Ann, enabled: false}]")
    assert told.machines["PC"].certificate_mappings == (CertificateMapping("*", "Ann", enabled=False),)


def test_proxies_are_read(tmp_path: Path) -> None:
    estate = load(tmp_path, "os: Windows 10 Pro", "http_proxies:\n  - {address: 127.55.200.9, port: 3128, access: basic, answers: 502}\n")
    assert estate.http_proxies == (MachineProxy("127.55.200.9", 3128, "basic", answers=502),)


@pytest.mark.parametrize(
    ("machine", "more"),
    [
        ("listen: {cbt_hardening_level: high}", ""),
        ("listen: {certificate_hash: md5}", ""),
        ("listen: {credssp: maybe}", ""),
        ("accounts: {Ann: {password: x, state: asleep}}", ""),
        ("accounts: {Ann: {state: locked}}", ""),
        ("certificate_mappings: [{subject: x}]", ""),
        ("tags: []", "http_proxies:\n  - {address: 127.55.200.9}\n"),
        ("tags: []", "http_proxies:\n  - {address: 127.55.200.9, port: 3128, access: kerberos}\n"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, machine: str, more: str) -> None:
    with pytest.raises(EstateError, match=r"machines|http_proxies"):
        load(tmp_path, f"os: Windows 10 Pro, {machine}", more)
