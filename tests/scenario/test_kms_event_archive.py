# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a KMS host is saved on the host, once for each name, and everything that stands in the way has its sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from .documented import complaints, documentation, task_complaints
from .harness import Lab, Results
from .winrs import command

ESTATE = "kms_event_archive.yml"
LOGS = r"C:\Windows\System32\winevt\Logs"
SAVE = "BackupEventlog"
DAY = {
    "KMS1": rf"{LOGS}\Archive-Key Management Service-2026-11-20.evtx",
    "TOKYO": rf"{LOGS}\Archive-Key Management Service-2026-11-21.evtx",
    "SEVEN": rf"{LOGS}\Archive-Key Management Service-2026-11-21.evtx",
}
"""The day is the host's own: at 20:00 UTC it is the next one in Japan."""

Runs = tuple[Results, Results, Results]


@pytest.fixture(scope="module")
def daily(lab: Lab) -> Runs:
    """Check mode, the run and a second run with all defaults."""
    return lab.thrice("kms_event_archive", {name: {} for name in DAY})


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize(("name", "path"), DAY.items())
def test_the_log_is_saved_once_a_day_beside_itself(daily: Runs, lab: Lab, name: str, path: str) -> None:
    forecast, done, again = (run[name] for run in daily)
    assert (forecast["changed"], done["changed"], again["changed"]) == (True, True, False)
    local_date = re.search(r"\d{4}-\d\d-\d\d", path)
    assert forecast["archive"] == {
        "path": path, "exists": False, "size": None, "created_time": None, "record_count": 2, "local_date": local_date and local_date[0],
    }  # fmt: skip
    assert (done["archive"]["path"], done["archive"]["exists"], done["archive"]["record_count"]) == (path, True, 2)
    assert done["archive"]["size"] > 0
    assert again["archive"] == {**done["archive"], "record_count": None}
    assert [run.writes(name) for run in daily] == [0, 1, 0]
    assert command(lab.host_variables(name), "dir", "/b", f'"{path}"').strip() == path.rpartition("\\")[2]
    assert [file["records"] for file in lab.client.machine(name)["files"]] == [2]


@pytest.mark.parametrize("name", DAY)
def test_check_mode_foresees_what_the_run_does(daily: Runs, name: str) -> None:
    forecast, done, again = (run[name] for run in daily)
    assert [(step["action"], step["description"]) for step in forecast["steps"]] == [
        (step["action"], step["description"]) for step in done["steps"]
    ]
    assert ([step["done"] for step in forecast["steps"]], [step["done"] for step in done["steps"]], again["steps"]) == ([False], [True], [])
    assert forecast["before"] == done["before"] == {"path": DAY[name], "exists": False, "size": None}
    assert done["after"] == {"path": DAY[name], "exists": True, "size": done["archive"]["size"]}
    assert "exists: false" in forecast["diff"]["before"]
    assert "exists: true" in forecast["diff"]["after"]


def test_the_result_is_as_documented_and_says_how_full_the_log_is(daily: Runs) -> None:
    for name in DAY:
        done = daily[1][name]
        assert task_complaints("kms_event_archive", done) == []
        assert not {"product", "activation"} & set(done)
        assert (done["event_log"]["name"], done["event_log"]["record_count"], done["event_log"]["overwrites"]) == (
            "Key Management Service",
            2,
            "when_needed",
        )
        assert 0 < done["event_log"]["size"] < done["event_log"]["maximum_size"]
    assert (daily[1]["TOKYO"]["archive"]["local_date"], daily[1]["KMS1"]["archive"]["local_date"]) == ("2026-11-21", "2026-11-20")


def test_a_file_is_made_once_for_each_name_and_never_written_again(lab: Lab) -> None:
    wishes = {
        "KMS1": {"path": "C:/ProgramData/", "file_name": "build-1.evtx"},
        "TOKYO": {"path": r"C:\Windows\Temp\kms.evtx"},
        "SEVEN": {"path": "c:\\", "file_name": "{date} kms.EVTX"},
        "EMPTY": {},
        "RETIRED": {"file_name": "last.evtx"},
    }
    first = lab.each("kms_event_archive", wishes)
    again = lab.each("kms_event_archive", wishes)
    assert {name: first[name]["archive"]["path"] for name in wishes} == {
        "KMS1": r"C:\ProgramData\build-1.evtx",
        "TOKYO": r"C:\Windows\Temp\kms.evtx",
        "SEVEN": r"c:\2026-11-21 kms.EVTX",
        "EMPTY": rf"{LOGS}\Archive-Key Management Service-2026-11-20.evtx",
        "RETIRED": rf"{LOGS}\last.evtx",
    }
    for name in wishes:
        assert (first[name]["changed"], again[name]["changed"], again.writes(name)) == (True, False, 0)
    assert first["EMPTY"]["archive"]["record_count"] == 0


