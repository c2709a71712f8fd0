# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knot: a second opinion on what a signed update may be answered with. Its statistics module counts the updates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from server_process import LOOPBACK, Process, answers, program, run

from .base import KEY_NAME, KEY_SECRET, NameServer
from .bind import zone_file


class Knot(NameServer):
    """One knotd. Its key `nobodys` is known to it and may change nothing."""

    def __init__(self, folder: Path, zones: Iterable[str]) -> None:
        super().__init__(folder)
        self._zones = tuple(zones)
        for zone in self._zones:
            (folder / f"{zone}.zone").write_text(zone_file(zone), encoding="utf-8")
        (folder / "knot.conf").write_text(self._config(), encoding="utf-8")
        self.process = Process(folder, [program("knotd"), "-c", str(folder / "knot.conf")])

    def _config(self) -> str:
        place = self.folder
        zones = "".join(f"  - domain: {zone}\n" for zone in self._zones)
        keys = "".join(f"  - id: {name}\n    algorithm: hmac-sha256\n    secret: {KEY_SECRET}\n" for name in (KEY_NAME, "nobodys"))
        return (
            f"server:\n    rundir: {place}\n    listen: {LOOPBACK}@{self.port}\n    udp-workers: 1\n    tcp-workers: 1\n"
            f"    background-workers: 1\ncontrol:\n    listen: {place}/ctl\ndatabase:\n    storage: {place}\n"
            f"log:\n  - target: {place}/knot.log\n    any: info\n"
            f"key:\n{keys}"
            f"acl:\n  - id: kms\n    address: {LOOPBACK}\n    action: update\n    key: {KEY_NAME}\n"
            "mod-stats:\n  - id: counted\n    server-operation: on\n"
            f"template:\n  - id: default\n    storage: {place}\n    file: %s.zone\n    zonefile-sync: -1\n"
            f"    acl: kms\n    global-module: mod-stats/counted\nzone:\n{zones}"
        )

    @cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        found = re.search(r"(\d+)\.(\d+)", run([program("knotd"), "--version"]))
        assert found
        return int(found.group(1)), int(found.group(2))

    def start(self) -> None:
        """Start knotd and wait for its first zone."""
        self.process.start(answers(self.port, self._zones[0]))

    def updates_received(self) -> int:
        """The update operations that knotc tells."""
        told = run([program("knotc"), "-s", str(self.folder / "ctl"), "stats", "mod-stats.server-operation"])
        found = re.search(r"server-operation\[update\] = (\d+)", told)
        return int(found.group(1)) if found else 0
