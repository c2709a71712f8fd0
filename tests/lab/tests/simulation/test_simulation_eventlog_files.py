# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event log files, the files made from them, and what an estate file puts into a log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate
from winlab.simulation.estate_file import EstateError

LOG = r"C:\Windows\System32\winevt\Logs\Key Management Service.evtx"
FILES = "SELECT * FROM Win32_NTEventlogFile"
ESTATE = """
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    kms_hosts:
      - {{name: kms1, address: 127.56.73.1, os: Server 2022 Standard, events: [{events}]}}
    machines:
      - {{name: pc, address: 127.56.73.2, os: Windows 10 Enterprise, state: grace, kms_host: 127.0.0.9}}
      - {{name: seven, address: 127.56.73.3, os: Windows 7 Professional, state: grace, kms_host: 127.0.0.9}}
"""
HEARD = '{id: 12290, strings: ["0x0,25"], minutes_ago: 5}'
FaultCode = Callable[[Callable[[], object]], int]


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE.format(events=HEARD))


@pytest.fixture
def kms(estate: Estate, remote: Any) -> Any:
    return remote(estate, "kms1")


def save(machine: Any, path: str) -> int:
    return int(machine.invoke("Win32_NTEventlogFile", {"Name": LOG}, "BackupEventlog", ArchiveFileName=path).return_value)


def test_a_log_tells_its_records_and_its_bounds(kms: Any) -> None:
    (log,) = kms.query(f"{FILES} WHERE LogfileName='key management service'")
    assert (log["Name"], log["NumberOfRecords"], log["OverwriteOutDated"]) == (LOG, 1, 0)
    assert log["FileSize"] < log["MaxFileSize"]


def test_the_log_of_kms_hosts_is_there_up_to_windows_7_and_later_on_hosts(estate: Estate, remote: Any) -> None:
    logs = {name: [log["LogfileName"] for log in remote(estate, name).query(FILES)] for name in ("kms1", "pc", "seven")}
    assert logs == {
        "kms1": ["Application", "Key Management Service"],
        "pc": ["Application"],
        "seven": ["Application", "Key Management Service"],
    }


def test_a_log_is_saved_once_under_a_name_and_found_by_it(kms: Any) -> None:
    path = r"C:\ProgramData\kms.evtx"
    assert [save(kms, path), save(kms, path.upper())] == [0, 80]
    (found,) = kms.query(r"SELECT Name,FileSize FROM CIM_DataFile WHERE Name='C:\\ProgramData\\KMS.evtx'")
    assert (found["Name"], found["FileSize"] > 0) == (path.lower(), True)
    assert kms.run(rf'dir /b "{path}"').stdout == "kms.evtx\r\n"
    assert kms.run(r"dir /b C:\ProgramData").stdout == "kms.evtx\r\n"
    assert kms.run(r"dir /b C:\other.evtx").exit_code == 1


@pytest.mark.parametrize(
    "path", [r"C:\nowhere\kms.evtx", "kms.evtx", r"\\server\share\kms.evtx", "C:\\", rf"C:\{'a' * 260}", r"D:\kms.evtx"]
)
def test_a_name_that_cannot_be_is_an_invalid_parameter(kms: Any, path: str) -> None:
    assert save(kms, path) == 21
    assert kms.machine.files == {}


def test_methods_are_spelled_as_in_their_mof(kms: Any, fault_code: FaultCode) -> None:
    call = lambda: kms.invoke("Win32_NTEventlogFile", {"Name": LOG}, "BackupEventLog", ArchiveFileName=r"C:\a.evtx")  # noqa: E731
    assert fault_code(call) == 0x8004102E


