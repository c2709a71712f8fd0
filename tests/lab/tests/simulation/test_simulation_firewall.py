# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a KMS client gets through to a host, and the ways to change that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate, EstateError

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
CIM = "root/StandardCimv2"
RULE, PORTS = "MSFT_NetFirewallRule", "MSFT_NetProtocolPortFilter"
GROUP = "SELECT * FROM MSFT_NetFirewallRule WHERE RuleGroup = '@FirewallAPI.dll,-28002'"
HOSTS = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab, outside_clients: 60}
    machines:
      - {name: shut, address: 127.56.30.1, os: Server 2022 Standard, state: kms_host, firewall: closed}
      - {name: open, address: 127.56.30.2, os: Server 2022 Standard, state: kms_host, listening_port: 1700}
      - {name: none, address: 127.56.30.3, os: Server 2022 Standard, state: kms_host, firewall: off, listening_port: 1800}
      - {name: desk, address: 127.56.30.4, os: Windows 10 Enterprise, state: kms_host, firewall: closed}
      - {name: alone, address: 127.56.30.5, os: Windows 10 Enterprise, state: kms_host, firewall: closed, domain: null}
      - {name: old, address: 127.56.30.6, os: Server 2008 R2 Standard, state: kms_host, firewall: closed}
      - {name: pc, address: 127.56.30.7, os: Windows 10 Enterprise, state: grace, kms_host: shut}
