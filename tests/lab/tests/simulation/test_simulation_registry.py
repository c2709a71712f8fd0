# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winlab.simulation.registry import REG_SZ, Registry, build_base

At = Callable[[str], Any]
SPP = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"


def text(machine: Any, key: str, name: str) -> Any:
    return machine.registry("GetStringValue", key, sValueName=name).outputs.get("sValue")


def test_the_installation_says_what_it_is(at: At) -> None:
    assert text(at("srv"), VERSION, "EditionID") == "ServerStandard"
    assert text(at("srv"), VERSION, "currentbuild") == "17763"
    assert text(at("eval"), VERSION, "EditionID") == "ServerStandardEval"
    assert text(at("old"), VERSION, "CurrentVersion") == "6.1"


def test_settings_made_through_wmi_are_in_the_registry(at: At) -> None:
    srv = at("srv")
    assert text(srv, SPP, "KeyManagementServiceName") == "kms1.corp.lab"
    srv.on_service("SetKeyManagementServiceMachine", MachineName="other")
    srv.on_service("SetKeyManagementServicePort", PortNumber=1700)
    assert (text(srv, SPP, "KeyManagementServiceName"), text(srv, SPP, "KeyManagementServicePort")) == ("other", "1700")
    srv.on_service("ClearKeyManagementServicePort")
    assert srv.registry("GetStringValue", SPP, sValueName="KeyManagementServicePort").return_value == 2


def test_a_value_that_is_not_there_is_a_null_output(at: At) -> None:
    answer = at("srv").registry("GetStringValue", SPP, sValueName="Nothing")
    assert (answer.return_value, dict(answer.outputs)) == (2, {"sValue": None})
    assert dict(at("srv").registry("EnumValues", r"SOFTWARE\Nothing").outputs) == {"sNames": None, "Types": None}


def test_settings_of_a_product_are_below_its_ids(at: At) -> None:
    pc = at("pc")
    pc.on_product("SetKeyManagementServiceMachine", MachineName="own")
    product = pc.product()
    assert text(pc, rf"{SPP}\{product['ApplicationID']}\{product['ID']}", "KeyManagementServiceName") == "own"


def test_a_value_written_to_the_registry_counts_after_sppsvc_restarted(at: At) -> None:
    srv = at("srv")
    srv.registry("SetStringValue", SPP, sValueName="KeyManagementServiceName", sValue="written")
    assert srv.service()["KeyManagementServiceMachine"] == "kms1.corp.lab"
    srv.invoke("Win32_Service", {"Name": "sppsvc"}, "StopService")
    srv.invoke("Win32_Service", {"Name": "sppsvc"}, "StartService")
    assert srv.service()["KeyManagementServiceMachine"] == "written"


@pytest.mark.parametrize(
    ("setter", "argument", "value", "shown"),
    [
        ("SetKeyManagementServiceMachine", "MachineName", "other", "KeyManagementServiceMachine"),
        ("SetKeyManagementServicePort", "PortNumber", 1700, "KeyManagementServicePort"),
        ("SetKeyManagementServiceLookupDomain", "LookupDomain", "x.lab", "KeyManagementServiceLookupDomain"),
        ("SetKeyManagementServiceListeningPort", "PortNumber", 1701, "KeyManagementServiceListeningPort"),
        ("SetVLActivationInterval", "ActivationInterval", 15, "VLActivationInterval"),
        ("SetVLRenewalInterval", "RenewalInterval", 43200, "VLRenewalInterval"),
        ("EnableKeyManagementServiceLowPriority", "EnableLowPriority", True, "KeyManagementServiceLowPriority"),
        ("DisableKeyManagementServiceDnsPublishing", "DisablePublishing", True, "KeyManagementServiceDnsPublishing"),
        ("DisableKeyManagementServiceHostCaching", "DisableCaching", True, "KeyManagementServiceHostCaching"),
    ],
)
def test_a_setting_made_through_wmi_outlives_a_restart(at: At, setter: str, argument: str, value: Any, shown: str) -> None:
    kms = at("kms1")
    kms.registry("EnumKey", SPP)
    before = kms.service()[shown]
    kms.on_service(setter, **{argument: value})
    after = kms.service()[shown]
    assert after != before
    kms.run("shutdown /r /t 0")
    assert kms.service()[shown] == after


