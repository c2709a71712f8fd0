# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Win32_OperatingSystem, Win32_ComputerSystem and Win32_Service.

Properties of Win32_OperatingSystem: those of a real Server 2012 answer in shared/captures. Values that do not matter to
licensing are plausible constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache

from ..interfaces import MethodAnswer, Value
from .computer import Computer
from .editions import Os
from .schema import Method, declare
from .spp import start_office_service, start_service

_TEXTS = """BootDevice BuildNumber BuildType Caption CodeSet CountryCode CreationClassName CSCreationClassName CSDVersion CSName Description
Locale Manufacturer Name Organization OSArchitecture OtherTypeDescription PlusProductID PlusVersionNumber RegisteredUser SerialNumber Status
SystemDevice SystemDirectory SystemDrive Version WindowsDirectory"""
_NUMBERS = """CurrentTimeZone DataExecutionPrevention_SupportPolicy EncryptionLevel ForegroundApplicationBoost FreePhysicalMemory
FreeSpaceInPagingFiles FreeVirtualMemory LargeSystemCache MaxNumberOfProcesses MaxProcessMemorySize NumberOfLicensedUsers NumberOfProcesses
NumberOfUsers OperatingSystemSKU OSLanguage OSProductSuite OSType ProductType ServicePackMajorVersion ServicePackMinorVersion
SizeStoredInPagingFiles SuiteMask TotalSwapSpaceSize TotalVirtualMemorySize TotalVisibleMemorySize"""
_FLAGS = """DataExecutionPrevention_32BitApplications DataExecutionPrevention_Available DataExecutionPrevention_Drivers Debug Distributed
PAEEnabled PortableOperatingSystem Primary"""

OPERATING_SYSTEM = declare(
    "Win32_OperatingSystem",
    ("Name",),
    {
        **dict.fromkeys(_TEXTS.split(), "string"), **dict.fromkeys(_NUMBERS.split(), "uint32"), **dict.fromkeys(_FLAGS.split(), "boolean"),
        **dict.fromkeys(("InstallDate", "LastBootUpTime", "LocalDateTime"), "datetime"), "MUILanguages": "string[]",
    },
    (Method("Reboot", {}, {}), Method("Shutdown", {}, {})),
)  # fmt: skip
COMPUTER_SYSTEM = declare(
    "Win32_ComputerSystem",
    ("Name",),
    {
        **dict.fromkeys(("Caption", "CreationClassName", "Description", "DNSHostName", "Domain", "Manufacturer", "Model", "Name", "Status",
                         "SystemType", "UserName", "Workgroup"), "string"),
        **dict.fromkeys(("CurrentTimeZone", "DomainRole", "NumberOfLogicalProcessors", "NumberOfProcessors", "TotalPhysicalMemory"),
        "uint32"),
        "PartOfDomain": "boolean", "HypervisorPresent": "boolean",
    },
)  # fmt: skip
SERVICE = declare(
    "Win32_Service",
    ("Name",),
    {
        **dict.fromkeys(("Caption", "CreationClassName", "Description", "DisplayName", "ErrorControl", "Name", "PathName", "ServiceType",
        "StartMode",
                         "StartName", "State", "Status", "SystemCreationClassName", "SystemName"), "string"),
        **dict.fromkeys(("CheckPoint", "ExitCode", "ProcessId", "ServiceSpecificExitCode", "TagId", "WaitHint"), "uint32"),
        **dict.fromkeys(("AcceptPause", "AcceptStop", "DesktopInteract", "Started"), "boolean"), "InstallDate": "datetime",
    },
    (Method("StartService", {}, {}), Method("StopService", {}, {})),
)  # fmt: skip

UPDATE = declare(
    "Win32_QuickFixEngineering",
    ("CSName", "HotFixID", "ServicePackInEffect"),
    {**dict.fromkeys(("Caption", "CSName", "Description", "FixComments", "HotFixID", "InstalledBy", "InstalledOn", "Name",
                      "ServicePackInEffect", "Status"), "string"), "InstallDate": "datetime"},
)  # fmt: skip

