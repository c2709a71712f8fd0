# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the import of an action plugin, which each run of ansible-playbook does once in the process that forks the workers.

Ansible's loader compiles the source of a collection in each process and does not store bytecode. A new Python process imports one plugin
through this loader, removes the modules of the collection, and imports them again. The result is the processor time of these modules,
without the libraries that they use.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from project import FQCN, ROOT, ToolError, environment

_TIMES = 3
_SCRIPT = f"""
import importlib, json, sys, time
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
plugin = "ansible_collections.{FQCN}.plugins.action." + sys.argv[1]
def ours():
    return [name for name in sys.modules if name.startswith("ansible_collections.{FQCN}.plugins.")]
def timed():
    for name in ours():
        del sys.modules[name]
    began = time.process_time()
    importlib.import_module(plugin)
    return time.process_time() - began
timed()
print(json.dumps([min(timed() for _ in range({_TIMES})), len(ours())]))
"""


@dataclass(frozen=True)
class ImportTime:
    """The import of one plugin: processor time in milliseconds, and number of the collection's modules."""

    milliseconds: float
    modules: int


def action_plugins() -> list[str]:
    """Return the short names of all action plugins."""
    return sorted(path.stem for path in (ROOT / "plugins" / "action").glob("[!_]*.py"))


def import_time(plugin: str) -> ImportTime:
    """Return the minimum of several imports. Raises ToolError if the plugin cannot be imported."""
    command = [sys.executable, "-c", _SCRIPT, plugin]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"{plugin} cannot be imported: {done.stderr[-2000:]}")
    seconds, modules = json.loads(done.stdout)
    return ImportTime(round(seconds * 1000, 1), modules)