"""


@pytest.fixture
def estate(estate_of: MakeEstate) -> Estate:
    return estate_of(HOSTS)


def rule_keys(name: str, third: str = "PolicyRuleName") -> dict[str, str]:
    return {"CreationClassName": f"MSFT|FW|FirewallRule|{name}", third: "", "SystemCreationClassName": "", "SystemName": ""}


def call(host: Any, method: str, name: str = "SPPSVC-In-TCP", **arguments: object) -> Any:
    return host.invoke(RULE, rule_keys(name), method, namespace=CIM, **arguments)


def put(host: Any, name: str = "SPPSVC-In-TCP", **values: list[str]) -> Mapping[str, Any]:
    return dict(asyncio.run(host.machine.put(CIM, PORTS, rule_keys(name, "Name"), values)).values)


def restart(host: Any) -> None:
    for method in ("StopService", "StartService"):
        host.invoke("Win32_Service", {"Name": "sppsvc"}, method)


@pytest.mark.parametrize(("name", "reachable"), [("shut", False), ("open", True), ("none", True), ("pc", False)])
def test_a_host_is_reached_when_its_firewall_lets_the_port_through(estate: Estate, name: str, reachable: bool) -> None:
    assert estate.machines[name].kms_reachable() is reachable
    assert estate.snapshot(name)["kms_reachable"] is reachable


def test_behind_a_closed_firewall_a_client_finds_nobody(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    pc = remote(estate, "pc")
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074
    assert pc.events(12288)[0].startswith("0x800706BA, ")
    assert call(remote(estate, "shut"), "Enable").return_value is None
    pc.on_product("Activate")
    call(remote(estate, "shut"), "Disable")
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074


@pytest.mark.parametrize("fault", ["kms_host_down", "kms_port_closed", "kms_port_speaks"])
def test_a_fault_of_the_host_makes_it_unreachable(estate: Estate, fault: str) -> None:
    estate.set_fault("open", fault, **({"what": "http"} if fault == "kms_port_speaks" else {}))
    assert not estate.machines["open"].kms_reachable()


def test_a_host_needs_its_key_and_its_service(estate: Estate, remote: Any) -> None:
    host = remote(estate, "open")
    host.invoke("Win32_Service", {"Name": "sppsvc"}, "StopService")
    assert not host.machine.kms_reachable()
    host.invoke("Win32_Service", {"Name": "sppsvc"}, "StartService")
    assert host.machine.kms_reachable()
    host.on_product("UninstallProductKey")
    assert not host.machine.kms_reachable()


def test_a_client_windows_has_one_rule_for_the_domain_and_one_for_other_networks(estate: Estate, remote: Any) -> None:
    found = {rule["InstanceID"]: rule["Profiles"] for rule in remote(estate, "desk").query(GROUP, CIM)}
    assert found == {"SPPSVC-In-TCP": 6, "SPPSVC-In-TCP-NoScope": 1}
    call(remote(estate, "desk"), "Enable")
    call(remote(estate, "alone"), "Enable")
    assert (estate.machines["desk"].kms_reachable(), estate.machines["alone"].kms_reachable()) == (False, True)
    call(remote(estate, "desk"), "Enable", "SPPSVC-In-TCP-NoScope")
    assert estate.machines["desk"].kms_reachable()


def test_a_rule_shows_what_the_documents_say_of_it(estate: Estate, remote: Any) -> None:
    (rule,) = remote(estate, "shut").query(GROUP, CIM)
    assert (rule["InstanceID"], rule["Enabled"], rule["Direction"], rule["Action"], rule["Profiles"]) == ("SPPSVC-In-TCP", 2, 1, 2, 0)
    assert (rule["PolicyRuleName"], rule["SystemName"], rule["PolicyStoreSourceType"]) == (None, None, 1)
    (ports,) = remote(estate, "shut").query(f"SELECT * FROM {PORTS} WHERE InstanceID = 'SPPSVC-In-TCP'", CIM)
    assert (ports["Protocol"], ports["LocalPort"]) == ("TCP", ("1688",))
    assert len(remote(estate, "shut").query(f"SELECT * FROM {RULE}", CIM)) > 3


def test_another_port_gets_through_with_a_copy_of_the_rule(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    host = remote(estate, "shut")
    call(host, "CloneObject", NewName="OWN-1799")
    assert put(host, "OWN-1799", LocalPort=["1799"])["LocalPort"] == ("1799",)
    call(host, "Enable", "OWN-1799")
    host.on_service("SetKeyManagementServiceListeningPort", PortNumber=1799)
    restart(host)
    assert host.machine.kms_reachable()
    assert [(rule["InstanceID"], rule["Enabled"]) for rule in host.query(GROUP, CIM)] == [("SPPSVC-In-TCP", 2), ("OWN-1799", 1)]
    assert fault_code(lambda: call(host, "CloneObject", NewName="own-1799")) == 0x80041019


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda host: put(host, LocalPort=["0"]), 0x80070057),
        (lambda host: put(host, LocalPort=[]), 0x80070057),
        (lambda host: put(host, Nonsense=["1"]), 2150858817),
        (lambda host: put(host, InstanceID=["x"]), 0x80070057),
        (lambda host: put(host, "NO-SUCH-RULE", LocalPort=["1"]), 0x80041002),
        (lambda host: call(host, "Enable", "NO-SUCH-RULE"), 0x80041002),
        (lambda host: host.invoke(RULE, {"InstanceID": "SPPSVC-In-TCP"}, "Enable", namespace=CIM), 2150858843),
        (lambda host: call(host, "CloneObject"), 0x80070057),
        (lambda host: asyncio.run(host.machine.put("root/cimv2", "Win32_Service", {"Name": "sppsvc"}, {})), 2150858801),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    estate: Estate, remote: Any, fault_code: FaultCode, change: Callable[[Any], object], code: int
) -> None:
    host = remote(estate, "open")
    before = estate.snapshot("open")["firewall"]
    assert fault_code(lambda: change(host)) == code
    assert estate.snapshot("open")["firewall"] == before


def test_group_policy_can_make_local_rules_worthless(estate: Estate, remote: Any) -> None:
    host = remote(estate, "open")
    key = r"SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile"
    host.registry("CreateKey", key)
    host.registry("SetDWORDValue", key, sValueName="AllowLocalPolicyMerge", uValue=0)
    assert not host.machine.kms_reachable()


def test_windows_7_and_2008_r2_have_no_such_classes(estate: Estate, remote: Any) -> None:
    with pytest.raises(WmiFault) as caught:
        remote(estate, "old").query(GROUP, CIM)
    assert caught.value.hresult == 0x8004100E


@pytest.mark.parametrize("name", ["shut", "old"])
def test_netsh_adds_and_removes_a_rule(estate: Estate, remote: Any, name: str) -> None:
    host = remote(estate, name)
    added = host.run(
        'netsh advfirewall firewall add rule name="KMS TCP 1688" dir=in action=allow protocol=TCP localport=1688 '
        r'program="%SystemRoot%\system32\sppextcomobj.exe" service=sppsvc'
    )
    assert (added.exit_code, added.stdout.strip()) == (0, "Ok.")
    assert host.machine.kms_reachable()
    assert host.run('netsh advfirewall firewall delete rule name="KMS TCP 1688"').stdout.split() == ["Deleted", "1", "rule(s).", "Ok."]
    assert not host.machine.kms_reachable()
    assert host.run('netsh advfirewall firewall delete rule name="KMS TCP 1688"').exit_code == 1


def test_netsh_shows_the_rule_of_the_kms(estate: Estate, remote: Any) -> None:
    host, show = remote(estate, "shut"), 'netsh advfirewall firewall show rule name="Key Management Service (TCP-In)"'
    call(host, "Enable")
    shown = host.run(show)
    assert shown.exit_code == 0
    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    assert lines == [
        "",
        "Rule Name:                            Key Management Service (TCP-In)",
        "----------------------------------------------------------------------",
        "Enabled:                              Yes",
        "Direction:                            In",
        "Profiles:                             Domain,Private,Public",
        "Grouping:                             Key Management Service",
        "LocalIP:                              Any",
        "RemoteIP:                             Any",
        "Protocol:                             TCP",
        "LocalPort:                            1688",
        "RemotePort:                           Any",
        "Edge traversal:                       No",
        "Action:                               Allow",
        "Ok.",
        "",
    ]
    host.run('netsh advfirewall firewall add rule name="x" dir=in action=block')
    everything = host.run("netsh advfirewall firewall show rule name=all").stdout
    assert everything.count("Rule Name:") == 5
    assert "LocalPort" not in everything.partition("Rule Name:                            x")[2]
    missing = host.run("netsh advfirewall firewall show rule name=y")
    assert (missing.exit_code, missing.stdout.strip()) == (1, "No rules match the specified criteria.")


@pytest.mark.parametrize(
    "line",
    ["add rule name=x dir=in", "add rule dir=in action=allow", "add rule name=x dir=up action=allow", "show rule",
     "add rule name=x dir=in action=allow localport=1688", "add rule name=x dir=in action=allow protocol=TCP localport=99999"],
)  # fmt: skip
def test_netsh_refuses_what_it_does_not_understand(estate: Estate, remote: Any, line: str) -> None:
    host = remote(estate, "shut")
    assert host.run(f"netsh advfirewall firewall {line}").exit_code == 1
    assert not host.machine.kms_reachable()


@pytest.mark.parametrize(
    ("options", "reachable"),
    [("action=allow", True), ("action=allow profile=public", False), ("action=allow enable=no", False), ("action=block", False),
     ("action=allow program=C:\\other.exe", False), ("action=allow localport=1600-1700 protocol=TCP", True),
     ("action=allow localport=80,443 protocol=TCP", False), ("action=allow protocol=UDP", False)],
)  # fmt: skip
def test_a_rule_counts_when_it_speaks_of_kms(estate: Estate, remote: Any, options: str, reachable: bool) -> None:
    host = remote(estate, "shut")
    host.run(f"netsh advfirewall firewall add rule name=x dir=in {options}")
    assert host.machine.kms_reachable() is reachable


def test_a_blocking_rule_beats_an_allowing_one(estate: Estate, remote: Any) -> None:
    host = remote(estate, "shut")
    call(host, "Enable")
    host.run("netsh advfirewall firewall add rule name=x dir=in action=block")
    assert not host.machine.kms_reachable()


def test_a_wrong_firewall_is_a_mistake_of_the_file(estate_of: MakeEstate) -> None:
    with pytest.raises(EstateError, match="firewall: 'ajar' is none of open, closed, off"):
        estate_of("machines: [{name: a, address: 127.56.30.9, os: Server 2022 Standard, firewall: ajar}]")
