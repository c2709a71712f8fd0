# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that make no sense get a sentence that says what is wrong, before anything is sent to the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .harness import FQCN, Lab, Results

ESTATE = "bad_input.yml"
HOST = "UNASKED"
TYPO = "MMMMM-KKKKK-MMMMM-ZZZZZ-PRQ22"
MAK = "MMMMM-KKKKK-MMMMM-PRQ22-TTWX3"
Case = tuple[str, Mapping[str, Any], tuple[str, ...]]
CASES: Mapping[str, Case] = {
    "a key with a group too short": (
        "product_key",
        {"product_key": "MMMMM-KKKKK-MMMMM-PRQ2-TTWX3"},
        ("five groups of five", "5, 5, 5, 4, 5"),
    ),
    "a key with a letter no key has": ("kms_client", {"product_key": TYPO}, ("'Z'",)),
    "no key where one is needed": ("product_key", {"state": "present"}, ("product_key is required with state: present",)),
    "an option that does not exist": ("kms_client", {"kms_hots": "kms01.example.com"}, ("kms_hots", "did you mean kms_host")),
    "port 0": ("kms_client", {"kms_host": "kms01.example.com", "kms_port": 0}, ("kms_port", "0 is not a TCP port", "1 to 65535")),
    "port 70000": ("kms_client", {"kms_host": "kms01.example.com", "kms_port": 70000}, ("70000 is not a TCP port", "1 to 65535")),
    "a port that is no number": ("kms_client", {"kms_host": "kms01.example.com", "kms_port": "http"}, ("kms_port", "'http'")),
    "a port without a host": ("kms_client", {"kms_port": 1688}, ("kms_port needs kms_host",)),
    "a host with a scheme": ("kms_client", {"kms_host": "https://kms01.example.com"}, ("kms_host", "scheme")),
    "a host with a blank": ("kms_client", {"kms_host": "kms01 example.com"}, ("kms_host", "contains a space")),
    "a host with a port": ("kms_client", {"kms_host": "kms01.example.com:1689"}, ("kms_host: kms01.example.com and kms_port: 1689",)),
    "a key where a host belongs": ("kms_client", {"kms_host": MAK}, ("kms_host", "it is a product key")),
    "a key where a domain belongs": ("kms_client", {"lookup_domain": MAK}, ("lookup_domain", "it is a product key")),
    "an empty host": ("kms_client", {"kms_host": ""}, ("kms_host", "discovery: true")),
    "an IPv6 address that is none": ("kms_client", {"kms_host": "[2001:db8::10"}, ("not an IPv6 address",)),
    "a host beside discovery": ("kms_client", {"kms_host": "kms01.example.com", "discovery": True}, ("cannot be combined with discovery",)),
    "an activation type there is not": ("kms_client", {"activation_type": "phone"}, ("'phone' is not one of all, ad, kms, token",)),
    "a wait into the past": ("kms_client", {"retry_timeout": -1}, ("retry_timeout", "-1 is negative")),
    "an activation ID that is none": ("product_key", {"state": "absent", "activation_id": "7"}, ("activation_id", "'7'")),
    "a domain that is an address": ("kms_client", {"lookup_domain": "192.0.2.1"}, ("lookup_domain", "DNS domain")),
    "a confirmation ID with letters": (
        "mak_client",
        {"activation_method": "telephone", "confirmation_id": "12345X"},
        ("confirmation_id", "only digits"),
    ),
    "a confirmation ID for an online activation": (
        "mak_client",
        {"product_key": MAK, "confirmation_id": "123456"},
        ("confirmation_id cannot be combined with activation_method: online",),
    ),
    "an installation ID alone": (
        "mak_client",
        {"activation_method": "proxy", "installation_id": "1" * 54},
        ("installation_id needs confirmation_id",),
    ),
    "a product name where an edition belongs": (
        "mak_client",
        {"product_key": MAK, "edition_id": "Server 2019"},
        ("is not an EditionID", "ServerStandard"),
    ),
    "a key where an edition belongs": ("mak_client", {"edition_id": MAK}, ("edition_id", "it is a product key")),
    "a budget below nothing": ("mak_client", {"product_key": MAK, "max_activations": -1}, ("max_activations", "-1 is negative")),
    "a sum without a budget": (
        "mak_client",
        {"product_key": MAK, "planned_activations": 5},
        ("planned_activations needs max_activations",),
    ),
    "KMS settings that Office does not have": (
        "mak_client",
        {"application": "office", "clear_kms_settings": True},
        ("clear_kms_settings cannot be combined with application: office",),
    ),
    "an installation ID of a host key alone": (
        "kms_host",
        {"host_keys": [{"product_key": MAK, "installation_id": "1" * 54}]},
        ("host_keys: item 1: installation_id needs confirmation_id",),
    ),
    "a confirmation ID without activation": (
        "mak_client",
        {"activate": False, "activation_method": "telephone", "confirmation_id": "123456"},
        ("confirmation_id cannot be combined with activate: false",),
    ),
    "a way to activate there is not": (
        "mak_client",
        {"activation_method": "offline"},
        ("'offline' is not one of online, telephone, proxy",),
    ),
    "a help page with a scheme nobody opens": (
        "activation_policy",
        {"activation_alternate_url": "ftp://files.example.com/help.htm"},
        ("activation_alternate_url", "is not valid", "https://", "absent"),
    ),
    "a key where an address belongs": ("activation_policy", {"activation_alternate_url": MAK}, ("it contains a product key",)),
    "a word no policy has": (
        "activation_policy",
        {"windows_anytime_upgrade": "off"},
        ("windows_anytime_upgrade", "'off' is not one of absent, disabled"),
    ),
    "no policy at all": ("activation_policy", {}, ("at least one policy must be specified", "skip_rearm")),
    "an application there is not": ("activation_info", {"application": "vista"}, ("'vista'", "windows, office, all")),
}
KEYWORDS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], tuple[str, ...]]] = {
    "become": (
        {"become": True, "become_user": "SYSTEM", "become_method": "ansible.builtin.runas"},
        {},
        ("does not support become", "vars: {ansible_become: false}"),
    ),
    "async": ({}, {"async": 60, "poll": 5}, ("does not support async", "Remove async")),
    "ssh": ({"connection": "ssh"}, {"ansible_connection": "ssh"}, ("connection plugin ssh", "ansible_connection to winrm")),
    "local": ({"connection": "local"}, {"ansible_connection": "local"}, ("connection plugin local", "ansible_connection to winrm")),
}


