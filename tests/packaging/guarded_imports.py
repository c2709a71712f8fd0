# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import every Python file of the installed collection, and print what could not be imported, as JSON: COLLECTION_FOLDER

Guarded imports are inside `try`, so that the collection works without optional packages. This program imports them without the guard.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from ansible.plugins.loader import init_plugin_loader

PREFIX = "ansible_collections.winops.volume_activation.plugins."
FROM_OTHER_VERSIONS = ("ansible.",)
"""Packages whose names depend on the version, and which are not installed by themselves."""


def guarded(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports inside `try`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Try):
            for part in (inner for statement in node.body for inner in ast.walk(statement)):
                if isinstance(part, ast.Import):
                    yield from (alias.name for alias in part.names)
                elif isinstance(part, ast.ImportFrom) and not part.level and part.module:
                    yield part.module


def failure(module: str) -> str | None:
    """Import a module, and return the exception as text, or None."""
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - the caller decides
        return f"{type(error).__name__}: {error}"
    return None


def main() -> None:
    init_plugin_loader([])
    plugins = Path(sys.argv[1]) / "plugins"
    files = sorted(plugins.rglob("*.py"))
    own = [PREFIX + ".".join(path.relative_to(plugins).with_suffix("").parts) for path in files if path.name != "__init__.py"]
    others = sorted({name for path in files for name in guarded(path) if not name.startswith(FROM_OTHER_VERSIONS)})
    print(  # noqa: T201 - the output of this program
        json.dumps(
            {
                "imported": len(own),
                "own": {name: wrong for name in own if (wrong := failure(name))},
                "guarded": others,
                "missing": sorted(name for name in others if failure(name)),
            }
        )
    )


if __name__ == "__main__":
    main()
