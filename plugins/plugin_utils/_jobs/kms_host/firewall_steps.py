# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that open the Windows Firewall for the clients of a KMS host, or close it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The firewall never allows more than the desired port: a rule is disabled before it is copied, the copy stays disabled until its port is set,
and rules for other ports are disabled afterwards.
"""

from __future__ import annotations

from ..._cim.session import CimSession
from ..._licensing.hosting.firewall import CLOSED, OPEN, Firewall, FirewallRule, filter_path, own_name, read_rule, rule_path
from ..._licensing.plan.step import Step


def steps(firewall: Firewall, desired: str, port: int, *, is_new_port: bool = False) -> tuple[Step, ...]:
    """Return the steps to the desired state: open (only for this port) or closed.

    If the machine does not show the port of a copy, the port is written only if it is new, and not in each run.
    """
    if not firewall.available or desired not in (OPEN, CLOSED):
        return ()
    if desired == CLOSED:
        return tuple(_disable(rule) for rule in firewall.rules if rule.enabled)
    found = [step for original in firewall.originals for step in _open(firewall, original, port, is_new_port)]
    kept = {original.name if original.is_for(port) else own_name(original) for original in firewall.originals}
    late = [_disable(rule) for rule in firewall.rules if rule.enabled and rule.name not in kept]
    return (*found, *(step for step in late if step not in found))


def _open(firewall: Firewall, original: FirewallRule, port: int, is_new_port: bool) -> list[Step]:
    if original.is_for(port):
        return [] if original.enabled else [_enable(original.name, port)]
    own = firewall.own_of(original)
    if own is None:
        return _make_own(original, port)
    if own.admits(port) or (own.is_for(port) and own.enabled and not is_new_port):
        return [] if own.enabled else [_enable(own.name, port)]
    before = [_disable(own)] if own.enabled else []
    return [*before, _set_port(own.name, port), _enable(own.name, port)]


def _make_own(original: FirewallRule, port: int) -> list[Step]:
    """Return the steps that create a copy of a rule. A copy has the state of its original, so the original is disabled first."""
    before = [_disable(original)] if original.enabled else []
    name = own_name(original)
    clone = Step(
        "clone_firewall_rule",
        original.path,
        "CloneObject",
        f"create the disabled firewall rule {name} as a copy of {original.name}",
        {"NewName": name},
        verify=lambda session: read_rule(session, name) is not None,
    )
    return [*before, clone, _set_port(name, port), _enable(name, port)]


def _set_port(name: str, port: int) -> Step:
    target = filter_path(name)
    properties = {"Protocol": "TCP", "LocalPort": str(port)}

    def is_applied(session: CimSession) -> bool:
        rule = read_rule(session, name)
        return rule is not None and rule.admits(port)

    return Step(
        "set_firewall_port",
        target,
        "Put",
        f"set the port of the firewall rule {name} to TCP {port}",
        properties,
        verify=is_applied,
        run=lambda session, _timer: session.put(target, properties),
    )


def _enable(name: str, port: int) -> Step:
    return Step(
        "enable_firewall_rule",
        rule_path(name),
        "Enable",
        f"enable the firewall rule {name} (TCP {port})",
        verify=lambda session: _is_enabled(session, name),
    )


def _disable(rule: FirewallRule) -> Step:
    return Step(
        "disable_firewall_rule",
        rule.path,
        "Disable",
        f"disable the firewall rule {rule.name} (TCP {', '.join(rule.ports) or 'port not shown'})",
        verify=lambda session: not _is_enabled(session, rule.name),
    )


def _is_enabled(session: CimSession, name: str) -> bool:
    rule = read_rule(session, name)
    return rule is not None and rule.enabled
