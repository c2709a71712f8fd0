# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the facts the lab needs from ../shared/data into winlab/data, in the lab's own shape.

Run it by hand after the shared facts change: `python tests/lab/tools/make_data.py`. The lab itself never reads
../shared: it must work from a clone of the repository alone. The texts of slmgr and of the event log (slmgr_texts.json,
event_messages.json) are the lab's own and not made here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

REPO_ROOT = Path(__file__).resolve().parents[3]
SHARED = REPO_ROOT.parent / "shared" / "data"
OUT = REPO_ROOT / "tests" / "lab" / "winlab" / "data"
CLASSES = (
    "SoftwareLicensingService",
    "SoftwareLicensingProduct",
    "SoftwareLicensingTokenActivationLicense",
    "Win32_WindowsProductActivation",
    "OfficeSoftwareProtectionService",
    "OfficeSoftwareProtectionProduct",
    "OfficeSoftwareProtectionTokenActivationLicense",
)
OFFICE_SINCE = "6.1"
"""The classes of Office come with Office and not with a release of Windows; 6.1 is the oldest that the lab has Office on."""


def _until(entry: dict[str, Any]) -> str | None:
    # Members of the 6.1 generation that the later dumps no longer show; the note on younger members speaks of dumps
    # taken before they appeared and removes nothing.
    return "6.1" if entry.get("removed") and entry["since"] in ("6.0", "6.1") else None


def _since(text: str) -> str:
    return OFFICE_SINCE if text.startswith("OSPP") else text


def _member(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    kept = {name: _since(entry[name]) if name == "since" else entry[name] for name in names if entry.get(name)}
    until = _until(entry)
    return {**kept, "until": until} if until else kept


def classes() -> dict[str, Any]:
    source = json.loads((SHARED / "wmi_classes.json").read_text("utf-8"))
    return {
        name: {
            "namespace": "root/cimv2",
            "keys": source[name]["keys"],
            "since": _since(source[name]["since"]),
            **({"until": source[name]["until"].split()[0]} if "until" in source[name] else {}),
            "properties": [_member(entry, "name", "type", "since") for entry in source[name]["properties"]],
            "methods": [
                {
                    **_member(entry, "name", "since"),
                    "in": {argument["name"]: argument["type"] for argument in entry["in"]},
                    "out": {result["name"]: result["type"] for result in entry["out"] if result["name"] != "ReturnValue"},
                }
                for entry in source[name]["methods"]
                if entry.get("confirmed", True)
            ],
        }
        for name in CLASSES
    }


def setup_keys() -> list[dict[str, Any]]:
    names = ("family", "edition", "key", "kind", "edition_id", "build_min", "build_max", "product_type", "application_id", "office_version")
    return [{name: entry[name] for name in names if name in entry} for entry in json.loads((SHARED / "gvlk.json").read_text("utf-8"))]


def events() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in json.loads((SHARED / "events.json").read_text("utf-8"))["events"]:
        found[str(entry["event_id"])] = {"identifier": int(entry["message_id"], 16), "severity": entry["severity"], "log": entry["log"]}
    return found


def main() -> int:
    if not SHARED.is_dir():
        sys.stderr.write(f"no shared facts at {SHARED}\n")
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    for name, facts in (("wmi_classes", classes()), ("setup_keys", setup_keys()), ("events", events())):
        (OUT / f"{name}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
