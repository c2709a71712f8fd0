# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real Windows machines sent, read by the collection's client.

The captures are shared facts outside the repository; without them these tests are skipped, and say so.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.faults import Fault
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.reply import Reply, read_reply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, CimPath
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "captures"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captures of real machines in ../shared/captures")


def captured(name: str) -> bytes:
    return (CAPTURES / f"{name}.xml").read_bytes()


def read(name: str, projected_as: str = "") -> Reply:
    return read_reply(captured(name), projected_as)


class Replay:
    """A machine that answers with captures, related to the requests they now answer."""

    endpoint = "http://replay/wsman"

    def __init__(self, *names: str) -> None:
        self.answers = [captured(name) for name in names]
        self.actions: list[bytes] = []
        self.encrypted = True

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        assert timeout > 0
        self.actions.append(message.partition(b"<a:Action")[2].partition(b">")[2].partition(b"<")[0].rpartition(b"/")[2])
        request_id = message.partition(b"<a:MessageID>")[2].partition(b"<")[0]
        answer = self.answers.pop(0)
        old = answer.partition(b"<a:RelatesTo>")[2].partition(b"<")[0]
        return answer.replace(old, request_id) if old else answer

    def reset(self) -> None:
        """There is no connection."""


def test_every_capture_is_read_here() -> None:
    known = {
        "enumerate_2012_many_first",
        "enumerate_2012_one_instance_complete",
        "enumerate_2012_projected",
        "fault_2008_max_concurrent",
        "fault_2012r2_instance_not_found",
        "open_shell_v2",
        "pull_2012_many_last",
        "soap_fault_v1",
        "soap_fault_v2",
        "stdregprov_enumkey_output",
        "wmi_error_v2",
    }
    assert {path.stem for path in CAPTURES.glob("*.xml")} == known


@pytest.mark.parametrize("name", ["enumerate_2012_one_instance_complete", "enumerate_2012_projected"])
def test_one_operating_system_whole_or_projected(name: str) -> None:
    reply = read(name, "Win32_OperatingSystem")
    assert (reply.kind, reply.ended, reply.context) == ("EnumerateResponse", True, "")
    (system,) = reply.instances
    assert system.class_name == "Win32_OperatingSystem"
    assert system.text("Caption") == "Microsoft Windows Server 2012 Standard"
    assert system.text("Version") == "6.2.9200"
    assert system.text("Name") == "Microsoft Windows Server 2012 Standard|C:\\Windows|\\Device\\Harddisk0\\Partition2"
    assert system.integer("BuildNumber") == 9200
    assert system.integer("MaxProcessMemorySize") == 8589934464
    assert system.integer("OperatingSystemSKU") == 7
    assert system.boolean("DataExecutionPrevention_Available") is True
    assert system.boolean("Debug") is False
    assert system.texts("MUILanguages") == ("en-US",)
    assert system.has("CSDVersion")
    assert system.properties["CSDVersion"] is None
    assert system.properties["Description"] == ""
    assert system.moment("InstallDate") == datetime(2013, 3, 9, 2, 57, 32, tzinfo=timezone.utc)
    assert system.moment("LastBootUpTime") == datetime(2013, 4, 15, 16, 28, 43, 488171, tzinfo=timezone.utc)
    local = system.moment("LocalDateTime")
    assert local is not None
    assert local.replace(microsecond=0, second=0) == datetime(2013, 4, 15, 20, 28, tzinfo=timezone.utc)


def test_whole_and_projected_instances_have_the_same_properties() -> None:
    whole, projected = (read(name).instances[0] for name in ("enumerate_2012_one_instance_complete", "enumerate_2012_projected"))
    assert set(projected.properties) <= set(whole.properties)


def test_a_query_over_the_pages_of_a_2012_machine() -> None:
    machine = Replay("enumerate_2012_many_first", "pull_2012_many_last")
    routes = Session(machine).query("SELECT * FROM Win32_IP4RouteTable")
    assert machine.actions == [b"Enumerate", b"Pull"]
    assert len(routes) == 14
    assert {route.class_name for route in routes} == {"Win32_IP4RouteTable"}
    assert routes[0].text("NextHop") == "10.30.40.1"
    assert routes[0].integer("Metric2") == -1
    assert routes[0].text("InstallDate") is None
    assert (routes[1].text("Destination"), routes[1].text("Mask")) == ("10.30.40.0", "255.255.255.0")
    assert routes[-1].text("Name") == "255.255.255.255"


def test_the_array_output_of_a_registry_method() -> None:
    machine = Replay("stdregprov_enumkey_output")
    result = Session(machine).invoke(CimPath("StdRegProv", namespace="root/default"), "EnumKey", {"hDefKey": 2147483650}, read_only=True)
    names = result.outputs.texts("sNames")
    assert len(names) == 26
    assert names[:3] == ("AddressBook", "Branding", "Connection Manager")
    assert names[-1] == "{F8FBDC28-C265-4F0D-8B91-6E92913E19F6}"
    assert result.outputs.integer("ReturnValue") == 0


def test_the_answer_to_a_shell_is_no_answer_of_ours() -> None:
    assert read("open_shell_v2").kind == "ResourceCreated"


@pytest.mark.parametrize(
    ("name", "code", "subcode", "words"),
    [
        ("soap_fault_v1", 0x8033801A, "CannotProcessFilter", "The specified class does not exist in the given namespace."),
        ("soap_fault_v2", 0x8033801A, "CannotProcessFilter", "The specified class does not exist in the given namespace."),
        ("wmi_error_v2", 0x803381A5, "QuotaLimit", "a maximum number of 30 concurrent shells, which has been exceeded."),
        ("fault_2008_max_concurrent", 0x803381A6, "InternalError", "a maximum number of 15 concurrent operations"),
        ("fault_2012r2_instance_not_found", 0x80338000, "DestinationUnreachable", "cannot find the resource identified"),
    ],
)
def test_faults_of_every_generation(name: str, code: int, subcode: str, words: str) -> None:
    fault = read(name).fault
    assert isinstance(fault, Fault)
    assert (fault.code, fault.subcode) == (code, subcode)
    assert words in fault.text
    with pytest.raises(CimError) as failed:
        Session(Replay(name)).query("SELECT * FROM Win32_Processa")
    assert failed.value.code == code
    assert "\n" not in str(failed.value)
