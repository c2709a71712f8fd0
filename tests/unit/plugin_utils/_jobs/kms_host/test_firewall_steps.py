# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every change of the firewall: at no moment is a port open that nobody asked for, and at the end the wish is in force."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host.firewall_steps import steps
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.firewall import (
    CLOSED,
    OPEN,
    UNKNOWN,
    Firewall,
    FirewallRule,
    commands,
    filter_path,
    own_name,
    rule_path,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step

ORIGINALS = ("SPPSVC-In-TCP", "SPPSVC-In-TCP-NoScope")
PORTS = [1688, 1689, 1700]


def build(name: str, enabled: bool, port: int) -> FirewallRule:
    return FirewallRule(name, enabled, (str(port),), (), rule_path(name), filter_path(name))


@dataclass
class Wall:
    """The smallest firewall: rules by name, each with a switch and a port."""

    rules: dict[str, tuple[bool, int]]

    def seen(self) -> Firewall:
        return Firewall(True, tuple(build(name, enabled, port) for name, (enabled, port) in sorted(self.rules.items())))

    def blind(self) -> Firewall:
        """Return what a machine shows that does not show the ports of its rules (W-026)."""
        return Firewall(True, tuple(replace(rule, ports=()) for rule in self.seen().rules))

    def open_ports(self) -> set[int]:
        return {port for enabled, port in self.rules.values() if enabled}

    def carry_out(self, step: Step) -> None:
        name = step.target.keys["CreationClassName"].rpartition("|")[2]
        enabled, port = self.rules[name]
        if step.method == "CloneObject":
            new = str(step.arguments["NewName"])
            assert new not in self.rules
            self.rules[new] = (enabled, port)
        elif step.method == "Put":
            self.rules[name] = (enabled, int(str(step.arguments["LocalPort"])))
        else:
            self.rules[name] = (step.method == "Enable", port)


@st.composite
def walls(draw: st.DrawFn) -> Wall:
    rules = {name: (draw(st.booleans()), 1688) for name in ORIGINALS[: draw(st.integers(1, 2))]}
    for name in list(rules):
        if draw(st.booleans()):
            rules[own_name(build(name, False, 0))] = (draw(st.booleans()), draw(st.sampled_from(PORTS)))
    return Wall(rules)


@given(walls(), st.sampled_from([OPEN, CLOSED]), st.sampled_from(PORTS))
def test_the_wish_is_in_force_afterwards_and_a_second_look_finds_nothing_to_do(wall: Wall, desired: str, port: int) -> None:
    for step in steps(wall.seen(), desired, port):
        wall.carry_out(step)
    assert wall.seen().state(port) == desired
    assert wall.open_ports() == ({port} if desired == OPEN else set())
    assert steps(wall.seen(), desired, port) == ()


@given(walls(), st.sampled_from([OPEN, CLOSED]), st.sampled_from(PORTS))
def test_there_are_steps_exactly_when_the_state_is_another_than_the_wish(wall: Wall, desired: str, port: int) -> None:
    assert bool(steps(wall.seen(), desired, port)) == (wall.seen().state(port) != desired)


@given(walls(), st.sampled_from([OPEN, CLOSED]), st.sampled_from(PORTS))
def test_at_no_moment_is_another_port_open_than_before_or_asked_for(wall: Wall, desired: str, port: int) -> None:
    allowed = wall.open_ports() | ({port} if desired == OPEN else set())
    for step in steps(wall.seen(), desired, port):
        wall.carry_out(step)
        assert wall.open_ports() <= allowed


@given(walls(), st.sampled_from(PORTS), st.integers(0, 8), st.sampled_from(PORTS))
def test_a_change_cut_off_anywhere_is_made_up_for_by_the_next_one(wall: Wall, port: int, done: int, then: int) -> None:
    for step in steps(wall.seen(), OPEN, port)[:done]:
        wall.carry_out(step)
    for step in steps(wall.seen(), OPEN, then):
        wall.carry_out(step)
    assert (wall.seen().state(then), wall.open_ports()) == (OPEN, {then})


def test_an_unmanaged_or_missing_firewall_is_left_alone() -> None:
    assert steps(Firewall(available=False), OPEN, 1688) == ()
    assert steps(Wall({ORIGINALS[0]: (False, 1688)}).seen(), "unmanaged", 1688) == ()


def test_the_command_for_an_old_windows_names_port_program_and_service_and_no_group() -> None:
    line = commands(OPEN, 1689)
    assert "localport=1689" in line
    assert "sppextcomobj.exe" in line
    assert "service=sppsvc" in line
    assert "group=" not in line
    assert commands(CLOSED, 1689) == 'netsh advfirewall firewall delete rule name="KMS TCP 1689"'


@given(walls(), st.sampled_from(PORTS))
def test_without_ports_the_wish_is_written_once_and_the_state_is_not_claimed(wall: Wall, port: int) -> None:
    for step in steps(wall.blind(), OPEN, port, is_new_port=True):
        wall.carry_out(step)
    assert wall.open_ports() == {port}
    assert wall.blind().state(port) == UNKNOWN
    assert steps(wall.blind(), OPEN, port) == ()


@given(walls(), st.sampled_from(PORTS))
def test_without_ports_the_firewall_can_be_closed(wall: Wall, port: int) -> None:
    for step in steps(wall.blind(), CLOSED, port):
        wall.carry_out(step)
    assert wall.open_ports() == set()
    assert wall.blind().state(port) == CLOSED
