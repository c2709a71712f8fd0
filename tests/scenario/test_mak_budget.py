# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty machines, a MAK with twelve activations: what a play needs is known before the first, and none is spent twice."""

from __future__ import annotations

from typing import Any

import pytest

from stale import stale_texts, stale_values

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "mak_budget.yml"
MAK = "MMMMM-KKKKK-MMMMM-MKD22-TTWX3"
ALL = [f"PC{number:03d}" for number in range(1, 21)]
TWELVE = ALL[:12]
LOST = "PC007"
MODULE = f"{FQCN}.mak_client"
BATCHES = {"convert_to_mak_serial": 5}


def convert(lab: Lab, hosts: str, limit: int, options: tuple[str, ...] = (), **more: Any) -> Results:
    variables = {"convert_to_mak_hosts": hosts, "mak_client_product_key": MAK, "mak_client_max_activations": limit, **more}
    return lab.run(f"{FQCN}.convert_to_mak", variables, options=options)


def used(lab: Lab, machine: str = "PC001") -> int | None:
    """Activations of the machine's key that Microsoft's service has counted, on whatever machine."""
    found: int | None = lab.client.machine(machine)["products"][0]["activations_used"]
    return found


def untouched(results: Results) -> bool:
    return not any(results.writes(name) for name in ALL)


@pytest.fixture(scope="module")
def whole(lab: Lab) -> Results:
    """Too much for the budget."""
    return convert(lab, "windows", 12, **BATCHES, **stale_values())


@pytest.fixture(scope="module")
def task(lab: Lab, whole: Results) -> Results:
    del whole
    return lab.all("mak_client", TWELVE[:6], product_key=MAK, max_activations=5)


@pytest.fixture(scope="module")
def fitting(lab: Lab, task: Results) -> Results:
    """A list that fits, with one answer lost."""
    del task
    lab.client.set_fault(LOST, "drop_before_reply", action="Invoke", method="Activate", times=1, executed=True)
    return convert(lab, ",".join(TWELVE), 12, **BATCHES, **stale_texts())


@pytest.fixture(scope="module")
def used_once(lab: Lab, fitting: Results) -> int | None:
    del fitting
    count = used(lab)
    lab.client.clear_faults()
    return count


@pytest.fixture(scope="module")
def again(lab: Lab, used_once: int | None) -> Results:
    """The same again."""
    del used_once
    return convert(lab, ",".join(TWELVE), 12)


@pytest.mark.smoke
def test_a_play_that_would_spend_more_stops_before_the_first_activation(whole: Results) -> None:
    assert untouched(whole)
    assert whole.run.exit_code == 2
    words = "Activations of the MAK that the play would use: 20. Allowed by mak_client_max_activations: 12"
    assert words in " ".join(whole.output.split())


def test_a_task_by_itself_counts_every_machine_of_the_play_and_says_how_to_count_better(task: Results) -> None:
    assert untouched(task)
    result = task["PC001"]
    assert (result["status"], result["error"]["code"]) == ("failed", "activation_budget")
    assert "6 machines, of which each can use an activation" in result["msg"]
    assert "convert_to_mak" in result["error"]["next_steps"][0]


def test_a_list_that_fits_spends_exactly_what_was_allowed_in_batches_too(fitting: Results, used_once: int | None) -> None:
    done = fitting.run.results(MODULE)
    assert {host: result["activation"]["outcome"] for host, result in done.items()} == dict.fromkeys(TWELVE, "activated")
    assert sum(result["activations_used"] for result in done.values()) == 12
    assert used_once == 12
    assert all(fitting.calls(name, "Activate") == 1 for name in TWELVE)


def test_a_connection_dropped_after_the_activation_took_effect_spends_exactly_one(fitting: Results) -> None:
    result = fitting.run.results(MODULE)[LOST]
    assert (result["activation"]["outcome"], result["activations_used"], fitting.calls(LOST, "Activate")) == ("activated", 1, 1)


