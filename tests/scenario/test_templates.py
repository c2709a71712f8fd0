# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No text of a machine is ever executed as a template, whichever filter hands it on and however often it is passed along.

ansible-core 2.16 takes every text for a template that is not marked; 2.19 and later take only those of playbooks. So every filter of the
collection gets results full of templates, read via hostvars as playbooks over several machines do, and its result is stored as a fact,
shown, and passed on through variables. Each template would leave a file behind if it was executed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller_data import data
from playbook import Run, run_playbook

HERE = Path(__file__).parent
FILTERS = HERE.parents[1] / "plugins" / "filter"
FQCN = "winops.volume_activation"
IID, CID = "020650770493837252929082195773527024195725809211989214", "204455473963727110378854169136901266745572"

ONLY_OWN_WORDS = {
    "activation_engine",
    "activation_limits",
    "explain_activation_error",
    "misspelled_variables",
    "module_is_installed",
    "play_hosts",
}
"""Filters that return texts of this collection or of the playbook only, and nothing that a machine or a file says."""

Text = Callable[[], str]


def arguments(text: Text) -> dict[str, list[Any]]:
    """What each filter is given; `text` is what a machine, a name server or a file says where it may say anything."""
    kms = {
        "kms_host": text(), "kms_port": 1688, "source": "discovered", "scope": None, "host_extended_pid": text(), "discovered_host": None,
        "discovered_port": None, "discovered_address": None, "current_count": None, "required_count": 25, "domain": None,
    }  # fmt: skip
    client = {
        "primary": True, "application": "windows", "channel": "gvlk", "status": "licensed", "activated_by": "kms", "expires": text(),
        "kms": kms, "partial_product_key": text(), "name": text(),
    }  # fmt: skip
    host_key = {
        "primary": True, "application": "windows", "channel": "csvlk", "status": "licensed", "activated_by": None, "expires": None,
        "extended_pid": text(), "host_role": {"current_count": 9}, "partial_product_key": text(), "name": text(), "kms": None,
    }  # fmt: skip
    read = {"machine": {"product_type": "server", "computer_name": text()}, "service": {"kms_host": None}, "products": [client]}
    living = {
        "machine": {"product_type": "server", "computer_name": text()}, "products": [host_key],
        "service": {"current_count": 9, "renewal_interval": 10080},
    }  # fmt: skip
    lost = {"unreachable": True, "msg": text()}
    broken = {"failed": True, "msg": text()}
    probe = {"status": "connection_refused", "is_kms_host": False, "meaning": text(), "next_steps": [text(), text()]}
    record = {"host": text(), "port": 1688, "priority": 0, "weight": 0, "probe_result": probe}
    mak = {**client, "channel": "mak", "kms": None}
    proxy_product = {
        "application": "windows", "channel": "mak", "is_addon": False, "status": "initial_grace", "installation_id": IID,
        "activation_id": "2de67392-b7a7-462a-b1ca-108dd189f588", "partial_product_key": "TTWX3", "name": text(),
    }  # fmt: skip
    proxy_read = {"machine": {"computer_name": text(), "version": "10.0.19045"}, "products": [proxy_product]}
    collected = {**proxy_read, "products": [proxy_product], "activation": {"outcome": "needs_confirmation_id", "error": None}}
    row = {
        "machine": text(), "computer_name": text(), "application": "windows", "product_name": text(),
        "activation_id": proxy_product["activation_id"], "partial_product_key": "TTWX3", "installation_id": IID, "confirmation_id": CID,
        "collected_time": "2026-11-20T09:38:10Z", "note": text(), "extra": {"Room": text()},
    }  # fmt: skip
    variables = {name: {**collected, **lost} for name in ("proxy_activation_collected", "proxy_activation_read")}
    proxy = {"PC": {**variables, "proxy_activation_deposited": broken}, "PC-2": {"proxy_activation_collected": collected}}
    machines: dict[str, Any] = {text(): {}, text(): {}}
    named = text()
    csv = f'machine,installation_id,confirmation_id,note\nPC,{IID},,"{text()}"\n'
    quoted = text().replace('"', '""')
    machine_csv = f'machine,installation_id,confirmation_id\n"{quoted}",{IID},\n'
    entry = {"schema": 1, "id": "1", "time": "2026-11-30T08:15:00Z", "event": "activated", "result": "done", "run_id": "1"}
    kept = {"schema": 1, "time": "2026-11-30T08:15:00Z", "result": read}
    return {
        "adba_migration": [{"a": lost, "b": broken, "c": read}],
        "adba_plan": [{"PC": broken, named: broken}, []],
        "adba_proof": [{**read, "products": [{**client, "activated_by": "ad", "ad": {"object_name": text()}}]}],
        "answer": [text()],
        "activation_engine": ["", [named]],
        "activation_limits": ["60,remaining"],
        "activation_merge": [{"site.jsonl": json.dumps({**kept, "inventory_hostname": text()}) + "\n"}],
        "misspelled_variables": [["kms_client_kms_hots"], "kms_client"],
        "to_activation_records": [{"PC": read, named: broken}],
        "activation_summary": [{"a": lost, "b": broken, "c": lost}],
        "csvlk_products": [[{"activation_id": text(), "description": "Windows(R) Operating System, VOLUME_KMS_WS22 channel"}]],
        "controller_objects": [data(), {"project": "Playbooks", "organization": text()}],
        "ending_hosts": [[named], [named]],
        "esu_report": [["PC"], {"PC": {"esu_check_result_options": ["online", text()], "esu_check_result": broken}}],
        "explain_activation_error": ["0xC004F074"],
        "from_activation_ledger": [json.dumps({**entry, "product_name": text(), "inventory_hostname": text()}) + "\n"],
        "from_proxy_file": [csv, "plant.csv"],
        "kms_client_verification": [read, [living]],
        "kms_failover_report": [["PC"], {"PC": {"kms_failover_read": broken}, "KMS": {"kms_failover_working_host": living}}, ["KMS"]],
        "kms_migration_readiness": [{**read, "products": [mak]}, [lost, living]],
        "kms_stale_records": [[{"domain": "corp.example", "records": [record], "error": None}]],
        "kms_takeover_records": [
            [{"domain": text(), "records": [{**record, "host": "kms2.example"}]}], "kms1.example", {"host": "kms2.example", "port": 1688}
        ],
        "kms_undecided_probes": [[{**probe, "status": "busy"}]],
        "kept_path": [f"/{text()}"],
        "machines_for_key": [[named], {named: {"esu_check_result": {"skipped": True}}}],
        "mak_budget": [list(machines), machines, list(machines)],
        "module_is_installed": [text()],
        "shown_paths": [{"name": text(), "list": [text()]}],
        "mask_product_key": [{"name": text(), "list": [text()]}],
        "play_hosts": [{"hosts": "PC"}, {"all": ["PC"]}, ["PC"]],
        "merge_confirmation_ids": [[row], [{**row, "confirmation_id": CID[:-1] + "3"}]],
        "merge_installation_ids": [[row], ["PC-2"], proxy, "2026-11-20T09:38:10Z", ["PC"]],
        "select_confirmation_ids": [[row], ["PC"], {"PC": {"proxy_activation_read": broken}}, "windows", ["PC"]],
        "validate_proxy_file": [[f"machine,installation_id,confirmation_id\n{text()},1,\n"], [text()]],
        "outcome_report": [["PC"], {"PC": {"result": broken}}, ["result"]],
        "run_outcome": [{"outcome": "ok", "failed": [text(), text(), text()], "summary": text()}, "activation_merge"],
        "shown_lines": [[text(), text()]],
        "proxy_file_state": [machine_csv, {"checksum": "", "digests": []}],
        "proxy_report": [["PC"], proxy, [row], "collect"],
        "to_proxy_file": [[row]],
    }  # fmt: skip


