# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the DNS modules need is found, installed by those who may, and named to those who may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import apt
import dev
import dns_servers


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without any of the servers, whose folder for programs is the one returned, used by somebody but root."""
    programs = tmp_path / "programs"
    programs.mkdir()
    files = {"samba-ad-provision": (f"{tmp_path}/provision.ldif",), "libfaketime": (f"{tmp_path}/*/libfaketime.so.1",)}
    parts = {name: {package: files.get(package, signs) for package, signs in part.items()} for name, part in dns_servers.PARTS.items()}
    monkeypatch.setattr(dns_servers, "PARTS", parts)
    monkeypatch.setattr(dns_servers, "FOLDERS", (str(programs),))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return programs


def put(programs: Path, *names: str) -> None:
    for name in names:
        (programs / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (programs / name).chmod(0o755)


def test_every_package_of_a_server_that_is_not_there_is_missing(computer: Path) -> None:
    assert computer.exists()
    assert dns_servers.missing("bind", "kerberos") == ["bind9", "krb5-kdc", "krb5-admin-server", "krb5-user"]


def test_a_package_is_there_when_all_its_programs_are(computer: Path) -> None:
    put(computer, "named")
    assert dns_servers.missing("bind") == ["bind9"]
    put(computer, "tsig-keygen")
    assert dns_servers.missing("bind") == []


def test_a_package_without_a_program_is_known_by_a_file_of_it(computer: Path) -> None:
    assert dns_servers.missing("clock") == ["libfaketime"]
    library = computer.parent / "x86_64-linux-gnu" / "libfaketime.so.1"
    library.parent.mkdir()
    library.touch()
    assert dns_servers.missing("clock") == []
    assert dns_servers.find(f"{computer.parent}/*/libfaketime.so.1") == str(library)


def test_who_may_not_install_is_told_one_line_for_all_servers_and_goes_on(computer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert computer.exists()
    dns_servers.install()
    told = capsys.readouterr().out
    assert told.count("As root: apt-get install --no-install-recommends ") == 1
    assert all(package in told for package in ("bind9", "krb5-kdc", "knot", "samba-ad-dc", "samba-ad-provision", "libfaketime"))
    assert "skipped" in told


def test_a_package_a_distribution_does_not_have_costs_its_own_server_only(computer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = computer.parent / "asked"
    does = f'[ "$3" = update ] || echo "$@" >>{asked}; case "$*" in *samba-ad-dc*) exit 100;; esac'
    (computer / "apt-get").write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    (computer / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(computer))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(apt, "ETC", computer.parent)
    monkeypatch.setattr(apt, "POLICY", computer.parent / "policy-rc.d")
    monkeypatch.setattr(dns_servers, "has_gssapi", lambda: True)
    dns_servers.install()
    groups = [line.rpartition("--no-install-recommends --no-upgrade ")[2] for line in asked.read_text(encoding="utf-8").splitlines()]
    alone = ["bind9", "krb5-kdc krb5-admin-server krb5-user", "knot", "samba-ad-dc samba-ad-provision samba-common-bin", "libfaketime"]
    assert groups == [" ".join(alone), *alone]


def test_only_the_tests_need_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []

    def nothing_started(_name: str, *_arguments: str) -> None:
        raise SystemExit

    monkeypatch.setattr(dns_servers, "install", lambda: installed.append("servers"))
    monkeypatch.setattr(apt, "install_client", lambda: None)
    monkeypatch.setattr(apt, "has_named", lambda: True)
    monkeypatch.setattr(dev, "tool", nothing_started)
    for command, arguments in (("demo", []), ("bench", []), ("matrix", []), ("check", []), ("test", ["unit"])):
        with pytest.raises(SystemExit):
            # lab_tool() kept the function it was made with, so the table is asked for it anew.
            (dev.lab_tool(command) if command in {"demo", "bench", "matrix"} else dev.COMMANDS[command])(arguments)
    assert installed == []
    for stages in ([], ["dns"]):
        with pytest.raises(SystemExit):
            dev.COMMANDS["test"](stages)
    assert installed == ["servers", "servers"]
