# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted before a change can be read again, names a command for a person, and leads to no other place."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.items import (
    CreatedKey,
    Item,
    KmsHostSetting,
    License,
    PolicyValue,
    as_data,
    from_data,
    is_restorable,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.record import (
    RecordedMachine,
    RecordError,
    open_record,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kept_path import UnsafePathError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import (
    REG_DWORD,
    REG_SZ,
    SPP_KEY,
    RegistryValue,
)

ACTIVATION = rf"{SPP_KEY}\Activation"
SETTING = PolicyValue(SPP_KEY, "SkipRearm", RegistryValue("SkipRearm", REG_DWORD, "1"))
ITEMS: list[tuple[Item, str]] = [
    (SETTING, rf'reg add "HKLM\{SPP_KEY}" /v SkipRearm /t REG_DWORD /d "1" /f'),
    (PolicyValue(SPP_KEY, "SkipRearm", None), rf'reg delete "HKLM\{SPP_KEY}" /v SkipRearm /f'),
    (CreatedKey(ACTIVATION), rf'reg delete "HKLM\{ACTIVATION}"'),
    (KmsHostSetting("kms1.corp.example", 1700), r"cscript //nologo %windir%\system32\slmgr.vbs /skms kms1.corp.example:1700"),
    (KmsHostSetting(None, None), r"cscript //nologo %windir%\system32\slmgr.vbs /ckms"),
    (License("T83GX", True), r"cscript //nologo %windir%\system32\slmgr.vbs /ato"),
]
HERE = RecordedMachine("pc1", "PC1")


@pytest.mark.parametrize(("item", "command"), ITEMS, ids=lambda each: type(each).__name__)
def test_an_item_is_read_as_it_was_written_and_has_a_command(item: Item, command: str) -> None:
    assert from_data(json.loads(json.dumps(as_data(item)))) == item
    assert item.by_hand == command


@pytest.mark.parametrize(
    "changes",
    [
        {"key": r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"},
        {"name": "Other"},
        {"before": {"kind": 3, "data": "00"}},
        {"before": {"kind": 1, "data": 5}},
        {"kind": "file"},
    ],
)
def test_what_the_module_cannot_have_written_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is not|not one of"):
        from_data({**as_data(SETTING), **changes})


@pytest.mark.parametrize(
    "data", [{"partial_product_key": "22222"}, {"partial_product_key": "T83GX", "was_activated": 1}, {"partial_product_key": "../.."}]
)
def test_a_license_must_have_a_published_key(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not valid"):
        from_data({**as_data(License("T83GX", True)), **data})


def test_the_first_value_counts_and_the_file_is_gone_when_all_is_restored(tmp_path: Path) -> None:
    record = open_record(str(tmp_path), HERE)
    record.note([SETTING])
    record.note([PolicyValue(SPP_KEY, "SkipRearm", None), KmsHostSetting(None, None)])
    assert open_record(str(tmp_path), HERE).left == (SETTING, KmsHostSetting(None, None))
    record.settle([SETTING])
    assert open_record(str(tmp_path), HERE).left == (KmsHostSetting(None, None),)
    record.settle([KmsHostSetting("x", None)])
    assert list(tmp_path.iterdir()) == []


def test_the_record_of_another_computer_is_refused(tmp_path: Path) -> None:
    open_record(str(tmp_path), HERE).note([SETTING])
    with pytest.raises(RecordError, match="it is about the computer PC1, and the machine is PC2"):
        open_record(str(tmp_path), RecordedMachine("pc1", "PC2"))


def test_a_record_that_cannot_be_written_stops_before_the_change(tmp_path: Path) -> None:
    record = open_record(str(tmp_path / "file" / "folder"), HERE)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RecordError, match="cannot be written"):
        record.note([SETTING])
    assert record.left == ()


def test_a_record_that_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pc1.json")
    with pytest.raises(UnsafePathError, match="is a named pipe"):
        open_record(str(tmp_path), HERE)


@pytest.mark.parametrize(("data", "restorable"), [
    ("https://kms.corp.example/a?b=c&d", True), ("1", True), ("", True),
    ('a" & calc & "', False), ("%TEMP%", False), ("a\nb", False), (None, False),
])  # fmt: skip
def test_a_value_that_no_command_could_restore_is_not_changed(data: str | None, restorable: bool) -> None:
    assert is_restorable(RegistryValue("Url", REG_SZ, data)) is restorable
    assert is_restorable(None)


def test_a_name_of_the_inventory_leads_to_no_other_folder(tmp_path: Path) -> None:
    record = open_record(str(tmp_path / "restore"), RecordedMachine("../../pc1", "PC1"))
    record.note([SETTING])
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "restore"]
