# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that ansible-doc shows every plugin and role, and that a module documents every action plugin."""

from __future__ import annotations

import json
import subprocess
import sys

from project import BIN, FQCN, ROOT, environment

KINDS = {"modules": "module", "filter": "filter", "lookup": "lookup", "inventory": "inventory", "callback": "callback", "test": "test"}


def names_of(folder: str) -> set[str]:
    """Return the plugins of a folder. The documentation of a filter can be in a YAML file next to the code."""
    found = (ROOT / "plugins" / folder).glob("*") if (ROOT / "plugins" / folder).is_dir() else ()
    return {path.stem for path in found if path.suffix in {".py", ".yml"} and not path.stem.startswith("_")}


def documented(kind: str, names: set[str]) -> list[str]:
    """Return the problems that ansible-doc reports, one line each."""
    command = [str(BIN / "ansible-doc"), "--type", kind, "--json", *(f"{FQCN}.{name}" for name in sorted(names))]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    # ansible-core 2.20 and newer warn about a collection of their own.
    problems = [line for line in done.stderr.splitlines() if line.strip() and "/ansible/_internal/" not in line]
    if done.returncode:
        return problems or [f"ansible-doc --type {kind}: exit code {done.returncode}"]
    shown = json.loads(done.stdout)
    missing = [f"{kind} {name}: not shown by ansible-doc" for name in sorted(names) if f"{FQCN}.{name}" not in shown]
    return problems + missing


def main() -> int:
    problems: list[str] = []
    counted = 0
    for folder, kind in KINDS.items():
        names = names_of(folder)
        counted += len(names)
        problems += documented(kind, names) if names else []
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
    counted += len(roles)
    problems += documented("role", roles) if roles else []
    problems += [f"plugins/action/{name}.py has no module that documents it" for name in sorted(names_of("action") - names_of("modules"))]
    print(*problems, f"{counted} plugins and roles, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
