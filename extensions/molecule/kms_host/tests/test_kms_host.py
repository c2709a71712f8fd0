# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify two KMS hosts: their key, their port, their settings, their firewall, and their SRV records."""

from __future__ import annotations

import re

import pytest

import outside

HOSTS = outside.names("new_hosts")
PORT = 1689
RENEWAL_MINUTES = 14400


@pytest.mark.parametrize("name", HOSTS)
def test_windows_has_the_kms_host_key(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name)) == ("VOLUME_KMS_WS22", "66666")


@pytest.mark.parametrize("name", HOSTS)
def test_the_license_has_no_end(name: str) -> None:
    assert outside.minutes_left(name) is None


def test_an_english_host_shows_that_it_serves_on_the_port() -> None:
    shown = outside.details("host-first")
    assert outside.status("host-first") == "Licensed"
    assert "Key Management Service is enabled on this machine" in shown
    assert f"Listening on Port: {PORT}" in shown
    assert "DNS publishing enabled" in shown


def test_two_runs_used_one_activation_for_each_host() -> None:
    assert outside.activations_used("66666", "Server 2022") == len(HOSTS)


@pytest.mark.parametrize("name", HOSTS)
def test_a_program_listens_on_the_port_and_none_on_the_usual_one(name: str) -> None:
    assert (outside.is_listening(name, PORT), outside.is_listening(name, 1688)) == (True, False)


@pytest.mark.parametrize("name", HOSTS)
def test_the_settings_are_in_the_registry(name: str) -> None:
    assert outside.registry(name, "KeyManagementServiceListeningPort") == str(PORT)
    assert int(outside.registry(name, "VLRenewalInterval") or "0", 16) == RENEWAL_MINUTES


def test_a_rule_of_the_firewall_lets_the_port_in() -> None:
    shown = outside.output(outside.machine("host-first"), "netsh advfirewall firewall show rule name=all")
    rules = [dict(re.findall(r"^(.+?):\s+(.*?)\s*$", rule, re.MULTILINE)) for rule in shown.split("Rule Name:")[1:]]
    (opened,) = (rule for rule in rules if rule.get("LocalPort") == str(PORT))
    assert (opened["Enabled"], opened["Direction"], opened["Protocol"], opened["Action"]) == ("Yes", "In", "TCP", "Allow")


def test_both_hosts_are_published_in_both_domains_with_priority_and_weight() -> None:
    assert outside.srv_records("hosts.lab") == {(0, 0, PORT, f"{name}.hosts.lab") for name in HOSTS}
    assert outside.srv_records("branch.hosts.lab") == {(10, 20, PORT, f"{name}.hosts.lab") for name in HOSTS}