_LOCALE = {"en": ("0409", "1252", "1", "en-US", 0), "ja": ("0411", "932", "81", "ja-JP", 540)}
BITS = {"en": "64-bit", "ja": "64 ビット"}


def zone(computer: Computer) -> timezone:
    """The machine's time zone."""
    return timezone(timedelta(minutes=_LOCALE[computer.language][4]))


@cache
def _os_template(os: Os, language: str) -> Mapping[str, Value]:
    locale, code_set, country, ui_language, offset = _LOCALE[language]
    service_pack = os.generation == (6, 1)
    values: dict[str, Value] = dict.fromkeys(OPERATING_SYSTEM.properties)
    values |= {
        "BootDevice": r"\Device\HarddiskVolume1", "BuildNumber": str(os.build), "BuildType": "Multiprocessor Free", "Caption": os.caption,
        "CodeSet": code_set, "CountryCode": country, "CreationClassName": "Win32_OperatingSystem",
        "CSCreationClassName": "Win32_ComputerSystem",
        "CSDVersion": "Service Pack 1" if service_pack else None, "CurrentTimeZone": offset,
        "DataExecutionPrevention_32BitApplications": True,
        "DataExecutionPrevention_Available": True, "DataExecutionPrevention_Drivers": True,
        "DataExecutionPrevention_SupportPolicy": 3 if os.server else 2, "Debug": False, "Description": "", "Distributed": False,
        "EncryptionLevel": 256,
        "ForegroundApplicationBoost": 0 if os.server else 2, "FreePhysicalMemory": 2043588, "FreeSpaceInPagingFiles": 8382164,
        "FreeVirtualMemory": 8366496, "Locale": locale, "Manufacturer": "Microsoft Corporation", "MaxNumberOfProcesses": 4294967295,
        "MaxProcessMemorySize": 137438953344, "MUILanguages": (ui_language,),
        "Name": rf"{os.caption}|C:\Windows|\Device\Harddisk0\Partition2",
        "NumberOfLicensedUsers": 0, "NumberOfProcesses": 58, "NumberOfUsers": 2, "OperatingSystemSKU": os.edition.sku,
        "Organization": "winlab",
        "OSArchitecture": BITS[language], "OSLanguage": 1033 if language == "en" else 1041, "OSProductSuite": 272 if os.server else 256,
        "OSType": 18,
        "PortableOperatingSystem": False, "Primary": True, "RegisteredUser": "winlab",
        "ServicePackMajorVersion": int(service_pack), "ServicePackMinorVersion": 0, "SizeStoredInPagingFiles": 8388608, "Status": "OK",
        "SuiteMask": 272 if os.server else 256, "SystemDevice": r"\Device\HarddiskVolume2", "SystemDirectory": r"C:\Windows\system32",
        "SystemDrive": "C:", "TotalVirtualMemorySize": 12582396, "TotalVisibleMemorySize": 4193788, "Version": os.version_text,
        "WindowsDirectory": r"C:\Windows",
    }  # fmt: skip
    return values


def product_type(computer: Computer) -> int:
    """1 client, 2 domain controller, 3 server."""
    return 1 if not computer.os.server else 2 if computer.domain_controller else 3


def operating_system(computer: Computer) -> Mapping[str, Value]:
    """The one Win32_OperatingSystem."""
    here = zone(computer)
    now = computer.now().astimezone(here)
    if not now.microsecond:  # real answers always have a fraction, and the clock of an estate may stand on a whole second
        now += timedelta(milliseconds=1)
    return {
        **_os_template(computer.os, computer.language),
        "CSName": computer.name.upper(), "ProductType": product_type(computer), "LocalDateTime": now,
        "LastBootUpTime": computer.booted.astimezone(here),
        "InstallDate": datetime(computer.os.release.year + 1, 3, 9, 2, 57, 32, tzinfo=here), "SerialNumber": computer.product_id,
    }  # fmt: skip


