# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines without internet access are activated by one command, and by three controllers with only the file between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys
from stale import stale_values

from .harness import FQCN, Lab, Results
from .interrupt import cut
from .proxy_by_hand import collect, count, deposit, failed, licensed, report_of, statuses, table

ESTATE = "batch_activation.yml"
MAK, FEW = "MMMMM-KKKKK-MMMMM-22222-33333", "MMMMM-KKKKK-MMMMM-22222-88888"


def way(lab: Lab) -> dict[str, Any]:
    """The variables with which the role reaches the service of the lab."""
    batch = lab.client.batch()
    options = {"service_url": batch["url"], "ca_path": batch["ca"], "http_proxy": batch["proxy"]}
    return {f"proxy_activation_{name}": value for name, value in options.items()}


def run(lab: Lab, playbook: str, file: Path, *, options: tuple[str, ...] = (), warnings: tuple[str, ...] = (), **more: Any) -> Results:
    variables = {"proxy_activation_file": str(file), **way(lab), **more}
    return lab.run(f"{FQCN}.{playbook}", variables, options=options, expected_warnings=warnings)


def activate(lab: Lab, hosts: str, file: Path, **more: Any) -> Results:
    return run(lab, "proxy_activate", file, proxy_activation_hosts=hosts, **more)


def request(lab: Lab, file: Path, **more: Any) -> Results:
    return run(lab, "proxy_request", file, **more)


def questions(lab: Lab) -> list[str]:
    """The machines for whose installation ID a confirmation ID was requested in the last run."""
    return [one["machine"] for found in lab.client.batch_requests() if found["request_type"] == 1 for one in found["questions"]]


def used(lab: Lab, key: str) -> int:
    (found,) = (each for each in lab.client.batch()["keys"] if str(each["partial_key"]).endswith(key[-5:]))
    return int(found["used"])


def remaining(lab: Lab, key: str) -> int:
    (found,) = (each for each in lab.client.batch()["keys"] if str(each["partial_key"]).endswith(key[-5:]))
    return int(found["remaining"])


def numbers(results: Results) -> tuple[Any, ...]:
    """Before, used, forecast, and after, and whether they agree, by the report about one MAK."""
    (mak,) = report_of(results)["maks"]
    names = ("remaining_activations", "activations_used", "forecast_activations", "remaining_activations_after", "agrees")
    return tuple(mak[name] for name in names)


def writes(results: Results, names: list[str]) -> int:
    return sum(results.writes(name) for name in names)


@pytest.mark.slow
def test_one_command_activates_machines_and_a_second_run_does_nothing(lab: Lab, tmp_path: Path) -> None:
    """Among them are machines whose key is blocked and whose key has no activations left: they are named, the others are activated."""
    file, names, before = tmp_path / "plant.csv", lab.names("srv"), used(lab, MAK)
    hosts = "SRV-1,SRV-2,SRV-3,SRV-4,SRV-5,SRV-6,SPENT-1,BLOCKED-1"
    good = names[:6]
    forecast = activate(lab, hosts, file, options=("--check",))
    assert (questions(lab), lab.client.batch_requests(), file.exists(), writes(forecast, good)) == ([], [], False, 0)
    assert set(statuses(forecast).values()) == {"planned"}

    first = activate(lab, hosts, file, proxy_activation_max_activations="unlimited")
    assert statuses(first) == {**dict.fromkeys(good, "activated"), "SPENT-1": "refused", "BLOCKED-1": "refused"}
    assert failed(first) == {"SPENT-1", "BLOCKED-1"}
    assert all(licensed(lab, name) for name in good)
    assert (sorted(questions(lab)), used(lab, MAK) - before) == (sorted([*good, "SPENT-1", "BLOCKED-1"]), 6)
    lines = {row["machine"]: row for row in report_of(first)["rows"]}
    assert (lines["SPENT-1"]["code"], lines["BLOCKED-1"]["code"]) == ("0x7F", "0x67")
    assert "The MAK has no activations left." in lines["SPENT-1"]["message"]
    assert lines["BLOCKED-1"]["next_steps"]
    assert {row["machine"]: bool(row["confirmation_id"]) for row in table(file)} == {
        **dict.fromkeys(good, True),
        "SPENT-1": False,
        "BLOCKED-1": False,
    }
    journal = Path(f"{file}.journal")
    assert_no_keys(file.read_text(encoding="utf-8") + journal.read_text(encoding="utf-8") + first.output)
    assert not any(found["has_key"] for found in lab.client.batch_requests())

    text = file.read_bytes()
    second = activate(lab, ",".join(good), file, **stale_values())
    assert statuses(second) == {**dict.fromkeys(good, "already_licensed"), "SPENT-1": "not_in_run", "BLOCKED-1": "not_in_run"}
    assert (lab.client.batch_requests(), writes(second, good), file.read_bytes() == text) == ([], 0, True)


