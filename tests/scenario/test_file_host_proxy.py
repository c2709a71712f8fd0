# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three jobs activate machines by proxy, with nothing between them but the machine that keeps the file."""

from __future__ import annotations

import stat
from typing import Any

import pytest

from key_gate import assert_no_keys

from .file_host import NAME, Keeper, reported
from .harness import FQCN, Lab, Results
from .proxy_by_hand import licensed, statuses, table

pytestmark = pytest.mark.slow

ESTATE = "batch_activation.yml"
MACHINES = ["SRV-1", "SRV-2", "SRV-3"]


def job(lab: Lab, keeper: Keeper, phase: str, *options: str, **more: Any) -> Results:
    batch = lab.client.batch()
    way = {f"proxy_activation_{name}": batch[key] for name, key in (("service_url", "url"), ("ca_path", "ca"), ("http_proxy", "proxy"))}
    given = {"proxy_activation_file": "~/plant.csv", "proxy_activation_file_host": NAME, **way, **more}
    return keeper.job(lab, f"{FQCN}.proxy_{phase}", given, *options)


def asked(lab: Lab) -> int:
    return sum(len(found["questions"]) for found in lab.client.batch_requests() if found["request_type"] == 1)


def test_three_jobs_need_only_the_file_host(lab: Lab, keeper: Keeper) -> None:
    file = keeper.home / "plant.csv"
    hosts = ",".join(MACHINES)
    assert job(lab, keeper, "collect", "--check", proxy_activation_hosts=hosts).run.exit_code == 0
    assert list(keeper.home.iterdir()) == []
    collected = job(lab, keeper, "collect", "--limit", hosts, proxy_activation_hosts=hosts, proxy_activation_serial=2)
    assert collected.run.exit_code == 0, collected.output
    assert reported(collected) == ("~/plant.csv", NAME)
    assert [row["machine"] for row in table(file)] == MACHINES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)

    requested = job(lab, keeper, "request")
    assert requested.run.exit_code == 0, requested.output
    assert asked(lab) == 3
    assert all(row["confirmation_id"] for row in table(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert (keeper.home / "plant.csv.journal").stat().st_size > 0
    (backup,) = keeper.home.glob("plant.csv.*~")
    assert not any(row["confirmation_id"] for row in table(backup))

    deposited = job(lab, keeper, "deposit", proxy_activation_hosts=hosts)
    assert deposited.run.exit_code == 0, deposited.output
    assert all(licensed(lab, name) for name in MACHINES)

    before = {path: path.read_bytes() for path in keeper.home.iterdir()}
    again = job(lab, keeper, "activate", proxy_activation_hosts=hosts)
    assert statuses(again) == dict.fromkeys(MACHINES, "already_licensed")
    assert asked(lab) == 0
    assert {path: path.read_bytes() for path in keeper.home.iterdir()} == before
    assert_no_keys("".join(text.decode() for text in before.values()) + again.output)


OTHER = "machine,installation_id,confirmation_id\n"


@pytest.mark.parametrize("request_number", [2, 3])
def test_file_that_somebody_else_writes_meanwhile_is_not_overwritten(lab: Lab, keeper: Keeper, request_number: int) -> None:
    """Before the file is compared, and between the comparison and the replacement."""
    file = keeper.home / "plant.csv"
    keeper.interfere(request_number, file, OTHER)
    done = job(lab, keeper, "collect", proxy_activation_hosts="SRV-4")
    assert done.run.exit_code == 2
    assert file.read_text(encoding="utf-8") == OTHER
    (beside,) = (path for path in keeper.home.iterdir() if path != file)
    assert [row["machine"] for row in table(beside)] == ["SRV-4"]
    text = " ".join(done.output.split())
    assert "Another process changed" in text
    assert f"{NAME}:~/{beside.name}" in text


def test_file_host_that_is_off_is_refused_before_anything_is_sent(lab: Lab, keeper: Keeper) -> None:
    keeper.switch(off=True)
    lab.client.batch_requests()
    for phase in ("collect", "deposit", "activate"):
        done = job(lab, keeper, phase, proxy_activation_hosts="SRV-4")
        assert done.run.exit_code == 2
        assert f"file host {NAME} cannot be reached" in " ".join(done.output.split())
        assert done.nothing_sent("SRV-4")
    assert job(lab, keeper, "request").run.exit_code == 2
    assert lab.client.batch_requests() == []


def test_file_that_does_not_exist_is_named_with_its_machine(lab: Lab, keeper: Keeper) -> None:
    done = job(lab, keeper, "deposit", proxy_activation_hosts="SRV-4")
    assert done.run.exit_code == 2
    assert f"proxy_activation_file does not exist on {NAME}: {NAME}:~/plant.csv" in " ".join(done.output.split())
    assert done.nothing_sent("SRV-4")
