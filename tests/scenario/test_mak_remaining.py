# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""convert_to_mak with the number of activations that Microsoft has left as its budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from stale import stale_values

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "batch_activation.yml"
FEW = "MMMMM-KKKKK-MMMMM-22222-88888"


def convert(lab: Lab, hosts: str, *, options: tuple[str, ...] = (), **more: Any) -> Results:
    batch = lab.client.batch()
    way = {"mak_client_service_url": batch["url"], "mak_client_ca_path": batch["ca"], "mak_client_http_proxy": batch["proxy"]}
    variables = {"convert_to_mak_hosts": hosts, "mak_client_product_key": FEW, "mak_client_max_activations": "remaining", **way, **more}
    return lab.run(f"{FQCN}.convert_to_mak", variables, options=options)


def book(lab: Lab) -> Mapping[str, Any]:
    (found,) = (key for key in lab.client.batch()["keys"] if str(key["partial_key"]).endswith(FEW[-5:]))
    return dict(found)


def questions(lab: Lab) -> list[int]:
    """The types of the questions of the last run."""
    return [found["request_type"] for found in lab.client.batch_requests()]


def words(results: Results) -> str:
    return " ".join(results.output.split()).replace("''", "'")  # as YAML writes an apostrophe


def budgets(results: Results) -> Sequence[Mapping[str, Any]]:
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    return [fact["mak_client_budget"] for fact in facts if "mak_client_budget" in fact]


def mak_of(results: Results) -> Mapping[str, Any]:
    """The numbers of the MAK at the end of a run."""
    (mak,) = (mak for mak in budgets(results)[-1]["maks"] if mak["partial_product_key"] == FEW[-5:])
    return dict(mak)


def numbers(results: Results) -> tuple[Any, ...]:
    """Before, used, forecast, and after, and whether they agree."""
    mak = mak_of(results)
    names = ("remaining_activations", "activations_used", "forecast_activations", "remaining_activations_after", "agrees")
    return tuple(mak[name] for name in names)


def test_a_limit_that_is_none_is_refused_before_a_machine_is_read(lab: Lab) -> None:
    refused = convert(lab, "few", mak_client_max_activations="reamining")
    assert "mak_client_max_activations: 'reamining' is not a number of 0 or greater, remaining, or unlimited." in words(refused)
    assert not any(cost["tcp_connections"] for cost in refused.costs.values())


def test_a_play_that_needs_more_than_is_left_activates_nothing(lab: Lab) -> None:
    refused = convert(lab, "few")
    assert "Microsoft has fewer activations left than the play would use. MAK ending in 88888: 3 left at Microsoft at 20" in words(refused)
    assert "4 planned, forecast -1. Nothing was changed." in words(refused)
    assert (book(lab)["used"], questions(lab)) == (1, [2])
    assert not any(refused.writes(name) for name in lab.names("few"))
    assert numbers(refused) == (3, None, -1, None, None)
    assert mak_of(refused)["checked_time"].startswith("20")


def test_a_number_and_the_remaining_activations_are_two_limits(lab: Lab) -> None:
    refused = convert(lab, "FEW-1,FEW-2", mak_client_max_activations="1,remaining")
    assert "that the play would use: 2. Allowed by mak_client_max_activations: 1." in words(refused)
    forecast = convert(lab, "FEW-1,FEW-2", mak_client_max_activations=[2, "remaining"], options=("--check",))
    assert {result["status"] for result in forecast.values()} == {"ok"}
    assert (numbers(forecast), questions(lab), book(lab)["used"]) == ((3, None, 1, None, None), [2], 1)


def test_a_play_without_the_mak_needs_its_extended_pid(lab: Lab) -> None:
    refused = convert(lab, "FRESH")
    assert "no machine of the play has the MAK ending in 88888 yet." in words(refused)
    assert "Nothing was changed. Install the MAK on one machine without activating it (mak_client_activate=false with --limit)" in words(
        refused
    )
    assert questions(lab) == []
    read = lab.all("activation_info", ["FEW-1"])["FEW-1"]
    (pid,) = (product["extended_pid"] for product in read["products"] if product["channel"] == "mak")
    known = convert(lab, "FRESH", mak_client_extended_pid=pid, options=("--check",))
    assert numbers(known) == (3, None, 2, None, None)


def test_the_mak_can_be_installed_first_to_learn_its_extended_pid(lab: Lab) -> None:
    """The next step that the refusal names."""
    installed = convert(lab, "FRESH", mak_client_activate=False)
    assert (installed["FRESH"]["status"], questions(lab), book(lab)["used"]) == ("ok", [], 1)
    forecast = convert(lab, "FRESH", options=("--check",))
    assert numbers(forecast) == (3, None, 2, None, None)


def test_a_service_that_does_not_answer_stops_the_play_before_the_first_activation(lab: Lab) -> None:
    lab.client.set_fault("*", "batch_http_status", status=503, request_type=2)
    failed = convert(lab, "FEW-4")
    lab.client.clear_faults()
    assert "mak_client_max_activations is remaining, and it is not known how many activations Microsoft has left." in words(failed)
    assert "service_failed" in words(failed)
    assert "or set mak_client_max_activations to a number." in words(failed)
    assert book(lab)["used"] == 1


def test_before_forecast_and_after_agree_with_the_book(lab: Lab) -> None:
    before = book(lab)["remaining"]
    done = convert(lab, "FEW-1,FEW-2", convert_to_mak_serial=1)
    assert {result["status"] for result in done.values()} == {"ok"}
    assert numbers(done) == (before, 2, before - 2, book(lab)["remaining"], True)
    assert questions(lab) == [2, 2], "asked once for the play, and once after its last batch"
    assert mak_of(done)["checked_after_time"] >= mak_of(done)["checked_time"]
    assert "2 used in this run, forecast 1, 1 left at 20" in words(done)
    again = convert(lab, "FEW-1,FEW-2", **stale_values())
    assert {result["status"] for result in again.values()} == {"ok"}
    assert (book(lab)["used"], questions(lab), budgets(again)[-1]["lines"]) == (3, [], [])


def test_somebody_else_who_uses_the_mak_during_the_run_is_a_warning(lab: Lab) -> None:
    lab.client.set_fault("*", "batch_others", activations=1, request_type=2, times=1)
    done = convert(lab, "FEW-3", convert_to_mak_max_fail_percentage=100)
    lab.client.clear_faults()
    assert done.run.exit_code != 0, "the last activation was taken between the question and the activation"
    assert done.run.results(f"{FQCN}.mak_client")["FEW-3"]["status"] == "failed"
    assert numbers(done) == (1, 0, 1, 0, False)
    assert "Warning: 1 fewer than the forecast. Another computer used the MAK during this run" in words(done)
