# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab costs: seconds from the start of its process until every machine listens, and the most memory it held.

    python tests/lab/tools/measure.py [MACHINES ...]     (500 and 2000 unless given)

Prints JSON: one entry per size with `machines`, `seconds` and `peak_rss_mib`. Machines are Server 2019 over HTTP and HTTPS
with one KMS host and BIND. Numbers depend on the computer and on what else runs there: no test asserts the seconds.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from winlab.client import peak_memory_mib, running_lab

SIZES = (500, 2000)
ESTATE = """
defaults: {{domain: corp.lab}}
kms_hosts:
  - {{name: kms1, address: 127.56.100.1, os: Server 2022 Standard, outside_clients: 60}}
machines:
  - {{name: "srv{{0001}}", count: {count}, address: 127.56.101.1, os: Server 2019 Standard, state: mak_licensed}}
"""


def measure(machines: int) -> dict[str, float]:
    """Start a lab of this size, read one machine of it, stop it."""
    with tempfile.TemporaryDirectory(prefix="winlab-measure-") as folder:
        estate = Path(folder) / "estate.yml"
        estate.write_text(ESTATE.format(count=machines), "utf-8")
        run_dir = Path(folder) / "run"
        with running_lab(estate, run_dir=run_dir) as (client, _inventory):
            ready = json.loads((run_dir / "ready.json").read_text("utf-8"))
            client.machine("srv0001")
            return {"machines": machines, "seconds": ready["seconds"], "peak_rss_mib": peak_memory_mib(ready["pid"])}


def main() -> int:
    """Measure the sizes on the command line."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    sys.stdout.write(json.dumps([measure(size) for size in sizes], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