@pytest.mark.slow
def test_three_controllers_need_only_the_file(lab: Lab, tmp_path: Path) -> None:
    """The second one has no inventory of the machines, and only it reaches Microsoft."""
    file = tmp_path / "plant.json"
    collect(lab, "SRV-7,SRV-8", file)
    assert {row["extended_pid"] != "" for row in json.loads(file.read_text(encoding="utf-8"))["records"]} == {True}
    left = remaining(lab, MAK)
    requested = request(lab, file)
    assert sorted(questions(lab)) == ["SRV-7", "SRV-8"]
    assert f"{left} left at Microsoft at 20" in " ".join(requested.output.split())
    assert f"2 used in this run, forecast {left - 2}, {left - 2} left at 20" in " ".join(requested.output.split())
    assert not any(cost["tcp_connections"] for cost in requested.costs.values())
    again = request(lab, file, **stale_values())
    assert lab.client.batch_requests() == []
    assert again["localhost"]["status"] != "failed"
    assert count(deposit(lab, "SRV-7,SRV-8", file)) == {"activated": 2}


def test_check_mode_counts_machines_that_get_their_mak(lab: Lab, tmp_path: Path) -> None:
    """They show their installation ID only then, so that the module that requests the confirmation IDs does not know them."""
    file = tmp_path / "plant.csv"
    check: dict[str, Any] = {"options": ("--check",), "warnings": ("The module cannot restore the MAK ending in 44444",)}
    predicted = activate(lab, "FRESH,SPENT-1", file, proxy_activation_product_key=MAK, **check)
    assert set(statuses(predicted).values()) == {"planned"}
    assert "Confirmation IDs: 1 to request. Another 1 to request after the MAK is installed." in " ".join(predicted.output.split())
    more = {"proxy_activation_product_key": MAK, "proxy_activation_max_activations": 1}
    refused = activate(lab, "FRESH,SPENT-1", file, **check, **more)
    (message,) = {str(result["msg"]) for result in refused.values() if result["status"] == "failed"}
    assert "up to 2 activations, which is more than proxy_activation_max_activations: 1. 1 of them" in message
    permitted = activate(lab, "FRESH,SPENT-1", file, **check, **{**more, "proxy_activation_max_activations": 2})
    assert set(statuses(permitted).values()) == {"planned"}
    assert (lab.client.batch_requests(), file.exists()) == ([], False)


