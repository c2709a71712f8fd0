# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of their own for some tests, in which the resolver of the computer asks a name server of the tests. Linux, and as root only.

The thread that runs the tests, and the one that starts servers, move to new namespaces of the kernel for a while. Processes that they
start meanwhile live there too; the loopback interface is all there is.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server_process import in_starter

_CLONE_FS, _CLONE_NEWNS, _CLONE_NEWNET = 0x00000200, 0x00020000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_KINDS = (("net", _CLONE_NEWNET), ("mnt", _CLONE_NEWNS))
_NAMES = "hosts: files dns\n"
_HOSTS = "127.0.0.1 localhost\n"


def need_own_network() -> None:
    """Skip where the kernel does not make a network for this account."""
    if not hasattr(ctypes.CDLL(None), "setns") or os.geteuid():
        pytest.skip("a network namespace with a resolver of its own needs Linux and root")


@contextmanager
def own_network(folder: Path, resolv_conf: str, hosts: str = "") -> Iterator[None]:
    """Move to a network with loopback only, whose resolver reads `resolv_conf`; the network of before is back at the end.

    `hosts` are more lines of /etc/hosts, to which `folder / "hosts"` can get others while the network is used.
    """
    before = _open_own()
    _call("unshare", _CLONE_FS | _CLONE_NEWNET | _CLONE_NEWNS)
    try:
        _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
        for name, text in (("resolv.conf", resolv_conf), ("nsswitch.conf", _NAMES), ("hosts", _HOSTS + hosts)):
            _cover(folder / name, text, Path("/etc", name))
        _switch_on_loopback()
        made = _open_own()
        in_starter(_mover(made))
        try:
            yield
        finally:
            in_starter(_mover(before))
    finally:
        _mover(before)()


def _open_own() -> dict[int, int]:
    """The namespaces of this thread, as open files by their kind."""
    folder = f"/proc/self/task/{threading.get_native_id()}/ns"
    return {kind: os.open(f"{folder}/{name}", os.O_RDONLY | os.O_CLOEXEC) for name, kind in _KINDS}


def _mover(namespaces: dict[int, int]) -> Callable[[], None]:
    """What moves the thread that calls it."""

    def move() -> None:
        _call("unshare", _CLONE_FS)
        for kind, number in namespaces.items():
            _call("setns", number, kind)

    return move


def _cover(source: Path, text: str, target: Path) -> None:
    """Let a file of the tests be seen at the place of one of the computer, in this namespace only."""
    source.write_text(text, encoding="utf-8")
    place = target.resolve()
    if place.exists():
        _call("mount", str(source).encode(), str(place).encode(), None, _MS_BIND, None)


def _switch_on_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        known = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("16xH", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, known))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _call(name: str, *arguments: int | bytes | None) -> None:
    """A function of the C library that says by -1 that it failed; raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
