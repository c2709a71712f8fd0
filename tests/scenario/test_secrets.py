# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key gate: no full product key and no password in what a run says and leaves, at the highest verbosity, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from key_gate import find_leaks, known_keys

from .harness import FQCN, Lab, Results

ESTATE = "secrets.yml"
KMS = "kms01.secrets.example"
MAK = "MMMMM-KKKKK-MMMMM-XYW22-TTWX3"
BLOCKED = "RRRRR-TTTTT-RRRRR-XYW33-TTWX4"
UNKNOWN = "MMMMM-KKKKK-MMMMM-XYW44-TTWX6"
TYPO = "MMMMM-KKKKK-MMMMM-XYW44-TTWX"
PASSWORD = "Lab-Passw0rd!"
NT_HASH = "9bf15d3185edc976c5a9767d00e9436d"
"""The NT hash of the password, with which a session logs on. The lab writes it in capital letters."""

OWN_KEY = "{{ mak if inventory_hostname == 'CONVERT' else omit }}"
"""The other machine has another MAK, to which it must not go back by this one."""


@dataclass(frozen=True)
class Traces:
    """All that a run said and left, by where it is."""

    results: Results
    texts: Mapping[str, str]

    def leaks(self) -> list[str]:
        """Every full key, and every secret of these tests that has lost its form."""
        found = [str(leak) for place, text in self.texts.items() for leak in find_leaks(text, place, (MAK, BLOCKED, UNKNOWN))]
        return found + [
            f"{place}: {secret}" for place, text in self.texts.items() for secret in (TYPO, PASSWORD, NT_HASH) if secret in text
        ]