@pytest.mark.slow
def test_requests_end_with_a_table_after_the_failure(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "plant.csv"
    collect(lab, "SRV-17,BLOCKED-2,SPENT-2", file)
    predicted = request(lab, file, options=("--check",))
    assert (predicted.run.exit_code, end_of(predicted)[-1]) == (0, "0 of 3 records with a confirmation ID; 3 planned.")
    requested = request(lab, file, proxy_activation_max_activations="unlimited")
    assert requested.run.exit_code == 2
    lines = end_of(requested)
    assert "machines which outcome why what to do" in lines
    assert any(line.startswith("1 SRV-17 has its confirmation ") and "Deposit the confirmation ID" in line for line in lines)
    assert any(line.startswith("1 BLOCKED-2 refused by Microsoft ") for line in lines)
    assert lines[-1] == "1 of 3 records with a confirmation ID; 2 refused by Microsoft."
    assert requested.output.index("fatal: [localhost]") < requested.output.index("1 of 3 records")
    assert not any("next_steps" in line for line in lines)


def end_of(results: Results) -> list[str]:
    """The lines of the last task before the recap, without what Ansible prints around them."""
    text = results.output.partition("\nPLAY RECAP")[0].rstrip().rpartition("\nTASK [")[2]
    lines = (" ".join(line.split()).strip('", ') for line in text.splitlines())
    return [line for line in lines if line not in ("", "}")]


@pytest.mark.slow
def test_more_machines_than_activations_are_refused_before_the_first(lab: Lab, tmp_path: Path) -> None:
    before = used(lab, FEW)
    result = activate(lab, "few", tmp_path / "few.csv")
    assert "4 needed, 3 left at 20" in " ".join(result.output.split())
    assert (questions(lab), used(lab, FEW)) == ([], before)
    assert not any(licensed(lab, name) for name in lab.names("few"))
    done = activate(lab, "FEW-1,FEW-2,FEW-3", tmp_path / "few.csv")
    assert count(done)["activated"] == 3
    assert numbers(done) == (3, 3, 0, 0, True)
    (mak,) = report_of(done)["maks"]
    line = f"3 left at Microsoft at {mak['checked_time']}, 3 used in this run, forecast 0, 0 left at {mak['checked_after_time']}."
    assert any(one.endswith(line) for one in report_of(done)["lines"])
    assert remaining(lab, FEW) == 0


@pytest.mark.slow
def test_a_machine_without_an_answer_is_named_and_waits_for_a_decision(lab: Lab, tmp_path: Path) -> None:
    file, before, left = tmp_path / "plant.xml", used(lab, MAK), remaining(lab, MAK)
    lab.client.set_fault("SRV-9", "batch_drop", when="after", request_type=1, times=1)
    first = activate(lab, "SRV-9,SRV-10", file)
    assert numbers(first) == (left, 1, left - 1, left - 2, True)
    assert "Microsoft counted 1 of the 1 request without an answer" in " ".join(report_of(first)["lines"])
    assert statuses(first) == {"SRV-9": "unanswered", "SRV-10": "activated"}
    second = activate(lab, "SRV-9,SRV-10", file, **stale_values())
    assert statuses(second) == {"SRV-9": "unanswered", "SRV-10": "already_licensed"}
    assert questions(lab) == []
    (row,) = (row for row in report_of(second)["rows"] if row["machine"] == "SRV-9")
    assert (row["code"], any("ask_again" in step for step in row["next_steps"])) == ("unknown_outcome", True)
    third = activate(lab, "SRV-9,SRV-10", file, proxy_activation_ask_again=True)
    assert statuses(third) == {"SRV-9": "activated", "SRV-10": "already_licensed"}
    assert used(lab, MAK) - before == 3


@pytest.mark.slow
def test_a_run_that_is_killed_between_two_answers_goes_on_where_it_was(lab: Lab, tmp_path: Path) -> None:
    file, names, before = tmp_path / "plant.csv", [f"SRV-{number}" for number in range(11, 15)], used(lab, MAK)
    lab.client.set_fault("SRV-13", "batch_delay", request_type=1)
    variables: Mapping[str, Any] = {
        "proxy_activation_hosts": ",".join(names),
        "proxy_activation_file": str(file),
        "proxy_activation_parallel_requests": 1,
        **way(lab),
    }
    cut(lab, "answer", [(f"{FQCN}.proxy_activate", variables)], lambda: used(lab, MAK) - before == 3)
    lab.client.clear_faults()
    second = activate(lab, ",".join(names), file)
    assert statuses(second) == {"SRV-11": "activated", "SRV-12": "activated", "SRV-13": "unanswered", "SRV-14": "activated"}
    assert questions(lab) == ["SRV-14"]
    assert used(lab, MAK) - before == 4


@pytest.mark.slow
def test_a_number_that_is_not_the_forecast_is_a_warning_and_no_failure(lab: Lab, tmp_path: Path) -> None:
    """Somebody else uses the MAK between the two questions, Microsoft's number is late, or an answer is lost as well."""
    left = remaining(lab, MAK)
    lab.client.set_fault("*", "batch_others", activations=2, request_type=2, times=1)
    with_others = activate(lab, "SRV-15", tmp_path / "others.csv")
    assert (numbers(with_others), failed(with_others)) == ((left, 1, left - 1, left - 3, False), set())
    assert remaining(lab, MAK) == left - 3
    assert "Warning: 2 fewer than the forecast. Another computer used the MAK" in " ".join(with_others.output.split())

    lab.client.set_fault("*", "batch_late_number", behind=1, times=1)
    late = activate(lab, "SRV-19", tmp_path / "late.csv")
    lab.client.clear_faults()
    assert (numbers(late), failed(late)) == ((left - 2, 1, left - 3, left - 4, False), set())
    assert "or the number before the run was not up to date" in " ".join(late.output.split())

    lab.client.set_fault("SRV-20", "batch_drop", when="after", request_type=1, times=1)
    lab.client.set_fault("*", "batch_others", activations=3, request_type=1, times=1)
    both = activate(lab, "SRV-20", tmp_path / "both.csv")
    lab.client.clear_faults()
    assert (numbers(both), statuses(both)) == ((left - 4, 0, left - 4, left - 8, False), {"SRV-20": "unanswered"})
    assert "Warning: 3 fewer than the forecast" in " ".join(both.output.split())


def with_key(lab: Lab, hosts: str, file: Path, key: str, **more: Any) -> Results:
    """The playbook with the key in a file of variables."""
    vault = lab.folder / "mak.yml"
    vault.write_text(yaml.safe_dump({"proxy_activation_product_key": key}), encoding="utf-8")
    return activate(lab, hosts, file, options=("--extra-vars", f"@{vault}"), **more)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "key", "more"),
    [
        ("ESU", "MMMMM-KKKKK-MMMMM-YWX33-TTWY3", {"proxy_activation_esu": "windows_10_year_2"}),
        ("OFFICE", "MMMMM-KKKKK-MMMMM-CCCCC-22266", {"proxy_activation_application": "office"}),
    ],
)
def test_the_maks_of_office_and_of_security_updates_go_the_same_way(
    lab: Lab, tmp_path: Path, machine: str, key: str, more: dict[str, Any]
) -> None:
    """The MAK of Windows on the same machine is not asked about."""
    windows = used(lab, "MMMMM-KKKKK-MMMMM-CCCCC-22222")
    first = with_key(lab, machine, tmp_path / "other.csv", key, **more)
    assert statuses(first) == {machine: "activated"}
    assert (questions(lab), used(lab, key)) == ([machine], 1)
    second = with_key(lab, machine, tmp_path / "other.csv", key, **more)
    assert statuses(second) == {machine: "already_licensed"}
    assert (lab.client.batch_requests(), second.writes(machine)) == ([], 0)
    assert used(lab, "MMMMM-KKKKK-MMMMM-CCCCC-22222") == windows