def test_a_host_written_into_the_registry_counts_when_the_service_starts(at: At) -> None:
    pc = at("pc")
    unkeyed = pc.query("SELECT * FROM SoftwareLicensingProduct WHERE Description LIKE '%KMSCLIENT%' AND PartialProductKey IS NULL")[0]
    base = "HKLM\\" + SPP
    pc.run(f'reg add "{base}" /v KeyManagementServiceName /t REG_SZ /d everywhere /f')
    pc.run(f'reg add "{base}\\{unkeyed["ApplicationID"]}\\{unkeyed["ID"]}" /v KeyManagementServiceName /t REG_SZ /d own /f')
    pc.run(f'reg add "{base}" /v VLRenewalInterval /t REG_DWORD /d 5 /f')
    assert pc.service()["KeyManagementServiceMachine"] == "kms1.corp.lab"
    for method in ("StopService", "StartService"):
        pc.invoke("Win32_Service", {"Name": "sppsvc"}, method)
    assert pc.service()["KeyManagementServiceMachine"] == "everywhere"
    assert pc.service()["VLRenewalInterval"] == 10080  # 5 is out of range
    (again,) = pc.query(f"SELECT KeyManagementServiceMachine FROM SoftwareLicensingProduct WHERE ID='{unkeyed['ID']}'")
    assert again["KeyManagementServiceMachine"] == "own"


@pytest.mark.parametrize(
    ("setter", "getter", "name", "value", "expected"),
    [("SetStringValue", "GetStringValue", "sValue", "x", "x"), ("SetExpandedStringValue", "GetExpandedStringValue", "sValue", "%a%", "%a%"),
     ("SetDWORDValue", "GetDWORDValue", "uValue", 7, 7), ("SetQWORDValue", "GetQWORDValue", "uValue", 2**40, 2**40),
     ("SetMultiStringValue", "GetMultiStringValue", "sValue", ["a", "b"], ("a", "b")),
     ("SetBinaryValue", "GetBinaryValue", "uValue", ["1", "255"], ("1", "255"))],
)  # fmt: skip
def test_every_type_can_be_written_and_read(at: At, setter: str, getter: str, name: str, value: Any, expected: Any) -> None:
    srv = at("srv")
    assert srv.registry("CreateKey", r"SOFTWARE\Test\Deep").return_value == 0
    assert srv.registry(setter, r"SOFTWARE\Test\Deep", sValueName="V", **{name: value}).return_value == 0
    assert srv.registry(getter, r"software\test\DEEP", sValueName="v").outputs[name] == expected
    assert srv.registry("DeleteValue", r"SOFTWARE\Test\Deep", sValueName="V").return_value == 0
    assert srv.registry(getter, r"SOFTWARE\Test\Deep", sValueName="V").return_value == 2


def test_what_is_missing_is_return_value_two(at: At) -> None:
    srv = at("srv")
    for method, arguments in (("EnumKey", {}), ("EnumValues", {}), ("GetStringValue", {"sValueName": "x"}), ("DeleteKey", {}),
                              ("SetStringValue", {"sValueName": "x", "sValue": "y"})):  # fmt: skip
        assert srv.registry(method, r"SOFTWARE\Nothing", **arguments).return_value == 2, method
    assert srv.registry("GetDWORDValue", VERSION, sValueName="EditionID").return_value == 1


def test_keys_are_listed_and_deleted_from_the_leaves(at: At) -> None:
    srv = at("srv")
    srv.registry("CreateKey", r"SOFTWARE\Test\B")
    srv.registry("CreateKey", r"SOFTWARE\Test\a")
    assert srv.registry("EnumKey", r"SOFTWARE\Test").outputs["sNames"] == ("a", "B")
    assert srv.registry("DeleteKey", r"SOFTWARE\Test").return_value == 5
    for name in (r"SOFTWARE\Test\B", r"SOFTWARE\Test\a", r"SOFTWARE\Test"):
        assert srv.registry("DeleteKey", name).return_value == 0
    assert srv.registry("EnumKey", r"SOFTWARE\Test").return_value == 2


def test_machines_do_not_share_what_they_write(at: At) -> None:
    at("srv").registry("SetStringValue", VERSION, sValueName="EditionID", sValue="changed")
    assert text(at("new"), VERSION, "EditionID") == "ServerStandard"
    assert text(at("srv"), VERSION, "EditionID") == "changed"


NAMES = st.sampled_from(["A", "b", "Ccc", "a", "B"])


@given(st.lists(st.tuples(st.sampled_from(["set", "delete"]), NAMES, NAMES, st.text(max_size=5)), max_size=30))
def test_the_registry_behaves_like_a_case_insensitive_map_of_maps(steps: list[tuple[str, str, str, str]]) -> None:
    registry = Registry(build_base({r"HKLM\A": {"b": (REG_SZ, "start")}}))
    model: dict[tuple[str, str], str] = {("a", "b"): "start"}
    for action, key, name, data in steps:
        path = rf"HKLM\{key}"
        place = (key.casefold(), name.casefold())
        if action == "set":
            registry.set(path, name, REG_SZ, data)
            model[place] = data
        else:
            assert registry.delete_value(path, name) is (model.pop(place, None) is not None)
    for key in ("a", "b", "ccc"):
        for name in ("a", "b", "ccc"):
            found = registry.get(rf"HKLM\{key}", name)
            assert (None if found is None else found.data) == model.get((key, name))
