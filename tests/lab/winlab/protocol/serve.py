# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab process: an estate, its endpoints and the control API, from start to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from winlab.protocol.control import Control, Estate
from winlab.protocol.inventory import write_inventory
from winlab.protocol.service import Service

_PARENT_CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Options:
    """How to serve; a missing run_dir means a temporary folder that is removed at the end."""

    control_port: int = 0
    ready: Path | None = None
    inventory: Path | None = None
    run_dir: Path | None = None
    exit_with_parent: bool = False
    parent: int | None = None
    """The process the lab ends with, when it is known; otherwise the one that is the parent when the lab starts to look."""
    keytab: Path | None = None
    """The keys of the machines for Kerberos; without it they accept no tickets."""


@contextlib.asynccontextmanager
async def serving(estate: Estate, run_dir: Path, keytab: Path | None = None) -> AsyncIterator[Service]:
    """Everything but the control API, for tests in the same process."""
    try:
        await estate.start(run_dir, keytab)
        service = Service(estate.machines.values(), run_dir, estate.batch_activation, keytab, estate.http_proxies)
        await service.start()
        try:
            yield service
        finally:
            await service.close()
    finally:
        await estate.stop()


@contextlib.asynccontextmanager
async def _control(estate: Estate, service: Service, stop: asyncio.Event, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(Control(estate, service, stop).application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _write_ready(path: Path, content: dict[str, object]) -> None:
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(content))
    temporary.replace(path)


def _variables(estate: Estate, service: Service) -> dict[str, Any]:
    """Variables of all hosts of the inventory."""
    clients = {} if service.clients is None else {"winlab_client_certificates": str(service.clients.path.parent)}
    return {**estate.inventory_variables(), **({} if service.batch is None else service.batch.inventory_variables()), **clients}


async def _watch_parent(stop: asyncio.Event, parent: int) -> None:
    """End when the process that started the lab is gone, so that a killed test run leaves nothing behind."""
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    stop.set()


@contextlib.contextmanager
def _run_dir(options: Options) -> Iterator[Path]:
    if options.run_dir is not None:
        options.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield options.run_dir.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="winlab-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def serve(estate: Estate, options: Options, started: float | None = None) -> None:
    """Serve until SIGTERM, SIGINT, the control API's stop or, if asked for, the end of the parent process."""
    started = time.monotonic() if started is None else started
    stop = asyncio.Event()
    parent = options.parent or os.getppid()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with _run_dir(options) as run_dir:
        async with serving(estate, run_dir, options.keytab) as service, _control(estate, service, stop, options.control_port) as url:
            if options.inventory is not None:
                write_inventory(options.inventory, estate.machines.values(), service.authority.path, _variables(estate, service))
            gc.freeze()  # the estate lives until the end: the collector need not look at it again and again
            if options.ready is not None:
                _write_ready(
                    options.ready,
                    {
                        "control": url,
                        "pid": os.getpid(),
                        "machines": len(estate.machines),
                        "ca": str(service.authority.path),
                        "seconds": round(time.monotonic() - started, 3),
                        **({} if service.batch is None else {"batch_activation": service.batch.describe()}),
                    },
                )
            watch = asyncio.ensure_future(_watch_parent(stop, parent)) if options.exit_with_parent else None
            await stop.wait()
            if watch is not None:
                watch.cancel()
    if options.ready is not None:
        options.ready.unlink(missing_ok=True)
