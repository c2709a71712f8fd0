# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that reads and writes files on the machine that keeps them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The text of the files of this package is sent to the machine, where its Python (3.9 or later) runs it once for each request. It therefore
imports only the standard library. A request is one line of JSON on standard input, and the content of files after it. The reply is a line
with the marker of the request, one line of JSON, and the content of files.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from . import files, ledger
from .paths import RefusalError, resolved


def main() -> None:
    """Carry out the request of standard input."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    request = json.loads(source.readline())
    signal.alarm(request["seconds"])  # for a network file system that does not respond
    try:
        paths = [resolved(path) for path in request.get("paths", ())]
        answer = _answer(request, source, paths)
    except RefusalError as refusal:
        paths, answer = [], {"refusal": str(refusal)}
    except OSError as error:
        paths, answer = [], {"refusal": f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")}
    target.write(f"\n{request['marker']}\n{json.dumps(answer)}\n".encode("ascii"))
    files.send(paths, target)
    target.flush()


def _answer(request: Any, source: BinaryIO, paths: list[Path]) -> Any:
    operation = request["operation"]
    if operation == "survey":
        return files.survey(request)
    if operation == "read":
        return files.sizes(paths)
    if operation == "write":
        return files.write(request, source)
    return ledger.check(request) if operation == "check_ledger" else ledger.append(request)


__all__ = ["main"]
