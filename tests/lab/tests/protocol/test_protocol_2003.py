# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows Server 2003 over the wire: answers have the shape of WinRM 2.0."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winlab.simulation.estate import load_estate


@pytest.fixture
def ask(tmp_path: Path, wire: Callable[..., Any], tiny: Callable[..., Any]) -> Callable[[bytes], tuple[int, str]]:
    """Sends a message to a Windows Server 2003."""
    estate = tmp_path / "estate.yml"
    estate.write_text(f"dns: none\nmachines: [{{name: old, address: {tiny().address}, os: Server 2003 Standard}}]")
    machine = load_estate(estate).machines["old"]
    running = wire(machine)
    return lambda message: running.ask(machine, message)


def test_the_activation_is_one_instance(ask: Any, soap: Any) -> None:
    status, text = ask(soap.query("SELECT * FROM Win32_WindowsProductActivation"))
    assert status == 200
    assert re.findall(r"<p:(\w+)[ >]", text.partition("Items")[2])[1:] == [
        "ActivationRequired", "Caption", "Description", "IsNotificationOn", "ProductID", "RemainingEvaluationPeriod",
        "RemainingGracePeriod", "ServerName", "SettingID",
    ]  # fmt: skip
    assert "<p:RemainingEvaluationPeriod>4294967295<" in text
    assert '<p:Caption xsi:nil="true"/>' in text


def test_a_method_gives_its_output_and_a_return_value_or_only_that(ask: Any, soap: Any) -> None:
    uri, keys = soap.WMI + "Win32_WindowsProductActivation", {"ServerName": "old"}
    status, text = ask(soap.invoke("GetInstallationID", uri=uri, selectors=keys))
    assert status == 200
    assert re.search(r"<p:InstallationID>\d{54}</p:InstallationID><p:ReturnValue>0<", text)
    parameter = "<p:ConfirmationID>1</p:ConfirmationID>"
    status, text = ask(soap.invoke("ActivateOffline", parameter, uri=uri, selectors=keys))
    assert (status, re.findall(r"<p:ReturnValue>(\d+)<", text)) == (200, ["2147500037"])


def test_a_class_that_is_not_there_is_a_fault_in_the_older_shape(ask: Any, soap: Any) -> None:
    status, text = ask(soap.query("SELECT * FROM SoftwareLicensingService"))
    assert status == 500
    assert "n:CannotProcessFilter" in text
    assert "<f:ProviderFault" in text
    assert "__ExtendedStatus" in text
    assert "MSFT_WmiError" not in text


def test_a_file_query_over_the_whole_disk_is_timed_out_by_ws_management_itself(ask: Any, soap: Any) -> None:
    status, text = ask(soap.query("SELECT * FROM CIM_DataFile"))
    assert (status, re.findall(r'WSManFault [^>]*Code="(\d+)"', text)) == (500, ["2150858793"])
    assert "<s:Value>w:TimedOut</s:Value>" in text
    assert "ProviderFault" not in text
    status, text = ask(soap.query(r"SELECT Version FROM CIM_DataFile WHERE Name='c:\\windows\\system32\\licdll.dll'"))
    assert status == 200
    assert "<Version>5.2.3790.0</Version>" in text
