# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MSFT_NetFirewallRule and MSFT_NetProtocolPortFilter in root/StandardCimv2, from Windows 8 and Server 2012 on.

A rule is called by four keys of which three are empty; its InstanceID is its name and no key. Its ports are in a filter of
the same InstanceID, which is written with WS-Transfer Put. Enable, Disable, Rename and CloneObject answer without a return
value. Rules of Group Policy and the other filters are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..interfaces import MethodAnswer, Value
from . import wmi_faults
from .arguments import Argument
from .computer import Computer
from .firewall import ANY, INBOUND, Rule, valid_port
from .schema import Method, declare
from .wmi_faults import LicensingError

NAMESPACE = "root/standardcimv2"
SINCE = (6, 2)
_PREFIX = "MSFT|FW|FirewallRule|"
E_INVALIDARG = 0x80070057
_COMMON = ("Caption", "Description", "ElementName", "InstanceID", "CreationClassName", "SystemCreationClassName", "SystemName", "Status")

RULE = declare(
    "MSFT_NetFirewallRule",
    ("CreationClassName", "PolicyRuleName", "SystemCreationClassName", "SystemName"),
    {
        **dict.fromkeys((*_COMMON, "CommonName", "PolicyRuleName", "PolicyStoreSource", "DisplayName", "DisplayGroup", "RuleGroup",
                         "Owner"), "string"),
        **dict.fromkeys(("PolicyDecisionStrategy", "ConditionListType", "ExecutionStrategy", "Priority", "RuleUsage", "SequencedActions",
                         "Enabled", "Direction", "Action", "Profiles", "EdgeTraversalPolicy", "PrimaryStatus", "PolicyStoreSourceType"),
                        "uint16"),
        **dict.fromkeys(("Mandatory", "LooseSourceMapping", "LocalOnlyMapping"), "boolean"),
        **dict.fromkeys(("PolicyKeywords", "PolicyRoles", "Platforms", "EnforcementStatus"), "string[]"), "StatusCode": "uint32",
    },
    (
        Method("Enable", {}, {}), Method("Disable", {}, {}), Method("Rename", {"NewName": "string"}, {}),
        Method("CloneObject", {"NewName": "string", "NewPolicyStore": "string", "NewGPOSession": "string"}, {}, optional=True),
    ),
    NAMESPACE,
)  # fmt: skip
PORT_FILTER = declare(
    "MSFT_NetProtocolPortFilter",
    ("CreationClassName", "Name", "SystemCreationClassName", "SystemName"),
    {
        **dict.fromkeys((*_COMMON, "Name", "Protocol"), "string"), **dict.fromkeys(("LocalPort", "RemotePort", "IcmpType"), "string[]"),
        "DynamicTransport": "uint32", "IsNegated": "boolean",
    },
    (),
    NAMESPACE,
)  # fmt: skip


def rules(computer: Computer) -> Iterable[Mapping[str, Value]]:
    """Every MSFT_NetFirewallRule."""
    return (_rule(computer, rule) for rule in computer.firewall.rules())


def _rule(computer: Computer, rule: Rule) -> Mapping[str, Value]:
    japanese = computer.language == "ja"
    return {
        **dict.fromkeys(RULE.properties), "CreationClassName": _PREFIX + rule.name, "InstanceID": rule.name, "ElementName": rule.label,
        "DisplayName": rule.japanese if japanese else rule.english, "RuleGroup": rule.group or None,
        "DisplayGroup": _display_group(rule.group, japanese), "Enabled": 1 if rule.enabled else 2, "Direction": rule.direction,
        "Action": rule.action, "Profiles": rule.profiles, "PolicyStoreSource": "PersistentStore", "PolicyStoreSourceType": 1,
        "PolicyDecisionStrategy": 2, "SequencedActions": 3, "EdgeTraversalPolicy": 0, "PrimaryStatus": 1, "StatusCode": 65536,
        "Status": "The rule was parsed successfully from the store.", "LooseSourceMapping": False, "LocalOnlyMapping": False,
        "PolicyKeywords": (), "PolicyRoles": (), "Platforms": (), "EnforcementStatus": (),
    }  # fmt: skip


_GROUPS = {
    "@FirewallAPI.dll,-28002": ("Key Management Service", "キー管理サービス"),
    "@FirewallAPI.dll,-30267": ("Windows Remote Management", "Windows リモート管理"),
    "@FirewallAPI.dll,-28752": ("Remote Desktop", "リモート デスクトップ"),
    "@FirewallAPI.dll,-25000": ("Core Networking", "コア ネットワーク"),
}


def _display_group(group: str, japanese: bool) -> str | None:
    return _GROUPS[group][japanese] if group in _GROUPS else group or None


def port_filters(computer: Computer) -> Iterable[Mapping[str, Value]]:
    """Every MSFT_NetProtocolPortFilter, one of each rule."""
    return (_filter(rule) for rule in computer.firewall.rules())


def _filter(rule: Rule) -> Mapping[str, Value]:
    return {
        **dict.fromkeys(PORT_FILTER.properties), "CreationClassName": _PREFIX + rule.name, "InstanceID": rule.name,
        "Protocol": rule.protocol, "LocalPort": rule.ports, "RemotePort": (ANY,), "IcmpType": (ANY,), "DynamicTransport": 0,
        "IsNegated": False,
    }  # fmt: skip


def _find(computer: Computer, class_name: str, keys: Mapping[str, str]) -> Rule:
    """The rule the four keys name; raises WmiFault when there is none."""
    name = keys["CreationClassName"].removeprefix(_PREFIX)
    found = computer.firewall.find(name)
    others = [value for key, value in keys.items() if key != "CreationClassName" and value]
    if found is None or others or name == keys["CreationClassName"]:
        raise wmi_faults.no_instance(class_name, dict(keys))
    return found


def call(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """Run a method of a rule; raises WmiFault."""
    rule = _find(computer, RULE.name, keys)
    if method in ("Enable", "Disable"):
        computer.firewall.change(rule.name, enabled=method == "Enable")
        return MethodAnswer(None)
    name = str(arguments["NewName"] or "")
    if not name or arguments.get("NewPolicyStore") or arguments.get("NewGPOSession"):
        raise LicensingError(E_INVALIDARG)
    if computer.firewall.find(name) is not None:
        raise wmi_faults.already_exists(_PREFIX + name)
    computer.firewall.add(replace(rule, name=name))
    if method == "Rename":
        computer.firewall.remove(rule.name)
    return MethodAnswer(None)


_WRITABLE = {"Protocol", "LocalPort", "RemotePort", "IcmpType", "DynamicTransport"}


def put(computer: Computer, keys: Mapping[str, str], values: Mapping[str, Argument]) -> Mapping[str, Value]:
    """Write the properties that are given into a port filter, leave the others; raises WmiFault or LicensingError."""
    rule = _find(computer, PORT_FILTER.name, keys)
    if not set(values) <= _WRITABLE:
        raise LicensingError(E_INVALIDARG)
    ports = values.get("LocalPort", rule.ports)
    protocol = str(values.get("Protocol") or rule.protocol)
    if not isinstance(ports, tuple) or not ports or not all(valid_port(port) for port in ports):
        raise LicensingError(E_INVALIDARG)
    if ports != (ANY,) and (rule.direction == INBOUND and protocol.upper() not in ("TCP", "UDP")):
        raise LicensingError(E_INVALIDARG)
    return _filter(computer.firewall.change(rule.name, ports=ports, protocol=protocol))
