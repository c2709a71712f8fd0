# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source: record files of activation_fleet_info and of the role activation_check."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTATION = r"""
short_description: Watch record files
description:
  - Reads record files at an interval if they changed, and makes an event of what changed between the records of a machine. If a machine is
    in several files, its newest record counts. The first reading makes events of what needs action, and none of what is in order.
  - All events about a machine have C(machine), C(quoted_machine) (quoted for a command line), C(change), and C(record_time).
  - C(event.activation_machine) has C(status) (V(licensed), V(not_licensed), V(unreachable), V(failed), V(skipped), V(not_run), or V(gone)),
    C(previous_status), and C(reason). The change is V(changed).
  - C(event.activation_finding) has C(id), C(severity), C(message), and C(next_steps). The change is V(found) or V(gone).
  - C(event.license_expiry) has C(product_name), C(channel), C(expires), C(days_left), and C(expiring_within_days). The change is V(ending)
    or V(renewed).
  - C(event.kms_count) has C(application), C(current_count), and C(minimum_count). The change is V(below) or V(recovered).
  - C(event.activation_records_file) has C(path) and C(message) of a file that cannot be used. The change is V(failed) or V(readable). The
    records that were read last stay in use.
  - If the newest record of a machine says that the machine could not be read, its findings, licenses, and counts stay as they are.
options:
  paths:
    description:
      - Absolute paths of record files, or patterns with C(*), C(?), C([]), or C(**). At most 64 entries and 1000 files.
    type: list
    elements: str
    required: true
  interval:
    description: Pause in seconds between two readings, from 1 to 86400.
    type: int
    default: 60
  expiring_within_days:
    description: A license that ends in fewer days than this, from 1 to 3650, makes an event. Licenses in grace are left out.
    type: int
    default: 30
  minimum_count:
    description:
      - A KMS host whose count is lower than this number, from 1 to 1000000, makes an event.
      - By default, the number that the KMS host itself requires before it activates a client. A KMS host that no client has asked does not
        report it. For such a host, the number is 5, the lowest threshold of Microsoft.
    type: int
notes:
  - A reading makes at most 1000 events. The others follow with the next readings.
  - After a restart of ansible-rulebook, the first reading makes the events of everything that needs action again.
"""

EXAMPLES = r"""
- name: Watch the records of the last run
  hosts: all
  sources:
    - winops.volume_activation.activation_records:
        paths: [/var/lib/activation/*.jsonl]
        expiring_within_days: 14
  rules:
    - name: A license ends
      condition: event.license_expiry.change == "ending"
      action:
        debug:
          msg: "{{ event.license_expiry.machine }}: {{ event.license_expiry.days_left }} days are left"
"""


def _collection_module(name: str) -> Any:
    """Import a module of the copy of the collection that contains this file.

    ansible-rulebook runs this file by its path and installs no importer for collections. The folder plugins becomes a package of its own
    name, so that sys.path stays as it is, and a second copy of the collection elsewhere is not used.
    """
    plugins = Path(__file__).resolve().parents[4] / "plugins"
    package = "winops_volume_activation_plugins"
    if package not in sys.modules:
        found = ModuleType(package)
        found.__path__ = [str(plugins)]
        sys.modules[package] = found
    return import_module(f"{package}.plugin_utils._watching.{name}")


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Entry point of ansible-rulebook."""
    await _collection_module("records").run(queue, args)


if __name__ == "__main__":  # try the source without ansible-rulebook: python activation_records.py OPTION=VALUE ...

    class _PrintingQueue:
        async def put(self, event: Any) -> None:
            sys.stdout.write(f"{event}\n")

    asyncio.run(main(_PrintingQueue(), dict(argument.split("=", 1) for argument in sys.argv[1:])))
