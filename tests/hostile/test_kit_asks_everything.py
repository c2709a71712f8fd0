# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit for real machines asks everything that a module asks, so that no read is met by Windows for the first time in a module.

Compared are the messages themselves: the queries of all jobs with their classes, columns, and conditions, and the methods that only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import pytest

from .in_process import JOBS, Direct, Job, Lab, Tape, action_of, is_write, mark_in, run

_FILTER = re.compile(rb"<(?:\w+:)?Filter[^>]*>([^<]+)<")
_RESOURCE = re.compile(rb"ResourceURI[^>]*>[^<]*/wmi/([^<]+)<")
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\b\d+\b")
_REPEATED = re.compile(r"(?P<one>\w+ ?(?:=|>=|<=|LIKE) ?\?|\(EventCode >= \? AND EventCode <= \?\))(?: OR (?P=one))+")
KIT = "windows_conformance"
_LICENSES = "root/cimv2: SELECT * FROM SoftwareLicensingProduct"
_LICENSES_OF_2003 = "Windows Server 2003, whose licensing the kit does not read"
_OLDER_SERVICE = "as in SoftwareLicensingProduct, for which the kit asks it; few machines have the older licensing service of Office"
NOT_ASKED = {
    "root/cimv2: SELECT * FROM Win32_WindowsProductActivation": _LICENSES_OF_2003,
    "root/cimv2: SELECT Name,Version FROM CIM_DataFile WHERE Name=?": _LICENSES_OF_2003,
    "root/cimv2: SELECT SystemDirectory FROM Win32_OperatingSystem": _LICENSES_OF_2003,
    f"{_LICENSES} WHERE ApplicationID=?": "too slow; the kit asks for IDs",
    f"{_LICENSES} WHERE (ApplicationID=? AND (PartialProductKey IS NOT NULL OR Description LIKE ?))": "a part of another condition",
    "root/cimv2: SELECT * FROM OfficeSoftwareProtectionProduct WHERE ApplicationID=? AND PartialProductKey=?": _OLDER_SERVICE,
    "root/cimv2: SELECT ID FROM OfficeSoftwareProtectionProduct WHERE ID=?": _OLDER_SERVICE,
    "root/cimv2: OfficeSoftwareProtectionService.RefreshLicenseStatus()": "only after a change",
    "root/cimv2: SoftwareLicensingService.RefreshLicenseStatus()": "only after a change",
}
"""What a module sends and the kit does not, with the reason."""


def shape_of(message: bytes) -> str | None:
    """What a message asks without its values, None for one that changes something or continues a query."""
    action = action_of(message)
    resource = _RESOURCE.search(message)
    where = resource[1].decode().rpartition("/") if resource else ("", "", "")
    if action.endswith("/Enumerate"):
        found = _FILTER.search(message)
        assert found is not None
        text = _REPEATED.sub(lambda match: match["one"], _LITERAL.sub("?", unescape(found[1].decode())))
        return f"{where[0]}: {text.replace('((EventCode >= ? AND EventCode <= ?))', '(EventCode=?)')}"
    if is_write(message) or mark_in(message) or action.endswith("/Pull"):
        return None
    return f"{where[0]}: {where[2]}.{action.rpartition('/')[2]}()"


def shapes(tapes: Iterable[Tape]) -> set[str]:
    return {shape for tape in tapes for message, _answer in tape.order if (shape := shape_of(message))}


def tape_of(folder: Path, job: Job) -> Tape:
    transport = Direct(Lab(folder).endpoint(job.machine))
    run(job, transport)
    return transport.tape


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the kit asks the machines of all jobs, without changing any."""
    machines = sorted({job.machine for job in JOBS})
    return shapes(tape_of(tmp_path_factory.mktemp("kit"), Job(KIT, machine, {"pseudonym_key": "any"})) for machine in machines)


@pytest.mark.parametrize("job", [job for job in JOBS if job.module != KIT], ids=str)
def test_the_kit_asks_what_a_module_asks(job: Job, asked: set[str], tapes: dict[str, Tape]) -> None:
    missing = shapes([tapes[str(job)]]) - asked
    assert missing - set(NOT_ASKED) == set()


def test_every_exception_is_something_that_a_module_sends_and_the_kit_does_not(asked: set[str], tapes: dict[str, Tape]) -> None:
    of_modules = shapes(tape for name, tape in tapes.items() if not name.startswith(KIT))
    assert len(of_modules) > 30
    assert set(NOT_ASKED) <= of_modules - asked