@pytest.mark.slow
def test_windows_server_2003_waits_for_the_telephone(lab: Lab, tmp_path: Path) -> None:
    found = activate(lab, "OLD,SRV-16", tmp_path / "old.csv")
    assert statuses(found) == {"OLD": "waiting", "SRV-16": "activated"}
    (row,) = (row for row in report_of(found)["rows"] if row["machine"] == "OLD")
    assert row["code"] == "no_extended_pid"
    assert "telephone" in " ".join(row["next_steps"])
    assert questions(lab) == ["SRV-16"]
    assert failed(found) == set()


@pytest.mark.slow
def test_a_reinstalled_machine_takes_its_kept_id_and_nobody_is_asked(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "plant.csv"
    assert statuses(activate(lab, "SRV-18", file)) == {"SRV-18": "activated"}
    before, kept = used(lab, MAK), table(file)[0]["confirmation_id"]
    lab.client.rebuild("SRV-18")
    again = with_key(lab, "SRV-18", file, MAK)
    assert statuses(again) == {"SRV-18": "activated"}
    assert (lab.client.batch_requests(), used(lab, MAK), table(file)[0]["confirmation_id"]) == ([], before, kept)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "code", "words"), [
    (None, "not_a_mak", "A KMS host key is activated on the KMS host itself, online or by telephone."),
    (MAK, "is_kms_host", "is a KMS host by its key"),
])  # fmt: skip
def test_a_kms_host_is_named_with_its_way_and_nothing_is_asked_for_it(
    lab: Lab, tmp_path: Path, key: str | None, code: str, words: str
) -> None:
    found = with_key(lab, "HOST,SRV-17", tmp_path / "host.csv", key) if key else activate(lab, "HOST,SRV-17", tmp_path / "host.csv")
    assert (questions(lab), found.writes("HOST")) == (["SRV-17"] if key is None else [], 0)
    (row,) = (row for row in report_of(found)["rows"] if row["machine"] == "HOST")
    assert (row["status"], row["code"], failed(found) >= {"HOST"}) == ("failed", code, True)
    assert words in row["message"]
    assert "kms_host" in row["next_steps"][0]
