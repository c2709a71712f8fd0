# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Win32_OperatingSystem, Win32_ComputerSystem and Win32_Service of Windows Server 2003: fewer properties than later, no sppsvc.

Which properties came later: Microsoft's pages of the classes. Those of data execution prevention came with Service Pack 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..interfaces import MethodAnswer, Value
from . import os_classes, wmi_faults, wpa
from .arguments import Argument
from .computer import Computer
from .schema import CimClass, declare

_LATER = {
    "MUILanguages",
    "OperatingSystemSKU",
    "OSArchitecture",
    "PortableOperatingSystem",
    "HypervisorPresent",
    "NumberOfLogicalProcessors",
}


def _earlier(cim: CimClass) -> CimClass:
    kept = {name: kind for name, kind in cim.properties.items() if name not in _LATER and not name.startswith("DataExecutionPrevention")}
    return replace(declare(cim.name, cim.keys, kept, (), cim.namespace), methods=cim.methods)


OPERATING_SYSTEM = _earlier(os_classes.OPERATING_SYSTEM)
COMPUTER_SYSTEM = _earlier(os_classes.COMPUTER_SYSTEM)


def operating_system(computer: Computer) -> Mapping[str, Value]:
    """The one Win32_OperatingSystem."""
    values = {
        **os_classes.operating_system(computer), "SerialNumber": wpa.product_id(computer), "MaxProcessMemorySize": 2097024,
        "Name": rf"{computer.os.caption}|C:\WINDOWS|\Device\Harddisk0\Partition1", "SystemDirectory": r"C:\WINDOWS\system32",
        "SystemDevice": r"\Device\HarddiskVolume1", "WindowsDirectory": r"C:\WINDOWS",
    }  # fmt: skip
    return {name: values[name] for name in OPERATING_SYSTEM.properties}


def computer_system(computer: Computer) -> Mapping[str, Value]:
    """The one Win32_ComputerSystem."""
    kind = "x64-based PC" if computer.os.edition.name.endswith("x64") else "X86-based PC"
    values = {**os_classes.computer_system(computer), "SystemType": kind}
    return {name: values[name] for name in COMPUTER_SYSTEM.properties}


def services(computer: Computer) -> list[Mapping[str, Value]]:
    """Some Win32_Service."""
    return [row for row in os_classes.services(computer) if row["Name"] != "sppsvc"]


def call_service(computer: Computer, keys: Mapping[str, str], method: str, _given: Mapping[str, Argument]) -> MethodAnswer:
    """StartService and StopService."""
    for row in services(computer):
        if str(row["Name"]).casefold() == keys["Name"].casefold():
            return os_classes.service_control(computer, str(row["Name"]), method)
    raise wmi_faults.no_instance("Win32_Service", dict(keys))


def call_os(computer: Computer, _keys: Mapping[str, str], method: str, _given: Mapping[str, Argument]) -> MethodAnswer:
    """Reboot; Shutdown does nothing."""
    if method == "Reboot" and computer.restart_asked():
        wpa.restart(computer)
    return MethodAnswer(0)
