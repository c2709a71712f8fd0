# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of the module kept_files: make copies of the files of a file host, or put them back.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .channel import FileHost
from .staging import Staging, Wanted


def run(options: Mapping[str, Any], host: FileHost, *, check_mode: bool) -> dict[str, Any]:
    """Return the result of the task. In check mode, files are copied to the controller, and nothing is written on the file host."""
    staging, wanted = Staging(host), Wanted.of(options)
    if options["state"] == "staged":
        return _result(host.name, staging.stage(wanted), "copied to the controller from", changed=False)
    written = staging.put_back(wanted, unchanged=options["unchanged"], check=check_mode)
    return _result(host.name, written, "written to", changed=bool(written), would=check_mode)


def _result(host: str, paths: Sequence[str], done: str, *, changed: bool, would: bool = False) -> dict[str, Any]:
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    verb = "would be" if would else "was" if len(paths) == 1 else "were"
    return {"changed": changed, "paths": [f"{host}:{path}" for path in paths], "msg": f"{count} {verb} {done} {host}."}


__all__ = ["run"]
