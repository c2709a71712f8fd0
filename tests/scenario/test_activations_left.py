# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many activations Microsoft has left: asked once in a run, for each MAK of a play, and compared afterwards."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from stale import stale_values

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "activations_left.yml"
LOCAL = {"ansible_connection": "local", "ansible_shell_type": "sh", "ansible_python_interpreter": sys.executable}
ENDED = ("year 3 (windows_server_2012_year_3) ended on 2026-10-13",)
CLIENT, SERVER = "windows_10_year_2", "windows_server_2012_year_3"
PID = "{{ (read.products | selectattr('channel', 'equalto', 'mak') | first).extended_pid }}"


def way(lab: Lab, prefix: str = "") -> dict[str, Any]:
    """How to reach the service of the lab."""
    batch = lab.client.batch()
    return {f"{prefix}service_url": batch["url"], f"{prefix}ca_path": batch["ca"], f"{prefix}http_proxy": batch["proxy"]}


def questions(lab: Lab) -> list[int]:
    return [found["request_type"] for found in lab.client.batch_requests()]


def remaining(lab: Lab, ending: str) -> int:
    (found,) = (key for key in lab.client.batch()["keys"] if str(key["partial_key"]).endswith(ending))
    return int(found["remaining"])


def words(results: Results) -> str:
    return " ".join(results.output.split()).replace("''", "'")  # as YAML writes an apostrophe


def facts(results: Results, name: str) -> list[Any]:
    found = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    return [fact[name] for fact in found if name in fact]


