# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the rules of the Windows Firewall for KMS.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The classes exist since Windows 8 and Windows Server 2012. Windows has a group of rules for KMS: one rule on a server, and a second one
for the domain profile on a client version of Windows. The rules are for TCP 1688 only. For another port, the module creates copies, whose
names begin with :data:`OWN`. The local store does not contain the rules of Group Policy, but the registry shows whether Group Policy
disables local rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimError, CimInstance, CimPath, CimSession
from ..catalog.rights import with_right
from ..registry import values as registry
from ..state import wql
from ..state.model import OperatingSystem
from ..state.served import version_of
from ..state.wmi_classes import NO_SUCH_CLASS

GROUP = "@FirewallAPI.dll,-28002"
"""RuleGroup of the KMS rules. The displayed name is in the language of the machine."""

OWN = "WINOPS-"
OPEN, CLOSED, MIXED, UNKNOWN, UNMANAGED = "open", "closed", "mixed", "unknown", "unmanaged"

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
    """One inbound rule with its port filter. Empty `profiles` means all profiles, and empty `ports` that the machine shows none.

    `path` and `filter_path` are the targets of writes.
    """

    name: str
    enabled: bool
    ports: tuple[str, ...]
    profiles: tuple[str, ...]
    path: CimPath
    filter_path: CimPath | None

    @property
    def is_own(self) -> bool:
        """Whether this collection created the rule for another port."""
        return self.name.startswith(OWN)

    def admits(self, port: int) -> bool:
        """Return whether the rule allows this port, and no other."""
        return self.ports == (str(port),)

    def is_for(self, port: int) -> bool:
        """Return whether the rule is for this port, as far as the machine shows it.

        Without ports, a rule of Windows counts as one for its default port, and a copy as one for the port that was written last (W-026).
        """
        return self.admits(port) or (not self.ports and (self.is_own or port == DEFAULT_PORT))


@dataclass(frozen=True)
class Firewall:
    """The rules for KMS. `available` is false if Windows does not have the classes or the rules.

    `ignored_profiles` are the profiles in which Group Policy disables local rules, and `unread_policy` is why this could not be read.
    """

    available: bool
    rules: tuple[FirewallRule, ...] = ()
    ignored_profiles: tuple[str, ...] = ()
    unread_policy: str = ""

    @property
    def unseen(self) -> tuple[FirewallRule, ...]:
        """The enabled rules whose ports the machine does not show."""
        return tuple(rule for rule in self.rules if rule.enabled and not rule.ports)

    @property
    def originals(self) -> tuple[FirewallRule, ...]:
        """The rules of Windows."""
        return tuple(rule for rule in self.rules if not rule.is_own)

    def own_of(self, original: FirewallRule) -> FirewallRule | None:
        """Return the copy of a rule; None if there is no copy."""
        return next((rule for rule in self.rules if rule.name == own_name(original)), None)

    def state(self, port: int) -> str:
        """Return open if only this port is allowed, closed if no port is, and mixed otherwise.

        Unknown if the machine does not show the ports of the enabled rules, and unmanaged if the rules cannot be read.
        """
        if not self.available:
            return UNMANAGED
        enabled = {rule.name for rule in self.rules if rule.enabled}
        if not enabled:
            return CLOSED
        if self.unseen:
            return UNKNOWN
        letting = [original if original.admits(port) else self.own_of(original) for original in self.originals]
        wanted = {rule.name for rule in letting if rule and rule.admits(port)}
        return OPEN if enabled == wanted and len(wanted) == len(self.originals) else MIXED


NO_FIREWALL = Firewall(available=False)
"""A firewall that cannot be read."""


def own_name(original: FirewallRule) -> str:
    """Return the name of the copy of a rule."""
    return f"{OWN}{original.name}"


def read_firewall(session: CimSession, os: OperatingSystem) -> Firewall:
    """Return the rules for KMS with their ports. Two queries, and the policies. Raises CimError and UnreachableError."""
    if version_of(os) < _FIRST_VERSION:
        return NO_FIREWALL
    try:
        found = session.query(f"SELECT * FROM MSFT_NetFirewallRule WHERE RuleGroup={wql.literal(GROUP)}", _NAMESPACE)
        if not found:
            return NO_FIREWALL
        filters = _read_filters(session, [instance.text("InstanceID") or "" for instance in found])
    except CimError as error:
        if error.code in NO_SUCH_CLASS:  # some later machines, where the class is not registered correctly, return the same codes
            return NO_FIREWALL
        raise
    rules = tuple(sorted((_rule(instance, filters) for instance in found), key=lambda rule: rule.name))
    ignored, unread = _ignored_profiles(session)
    return Firewall(any(not rule.is_own for rule in rules), rules, ignored, unread)


def read_rule(session: CimSession, name: str) -> FirewallRule | None:
    """Return the current state of a rule; None if it does not exist."""
    found = session.query(f"SELECT * FROM MSFT_NetFirewallRule WHERE InstanceID={wql.literal(name)}", _NAMESPACE)
    return _rule(found[0], _read_filters(session, [name])) if found else None


def rule_path(name: str) -> CimPath:
    """Return the path of a rule, which follows from its name, also if the rule does not exist yet."""
    return CimPath("MSFT_NetFirewallRule", _keys_of(name, _RULE_KEYS), _NAMESPACE)


def filter_path(name: str) -> CimPath:
    """Return the path of the port filter of a rule, also if the rule does not exist yet."""
    return CimPath("MSFT_NetProtocolPortFilter", _keys_of(name, _FILTER_KEYS), _NAMESPACE)


def commands(state: str, port: int) -> str:
    """Return the command for a machine whose firewall the module cannot manage.

    The command uses the port and the program, because the name of the rule group depends on the language of the machine.
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


def _ignored_profiles(session: CimSession) -> tuple[tuple[str, ...], str]:
    """Return the profiles in which Group Policy disables local rules (AllowLocalPolicyMerge 0), and why this could not be read."""
    try:
        if not registry.has_key(session, _POLICY):
            return (), ""
        merges = ((word, registry.dword(session, rf"{_POLICY}\{key}", "AllowLocalPolicyMerge")) for word, key in _POLICY_PROFILES)
        return tuple(word for word, merge in merges if merge == 0), ""
    except CimError as error:
        return (), with_right(error)