@pytest.fixture(scope="module")
def told(lab: Lab) -> Results:
    """All the mistakes in one run, one task each."""
    tasks = []
    for name, (module, options, _) in CASES.items():
        arguments = {option: f"{{{{ cases['{name}']['{option}'] }}}}" for option in options}
        tasks.append({"name": name, f"{FQCN}.{module}": arguments, "ignore_errors": True})
    plays: list[dict[str, Any]] = [{"name": "Mistakes in options", "hosts": [HOST], "gather_facts": False, "tasks": tasks}]
    for name, (play, task, _) in KEYWORDS.items():
        variables = {key: value for key, value in task.items() if key.startswith("ansible_")}
        keywords = {key: value for key, value in task.items() if key not in variables}
        entry = {"name": name, f"{FQCN}.kms_client": {"discovery": True}, "ignore_errors": True, "vars": variables, **keywords}
        plays.append({"name": f"With {name}", "hosts": [HOST], "gather_facts": False, **play, "tasks": [entry]})
    return lab.playbook(plays, {"cases": {name: dict(options) for name, (_, options, _) in CASES.items()}})


def result_of(told: Results, name: str) -> Mapping[str, Any]:
    """The result of the task with this name."""
    (task,) = (task for task in told.run.tasks if task.name == name)
    return task.hosts[HOST]


@pytest.mark.smoke
def test_nothing_is_sent_to_the_machine_not_even_a_logon(told: Results) -> None:
    assert told.nothing_sent(HOST)
    assert len(told.run.tasks) == len(CASES) + len(KEYWORDS)


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_option_is_named_with_what_is_wrong(told: Results, name: str) -> None:
    result, (module, _, words) = result_of(told, name), CASES[name]
    assert (result["status"], result["changed"]) == ("failed", False)
    assert result["msg"].startswith(f"{module}: ")
    assert [word for word in words if word not in result["msg"]] == []
    assert "\n" not in result["msg"]


@pytest.mark.parametrize("name", KEYWORDS)
def test_what_does_not_apply_is_refused_with_the_way_out(told: Results, name: str) -> None:
    result, words = result_of(told, name), KEYWORDS[name][2]
    assert (result["status"], result["changed"]) == ("failed", False)
    assert [word for word in words if word not in result["msg"]] == []


def test_a_mistyped_key_is_not_repeated(told: Results) -> None:
    assert TYPO not in told.output
    assert MAK not in told.output
    assert "MMMMM-KKKKK-MMMMM-PRQ2-TTWX3" not in told.output
    assert TYPO not in str(dict(result_of(told, "a key with a letter no key has")))
