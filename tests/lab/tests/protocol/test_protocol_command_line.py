# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line with real estate files: how it starts, what it costs, and what a person reads when it cannot start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from winlab.client import LabError, peak_memory_mib, running_lab

NETWORK = 200 + 10 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
LAB = Path(__file__).parents[2]


def estate_file(folder: Path, **machine: object) -> Path:
    path = folder / "estate.yml"
    entry = {"name": "srv{0001}", "count": 1, "os": "Server 2019 Standard", "address": f"127.55.{NETWORK}.1", "state": "grace", **machine}
    path.write_text(yaml.safe_dump({"dns": "none", "machines": [entry]}))
    return path


def test_two_thousand_machines_stay_below_1_5_gib_and_the_ready_file_says_how_long_they_took(tmp_path: Path) -> None:
    with running_lab(estate_file(tmp_path, count=2000), run_dir=tmp_path / "run") as (client, _inventory):
        ready = json.loads((tmp_path / "run" / "ready.json").read_text())
        assert len(client.machines()) == ready["machines"] == 2000
        assert ready["seconds"] > 0
        assert peak_memory_mib(ready["pid"]) < 1.5 * 1024


def test_more_machines_than_files_may_be_opened_are_refused_with_the_limit_that_is_needed(tmp_path: Path) -> None:
    limited = tmp_path / "python"
    limited.write_text(f'#!/bin/sh\nulimit -n 1000\nexec "{sys.executable}" "$@"\n')
    limited.chmod(0o755)
    with (
        pytest.raises(LabError, match="listen on 600 ports, but a process may open only 1000 files: raise the hard limit to 1100"),
        running_lab(estate_file(tmp_path, count=300), python=str(limited), run_dir=tmp_path / "run"),
    ):
        pytest.fail("the lab has started")


def test_a_lab_leaves_no_process_and_no_file_but_those_in_the_folder_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with running_lab(estate_file(Path()), run_dir="run") as (client, inventory):
        process = json.loads((tmp_path / "run" / "ready.json").read_text())["pid"]
        assert client.machine("srv0001")["name"] == "srv0001"
        assert inventory.is_file()
    assert not Path(f"/proc/{process}").exists()
    assert not (tmp_path / "run" / "ready.json").exists()


def test_a_lab_that_writes_a_lot_on_its_error_output_is_not_held_up_and_quoted_at_its_end(tmp_path: Path) -> None:
    chatty = tmp_path / "python"
    chatty.write_text(f'#!/bin/sh\nyes "something odd" | head -c 1000000 >&2\nexec "{sys.executable}" "$@"\n')
    chatty.chmod(0o755)
    with (
        pytest.raises(LabError, match="something odd"),
        running_lab(estate_file(tmp_path), python=str(chatty), run_dir=tmp_path / "run") as (client, _inventory),
    ):
        assert len(client.machines()) == 1


def telephone(control: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "winlab", "phone", "--control", control, *words]
    return subprocess.run(command, cwd=LAB, capture_output=True, text=True, timeout=60, check=False)


def test_the_phone_command_prints_the_confirmation_id_and_a_refusal_is_one_line(tmp_path: Path) -> None:
    with running_lab(estate_file(tmp_path, state="mak_unactivated"), run_dir=tmp_path / "run") as (client, _inventory):
        iid = client.machine("srv0001")["products"][0]["properties"]["OfflineInstallationId"]
        groups = [iid[start : start + 7] for start in range(0, 63, 7)]
        said = [telephone(client.url, *words).stdout for words in ((iid,), groups, ("-".join(groups),))]
        assert said == [client.phone(iid) + "\n"] * 3
        assert len(said[0].strip()) == 48
        refused = telephone(client.url, iid[:-1])
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == "winlab: POST /phone: An installation ID has 54 or 63 digits, this one has 62.\n"
        control = client.url
    gone = telephone(control, iid)
    assert gone.returncode == 1
    assert gone.stderr.startswith("winlab: ")


def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    expected = rf"status 1: winlab: .*cannot listen on 127\.55\.{NETWORK}\.1:5985"
    with socket.socket() as other:
        other.bind((f"127.55.{NETWORK}.1", 5985))
        other.listen()
        with pytest.raises(LabError, match=expected), running_lab(estate_file(tmp_path)):
            pytest.fail("the lab started")


def test_a_wrong_estate_file_is_explained_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "winlab", "serve", "--estate", str(estate_file(tmp_path, os="Server 1999"))]
    done = subprocess.run(command, cwd=LAB, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("winlab: estate.yml")
    assert "Server 1999" in done.stderr
    assert done.stderr.count("\n") == 1
