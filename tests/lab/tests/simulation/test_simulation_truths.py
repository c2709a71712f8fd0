# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that is told another truth shows it, and the README has each switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate, EstateError
from winlab.truths import CHOICES, CODES, Truths

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
TEXT = """
    clock: {{start: 2026-11-20T09:00:00.5Z, ticking: false}}
    dns: none
    machines:
      - {{name: pc, address: 127.56.0.12, os: Windows 10 Pro, state: mak_licensed, truths: {truths}}}
"""
SERVICE = "SELECT * FROM SoftwareLicensingService"
Make = Callable[[str], Estate]


def told(make: Make, truths: str) -> Any:
    return make(TEXT.format(truths=truths)).machines["pc"]


def values(machine: Any, wql: str = SERVICE) -> Any:
    return asyncio.run(machine.query("root/cimv2", wql)).instances[0].values


@pytest.mark.parametrize(("choice", "shown"), [("nil", None), ("empty", ""), ("blank", "  "), ("absent", "nothing")])
def test_a_text_that_is_not_set(estate_of: Make, choice: str, shown: str | None) -> None:
    assert values(told(estate_of, f"{{unset_text: {choice}}}")).get("KeyManagementServiceMachine", "nothing") == shown


def test_a_property_that_shows_something_else_also_counts_in_a_condition(estate_of: Make) -> None:
    machine = told(estate_of, "{shown: {Win32_NTEventlogFile.LogfileName: Anwendung}}")
    query = "SELECT LogfileName FROM Win32_NTEventlogFile WHERE LogfileName='{}'"
    assert values(machine, query.format("Anwendung")) == {"LogfileName": "Anwendung"}
    assert not asyncio.run(machine.query("root/cimv2", query.format("Application"))).instances


@pytest.mark.parametrize("code", [0x8004100E, 0x80041010, 0x80041002, 0x8033801A, 0x80338000, 0x80004005])
def test_a_missing_class_fails_with_the_code_it_was_told(estate_of: Make, code: int) -> None:
    with pytest.raises(WmiFault) as caught:
        values(told(estate_of, f"{{missing_class: 0x{code:08X}}}"), "SELECT * FROM Nothing")
    assert caught.value.hresult == code


def test_an_unknown_column_is_left_out(estate_of: Make) -> None:
    shown = values(told(estate_of, "{unknown_column: left_out}"), "SELECT Version,Nothing FROM SoftwareLicensingService")
    assert list(shown) == ["Version"]


def test_the_other_spelling_of_the_method_is_the_only_one(estate_of: Make) -> None:
    machine = told(estate_of, "{archive_method: BackupEventLog}")
    name = values(machine, "SELECT Name FROM Win32_NTEventlogFile")["Name"]
    call = ("root/cimv2", "Win32_NTEventlogFile", {"Name": name})
    with pytest.raises(WmiFault):
        asyncio.run(machine.invoke(*call, "BackupEventlog", {"ArchiveFileName": [r"C:\a.evtx"]}))
    assert asyncio.run(machine.invoke(*call, "BackupEventLog", {"ArchiveFileName": [r"C:\a.evtx"]})).return_value == 0


def test_a_stopped_service_fails(estate_of: Make) -> None:
    with pytest.raises(WmiFault) as caught:
        values(told(estate_of, "{stopped_service: fails}"))
    assert caught.value.hresult == 0x80070426


@pytest.mark.parametrize("truths", ["{nothing: 1}", "{never: 1601}", "{missing_class: none}", "{shown: {Version: 1}}"])
def test_an_unknown_switch_or_value_is_refused(estate_of: Make, truths: str) -> None:
    with pytest.raises(EstateError):
        told(estate_of, truths)


def test_the_readme_has_each_switch_with_its_values_and_the_first_one_is_the_usual() -> None:
    assert {each.name for each in fields(Truths)} == {*CHOICES, *CODES, "shown"}
    for name, choices in CHOICES.items():
        assert f"| `{name}` | {', '.join(choices)} |" in README
        assert getattr(Truths(), name) == choices[0]
    for name in CODES:
        assert f"| `{name}` | code |" in README
