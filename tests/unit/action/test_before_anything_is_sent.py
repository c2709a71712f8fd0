# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a task is said before anything is sent, in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from explained import assert_explained

from .conftest import CLOSED, Play, Player

INFO, KMS_CLIENT, PRODUCT_KEY = (f"winops.volume_activation.{name}" for name in ("activation_info", "kms_client", "product_key"))
WS_MAN = "w10: the connection plugin"
OPTIONS = "w10: The options of the winrm connection are not valid:"
CERTIFICATE = {"ansible_winrm_transport": "certificate", "ansible_winrm_scheme": "https"}
KERBEROS = {"ansible_winrm_transport": "kerberos", "ansible_winrm_kinit_cmd": "/no/such/kinit"}
JEA = {"ansible_connection": "psrp", "ansible_psrp_configuration_name": "JEA_KMS"}
REFUSED_TASKS: list[tuple[str, dict[str, Any], str]] = [
    ("unknown option", {KMS_CLIENT: {"kms_hots": "a"}}, "kms_client: unknown option kms_hots; did you mean kms_host or kms_port?"),
    ("port 0", {KMS_CLIENT: {"kms_host": "a", "kms_port": 0}}, "kms_client: kms_port: 0 is not a TCP port"),
    ("port 70000", {KMS_CLIENT: {"kms_host": "a", "kms_port": 70000}}, "kms_client: kms_port: 70000 is not a TCP port"),
    ("scheme", {KMS_CLIENT: {"kms_host": "https://kms01"}}, "kms_client: kms_host: 'https://kms01' contains a scheme"),
    ("blank", {KMS_CLIENT: {"kms_host": "kms 01"}}, "kms_client: kms_host: 'kms 01' contains a space"),
    ("port in host", {KMS_CLIENT: {"kms_host": "kms01:1688"}}, "kms_client: kms_host: 'kms01:1688' contains a port"),
    ("malformed key", {PRODUCT_KEY: {"product_key": "MMMMM-KKKKK"}}, "product_key: product_key: a product key has five groups"),
    ("missing key", {PRODUCT_KEY: {}}, "product_key: product_key is required with state: present"),
    ("choice", {INFO: {"application": "word"}}, "activation_info: application: 'word' is not one of windows, office, all"),
    ("become", {KMS_CLIENT: {}, "become": True}, "kms_client does not support become"),
    ("become variable", {INFO: {}, "vars": {"ansible_become": True}}, "activation_info does not support become"),
    ("async", {INFO: {}, "async": 60, "poll": 5}, "activation_info does not support async"),
    ("fire and forget", {PRODUCT_KEY: {"state": "absent"}, "async": 60, "poll": 0}, "product_key does not support async"),
    ("read timeout", {INFO: {}, "vars": {"ansible_winrm_read_timeout_sec": 10}}, f"{OPTIONS} ansible_winrm_read_timeout_sec is 10,"),
    ("certificate", {INFO: {}, "vars": CERTIFICATE}, f"{OPTIONS} ansible_winrm_cert_pem is not set,"),
    ("no kerberos command", {INFO: {}, "vars": KERBEROS}, f"{OPTIONS} the "),
    ("transport", {INFO: {}, "vars": {"ansible_winrm_transport": "pigeon"}}, f"{OPTIONS} ansible_winrm_transport is 'pigeon',"),
    ("port of a connection", {INFO: {}, "vars": {"ansible_port": 70000}}, f"{OPTIONS} ansible_port is 70000,"),
    ("JEA", {INFO: {}, "vars": JEA}, f"{OPTIONS.replace('winrm', 'psrp')} ansible_psrp_configuration_name is JEA_KMS,"),
    ("ssh", {INFO: {}, "vars": {"ansible_connection": "ssh"}}, f"{WS_MAN} ssh is not supported."),
    ("local", {KMS_CLIENT: {}, "vars": {"ansible_connection": "local"}}, f"{WS_MAN} local is not supported."),
]


