# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's CIM session on machines of a running lab: pages, projections, arrays, times, faults of two generations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, CimPath, CimResult
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session

from .lab_types import Lab

winrm_protocol = pytest.importorskip("winrm.protocol")
pytest.importorskip("pypsrp.wsman")

HKLM = 0x80000002
REGISTRY = CimPath("StdRegProv", {}, "root/default")
VERSION_KEY = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
WAYS = ("winrm basic", "winrm ntlm", "psrp ntlm")


class Open(Protocol):
    """Opens a session to a machine."""

    def __call__(self, name: str, way: str = ...) -> Session: ...


@pytest.fixture
def connect(lab: Lab) -> Iterator[Open]:
    """Opens sessions to machines by name, and closes them at the end."""
    sessions: list[Session] = []

    def open_session(name: str, way: str = WAYS[0]) -> Session:
        library, method = way.split()
        host = lab[1][name]
        user, password = host["ansible_user"], host["ansible_password"]
        if library == "winrm":
            endpoint = f"http://{host['ansible_host']}:5985/wsman"
            protocol = winrm_protocol.Protocol(endpoint, transport=method, username=user, password=password)
            sessions.append(Session(pywinrm.PywinrmTransport(protocol)))
        else:
            options = {"server": host["ansible_host"], "ssl": False, "auth": method, "username": user, "password": password}
            sessions.append(Session(pypsrp.PypsrpTransport(pypsrp.client(options))))
        return sessions[-1]

    lab[0].reset_counters()
    yield open_session
    lab[0].clear_faults()
    for session in sessions:
        session.close()


def operations(lab: Lab, name: str) -> dict[str, int]:
    """What a machine was asked."""
    asked: dict[str, int] = lab[0].counters(name)["operations"]
    return asked


@pytest.mark.parametrize("way", WAYS)
def test_hundreds_of_products_come_whole_over_a_first_instance_and_full_pages(lab: Lab, connect: Open, way: str) -> None:
    found = connect("MANY", way).query("SELECT * FROM SoftwareLicensingProduct")
    asked, served = operations(lab, "MANY"), lab[0].counters("MANY")
    assert len(found) > 200
    assert len({instance.text("ID") for instance in found}) == len(found)
    assert (asked["Enumerate"], set(asked)) == (1, {"Enumerate", "Pull"})
    # Pages of about 75 kB: the number of requests grows with the size of the answer and with nothing else.
    assert asked["Pull"] <= served["bytes_out"] // 50_000 + 2
    assert all(instance.class_name == "SoftwareLicensingProduct" for instance in found)


def test_a_query_with_one_answer_costs_one_request(lab: Lab, connect: Open) -> None:
    (system,) = connect("NEW").query("SELECT * FROM Win32_OperatingSystem")
    assert operations(lab, "NEW") == {"Enumerate": 1}
    assert system.text("Caption") == "Microsoft Windows Server 2022 Standard"


@pytest.mark.parametrize("name", ["OLD", "NEW"])
def test_a_query_without_an_answer_is_an_empty_list(connect: Open, name: str) -> None:
    assert connect(name).query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey='AAAAA'") == []


@pytest.mark.parametrize("name", ["OLD", "NEW"])
def test_a_projection_holds_the_columns_that_were_named(connect: Open, name: str) -> None:
    (system,) = connect(name).query("SELECT CSName,BuildNumber,LocalDateTime FROM Win32_OperatingSystem")
    assert set(system.properties) == {"CSName", "BuildNumber", "LocalDateTime"}
    assert system.text("CSName") == name
    assert system.integer("BuildNumber") in (7601, 20348)


@pytest.mark.parametrize("name", ["OLD", "NEW"])
def test_a_time_is_the_machine_s_own_in_utc(lab: Lab, connect: Open, name: str) -> None:
    (system,) = connect(name).query("SELECT LocalDateTime FROM Win32_OperatingSystem")
    told = system.moment("LocalDateTime")
    assert told is not None
    assert abs(told - datetime.fromisoformat(lab[0].machine(name)["os"]["time"])) < timedelta(minutes=2)


def test_a_property_of_a_later_generation_is_absent_and_not_null(connect: Open) -> None:
    wql = "SELECT * FROM SoftwareLicensingService"
    (old,), (new,) = connect("OLD").query(wql), connect("NEW").query(wql)
    assert not old.has("KeyManagementServiceLookupDomain")
    assert new.has("KeyManagementServiceLookupDomain")
    assert new.text("KeyManagementServiceLookupDomain") is None


def read_registry(session: Session, method: str, **arguments: Any) -> CimResult:
    """Call a method of the registry provider that changes nothing."""
    return session.invoke(REGISTRY, method, {"hDefKey": HKLM, **arguments}, read_only=True)


