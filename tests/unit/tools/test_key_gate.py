# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key gate finds a planted key in every spelling, names it by its last five, and lets ordinary text pass."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

import key_gate

MAK = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
KMS_CLIENT_KEY = "W269N-WFGWX-YVC9B-4J6C9-T83GX"

ORDINARY = """
TASK [Convert] ***
ok: [win01] => {"cmid": "8b5b1e5c-9d4d-4f7c-8e37-0e7a3bb1a111", "extended_pid": "03612-03308-000-000001-03-1033-17763.0000-3232026",
  "installation_id": "012345678901234567890123456789012345678901234567890123456789012", "product_key": "*****-*****-*****-*****-T83GX",
  "partial_product_key": "T83GX"}
"""


def in_utf16(key: str) -> str:
    return key.encode("utf-16-le").decode("latin-1")


def in_base64(key: str, before: str = "", encoding: str = "utf-8") -> str:
    return base64.b64encode((before + key + " tail").encode(encoding)).decode()


@pytest.mark.parametrize(
    "planted",
    [
        MAK,
        MAK.lower(),
        MAK.replace("-", ""),
        MAK.replace("-", " "),
        in_utf16(MAK),
        *(in_base64(MAK, "x" * shift) for shift in range(3)),
        *(in_base64(MAK, "x" * shift, "utf-16-le") for shift in range(3)),
        in_base64(MAK.replace("-", ""), "xy"),
        f"<ProductKey>{MAK}</ProductKey>",
        f'"product_key": "{MAK}"',
    ],
)
def test_a_planted_key_is_found_in_every_spelling(planted: str) -> None:
    leaks = key_gate.find_leaks(f"{ORDINARY}\n{planted}\n", extra_keys=[MAK])
    assert [leak.partial_product_key for leak in leaks] == ["FGHJK"]


def test_a_public_client_key_of_our_data_counts_as_a_leak_in_output() -> None:
    assert KMS_CLIENT_KEY in key_gate.known_keys()
    assert [leak.partial_product_key for leak in key_gate.find_leaks(f"line one\nkey {KMS_CLIENT_KEY.replace('-', '')}")] == ["T83GX"]


def test_a_key_nobody_told_the_gate_about_is_found_by_its_form() -> None:
    assert [leak.line for leak in key_gate.find_leaks("one\ntwo\nBBBBB-CCCCC-DDDDD-FFFFF-GGGGG\n")] == [3]


def test_ordinary_output_passes() -> None:
    assert key_gate.find_leaks(ORDINARY) == []


def test_a_placeholder_of_one_letter_passes() -> None:
    assert key_gate.find_leaks("product_key: XXXXX-XXXXX-XXXXX-XXXXX-XXXXX") == []


def test_a_key_of_which_only_the_last_five_are_left_passes() -> None:
    assert key_gate.find_leaks("product_key: XXXXX-XXXXX-XXXXX-XXXXX-T83GX") == []


def test_the_finding_never_repeats_the_key() -> None:
    with pytest.raises(AssertionError) as raised:
        key_gate.assert_no_keys(f"leak: {MAK}", "output", [MAK])
    assert "FGHJK" in str(raised.value)
    assert "output:1" in str(raised.value)
    assert key_gate.find_leaks(str(raised.value), extra_keys=[MAK]) == []


def test_files_and_folders_are_searched_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "run.log").write_bytes(b"\xff\xfe" + KMS_CLIENT_KEY.encode("utf-16-le"))
    (tmp_path / "clean.log").write_text(ORDINARY, encoding="utf-8")
    command = [sys.executable, str(Path(key_gate.__file__)), str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "run.log:1: full product key ending in T83GX (as UTF-16)" in done.stdout
    assert "clean.log" not in done.stdout


def test_a_key_that_is_neither_public_nor_invented_may_not_enter_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / key_gate.KEY_DATA[0]
    data.mkdir(parents=True)
    (data / "gvlk.json").write_text(f'["{KMS_CLIENT_KEY}"]', encoding="utf-8")
    page = tmp_path / "page.md"
    # Put together here, so that this file passes the very check it tests.
    foreign = "-".join(["BCDFG", "HJKMP", "QRTVW", "XY234", "6789B"])
    mistyped = KMS_CLIENT_KEY.replace("W269N", "A269N")
    page.write_text(f"{KMS_CLIENT_KEY}\n{MAK}\n{mistyped}\n{foreign}\n", encoding="utf-8")
    monkeypatch.setattr(key_gate, "ROOT", tmp_path)
    assert [(leak.line, leak.partial_product_key) for leak in key_gate.foreign_keys([page])] == [(4, "6789B")]