WHOLE = ["{{ lookup('pipe', 'touch LEFT/expression') }}{% if lookup('pipe', 'touch LEFT/statement') %}{% endif %}{# comment #}"]
"""Texts that are templates."""
HALVES = ["{{ lookup('pipe', 'touch LEFT/halves') ~ '", "' }}"]
"""Texts that become templates when two of them are put together."""


@dataclass(frozen=True)
class Tried:
    """A run in which each filter was used on poisoned results, on one host for each kind of them."""

    run: Run
    output: str
    left: list[str]
    """What executed templates left behind."""

    def shown(self, name: str) -> str:
        """Everything the tasks of a filter were shown to hold of texts that are templates."""
        mine = [task.hosts["whole"] for task in self.run.tasks if task.name.startswith(f"{name}: ")]
        return json.dumps(mine, ensure_ascii=False)


def tasks_of(name: str) -> list[dict[str, Any]]:
    """A filter used in each way in which its result goes on: stored, shown, put into a sentence, passed through a variable, looped over."""
    given = f"hostvars['hostile'].result.said[inventory_hostname].{name}"
    used = f"{{{{ {given}[0] | {FQCN}.{name}(*{given}[1:]) }}}}"
    shown = ["{{ kept }}", "It says {{ kept }}.", "{{ passed }}", "{{ item }}"]
    loop = {"loop": "{{ [kept] | flatten }}", "vars": {"passed": used}}
    return [
        {"name": f"{name}: keep", "ansible.builtin.set_fact": {"kept": used}},
        {"name": f"{name}: show", "ansible.builtin.debug": {"msg": shown}, **loop},
    ]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Use every filter on results whose texts are the parts in turn."""
    folder = tmp_path_factory.mktemp("templates")
    left = folder / "left"
    left.mkdir()
    said = {name: arguments(in_turn(parts, left)) for name, parts in (("whole", WHOLE), ("halves", HALVES))}
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")
    ask = {"name": "Ask", "machine_says": {"path": str(folder / "said.json")}, "register": "result"}
    plays = [
        {"name": "Ask", "hosts": "hostile", "gather_facts": False, "tasks": [ask]},
        {"name": "Use", "hosts": list(said), "gather_facts": False, "tasks": [task for name in said["whole"] for task in tasks_of(name)]},
    ]
    (folder / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    hosts = {name: {"ansible_connection": "local", "ansible_python_interpreter": sys.executable} for name in ("hostile", *said)}
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    with (folder / "output").open("w+", encoding="utf-8") as output:
        env = {"ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins")}
        done = run_playbook(folder / "play.yml", folder / "inventory.yml", folder / "record.json", output=output, env=env)
        output.seek(0)
        return Tried(done, output.read(), sorted(path.name for path in left.iterdir()))


def in_turn(parts: list[str], left: Path) -> Text:
    """A source of texts: the parts again and again."""
    turn = cycle(parts)
    return lambda: next(turn).replace("LEFT", str(left))


def test_every_filter_of_the_collection_is_tried_here() -> None:
    assert {path.stem for path in FILTERS.glob("*.py")} == set(arguments(str))


@pytest.mark.smoke
def test_no_filter_hands_the_text_of_a_machine_on_as_a_template(tried: Tried) -> None:
    assert tried.left == []
    assert tried.run.exit_code == 0, tried.output


@pytest.mark.smoke
@pytest.mark.parametrize("name", sorted(set(arguments(str)) - ONLY_OWN_WORDS))
def test_the_text_that_is_no_template_comes_through_as_it_was(tried: Tried, name: str) -> None:
    for mark in ("{{ lookup(", "{% if lookup(", "{# comment #}"):
        assert mark in tried.shown(name), f"{name} does not return what it was given, so it was not tried"