def computer_system(computer: Computer) -> Mapping[str, Value]:
    """The one Win32_ComputerSystem."""
    domain = computer.domain
    role = {1: 1 if domain else 0, 2: 5, 3: 3 if domain else 2}[product_type(computer)]
    return {
        "Caption": computer.name.upper(), "CreationClassName": "Win32_ComputerSystem", "CurrentTimeZone": _LOCALE[computer.language][4],
        "Description": "AT/AT COMPATIBLE", "DNSHostName": computer.name, "Domain": domain or "WORKGROUP", "DomainRole": role,
        "HypervisorPresent": computer.virtual, "Manufacturer": "winlab", "Model": "Simulated Machine", "Name": computer.name.upper(),
        "NumberOfLogicalProcessors": 2, "NumberOfProcessors": 1, "PartOfDomain": bool(domain), "Status": "OK", "SystemType": "x64-based PC",
        "TotalPhysicalMemory": 4294438912, "UserName": None, "Workgroup": None if domain else "WORKGROUP",
    }  # fmt: skip


def updates(computer: Computer) -> list[Mapping[str, Value]]:
    """Win32_QuickFixEngineering: the updates the estate file says are installed."""
    return [
        {
            **dict.fromkeys(UPDATE.properties), "CSName": computer.name.upper(), "Description": "Security Update", "HotFixID": name,
            "Caption": f"http://support.microsoft.com/?kbid={name[2:]}", "FixComments": "", "InstalledBy": r"NT AUTHORITY\SYSTEM",
            "InstalledOn": "3/9/2022", "ServicePackInEffect": "",
        }
        for name in sorted(computer.updates)
    ]  # fmt: skip


_SERVICES = (
    ("Dnscache", "DNS Client", "DNS クライアント"), ("EventLog", "Windows Event Log", "Windows イベント ログ"),
    ("LanmanServer", "Server", "サーバー"), ("RpcSs", "Remote Procedure Call (RPC)", "リモート プロシージャ コール (RPC)"),
    ("sppsvc", "Software Protection", "ソフトウェア保護"), ("W32Time", "Windows Time", "Windows タイム"),
    ("Winmgmt", "Windows Management Instrumentation", "Windows Management Instrumentation"),
    ("WinRM", "Windows Remote Management (WS-Management)", "Windows リモート管理 (WS-Management)"),
)  # fmt: skip


_OFFICE_SERVICE = ("osppsvc", "Office Software Protection Platform", "Office Software Protection Platform")


def services(computer: Computer) -> list[Mapping[str, Value]]:
    """A handful of Win32_Service, sppsvc among them."""
    found = [_service(computer, *entry) for entry in _SERVICES]
    if computer.office_licenses is not None:
        found.append(_service(computer, *_OFFICE_SERVICE))
    return found


def _service(computer: Computer, name: str, english: str, japanese: str) -> Mapping[str, Value]:
    running = name not in computer.stopped
    shown = japanese if computer.language == "ja" else english
    return {
        **dict.fromkeys(SERVICE.properties), "AcceptPause": False, "AcceptStop": running, "Caption": shown, "CheckPoint": 0,
        "CreationClassName": "Win32_Service", "Description": shown, "DesktopInteract": False, "DisplayName": shown,
        "ErrorControl": "Normal",
        "ExitCode": 0, "Name": name, "PathName": rf"C:\Windows\system32\{name}.exe", "ProcessId": 1000 + len(name) if running else 0,
        "ServiceSpecificExitCode": 0, "ServiceType": "Own Process", "Started": running,
        "StartMode": "Manual" if name in computer.manual else "Auto",
        "StartName": r"NT AUTHORITY\NetworkService", "State": "Running" if running else "Stopped", "Status": "OK",
        "SystemCreationClassName": "Win32_ComputerSystem", "SystemName": computer.name.upper(), "TagId": 0, "WaitHint": 0,
    }  # fmt: skip


def service_control(computer: Computer, name: str, method: str) -> MethodAnswer:
    """StartService and StopService: 0, or 10 already running, 5 not running.

    sppsvc and osppsvc take their settings from the registry when they start.
    """
    running = name not in computer.stopped
    if method == "StartService":
        if running:
            return MethodAnswer(10)
        computer.stopped.discard(name)
        if name == "sppsvc":
            start_service(computer)
        elif name == "osppsvc":
            start_office_service(computer)
        return MethodAnswer(0)
    if not running:
        return MethodAnswer(5)
    computer.stopped.add(name)
    return MethodAnswer(0)