def test_a_log_that_is_not_there_cannot_be_saved(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    assert fault_code(lambda: save(remote(estate, "pc"), r"C:\a.evtx")) == 0x80041002


def test_clearing_forgets_the_records_of_that_log_only_and_may_save_them_first(kms: Any) -> None:
    kms.machine.log(8209, "x", "y")
    keys = {"Name": LOG}
    assert kms.invoke("Win32_NTEventlogFile", keys, "ClearEventlog", ArchiveFileName=r"C:\nowhere\a.evtx").return_value == 21
    assert len(kms.machine.events.newest_first("Key Management Service")) == 1
    assert kms.invoke("Win32_NTEventlogFile", keys, "ClearEventlog", ArchiveFileName=r"C:\a.evtx").return_value == 0
    assert [event.number for event in kms.machine.events.newest_first()] == [8209]
    assert [stored.records for stored in kms.machine.files.values()] == [1]


@pytest.mark.parametrize("class_name", ["CIM_DataFile", "Win32_Directory"])
def test_a_query_that_would_search_the_disk_times_out(kms: Any, fault_code: FaultCode, class_name: str) -> None:
    assert fault_code(lambda: kms.query(f"SELECT * FROM {class_name} WHERE Extension='evtx'")) == 2150858793


def test_folders_are_found_by_their_name(kms: Any) -> None:
    found = [kms.query(rf"SELECT Name FROM Win32_Directory WHERE Name='{name}'") for name in (r"C:\\Windows\\TEMP", r"C:\\", r"D:\\")]
    assert [len(rows) for rows in found] == [1, 1, 0]


def test_files_are_gone_with_a_new_installation(estate: Estate, kms: Any) -> None:
    save(kms, r"C:\kms.evtx")
    estate.rebuild("kms1")
    assert kms.machine.files == {}


def test_an_event_of_another_program_has_its_own_source_and_none_of_our_words(estate_of: Callable[[str], Estate], remote: Any) -> None:
    kms = remote(estate_of(ESTATE.format(events='{id: 8209, source: VSS, strings: ["a", "b"]}')), "kms1")
    (event,) = kms.query("SELECT * FROM Win32_NTLogEvent WHERE EventCode=8209")
    assert (event["SourceName"], event["Message"], event["Logfile"]) == ("VSS", "a\r\nb", "Application")


def test_an_event_nobody_can_have_written_is_a_mistake_of_the_file(estate_of: Callable[[str], Estate]) -> None:
    with pytest.raises(EstateError, match="12312 is no event of the licensing service"):
        estate_of(ESTATE.format(events="{id: 12312}"))


def test_an_attempt_windows_makes_by_itself_is_event_8198_when_it_fails(estate: Estate, remote: Any) -> None:
    for name in ("pc", "seven"):
        machine = remote(estate, name)
        (product,) = machine.machine.service.keyed()
        product.next_attempt = machine.machine.now()
    estate.advance(timedelta(minutes=1))
    told = {name: remote(estate, name).machine.events.newest_first(number=8198)[0].strings for name in ("pc", "seven")}
    assert (told["pc"][0], "Action=AutoActivate" in told["pc"][1], len(told["seven"])) == ("hr=0xC004F074", True, 1)


def test_refreshing_the_status_is_event_1003_with_every_license(estate: Estate, remote: Any) -> None:
    pc = remote(estate, "pc")
    pc.on_service("RefreshLicenseStatus")
    (event,) = pc.machine.events.newest_first(number=1003)
    lines = event.strings[1].strip().splitlines()
    assert len(lines) == len(pc.machine.skus())
    (keyed,) = [line for line in lines if ", 1, 1 [" in line]
    assert pc.product()["ID"] in keyed
    assert "msft:rm/algorithm/volume/1.0" in keyed


def test_an_estate_can_have_the_warning_about_tokens(estate_of: Callable[[str], Estate], remote: Any) -> None:
    pc = remote(estate_of(ESTATE.format(events="{id: 12321, strings: [hr=0xC004F011], minutes_ago: 9}")), "kms1")
    (event,) = pc.query("SELECT * FROM Win32_NTLogEvent WHERE EventCode = 12321")
    assert (event["Logfile"], event["EventType"], event["InsertionStrings"]) == ("Application", 2, ("hr=0xC004F011",))
    assert event["Message"].startswith("Token-based activation failed.")
