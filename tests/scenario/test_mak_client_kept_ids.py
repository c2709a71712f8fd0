# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mak_client takes the confirmation ID of a machine from the file of proxy activation, and asks nobody."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys
from project import BIN

from .harness import FQCN, Lab, Results
from .proxy_by_hand import collect, table

ESTATE = "batch_activation.yml"
MAK = "MMMMM-KKKKK-MMMMM-22222-33333"
ESU_KEY, ESU_ID = "MMMMM-KKKKK-MMMMM-YWX33-TTWY3", "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
OFFICE_KEY = "MMMMM-KKKKK-MMMMM-CCCCC-22266"
PROXY = {"activation_method": "proxy"}
GET, COLLECT = "Get it from Microsoft with proxy_request", "Collect the installation ID with proxy_collect"


def answered(lab: Lab, file: Path, *machines: str) -> None:
    """Write the confirmation IDs of these machines to the file, as somebody does who called Microsoft."""
    rows = table(file)
    for row in rows:
        if row["machine"] in machines:
            row["confirmation_id"] = lab.client.phone(row["installation_id"])
    changed(file, rows)


def changed(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def file(lab: Lab, tmp_path: Path) -> Callable[..., Path]:
    """Collects machines, and returns a file with the confirmation IDs of those named in `waiting` missing."""

    def made(*machines: str, waiting: tuple[str, ...] = (), key: str | None = None, **more: Any) -> Path:
        path = tmp_path / "plant.csv"
        collect(lab, ",".join(machines), path, key, **more)
        answered(lab, path, *(set(machines) - set(waiting)))
        return path

    return made


def counted(lab: Lab) -> int:
    """The activations of all MAKs that Microsoft has counted."""
    return sum(int(key["used"]) for key in lab.client.batch()["keys"])


def run(lab: Lab, machine: str, path: Path | str, *, warnings: tuple[str, ...] = (), **options: Any) -> Mapping[str, Any]:
    return whole(lab, machine, path, warnings=warnings, **options)[machine]


def whole(lab: Lab, machine: str, path: Path | str, *, warnings: tuple[str, ...] = (), **options: Any) -> Results:
    return lab.each("mak_client", {machine: {**PROXY, "confirmation_id_file": str(path), **options}}, expected_warnings=warnings)


def outcome(result: Mapping[str, Any]) -> str:
    return str(result["activation"]["outcome"])


@pytest.mark.quick
@pytest.mark.smoke
def test_a_machine_takes_its_confirmation_id_once(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("SRV-1")
    text, before = path.read_bytes(), counted(lab)
    options = {"SRV-1": {**PROXY, "confirmation_id_file": str(path)}}
    forecast, first, second = lab.thrice("mak_client", options)
    assert (outcome(forecast["SRV-1"]), forecast.writes("SRV-1")) == ("planned", 0)
    assert [step["action"] for step in forecast["SRV-1"]["steps"]] == ["activate"]
    assert (outcome(first["SRV-1"]), first["SRV-1"]["changed"], first["SRV-1"]["activations_used"]) == ("activated", True, 0)
    assert (outcome(second["SRV-1"]), second["SRV-1"]["changed"], second.writes("SRV-1")) == ("already_licensed", False, 0)
    assert (lab.client.batch_requests(), counted(lab), path.read_bytes()) == ([], before, text)


def test_without_a_confirmation_id_the_result_says_what_to_do(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("SRV-2", waiting=("SRV-2",))
    waiting = run(lab, "SRV-2", path, warnings=(GET,))
    unknown = run(lab, "SRV-3", path, warnings=(COLLECT,))
    for result, words in (
        (waiting, "does not have a confirmation ID for the machine yet"),
        (unknown, "the file has no record of the machine"),
    ):
        assert (result["status"], result["changed"], outcome(result)) == ("ok", False, "needs_confirmation_id")
        assert result["activation"]["installation_id"]
        (warning,) = result["warnings"]
        assert f"{path} has no confirmation ID to deposit: " in warning
        assert words in warning


def test_a_reinstalled_machine_takes_its_confirmation_id_again(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("SRV-4")
    assert outcome(run(lab, "SRV-4", path)) == "activated"
    before = counted(lab)
    lab.client.rebuild("SRV-4")
    missing = run(lab, "SRV-4", path)
    assert (missing["status"], missing["error"]["code"]) == ("failed", "product_key_missing")
    forecast, first, second = lab.thrice("mak_client", {"SRV-4": {**PROXY, "product_key": MAK, "confirmation_id_file": str(path)}})
    assert (outcome(forecast["SRV-4"]), forecast.writes("SRV-4")) == ("planned", 0)
    assert (outcome(first["SRV-4"]), first["SRV-4"]["activations_used"]) == ("activated", 0)
    assert (outcome(second["SRV-4"]), second.writes("SRV-4")) == ("already_licensed", 0)
    assert (lab.client.batch_requests(), counted(lab)) == ([], before)


def test_a_reinstalled_machine_with_other_hardware_gets_its_gvlk_back(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("SRV-5")
    lab.client.rebuild("SRV-5")
    lab.client.change_hardware("SRV-5")
    result = run(lab, "SRV-5", path, product_key=MAK)
    assert (result["status"], result["error"]["code"], result["rolled_back"]) == ("failed", "stale_installation_id", True)
    assert result["after"]["channel"] == "gvlk"


def test_a_renamed_and_reinstalled_machine_takes_it_in_the_second_run(lab: Lab, file: Callable[..., Path]) -> None:
    """Its record has another name, and the installation ID is known only when the MAK is installed."""
    path = file("SRV-6")
    rows = table(path)
    changed(path, [{**rows[0], "machine": "FORMER-NAME", "computer_name": "FORMER-NAME"}])
    lab.client.rebuild("SRV-6")
    first = run(lab, "SRV-6", path, product_key=MAK, warnings=("Run the task again: it deposits the confirmation ID",))
    assert (outcome(first), first["changed"]) == ("needs_confirmation_id", True)
    assert outcome(run(lab, "SRV-6", path, product_key=MAK)) == "activated"


def test_a_confirmation_id_that_is_none_is_refused_before_anything_is_written(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("SRV-7")
    changed(path, [{**row, "confirmation_id": "see the mail of Tuesday"} for row in table(path)])
    results = whole(lab, "SRV-7", path)
    assert (results["SRV-7"]["error"]["code"], results.writes("SRV-7")) == ("invalid_confirmation_id", 0)
    assert "confirmation_id is 'see the mail of Tuesday'" in results["SRV-7"]["msg"]


def test_office_takes_its_own(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("OFFICE", key=OFFICE_KEY, proxy_activation_application="office")
    result = run(lab, "OFFICE", path, product_key=OFFICE_KEY, application="office")
    assert (outcome(result), result["activation"]["partial_product_key"]) == ("activated", OFFICE_KEY[-5:])


def test_the_key_of_an_add_on_is_not_taken_for_one_of_windows(lab: Lab, file: Callable[..., Path]) -> None:
    """The record knows the add-on, so that the task does not need `esu`, also if the key is not installed any more."""
    path = file("ESU", key=ESU_KEY, proxy_activation_esu="windows_10_year_2")
    assert table(path)[0]["activation_id"] == ESU_ID
    removed = lab.all("product_key", ["ESU"], state="absent", activation_id=ESU_ID)
    assert removed["ESU"]["changed"]
    result = run(lab, "ESU", path, product_key=ESU_KEY)
    assert (outcome(result), result["products"][0]["activation_id"], result["products"][0]["is_addon"]) == ("activated", ESU_ID, True)


def test_windows_server_2003_takes_the_newest_record_of_its_name(lab: Lab, file: Callable[..., Path]) -> None:
    path = file("OLD")
    assert outcome(run(lab, "OLD", path)) == "activated"


def fifo(path: Path) -> None:
    os.mkfifo(path)


def foreign_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")
    os.lchown(path, 4711, 4711)


def with_a_key(path: Path) -> None:
    path.write_text(f"machine,installation_id,confirmation_id,note\nPC,1,,{MAK}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda _path: None, "cannot be read: No such file or directory"),
        (Path.mkdir, "is not a regular file"),
        (fifo, "is a named pipe, not a file"),
        pytest.param(foreign_link, "belongs to another user", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root")),
        (with_a_key, "contains a full product key"),
        (lambda path: path.write_text("machine,note\nPC,x\n", encoding="utf-8"), "installation_id"),
        (lambda path: path.write_bytes(b"\xff\xfe\0"), "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_the_machine_is_reached(
    lab: Lab, tmp_path: Path, prepare: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "plant.csv"
    prepare(path)
    results = whole(lab, "SRV-8", path)
    assert (results["SRV-8"]["status"], results["SRV-8"]["error"]["code"]) == ("failed", "invalid_options")
    assert words in results["SRV-8"]["msg"]
    assert "confirmation_id_file" in results["SRV-8"]["msg"]
    assert results.nothing_sent("SRV-8")
    assert_no_keys(results.output + json.dumps(dict(results["SRV-8"])))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"confirmation_id": "1" * 48}, "confirmation_id_file cannot be combined with confirmation_id"),
        ({"activation_method": "online"}, "confirmation_id_file cannot be combined with activation_method: online"),
        ({"activate": False}, "confirmation_id_file cannot be combined with activate: false"),
    ],
)
def test_options_that_contradict_the_file_are_refused(lab: Lab, options: dict[str, Any], words: str) -> None:
    results = whole(lab, "SRV-8", "plant.csv", **options)
    assert words in results["SRV-8"]["msg"]
    assert results.nothing_sent("SRV-8")


def test_a_file_that_is_encrypted_with_a_vault_is_read(lab: Lab, file: Callable[..., Path], tmp_path: Path) -> None:
    path, password = file("SRV-9"), tmp_path / "password"
    password.write_text("a-password-of-a-vault\n", encoding="utf-8")
    subprocess.run(
        [str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", str(password), str(path)], check=True, capture_output=True
    )
    text = path.read_bytes()
    without = run(lab, "SRV-9", path)
    assert (without["status"], without["error"]["code"]) == ("failed", "invalid_options")
    assert "cannot be decrypted" in without["msg"]
    env = {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}
    options = {"SRV-9": {**PROXY, "confirmation_id_file": str(path)}}
    assert outcome(lab.each("mak_client", options, env=env)["SRV-9"]) == "activated"
    assert path.read_bytes() == text


@pytest.mark.slow
def test_the_role_passes_the_file_on(lab: Lab, file: Callable[..., Path]) -> None:
    path, vault = file("SRV-10", "SRV-11", waiting=("SRV-11",)), lab.folder / "role.yml"
    before = counted(lab)
    vault.write_text(
        yaml.safe_dump({"mak_client_activation_method": "proxy", "mak_client_confirmation_id_file": str(path)}), encoding="utf-8"
    )
    book = lab.folder / "role_book.yml"
    play = {"name": "Role", "hosts": "SRV-10,SRV-11", "gather_facts": False, "roles": [f"{FQCN}.mak_client"], "vars_files": [str(vault)]}
    book.write_text(yaml.safe_dump([play]), encoding="utf-8")
    results = lab.run(book, expected_warnings=(GET,))
    done = next(task.hosts for task in results.run.tasks if task.action == f"{FQCN}.mak_client")
    assert {name: outcome(result) for name, result in done.items()} == {"SRV-10": "activated", "SRV-11": "needs_confirmation_id"}
    assert (lab.client.batch_requests(), counted(lab)) == ([], before)
