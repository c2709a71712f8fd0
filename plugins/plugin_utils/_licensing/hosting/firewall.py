# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Windows Firewall as far as a KMS host needs it, read over CIM.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The classes exist since Windows 8 and Server 2012. Windows brings a group of rules for KMS: on a server one rule, on a client
system a second one for the domain profile. They are for TCP 1688 only; another port gets clones of them, whose names begin
with :data:`OWN`. What is read is the local store: rules that Group Policy brings do not show here, but whether it makes the
machine ignore local rules does, in the registry.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._cim.session import CimError, CimInstance, CimPath, CimSession
from ..registry import values as registry
from ..state import wql
from ..state.model import OperatingSystem
from ..state.served import version_of
from ..state.wmi_classes import NO_SUCH_CLASS

GROUP = "@FirewallAPI.dll,-28002"
"""RuleGroup of the KMS rules; the name people see is in the display language of the machine."""

OWN = "WINOPS-"
OPEN, CLOSED, MIXED, UNMANAGED = "open", "closed", "mixed", "unmanaged"

_NAMESPACE = "root/StandardCimv2"
_RULE_KEYS = ("CreationClassName", "PolicyRuleName", "SystemCreationClassName", "SystemName")
_FILTER_KEYS = ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")
_ENABLED = 1
_FIRST_VERSION = (6, 2)
_POLICY = r"SOFTWARE\Policies\Microsoft\WindowsFirewall"
_POLICY_PROFILES = (("domain", "DomainProfile"), ("private", "StandardProfile"), ("public", "PublicProfile"))
_PROFILE_BITS = (("domain", 1), ("private", 2), ("public", 4))


@dataclass(frozen=True)
class FirewallRule:
    """One inbound rule with its port filter. `profiles` is empty for all of them; the paths are where it is written."""

    name: str
    enabled: bool
    ports: tuple[str, ...]
    profiles: tuple[str, ...]
    path: CimPath
    filter_path: CimPath | None

    @property
    def is_own(self) -> bool:
        """A clone this collection made for another port."""
        return self.name.startswith(OWN)

    def admits(self, port: int) -> bool:
        """Whether it lets this port in and no other."""
        return self.ports == (str(port),)


@dataclass(frozen=True)
class Firewall:
    """The rules for KMS. `available` is false where Windows has no such classes or no such rules.

    In `ignored_profiles` Group Policy lets no local rule count.
    """

    available: bool
    rules: tuple[FirewallRule, ...] = ()
    ignored_profiles: tuple[str, ...] = ()

    @property
    def originals(self) -> tuple[FirewallRule, ...]:
        """The rules Windows brings."""
        return tuple(rule for rule in self.rules if not rule.is_own)

    def own_of(self, original: FirewallRule) -> FirewallRule | None:
        """The clone of a rule, None when there is none yet."""
        return next((rule for rule in self.rules if rule.name == own_name(original)), None)

    def state(self, port: int) -> str:
        """open when this port is let in and no other, closed when none is, else mixed; unmanaged when nobody can tell."""
        if not self.available:
            return UNMANAGED
        enabled = {rule.name for rule in self.rules if rule.enabled}
        if not enabled:
            return CLOSED
        letting = [original if original.admits(port) else self.own_of(original) for original in self.originals]
        wanted = {rule.name for rule in letting if rule and rule.admits(port)}
        return OPEN if enabled == wanted and len(wanted) == len(self.originals) else MIXED


NO_FIREWALL = Firewall(available=False)
"""A firewall nobody can see."""


def own_name(original: FirewallRule) -> str:
    """The name of a rule's clone."""
    return f"{OWN}{original.name}"