def test_what_windows_returns_is_explained_with_the_file_and_the_next_step(lab: Lab) -> None:
    for name, value in (("REFUSED", 8), ("DENIED", 5), ("ODD", 4711)):
        lab.client.set_fault(name, "return_value", method=SAVE, value=value)
    lab.client.set_fault("CUT", "wmi_fault", method=SAVE, hresult=0x80070070)
    failed = lab.all("kms_event_archive", ["REFUSED", "DENIED", "ODD", "CUT"])
    lab.client.clear_faults()
    expected: Mapping[str, tuple[str, str]] = {
        "REFUSED": ("0x00000008", "right to back up files"),
        "DENIED": ("0x00000005", "ERROR_ACCESS_DENIED"),
        "ODD": ("0x00001267", "Win32 error"),
        "CUT": ("0x80070070", "ERROR_DISK_FULL"),
    }
    for name, (code, words) in expected.items():
        result = failed[name]
        assert (result["status"], result["changed"], result["error"]["code"], failed.calls(name, SAVE)) == ("failed", False, code, 1)
        assert words in result["msg"]
        assert result["msg"].startswith(f"{name}: Could not save the log Key Management Service to {LOGS}")
        assert result["msg"].endswith(f"Next: {result['error']['next_steps'][0]}")
        assert list(complaints(result["error"], documentation("kms_event_archive")["error"]["contains"], "error.")) == []
        assert [step["done"] for step in result["steps"]] == [False]


REFUSALS: Mapping[str, tuple[Mapping[str, Any], str, tuple[str, ...]]] = {
    "CLIENT": ({}, "no_kms_log", ("CLIENT does not have the log Key Management Service", "is_kms_host")),
    "OLDCLIENT": ({}, "not_a_kms_host", ("OLDCLIENT is not a KMS host", "empty", "is_kms_host")),
    "OLD": ({}, "not_supported_by_windows", ("cannot be a KMS host", "Server 2008 R2")),
    "KMS1": ({"path": r"D:\KmsLogs"}, "directory_not_found", (r"The directory D:\KmsLogs does not exist on KMS1", "Create the directory")),
    "TOKYO": ({"path": rf"C:\{'a' * 250}\kms.evtx"}, "path_too_long", ("262 characters", "259")),
    "SEVEN": (
        {"path": r"C:\kms.evtx", "file_name": "other.evtx"},
        "conflicting_file_names",
        (r"C:\kms.evtx", "other.evtx", "do not specify file_name"),
    ),
}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_refusal_says_why_and_what_to_do_in_check_mode_too(lab: Lab, check_mode: bool) -> None:
    wishes = {name: wish for name, (wish, _code, _words) in REFUSALS.items()}
    found = lab.each("kms_event_archive", wishes, keywords={"check_mode": check_mode})
    for name, (_wish, code, words) in REFUSALS.items():
        assert (found[name]["status"], found[name]["error"]["code"], found.writes(name)) == ("failed", code, 0)
        assert [word for word in words if word not in found[name]["msg"]] == []


BAD: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "KMS1": ({"path": r"\\server\share\kms.evtx"}, "is on another machine"),
    "TOKYO": ({"path": r"logs\kms.evtx"}, "is not a full path"),
    "SEVEN": ({"path": r"%SystemRoot%\kms.evtx"}, "contains a variable"),
    "EMPTY": ({"path": r"C:\kms.evt"}, "the format of Windows Server 2003"),
    "REFUSED": ({"file_name": "kms.txt"}, "must end in .evtx"),
    "DENIED": ({"file_name": "{hour}.evtx"}, "{date} is replaced with the date"),
    "ODD": ({"file_name": r"..\kms.evtx"}, "which is not allowed in a file name"),
    "CUT": ({"path": r"C:\Temp\..\Windows"}, "is not a valid name of a file or directory"),
    "RETIRED": ({"path": r"C:\{date}\kms.evtx"}, "is allowed only in the file name"),
    "CLIENT": ({"file_name": "NUL.evtx"}, "is not a valid name of a file or directory"),
}


def test_a_name_windows_would_not_take_is_refused_before_anything_is_sent(lab: Lab) -> None:
    found = lab.each("kms_event_archive", {name: wish for name, (wish, _words) in BAD.items()})
    for name, (_wish, words) in BAD.items():
        assert (found[name]["status"], found.nothing_sent(name)) == ("failed", True), name
        assert words in found[name]["msg"]


def test_the_next_day_has_a_file_of_its_own(lab: Lab) -> None:
    lab.client.advance(24 * 60)
    found = lab.all("kms_event_archive", ["CUT"])
    assert found["CUT"]["archive"]["path"].endswith("-2026-11-21.evtx")
    lab.client.advance(24 * 60)
    later = lab.all("kms_event_archive", ["CUT"])
    assert (later["CUT"]["changed"], later["CUT"]["archive"]["path"][-16:]) == (True, "-2026-11-22.evtx")
    assert len(lab.client.machine("CUT")["files"]) == 2
