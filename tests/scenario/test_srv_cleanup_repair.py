# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client on which a KMS host key was installed by mistake becomes a client again, and its SRV record goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stale import stale_values

from . import dns_by_hand, winrs
from .harness import FQCN, Lab, Results

ESTATE = "srv_cleanup_repair.yml"
DOMAIN = "repair.example"
ROGUES = ("PC-07", "PC-08")
REPAIR = f"{FQCN}.kms_srv_cleanup"


STOPS = "stops being a KMS host"
"""What kms_host warns of; the entry point removes the record it means."""


def repair(lab: Lab, hosts: str, *, check_mode: bool = False, warning: str = STOPS, **variables: Any) -> Results:
    """The entry point as the README shows it, on the machines of a group."""
    told = lab.client.dns()
    way = {name: told[name] for name in ("key_name", "key_secret", "key_algorithm")}
    include = {"name": "Repair", "ansible.builtin.include_role": {"name": REPAIR, "tasks_from": "repair"}}
    play = {"name": "Repair", "hosts": hosts, "gather_facts": False, "check_mode": check_mode, "tasks": [include]}
    connection = {**way, "dns_server": told["server"], "dns_port": told["port"], "authentication": "tsig"}
    return lab.playbook(
        [play], {"kms_srv_cleanup_dns": connection, **variables}, expected_warnings=(warning,) if warning else (), extra=stale_values()
    )


def summary(results: Results, host: str) -> Mapping[str, Any]:
    """The fact the entry point leaves for a machine."""
    found: Mapping[str, Any] = results.run.results("ansible.builtin.set_fact")[host]["ansible_facts"]["kms_srv_cleanup_repair"]
    return found


def published(lab: Lab) -> set[str]:
    """Hosts with a record."""
    return {record["host"] for record in lab.client.srv_records(DOMAIN)}


def sent(lab: Lab) -> list[str]:
    """The updates of the playbook since the start of the last run."""
    return [f"{one['kind']} {one['data']}" for one in lab.client.dns_updates() if one["key"] == "kms-update"]


def channel(lab: Lab, name: str) -> str:
    """What slmgr says of the key."""
    return winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), "/dlv"))["Product Key Channel"]


@pytest.fixture(scope="module")
def repaired(lab: Lab) -> tuple[Results, list[str]]:
    """The first run, and the updates it sent."""
    assert published(lab) == {f"{name}.{DOMAIN}" for name in ("kms01", "pc-07", "pc-08")}
    forecast = repair(lab, "rogues", check_mode=True)
    assert {name: forecast.writes(name) for name in ROGUES} == dict.fromkeys(ROGUES, 0)
    assert sent(lab) == []
    assert summary(forecast, "PC-07")["reboot_required"] is True
    results = repair(lab, "rogues", kms_srv_cleanup_expected_hosts=[f"kms01.{DOMAIN}"])
    return results, sent(lab)


@pytest.mark.parametrize("name", ROGUES)
def test_the_machine_has_its_client_key_again(repaired: tuple[Results, list[str]], lab: Lab, name: str) -> None:
    assert channel(lab, name) == "Volume:GVLK"
    assert summary(repaired[0], name)["steps"]


def test_the_records_of_the_machines_are_gone_and_no_other(repaired: tuple[Results, list[str]], lab: Lab) -> None:
    assert published(lab) == {f"kms01.{DOMAIN}"}
    assert sorted(repaired[1]) == [f"delete 0 0 1688 {name.lower()}.{DOMAIN}" for name in ROGUES]
    assert summary(repaired[0], "PC-08")["records_removed"] == [DOMAIN]


def test_the_records_do_not_come_back(repaired: tuple[Results, list[str]], lab: Lab) -> None:  # noqa: ARG001 - after it
    lab.client.advance(minutes=2 * 1440)
    assert published(lab) == {f"kms01.{DOMAIN}"}


def test_a_restart_is_said_to_be_due_and_none_is_done(repaired: tuple[Results, list[str]]) -> None:
    assert {name: summary(repaired[0], name)["reboot_required"] for name in ROGUES} == dict.fromkeys(ROGUES, True)
    assert "Reboot the machine" in repaired[0]["PC-07"]["msg"]


def test_the_second_run_changes_nothing(repaired: tuple[Results, list[str]], lab: Lab) -> None:  # noqa: ARG001 - after it
    again = repair(lab, "rogues", warning="")
    assert again.run.changed_hosts() == 0
    assert {name: again.writes(name) for name in ROGUES} == dict.fromkeys(ROGUES, 0)
    assert sent(lab) == []
    assert summary(again, "PC-07")["reboot_required"] is False


def test_a_run_that_ended_before_the_record_was_removed_is_finished_by_the_next(repaired: tuple[Results, list[str]], lab: Lab) -> None:  # noqa: ARG001 - after it
    dns_by_hand.publish(lab, DOMAIN, [("pc-07", 1688)])
    again = repair(lab, "PC-07", warning="")
    assert published(lab) == {f"kms01.{DOMAIN}"}
    assert summary(again, "PC-07")["records_removed"] == [DOMAIN]
    assert again.writes("PC-07") == 0


def test_an_expected_kms_host_is_refused_before_anything_is_changed(lab: Lab) -> None:
    refused = repair(lab, "KMS01", kms_srv_cleanup_expected_hosts=[f"KMS01.{DOMAIN}."])
    assert refused["KMS01"]["status"] == "failed"
    assert "nothing was changed" in refused["KMS01"]["msg"]
    assert refused.writes("KMS01") == 0
    assert f"kms01.{DOMAIN}" in published(lab)