def test_a_second_run_spends_nothing_and_writes_nothing(again: Results, lab: Lab) -> None:
    assert again.run.changed_hosts() == 0
    assert untouched(again)
    assert used(lab) == 12


def test_a_run_that_needs_none_passes_whatever_the_number_of_machines(lab: Lab, again: Results) -> None:  # noqa: ARG001 - after it
    licensed = lab.all("mak_client", TWELVE[:5], product_key=MAK, max_activations=0)
    assert {result["status"] for result in licensed.values()} == {"ok"}


def test_each_slice_of_a_job_has_the_budget_to_itself(lab: Lab, again: Results) -> None:  # noqa: ARG001 - the twelve are licensed
    rest = ALL[12:18]
    for part in (rest[:3], rest[3:]):
        assert convert(lab, ",".join(part), 3, ("--check",)).run.exit_code == 0
    assert convert(lab, ",".join(rest), 3, ("--check",)).run.exit_code == 2


def test_machines_that_cannot_be_read_do_not_stand_in_the_way_of_the_others(lab: Lab, again: Results) -> None:  # noqa: ARG001
    lab.client.set_fault("PC001", "refuse_connections")
    checked = convert(lab, "PC001,PC013,PC014", 2, ("--check",))
    lab.client.clear_faults()
    done = checked.run.results(MODULE)
    assert {host: result.get("activations_used") for host, result in done.items() if host != "PC001"} == {"PC013": 1, "PC014": 1}


def test_a_loop_is_refused_unless_somebody_has_added_it_up(lab: Lab, again: Results) -> None:  # noqa: ARG001
    task = {MODULE: {"product_key": MAK, "max_activations": 5, "application": "windows"}, "loop": [1, 2]}
    refused = lab.play(["PC019"], task)
    assert "runs in a loop" in refused["PC019"]["results"][0]["msg"]
    assert untouched(refused)


@pytest.mark.parametrize("how", [{"retries": 2, "delay": 0, "until": "false"}, {"retries": 2, "delay": 0}])
def test_a_task_that_ansible_repeats_spends_nothing(lab: Lab, again: Results, how: dict[str, Any]) -> None:  # noqa: ARG001
    refused = lab.play(["PC020"], {MODULE: {"product_key": MAK}, **how})
    assert refused["PC020"]["error"]["code"] == "retries_not_supported", refused["PC020"]["msg"]
    assert untouched(refused)


def test_a_forecast_left_from_an_earlier_play_is_not_counted_on(lab: Lab, again: Results) -> None:  # noqa: ARG001
    role = {"ansible.builtin.include_role": {"name": f"{FQCN}.mak_client"}}
    hosts = ALL[12:16]
    base = {"hosts": hosts, "gather_facts": False}
    by_proxy = {"mak_client_activation_method": "proxy", "mak_client_max_activations": 9}
    plays: list[dict[str, Any]] = [
        {"name": "Nothing is spent", **base, "vars": by_proxy, "tasks": [{"name": "Read", **role}]},
        {"name": "In batches", **base, "serial": 1, "vars": {"mak_client_max_activations": 2}, "tasks": [{"name": "Spend", **role}]},
    ]
    done = lab.playbook(plays, {"mak_client_product_key": MAK})
    assert [done.calls(name, "Activate") for name in hosts] == [0, 0, 0, 0]
    assert done.run.exit_code == 2


def test_a_loop_around_an_include_and_a_delegated_task_need_the_sum(lab: Lab, again: Results) -> None:  # noqa: ARG001
    inner = lab.folder / "inner.yml"
    task = f"{MODULE}: {{product_key: '{{{{ mak }}}}', max_activations: 2}}"
    inner.write_text(f"- name: Spend\n  {task}\n  delegate_to: '{{{{ item }}}}'\n", encoding="utf-8")
    refused = lab.play(["PC017"], {"ansible.builtin.include_tasks": str(inner), "loop": ["PC018", "PC019"]}, {"mak": MAK})
    assert untouched(refused)
    assert "in a loop or is delegated" in refused.output.replace("\n", " ")