@pytest.mark.parametrize("way", WAYS)
def test_the_registry_gives_arrays_of_no_one_and_many_names(connect: Open, way: str) -> None:
    session, parent = connect("NEW", way), rf"SOFTWARE\{way}"
    for number, expected in enumerate([(), ("0",), ("0", "1"), ("0", "1", "2")]):
        session.invoke(REGISTRY, "CreateKey", {"hDefKey": HKLM, "sSubKeyName": parent + (rf"\{number - 1}" if number else "")})
        assert read_registry(session, "EnumKey", sSubKeyName=parent).outputs.texts("sNames") == expected


def test_the_values_of_a_key_come_with_their_types_in_the_same_order(connect: Open) -> None:
    outputs = read_registry(connect("NEW"), "EnumValues", sSubKeyName=VERSION_KEY).outputs
    names, types = outputs.texts("sNames"), outputs.texts("Types")
    assert len(names) == len(types) > 1
    assert dict(zip(names, types, strict=True))["EditionID"] == "1"


def test_a_registry_key_that_is_not_there_is_the_provider_s_error_2(connect: Open) -> None:
    with pytest.raises(CimError) as caught:
        read_registry(connect("NEW"), "EnumKey", sSubKeyName=r"SOFTWARE\Nobody")
    assert caught.value.code == 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["OLD", "NEW"])
def test_the_code_of_a_failing_activation_survives_the_fault_of_either_generation(lab: Lab, connect: Open, name: str, way: str) -> None:
    lab[0].set_fault("KMS01", "kms_host_down")
    session = connect(name, way)
    (product,) = session.query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    with pytest.raises(CimError) as caught:
        session.invoke(CimPath("SoftwareLicensingProduct", {"ID": str(product.text("ID"))}), "Activate", {})
    assert caught.value.code == 0xC004F074
    assert operations(lab, name)["Invoke:Activate"] == 1


@pytest.mark.parametrize("name", ["OLD", "NEW"])
@pytest.mark.parametrize(
    ("wql", "codes"),
    [
        ("SELECT * FROM NoSuchClass", {0x80041010, 0x8033801A}),
        ("SELECT NoSuchColumn FROM SoftwareLicensingService", {0x80041017, 0x8033801A}),
        ("SELECT * FRM SoftwareLicensingService", {0x80041017, 0x8033801A}),
    ],
)
def test_a_query_windows_does_not_understand_is_an_error_with_a_code(connect: Open, name: str, wql: str, codes: set[int]) -> None:
    with pytest.raises(CimError) as caught:
        connect(name).query(wql)
    assert caught.value.code in codes


@pytest.mark.parametrize("name", ["OLD", "NEW"])
@pytest.mark.parametrize(
    ("target", "method"),
    [
        (CimPath("SoftwareLicensingService"), "RefreshLicenseStatus"),
        (CimPath("SoftwareLicensingService", {"Version": "0.0"}), "RefreshLicenseStatus"),
        (CimPath("SoftwareLicensingService", {"Id": "6.1"}), "RefreshLicenseStatus"),
        (CimPath("SoftwareLicensingProduct", {"ID": "00000000-0000-0000-0000-000000000000"}), "Activate"),
    ],
)
def test_calling_on_an_instance_that_is_not_there_is_an_error(connect: Open, name: str, target: CimPath, method: str) -> None:
    with pytest.raises(CimError) as caught:
        connect(name).invoke(target, method, {})
    assert caught.value.code


def test_a_method_of_a_later_generation_is_an_error_on_windows_7(connect: Open) -> None:
    session = connect("OLD")
    (service,) = session.query("SELECT * FROM SoftwareLicensingService")
    path = CimPath("SoftwareLicensingService", {"Version": str(service.text("Version"))})
    with pytest.raises(CimError):
        session.invoke(path, "SetKeyManagementServiceLookupDomain", {"LookupDomain": "contract.example"})


@pytest.mark.parametrize("name", ["OLD", "NEW"])
def test_a_failure_told_by_the_return_value_is_the_same_error_as_a_fault(lab: Lab, connect: Open, name: str) -> None:
    session = connect(name)
    (service,) = session.query("SELECT * FROM SoftwareLicensingService")
    path = CimPath("SoftwareLicensingService", {"Version": str(service.text("Version"))})
    lab[0].set_fault(name, "return_value", method="RefreshLicenseStatus", value=0xC004F050, times=1)
    with pytest.raises(CimError) as caught:
        session.invoke(path, "RefreshLicenseStatus", {})
    assert caught.value.code == 0xC004F050
    session.invoke(path, "RefreshLicenseStatus", {})