def read_firewall(session: CimSession, os: OperatingSystem) -> Firewall:
    """The rules for KMS with their ports: two queries and one look at the policies. Raises CimError and UnreachableError."""
    if version_of(os) < _FIRST_VERSION:
        return NO_FIREWALL
    try:
        found = session.query(f"SELECT * FROM MSFT_NetFirewallRule WHERE RuleGroup={wql.literal(GROUP)}", _NAMESPACE)
        if not found:
            return NO_FIREWALL
        filters = _read_filters(session, [instance.text("InstanceID") or "" for instance in found])
    except CimError as error:
        if error.code in NO_SUCH_CLASS:  # on some later machines the class is registered wrongly and gives the same codes
            return NO_FIREWALL
        raise
    rules = tuple(sorted((_rule(instance, filters) for instance in found), key=lambda rule: rule.name))
    return Firewall(any(not rule.is_own for rule in rules), rules, _ignored_profiles(session))


def read_rule(session: CimSession, name: str) -> FirewallRule | None:
    """One rule as it is now, None when there is none of this name."""
    found = session.query(f"SELECT * FROM MSFT_NetFirewallRule WHERE InstanceID={wql.literal(name)}", _NAMESPACE)
    return _rule(found[0], _read_filters(session, [name])) if found else None


def rule_path(name: str) -> CimPath:
    """Where a rule that does not exist yet will be: its keys follow from its name."""
    return CimPath("MSFT_NetFirewallRule", _keys_of(name, _RULE_KEYS), _NAMESPACE)


def filter_path(name: str) -> CimPath:
    """Where the port filter of a rule that does not exist yet will be."""
    return CimPath("MSFT_NetProtocolPortFilter", _keys_of(name, _FILTER_KEYS), _NAMESPACE)


def commands(state: str, port: int) -> str:
    """The line an administrator runs on a machine whose firewall cannot be managed here.

    By port and program: the group of rules can only be named in the display language of the machine.
    """
    name = f'name="KMS TCP {port}"'
    if state == CLOSED:
        return f"netsh advfirewall firewall delete rule {name}"
    program = r'program="%SystemRoot%\system32\sppextcomobj.exe" service=sppsvc'
    return f"netsh advfirewall firewall add rule {name} dir=in action=allow protocol=TCP localport={port} {program}"


def _keys_of(name: str, names: tuple[str, ...]) -> dict[str, str]:
    return {**dict.fromkeys(names, ""), "CreationClassName": f"MSFT|FW|FirewallRule|{name}"}


def _read_filters(session: CimSession, names: list[str]) -> dict[str, CimInstance]:
    wanted = " OR ".join(f"InstanceID={wql.literal(name)}" for name in names)
    found = session.query(f"SELECT * FROM MSFT_NetProtocolPortFilter WHERE {wanted}", _NAMESPACE)
    return {instance.text("InstanceID") or "": instance for instance in found}


def _rule(instance: CimInstance, filters: dict[str, CimInstance]) -> FirewallRule:
    name = instance.text("InstanceID") or ""
    ports = filters.get(name)
    bits = instance.integer("Profiles", 0) or 0
    return FirewallRule(
        name=name,
        enabled=instance.integer("Enabled") == _ENABLED,
        ports=ports.texts("LocalPort") if ports else (),
        profiles=tuple(word for word, bit in _PROFILE_BITS if bits & bit),
        path=CimPath("MSFT_NetFirewallRule", {key: instance.text(key) or "" for key in _RULE_KEYS}, _NAMESPACE),
        filter_path=CimPath("MSFT_NetProtocolPortFilter", {key: ports.text(key) or "" for key in _FILTER_KEYS}, _NAMESPACE)
        if ports
        else None,
    )


def _ignored_profiles(session: CimSession) -> tuple[str, ...]:
    """Profiles in which Group Policy says that local rules do not count (AllowLocalPolicyMerge 0)."""
    try:
        if not registry.has_key(session, _POLICY):
            return ()
        return tuple(word for word, key in _POLICY_PROFILES if registry.dword(session, rf"{_POLICY}\{key}", "AllowLocalPolicyMerge") == 0)
    except CimError:
        return ()