def trace(lab: Lab, plays: list[dict[str, Any]], variables: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> Traces:
    """Run plays with everything switched on that writes something down: -vvvv, arguments, diff, a log file, facts, JSON of all results."""
    log, facts = lab.folder / "ansible.log", lab.folder / "facts"
    log.unlink(missing_ok=True)
    env = {
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(facts),
        "ANSIBLE_DIFF_ALWAYS": "1",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
    }
    results = lab.playbook(plays, variables, verbosity=4, expected_warnings=warnings, env=env)
    texts = {"output": results.output, "log": log.read_text(encoding="utf-8"), "results": newest(lab.folder, "record*.json")}
    for path in [*facts.rglob("*"), *(lab.folder / "lab").rglob("*")]:
        # named is a copy of BIND's own program, the inventory holds the password for Ansible.
        if path.is_file() and path.name not in ("named", "inventory.yml"):
            texts[str(path.relative_to(lab.folder))] = path.read_text(encoding="utf-8", errors="surrogateescape")
    return Traces(results, texts)


def newest(folder: Path, pattern: str) -> str:
    """The content of the file that was written last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")


def play(hosts: list[str], module: str, options: Mapping[str, Any], **keywords: Any) -> dict[str, Any]:
    """A task whose result also becomes a fact that is kept."""
    return {
        "name": f"{module} on {', '.join(hosts)}",
        "hosts": hosts,
        "gather_facts": False,
        "ignore_errors": True,
        "tasks": [
            {"name": "Work", f"{FQCN}.{module}": options, "register": "said", **keywords},
            {"name": "Keep", "ansible.builtin.set_fact": {"kept": "{{ said }}", "cacheable": True}},
        ],
    }


@pytest.fixture(scope="module")
def traces(lab: Lab) -> Traces:
    """Keys that are taken, refused, lost on the way, mistyped, in a loop, forced; over winrm and psrp."""
    lab.client.set_fault("DROPPED", "drop_before_reply", method="InstallProductKey", times=1, executed=False)
    keys = {"mak": MAK, "blocked": BLOCKED, "unknown": UNKNOWN, "typo": TYPO, "bare": MAK.replace("-", "")}
    looped = play(["INSTALL"], "product_key", {"product_key": "{{ item }}"}, loop=["{{ mak }}"])
    plays = [
        play(["CONVERT", "CONVERT-PSRP"], "kms_client", {"kms_host": KMS, "lose_activation": True, "fallback_key": OWN_KEY}),
        play(["INSTALL"], "product_key", {"product_key": "{{ mak }}"}, check_mode=True),
        play(["INSTALL"], "product_key", {"product_key": "{{ mak }}", "clear_from_registry": "on_change"}),
        play(["REJECTED"], "product_key", {"product_key": "{{ unknown }}", "lose_activation": True}),
        play(["REJECTED"], "product_key", {"product_key": "{{ typo }}"}),
        play(["REJECTED"], "product_key", {"product_key": "{{ bare }}"}),
        play(["REJECTED"], "kms_client", {"product_key": "{{ mak }}"}),
        play(["REJECTED"], "kms_client", {"fallback_key": "{{ typo }}"}),
        play(["REJECTED"], "kms_client", {"kms_host": "{{ mak }}"}),
        play(["REJECTED"], "kms_client", {"product_kee": "{{ mak }}"}),
        play(["BLOCKED"], "product_key", {"product_key": "{{ blocked }}"}),
        play(["DROPPED"], "product_key", {"product_key": "{{ mak }}", "lose_activation": True}),
        play(["REMOVED"], "product_key", {"state": "absent", "lose_activation": True}),
        play(["INSTALL"], "kms_client", {"product_key": "{{ unknown }}", "allow_unknown_key": True}),
        # Ansible itself puts the item into what a loop registers, so nothing of it is kept here.
        {**looped, "tasks": looped["tasks"][:1]},
    ]
    return trace(lab, plays, keys, ("the loop item contains a full product key or another secret",))


CARELESS = {
    "lower": MAK.lower(),
    "bare": MAK.replace("-", ""),
    "blanks": MAK.replace("-", " "),
    "two_blanks": MAK.replace("-", "  "),
    "line_end": f"{MAK}\n",
    "lines": MAK.replace("-", "\n"),
    "short": "MMMMM-KKKKK-MMMMM-XYW2-TTWX3",
    "long": f"{MAK}3",
    "mixed": "MMMMM.KKKKK/MMMMM,XYW22;TTWX3",
    "a_list": [MAK],
    "a_dictionary": {"a": MAK},
    "tsig": "c2VjcmV0LW9mLXRoZS1sYWItMTIzNDU2Nzg5",
    "no_base64": "SECRETnotbase64!!",
    "password": "GssPassw0rd-XYZZY",
}
"""Keys as people give them, and the secrets of the DNS modules; none of them is to be seen."""


def careless_tasks() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Tasks that give a secret in every way in which it is wrong: the module, its options, the keywords."""
    spoilt = ("lower", "two_blanks", "line_end", "lines", "short", "long", "mixed", "a_dictionary")
    tasks: list[tuple[str, dict[str, Any], dict[str, Any]]] = [("product_key", {"product_key": f"{{{{ {name} }}}}"}, {}) for name in spoilt]
    tasks += [
        ("product_key", {"product_key": "{{ item }}"}, {"loop": ["{{ short }}", "{{ two_blanks }}", "{{ blanks }}"]}),
        ("product_key", {"product_key": "{{ item.key }}"}, {"loop": [{"name": "x", "key": "{{ lines }}"}]}),
        ("product_key", {"productkey": "{{ short }}"}, {}),
        ("product_key", {"activation_id": "{{ short }}"}, {}),
        ("product_key", {"product_key": "{{ short }}", "bogus": 1}, {}),
        ("kms_client", {"kms_host": "{{ short }}"}, {}),
        ("kms_client", {"product_key": "{{ short }}", "kms_host": "a b c"}, {}),
        ("mak_client", {"product_key": "{{ two_blanks }}", "retry_timeout": "nope"}, {}),
        ("mak_client", {"product_key": "{{ short }}", "confirmation_id": "{{ short }}"}, {}),
        ("kms_host", {"host_keys": ["{{ short }}"]}, {}),
        ("kms_host", {"host_keys": "{{ mixed }}"}, {}),
        ("kms_host", {"host_keys": [{"productkey": "{{ short }}"}]}, {}),
        ("kms_host", {"host_keys": [{"product_key": [["{{ short }}"]], "prodct": "x"}]}, {}),
        ("product_key", {"product_key": "{{ lower }}"}, {"become": True}),
        ("product_key", {"product_key": "{{ long }}"}, {"until": False, "retries": 1, "delay": 0}),
    ]
    dns = {
        "domains": ["corp.example"],
        "records": [{"host": "kms1.corp.example"}],
        "dns_server": "127.0.0.1",
        "dns_port": 1,
        "dns_timeout": 1,
    }
    signed = {**dns, "authentication": "tsig", "key_name": "kms-update"}
    local = {
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    wrong: list[dict[str, Any]] = [
        {**signed, "key_secret": "{{ tsig }}"},
        {**signed, "key_secret": "{{ no_base64 }}"},
        {**signed, "key_name": "{{ tsig }}", "key_secret": "kms-update"},
        {**signed, "key_secrt": "{{ no_base64 }}"},
        {**dns, "authentication": "gss_tsig", "principal": "a@CORP.LAB", "pasword": "{{ password }}"},
        {**dns, "authentication": "none", "password": "{{ password }}", "dns_server": "{{ password }}"},
        {**dns, "authentication": "{{ password }}", "password": "{{ password }}"},
    ]
    return tasks + [("kms_srv_record", options, local) for options in wrong]


@pytest.fixture(scope="module")
def careless(lab: Lab) -> Traces:
    """Everything that people get wrong with secrets, with a strategy that prints the arguments of a task after it ran."""
    tasks: list[dict[str, Any]] = [
        {"name": f"{number}: {module}", f"{FQCN}.{module}": options, **keywords}
        for number, (module, options, keywords) in enumerate(careless_tasks(), start=1)
    ]
    rescued = {
        "name": "Rescue",
        "block": [{"name": "Fail", f"{FQCN}.product_key": {"product_key": "{{ short }}"}, "ignore_errors": False}],
        "rescue": [{"name": "Show", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result }} {{ ansible_failed_task.args }}"}}],
    }
    roles: list[dict[str, Any]] = [
        {"name": f"Role {role}", "ansible.builtin.include_role": {"name": f"{FQCN}.{role}"}, "vars": variables}
        for role, variables in (
            ("kms_client", {"kms_client_product_key": "{{ lower }}"}),
            ("mak_client", {"mak_client_product_key": "{{ blanks }}"}),
            ("kms_host", {"kms_host_host_keys": [{"product_key": "{{ lower }}"}]}),
        )
    ]
    play = {
        "name": "Careless",
        "hosts": ["REJECTED"],
        "gather_facts": False,
        "strategy": "ansible.builtin.free",
        "ignore_errors": True,
        "check_mode": True,
        "tasks": [*tasks, rescued, *roles],
    }
    # Ansible warns of every task with run_once under the strategy free, such as the first task of the role.
    by_ansible = "Using run_once with the free strategy is not currently supported"
    return trace(lab, [play], CARELESS, ("the loop item contains a full product key or another secret", by_ansible))


def recoverable(text: str) -> list[str]:
    """The parts of the careless secrets that a text gives away in a row of letters and digits; the last five of a key may show."""
    row = "".join(filter(str.isalnum, text)).lower()
    found, size = [], 9
    for name, value in CARELESS.items():
        letters = "".join(filter(str.isalnum, str(value))).lower()
        part = letters if len(letters) < 20 else letters[:-5]
        places = range(len(part) - size + 1)
        found += [f"{name}: {part[place : place + size]}" for place in places if part[place : place + size] in row]
    return found


@pytest.mark.smoke
def test_however_a_secret_is_given_nothing_of_it_shows_beyond_the_last_five_characters(careless: Traces) -> None:
    assert {place: found for place, text in careless.texts.items() if (found := recoverable(text))} == {}


def test_the_careless_tasks_ran_and_their_arguments_were_printed(careless: Traces) -> None:
    output = careless.texts["output"]
    for number, (module, _options, keywords) in enumerate(careless_tasks(), start=1):
        shown = f"[{number}: {module}{'' if 'loop' in keywords else ' '}"  # of a loop whose items are hidden, the arguments are too
        assert shown in output, f"task {number} was not started, or its arguments are not shown"
    assert "(hidden)" in output
    assert "TTWX3" in output


@pytest.mark.smoke
def test_no_run_leaves_a_full_key_or_a_password_anywhere(traces: Traces) -> None:
    assert traces.leaks() == []


def test_the_runs_did_work_with_the_keys(traces: Traces) -> None:
    costs = traces.results.costs
    asked = ("CONVERT", "CONVERT-PSRP", "INSTALL", "REJECTED", "BLOCKED", "DROPPED")
    assert [name for name in asked if not costs[name]["operations"].get("Invoke:InstallProductKey")] == []


def test_what_is_searched_is_really_there(traces: Traces) -> None:
    assert "TTWX3" in traces.texts["output"]
    assert "TTWX3" in traces.texts["results"]
    assert "TTWX3" in traces.texts["log"]
    assert any("TTWX3" in text for place, text in traces.texts.items() if place.startswith("facts"))
    assert any(place.startswith("lab") for place in traces.texts)
    assert "ESTABLISH WINRM CONNECTION" in traces.texts["output"] or "<127." in traces.texts["output"]


def test_every_gvlk_the_conversions_used_is_among_the_keys_searched_for(traces: Traces) -> None:
    work = [task for task in traces.results.run.tasks if task.action == f"{FQCN}.kms_client"]
    endings = {work[0].hosts[name]["after"]["partial_product_key"] for name in ("CONVERT", "CONVERT-PSRP")}
    assert endings <= {key[-5:] for key in known_keys()}


def test_a_planted_leak_is_found_wherever_it_goes(lab: Lab) -> None:
    leak = [
        {
            "name": "A careless playbook",
            "hosts": ["CONVERT"],
            "gather_facts": False,
            "tasks": [{"name": "Tell", "ansible.builtin.set_fact": {"told": "{{ mak }}", "cacheable": True}}],
        }
    ]
    found = trace(lab, leak, {"mak": MAK}).leaks()
    places = {entry.split(":")[0].split("/")[0] for entry in found}
    assert {"output", "log", "results", "facts"} <= places
    assert all(MAK not in entry for entry in found)
