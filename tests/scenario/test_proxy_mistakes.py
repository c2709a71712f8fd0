# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes of people who use proxy activation for the first time: none of them costs an activation."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest

from .harness import Lab
from .proxy_by_hand import collect, statuses, table
from .test_proxy_activate import FEW, activate, questions, request, run, used

ESTATE = "batch_activation.yml"


@pytest.fixture
def few(lab: Lab, tmp_path: Path) -> Path:
    """A file with four records of a MAK that has three activations left."""
    file = tmp_path / "few.csv"
    assert collect(lab, "few", file).run.tasks
    return file


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def test_one_wrong_product_id_does_not_lift_the_limit(lab: Lab, few: Path) -> None:
    """Microsoft returns no number for it, and the other records would use all activations that are left."""
    own, before = table(few)[0]["extended_pid"], used(lab, FEW)
    rewrite(few, own, "03612-99999" + own[11:])
    result = request(lab, few)["localhost"]
    assert (questions(lab), used(lab, FEW)) == ([], before)
    assert "4 refused by Microsoft" in result["msg"]
    assert "[0x68]" in result["msg"]


def test_a_copy_whose_answer_is_in_another_row_is_not_requested(lab: Lab, few: Path) -> None:
    """Somebody got it by telephone, and wrote it into one of the two rows."""
    row = table(few)[0]
    answer = lab.client.phone(row["installation_id"])
    spelled = "-".join(answer[start : start + 6] for start in range(0, len(answer), 6))
    with few.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, row)
        writer.writeheader()
        writer.writerows([{**row, "machine": "COPY"}, {**row, "confirmation_id": spelled}])
    request(lab, few)
    assert questions(lab) == []
    assert [found["confirmation_id"] for found in table(few)] == [spelled, spelled]


def test_relative_paths_are_those_of_the_user(lab: Lab, few: Path, tmp_path: Path) -> None:
    """The modules run in the directory of the playbook, which belongs to the collection."""
    shutil.copy(lab.client.batch()["ca"], tmp_path / "own.pem")
    paths = {"journal_path": "own.journal", "ca_path": "own.pem"}
    options = {f"proxy_activation_{name}": os.path.relpath(tmp_path / path) for name, path in paths.items()}
    results = request(lab, few, **options, proxy_activation_max_activations="unlimited")
    assert len(questions(lab)) == 4
    assert (tmp_path / "own.journal").read_text(encoding="utf-8").count('"requested"') == 4
    assert "received from Microsoft" in results.output


@pytest.mark.parametrize("playbook", ["proxy_request", "proxy_activate"])
def test_a_returned_file_is_not_passed_over(lab: Lab, tmp_path: Path, playbook: str) -> None:
    """Only the deposit merges it. A request would use another activation for each of its confirmation IDs."""
    file, returned = tmp_path / "srv.csv", tmp_path / "returned.csv"
    collect(lab, "SRV-1", file)
    shutil.copy(file, returned)
    more = {"proxy_activation_hosts": "SRV-1"} if playbook == "proxy_activate" else {}
    refused = run(lab, playbook, file, proxy_activation_returned=[str(returned)], **more)
    assert questions(lab) == []
    (message,) = {str(result["msg"]) for result in refused.values() if result["status"] == "failed"}
    assert "proxy_activation_returned is for the playbook proxy_deposit only" in message
    assert message.endswith("Nothing was changed.")


def test_check_mode_does_not_send_people_to_microsoft(lab: Lab, tmp_path: Path) -> None:
    """The run requests the confirmation ID itself, also for a machine that is in the file."""
    file = tmp_path / "srv.csv"
    collect(lab, "SRV-2", file)
    forecast = activate(lab, "SRV-2", file, options=("--check",))
    assert statuses(forecast) == {"SRV-2": "planned"}
    assert questions(lab) == []
