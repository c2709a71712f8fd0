# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Windows Firewall of one machine, as far as it decides whether a KMS client gets through.

Facts: licensing section 9 for the rules of the Key Management Service. What is not simulated: addresses, interfaces, packets.
Where nothing says otherwise the way in is shut: no rule means no connection, a blocking rule beats an allowing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

DOMAIN, PRIVATE, PUBLIC = 1, 2, 4
"""Network profiles, as bits; 0 stands for all of them."""
INBOUND, OUTBOUND = 1, 2
ALLOW, BLOCK = 2, 4
ANY = "Any"
KMS_GROUP = "@FirewallAPI.dll,-28002"
KMS_PORT = 1688
KMS_PROGRAM = r"%SystemRoot%\system32\sppextcomobj.exe"
OPEN, CLOSED, OFF = "open", "closed", "off"


@dataclass(frozen=True)
class Rule:
    """One rule of the local store; `ports` are local ports, `group` and `label` as the rule names them in FirewallAPI.dll."""

    name: str
    label: str
    english: str
    japanese: str
    group: str = ""
    enabled: bool = False
    direction: int = INBOUND
    action: int = ALLOW
    profiles: int = 0
    protocol: str = "TCP"
    ports: tuple[str, ...] = (ANY,)
    program: str = ""
    service: str = ""

    def lets_in(self, port: int, profile: int) -> bool:
        """Whether the rule speaks of connections to the KMS of this machine on this port."""
        return (
            self.enabled
            and self.direction == INBOUND
            and self.profiles in (0, self.profiles | profile)
            and self.protocol.upper() in ("TCP", "ANY")
            and any(_holds(entry, port) for entry in self.ports)
            and self.program.rpartition("\\")[2].casefold() in ("", "any", "sppextcomobj.exe")
            and self.service.casefold() in ("", "any", "sppsvc")
        )


def _holds(entry: str, port: int) -> bool:
    first, dash, last = entry.partition("-")
    if entry.casefold() == ANY.casefold():
        return True
    if not first.isdecimal() or (dash and not last.isdecimal()):
        return False
    return int(first) <= port <= int(last or first)


def valid_port(entry: str) -> bool:
    """Whether a rule may name this local port: a number, a range or Any."""
    first, dash, last = entry.partition("-")
    numbers = (first, last) if dash else (first,)
    return entry.casefold() == ANY.casefold() or all(text.isdecimal() and 1 <= int(text) <= 65535 for text in numbers)


def _kms(name: str, label: str, profiles: int, enabled: bool) -> Rule:
    return Rule(
        name, f"@FirewallAPI.dll,-{label}", "Key Management Service (TCP-In)", "キー管理サービス (TCP 受信)", KMS_GROUP, enabled,
        profiles=profiles, ports=(str(KMS_PORT),), program=KMS_PROGRAM, service="sppsvc",
    )  # fmt: skip


_OTHERS = (
    Rule("WINRM-HTTP-In-TCP", "@FirewallAPI.dll,-30253", "Windows Remote Management (HTTP-In)", "Windows リモート管理 (HTTP 受信)",
         "@FirewallAPI.dll,-30267", True, ports=("5985",), program="System"),
    Rule("RemoteDesktop-UserMode-In-TCP", "@FirewallAPI.dll,-28775", "Remote Desktop - User Mode (TCP-In)",
         "リモート デスクトップ - ユーザー モード (TCP 受信)", "@FirewallAPI.dll,-28752", ports=("3389",),
         program=r"%SystemRoot%\system32\svchost.exe", service="termservice"),
    Rule("CoreNet-DNS-Out-UDP", "@FirewallAPI.dll,-25405", "Core Networking - DNS (UDP-Out)", "コア ネットワーク - DNS (UDP 送信)",
         "@FirewallAPI.dll,-25000", True, OUTBOUND, protocol="UDP", program=r"%SystemRoot%\system32\svchost.exe", service="dnscache"),
)  # fmt: skip
"""Rules of other groups, so that a query for one group has something to leave out."""


def fresh_rules(server: bool, kms_enabled: bool) -> list[Rule]:
    """The rules of a new installation: on a server one for all profiles, on a client one per kind of network."""
    if server:
        return [_kms("SPPSVC-In-TCP", "28003", 0, kms_enabled), *_OTHERS]
    outside = _kms("SPPSVC-In-TCP", "28003", PRIVATE | PUBLIC, kms_enabled)
    return [outside, _kms("SPPSVC-In-TCP-NoScope", "28003", DOMAIN, kms_enabled), *_OTHERS]


@dataclass
class Firewall:
    """The firewall of a machine. `state` is how it begins: open (for the KMS), closed, or off altogether."""

    server: bool = True
    state: str = CLOSED
    port: int = KMS_PORT
    """The port an open firewall was opened for; another than 1688 has a rule of its own."""
    _rules: dict[str, Rule] | None = field(default=None, repr=False)

    def _all(self) -> dict[str, Rule]:
        if self._rules is None:
            usual = self.port == KMS_PORT
            rules = fresh_rules(self.server, self.state == OPEN and usual)
            if self.state == OPEN and not usual:
                rules.append(Rule(f"KMS-{self.port}-In-TCP", f"KMS {self.port}", f"KMS {self.port}", f"KMS {self.port}", enabled=True,
                                  ports=(str(self.port),)))  # fmt: skip
            self._rules = {rule.name.casefold(): rule for rule in rules}
        return self._rules

    def rules(self) -> Iterator[Rule]:
        """All rules in the order they were made."""
        yield from self._all().values()

    def find(self, name: str) -> Rule | None:
        """The rule of this name, in any case."""
        return self._all().get(name.casefold())

    def add(self, rule: Rule) -> None:
        """Take in a rule whose name is free."""
        self._all()[rule.name.casefold()] = rule

    def change(self, name: str, **changes: object) -> Rule:
        """Change a rule that is there."""
        rule = replace(self._all()[name.casefold()], **changes)  # type: ignore[arg-type]  # the callers name fields of Rule
        self._all()[name.casefold()] = rule
        return rule

    def remove(self, name: str) -> None:
        """Remove a rule that is there."""
        del self._all()[name.casefold()]

    def allows(self, port: int, profile: int) -> bool:
        """Whether a client reaches the KMS on this port while the machine is in a network of this profile."""
        if self.state == OFF:
            return True
        if self._rules is None and self.port == port:
            return self.state == OPEN
        actions = {rule.action for rule in self._all().values() if rule.lets_in(port, profile)}
        return ALLOW in actions and BLOCK not in actions