def numbers(budget: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Before, used, forecast, and after, and whether they agree, by the last five characters of the MAK."""
    names = ("remaining_activations", "activations_used", "forecast_activations", "remaining_activations_after", "agrees")
    return {mak["partial_product_key"]: tuple(mak[name] for name in names) for mak in budget["maks"] if mak["planned_activations"]}


def asking(lab: Lab, name: str, **options: Any) -> dict[str, Any]:
    """A task that every machine runs, each with the extended product ID that it shows."""
    module = {"extended_pids": [PID], **way(lab), **options}
    return {"name": name, f"{FQCN}.mak_activations_info": module, "delegate_to": "localhost", "vars": LOCAL, "register": "left"}


def left_by(results: Results, task: str) -> dict[str, Mapping[str, Any]]:
    (found,) = (record for record in results.run.tasks if record.name == task)
    return {host: result["maks"][0] for host, result in found.hosts.items()}


def test_a_mak_is_asked_about_once_in_a_run_whoever_asks(lab: Lab) -> None:
    """Nine machines with nine extended product IDs of one MAK, in three batches, and another play behind them."""
    read = {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read"}
    first = {"name": "Batches", "hosts": "srv", "gather_facts": False, "serial": 3, "tasks": [read, asking(lab, "Ask")]}
    later = {
        "name": "Later",
        "hosts": "SRV-1",
        "gather_facts": False,
        "tasks": [asking(lab, "Ask later"), asking(lab, "Ask anew", use_cache=False)],
    }
    results = lab.playbook([first, later])
    (log,) = (lab.client.batch_requests()[:1],)
    assert questions(lab) == [2, 2]
    answered = [record for record in results.run.tasks if record.name == "Ask"]
    maks = [result["maks"][0] for record in answered for result in record.hosts.values()]
    assert (len(maks), len({mak["extended_pid"] for mak in maks})) == (9, 2), "two languages"
    assert sorted(mak["cached"] for mak in maks) == [False] + [True] * 8
    assert {mak["remaining_activations"] for mak in maks} == {20}
    assert len({mak["checked_time"] for mak in maks}) == 1
    assert left_by(results, "Ask later")["SRV-1"] == {
        **maks[0],
        "extended_pid": left_by(results, "Ask later")["SRV-1"]["extended_pid"],
        "cached": True,
    }
    assert left_by(results, "Ask anew")["SRV-1"]["cached"] is False
    assert log[0]["questions"][0]["extended_pid"] in {mak["extended_pid"] for mak in maks}

    again = lab.playbook([{**later, "tasks": [read, asking(lab, "Ask")]}])
    assert (questions(lab), left_by(again, "Ask")["SRV-1"]["cached"]) == ([2], False), "the next run asks"


def test_an_error_is_not_kept(lab: Lab) -> None:
    lab.client.set_fault("*", "batch_error", code="0x67", request_type=2, times=1)
    read = {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read"}
    tasks = [read, {**asking(lab, "Fail"), "ignore_errors": True}, asking(lab, "Ask"), asking(lab, "Ask again")]
    results = lab.playbook([{"name": "One", "hosts": "SRV-1", "gather_facts": False, "tasks": tasks}])
    assert questions(lab) == [2, 2]
    assert left_by(results, "Fail")["SRV-1"]["error"]["code"] == "0x67"
    assert [left_by(results, name)["SRV-1"]["cached"] for name in ("Ask", "Ask again")] == [False, True]


def test_options_that_are_not_valid_are_refused_although_the_number_is_known(lab: Lab) -> None:
    read = {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read"}
    tasks = [read, asking(lab, "Ask"), {**asking(lab, "Refuse", deadline=-1), "ignore_errors": True}]
    results = lab.playbook([{"name": "One", "hosts": "SRV-1", "gather_facts": False, "tasks": tasks}])
    (refused,) = (record.hosts["SRV-1"] for record in results.run.tasks if record.name == "Refuse")
    assert (refused["status"], refused["error"]["code"]) == ("failed", "invalid_options")


def role(lab: Lab, hosts: str, **more: Any) -> dict[str, Any]:
    """A play with the role, and with its own limit."""
    variables = {**way(lab, "mak_client_"), "mak_client_max_activations": "remaining"}
    task = {"name": "Activate", "ansible.builtin.include_role": {"name": f"{FQCN}.mak_client"}}
    return {"name": "Activate", "hosts": hosts, "gather_facts": False, "vars": variables, "tasks": [task], **more}


def test_the_role_in_batches_compares_the_whole_play_with_the_number_before_it(lab: Lab) -> None:
    """Three machines and three activations: each batch takes one away from what is left for the next."""
    done = lab.playbook([role(lab, "ODD-1,ODD-2,ODD-3", serial=1)])
    assert (done.run.exit_code, questions(lab), remaining(lab, "44444")) == (0, [2, 2], 0)
    assert numbers(facts(done, "mak_client_budget")[-1]) == {"44444": (3, 3, 0, 0, True)}


def test_the_second_play_of_a_run_begins_with_the_number_after_the_first(lab: Lab) -> None:
    left = remaining(lab, "33333")
    done = lab.playbook([role(lab, "SRV-1"), role(lab, "SRV-2,SRV-3")])
    assert (done.run.exit_code, questions(lab)) == (0, [2, 2, 2])
    last = [budget for budget in facts(done, "mak_client_budget") if numbers(budget)["33333"][-1] is not None]
    assert [numbers(budget)["33333"] for budget in last] == [(left, 1, left - 1, left - 1, True), (left - 1, 2, left - 3, left - 3, True)]


def test_each_mak_of_a_play_has_its_own_number(lab: Lab) -> None:
    """One of two MAKs has no activations left: nothing is activated, also with the other one."""
    left = remaining(lab, "33333")
    refused = lab.run(f"{FQCN}.convert_to_mak", convert(lab, "SRV-4,SRV-5,ODD-4"))
    assert "MAK ending in 44444: 0 left at Microsoft" in words(refused)
    assert numbers(facts(refused, "mak_client_budget")[-1]) == {
        "33333": (left, None, left - 2, None, None),
        "44444": (0, None, -1, None, None),
    }
    assert (questions(lab), remaining(lab, "33333")) == ([2, 2], left)
    done = lab.run(f"{FQCN}.convert_to_mak", convert(lab, "SRV-4,SRV-5,ODD-3"))
    assert numbers(facts(done, "mak_client_budget")[-1]) == {"33333": (left, 2, left - 2, left - 2, True)}
    assert questions(lab) == [2, 2], "a MAK that nobody activates is not asked about"


def convert(lab: Lab, hosts: str, **more: Any) -> dict[str, Any]:
    return {"convert_to_mak_hosts": hosts, "mak_client_max_activations": "remaining", **way(lab, "mak_client_"), **more}


def test_another_host_can_ask_in_the_place_of_the_controller(lab: Lab) -> None:
    inventory = lab.folder / "gateway.yml"
    hosts = {"GATEWAY": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    variables = convert(lab, "SRV-9", mak_client_request_host="GATEWAY")
    done = lab.run(f"{FQCN}.convert_to_mak", variables, options=("--inventory", str(inventory)))
    asked = [result for task in done.run.tasks if task.action == f"{FQCN}.mak_activations_info" for result in task.hosts.values()]
    assert (len(asked), done.run.exit_code, questions(lab)) == (2, 0, [2, 2])
    assert done.output.count("-> GATEWAY") >= 2


def esu(lab: Lab, hosts: str, *options: str, warnings: tuple[str, ...] = ENDED, **more: Any) -> Results:
    variables = {
        "activate_esu_hosts": hosts,
        "activate_esu_serial": 2,
        "esu_programme": f"{{{{ '{SERVER}' if 'servers' in group_names else '{CLIENT}' }}}}",
        "esu_max_activations": "remaining",
        **way(lab, "esu_"),
        **more,
    }
    return lab.run(f"{FQCN}.activate_esu", variables, options=options, expected_warnings=warnings)


def test_each_programme_is_compared_with_what_is_left_for_its_mak(lab: Lab) -> None:
    refused = esu(lab, "pcs,OLD-1,OLD-2")
    assert f"Microsoft has fewer activations for {CLIENT} left than the play would use. MAK ending in TTWY3: 3 left" in words(refused)
    assert (remaining(lab, "TTWY3"), remaining(lab, "TTWY4"), questions(lab)) == (3, 9, [2, 2])
    assert not any(refused.writes(name) for name in lab.names("pcs"))

    done = esu(lab, "PC-1,PC-2,PC-3,OLD-1,OLD-2")
    assert (done.run.exit_code, remaining(lab, "TTWY3"), remaining(lab, "TTWY4")) == (0, 0, 7)
    assert numbers(facts(done, "esu_budget")[-1]) == {"TTWY3": (3, 3, 0, 0, True), "TTWY4": (9, 2, 7, 7, True)}
    assert questions(lab) == [2, 2, 2, 2], "both MAKs once before the first activation, and once after the last one"
    assert "MAK ending in TTWY4: 9 left at Microsoft at 20" in words(done)

    again = esu(lab, "PC-1,PC-2,PC-3,OLD-1,OLD-2", **stale_values())
    assert (again.run.exit_code, questions(lab)) == (0, [])


def test_a_programme_whose_mak_no_machine_has_is_named_with_the_ways_to_go_on(lab: Lab) -> None:
    vault = lab.folder / "esu.yml"
    vault.write_text(yaml.safe_dump({"esu_product_key": "MMMMM-KKKKK-MMMMM-YWX44-TTWY4"}), encoding="utf-8")
    given = ("--extra-vars", f"@{vault}")
    refused = esu(lab, "FRESH", *given)
    assert f"no machine of the play has the MAK for {SERVER} that ends in TTWY4 yet." in words(refused)
    assert (questions(lab), refused.writes("FRESH")) == ([], 0)
    read = lab.all("activation_info", ["OLD-1"])["OLD-1"]
    (pid,) = (product["extended_pid"] for product in read["products"] if product["channel"] == "mak" and product["is_addon"])
    done = esu(lab, "FRESH", *given, esu_extended_pid=pid)
    assert numbers(facts(done, "esu_budget")[-1]) == {"TTWY4": (7, 1, 6, 6, True)}


def test_a_limit_that_is_none_is_refused_before_a_machine_is_read(lab: Lab) -> None:
    refused = esu(lab, "servers", esu_max_activations="all", warnings=())
    complaint = (
        "'all' is not a number of 0 or greater, remaining, or unlimited. Both limits together are 'remaining, 10'. Nothing was changed."
    )
    assert f"esu_max_activations: {complaint}" in words(refused)
    assert not any(cost["tcp_connections"] for cost in refused.costs.values())
