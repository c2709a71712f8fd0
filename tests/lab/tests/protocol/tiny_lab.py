# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's process over minimal machines: python tiny_lab.py FOLDER COUNT THIRD-NUMBER SECONDS-PER-CALL."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from conftest import TinyEstate, TinyMachine

from winlab.protocol.serve import Options, serve
from winlab.simulation.machine import Listen


def main() -> None:
    started = time.monotonic()
    folder, count, network, slow = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    machines = [
        TinyMachine(
            name=f"TINY{number}",
            address=f"127.55.{network + number // 250}.{number % 250 + 1}",
            listen=Listen(),
            slow=slow,
        )
        for number in range(count)
    ]
    options = Options(ready=folder / "ready.json", inventory=folder / "inventory.yml", run_dir=folder / "run", exit_with_parent=True)
    asyncio.run(serve(TinyEstate(machines), options, started))


main()