@pytest.fixture(scope="module")
def refused(play: Player) -> Play:
    return play(*({"name": name, **task} for name, task, _ in REFUSED_TASKS))


@pytest.mark.parametrize("number", range(len(REFUSED_TASKS)), ids=[name for name, _, _ in REFUSED_TASKS])
def test_a_bad_task_fails_with_a_sentence_and_sends_nothing(refused: Play, number: int) -> None:
    name, _, sentence = REFUSED_TASKS[number]
    recorded = refused.results[number]
    assert (recorded["task"], recorded["status"]) == (name, "failed")
    assert refused.message(number).startswith(sentence)
    assert "\n" not in refused.message(number)
    assert "refused" not in refused.message(number)
    assert recorded["result"]["changed"] is False
    assert_explained(recorded["result"])


def test_become_of_the_inventory_is_switched_off_by_a_variable_of_the_task(play: Player) -> None:
    asked = play({INFO: {}}, {INFO: {}, "vars": {"ansible_become": False}}, variables={"ansible_become": True})
    assert (asked.results[0]["status"], asked.results[1]["status"]) == ("failed", "unreachable")
    assert "vars: {ansible_become: false}" in asked.message(0)


def test_refusals_come_without_warnings_deprecations_and_tracebacks(refused: Play) -> None:
    assert not any(recorded["result"].keys() & {"warnings", "deprecations"} for recorded in refused.results)
    assert "Traceback" not in refused.output


def test_check_mode_changes_nothing_of_that(play: Player) -> None:
    run = play({"name": "check mode", KMS_CLIENT: {"kms_port": 1688}, "check_mode": True})
    assert run.message(0).startswith("kms_client: kms_port needs kms_host. ")


def test_a_delegated_task_names_the_machine_it_was_about(play: Player) -> None:
    stumble = {"stumble": {"product_key": "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"}, "vars": CLOSED}
    run = play(stumble, {**stumble, "delegate_to": "kms01"})
    assert_explained(run.results[0]["result"])
    assert run.message(0).startswith("w10: product_key failed with an unexpected error")
    assert run.message(1).startswith("kms01: product_key failed with an unexpected error")


def test_a_good_task_gets_as_far_as_the_machine_whatever_the_notation_of_the_host(play: Player) -> None:
    hosts = ["2001:db8::10", "[2001:db8::10]", "192.0.2.1", "kms01.example.com"]
    run = play(*({KMS_CLIENT: {"kms_host": host, "kms_port": 1688}} for host in hosts))
    assert [recorded["status"] for recorded in run.results] == ["unreachable"] * len(hosts)
    for recorded in run.results:
        assert_explained(recorded["result"])
        assert recorded["result"]["error"]["code"] == "unreachable"
    assert all("connection refused" in run.message(number) and "\n" not in run.message(number) for number in range(len(hosts)))


def test_an_unreachable_machine_ends_the_task_whatever_it_waits_for(play: Player) -> None:
    waiting = {INFO: {}, "register": "found", "until": "found.products | length > 0", "retries": 3, "delay": 0}
    judging = {INFO: {}, "register": "found", "failed_when": "found.products | length == 0"}
    items = {INFO: {"application": "{{ item }}"}, "loop": ["windows", "office"]}
    run = play(waiting, judging, items)
    assert [recorded["status"] for recorded in run.results if recorded["status"] == "retry"] == []
    unreachable = [recorded for recorded in run.results if recorded["status"] == "unreachable"]
    assert len(unreachable) == 3
    for recorded in unreachable[:2]:
        assert_explained(recorded["result"])
    for item in unreachable[2]["result"]["results"]:
        assert_explained(item)
    assert all("failed" not in recorded["result"] for recorded in unreachable[:2])


def test_what_failed_before_can_be_read_from_the_registered_result(play: Player) -> None:
    told = {"ansible.builtin.debug": {"msg": "{{ found.error.code }}: {{ found.error.next_steps | first }}"}}
    run = play({INFO: {}, "register": "found"}, told)
    assert run.results[1]["result"]["msg"].startswith("unreachable: Check ansible_host and ansible_port")
