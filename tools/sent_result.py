# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a result of the conformance test that somebody sent into a fixture, and say what it changes.

    python tools/sent_result.py FOLDER NAME

FOLDER contains conformance.json and, if it was sent, the folder exchanges. They become tests/contract/sent/NAME, which the contract tests
replay from then on. The assumptions that a machine contradicts are printed, and those about which the lab behaves differently: for that,
run `make test-windows LAB=1` before. tools/assumptions.py then writes into the guide on which versions of Windows an assumption was seen.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from key_gate import keys_in
from project import BUILD, ROOT

SENT = ROOT / "tests" / "contract" / "sent"
LAB = BUILD / "conformance"
_SCHEMA = 1
_MOST_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_FOLDER = re.compile(r"[A-Za-z0-9._-]{1,100}")
_FILE = re.compile(r"[0-9]{3,5}-[a-z_]+-(request|response)\.xml")
_BROKEN = "does_not_hold"

Result = Mapping[str, Any]


def read_result(folder: Path) -> list[dict[str, Any]]:
    """Return the machines of a result. Raises ValueError with the reason if the folder has none."""
    path = folder / "conformance.json"
    if not path.is_file():
        raise ValueError(f"{folder} has no conformance.json.")
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path} has more than {_MOST_BYTES} bytes.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        machines: list[dict[str, Any]] = found["machines"]
        schema = found["schema"]
        names = [str(machine["name"]) for machine in machines]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a result of the conformance test: {error}.") from None
    if schema != _SCHEMA:
        raise ValueError(f"{path} has the schema {schema}, and this version reads {_SCHEMA}.")
    if not all(_FOLDER.fullmatch(name) and name.strip(".") for name in names):
        raise ValueError(f"{path} is not a result of the conformance test: the name of a machine is not a plain name.")
    return machines


def import_result(folder: Path, target: Path) -> list[Path]:
    """Copy a result and its exchanges, and return the folders of its machines.

    Raises ValueError before anything is copied if the folder has no result, or if a file has a full product key.
    """
    machines = read_result(folder)
    files = {machine["name"]: _files(folder / "exchanges" / machine["name"]) for machine in machines}
    for path in (folder / "conformance.json", *(path for each in files.values() for path in each)):
        keys = keys_in(path.read_text(encoding="utf-8", errors="replace"))
        if keys:
            raise ValueError(f"{path} has a full product key that ends in {min(keys)[-5:]}. Ask the sender to remove it.")
    target.mkdir(parents=True)
    shutil.copyfile(folder / "conformance.json", target / "conformance.json")
    for name, paths in files.items():
        (target / name).mkdir()
        for path in paths:
            shutil.copyfile(path, target / name / path.name)
    return [target / name for name in files]


def _files(folder: Path) -> list[Path]:
    """Return the files of a machine. Raises ValueError for too many bytes, and for a file that is no exchange."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    odd = [path.name for path in paths if not _FILE.fullmatch(path.name) or path.is_symlink() or not path.is_file()]
    if odd:
        raise ValueError(f"{folder} has a file that is no exchange: {odd[0]}.")
    if sum(path.stat().st_size for path in paths) > _MOST_BYTES:
        raise ValueError(f"{folder} has more than {_MOST_BYTES} bytes.")
    return paths


def contradicted(machines: Iterable[Result]) -> list[str]:
    """Return a line for each assumption that does not hold on a machine."""
    return [
        f"{each['id']}: {each['text']} {_windows(machine)}: {each['seen']}"
        for machine in machines
        for each in machine["assumptions"]
        if each["verdict"] == _BROKEN
    ]


def disagreements(machines: Sequence[Result], lab: Sequence[Result]) -> list[str]:
    """Return a line for each assumption about which no machine of the lab shows what a real one shows."""
    shown: dict[str, set[str]] = {}
    for each in (each for machine in lab for each in machine["assumptions"]):
        shown.setdefault(each["id"], set()).add(each["verdict"])
    lines = {
        each[
            "id"
        ]: f"{each['id']}: {_windows(machine)} shows {each['verdict']} ({each['seen']}), the lab {', '.join(sorted(shown[each['id']]))}"
        for machine in machines
        for each in machine["assumptions"]
        if each["verdict"] in ("holds", _BROKEN, "recorded") and each["verdict"] not in shown.get(each["id"], {each["verdict"]})
    }
    return [lines[name] for name in sorted(lines)]


def evidence(sent: Path = SENT) -> dict[str, list[str]]:
    """Return for each assumption that a machine showed the verdicts with the versions of Windows, from all results that were sent."""
    words = {"holds": "holds on", _BROKEN: "does not hold on", "recorded": "recorded on"}
    found: dict[str, set[str]] = {}
    for path in sorted(sent.glob("*/conformance.json")):
        for machine in read_result(path.parent):
            version = (machine.get("machine") or {}).get("version") or "an unknown version"
            for each in machine["assumptions"]:
                if each["verdict"] in words:
                    found.setdefault(each["id"], set()).add(f"{words[each['verdict']]} {version}")
    return {name: sorted(verdicts) for name, verdicts in found.items()}


def _windows(machine: Result) -> str:
    facts = machine.get("machine") or {}
    return f"{facts.get('caption') or 'an unknown Windows'} {facts.get('version') or ''}".strip()


def main(arguments: list[str] | None = None) -> int:
    """Import a result, and print what it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with conformance.json")
    parser.add_argument("name", help="name of the fixture in lower case, for example issue-17")
    options = parser.parse_args(arguments)
    target = SENT / options.name
    if not _NAME.fullmatch(options.name) or target.exists():
        print(f"{options.name} must be a new name of lower-case letters, digits, and hyphens.", file=sys.stderr)
        return 1
    try:
        import_result(options.folder, target)
        machines = read_result(target)
        lab = read_result(LAB) if (LAB / "conformance.json").exists() else None
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(machines)} machines: {target.relative_to(ROOT)}. Run python tools/assumptions.py, and the contract tests.")
    print("\n".join(["Assumptions that do not hold:", *(contradicted(machines) or ["none"])]))
    if lab is None:
        print("Run make test-windows LAB=1 to see where the lab behaves differently.")
    else:
        print("\n".join(["The lab behaves differently:", *(disagreements(machines, lab) or ["nowhere"])]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
