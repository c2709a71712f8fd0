# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening sockets, hundreds of them in one process."""

from __future__ import annotations

import errno
import resource
import socket

BACKLOG = 128
_OTHER_FILES = 500
"""Connections of machines and controllers at the same time, and what Python itself opens."""


def raise_file_limit(sockets: int) -> None:
    """Sockets of thousands of machines need more descriptors than the usual soft limit; raises OSError if the hard limit is too low."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    needed = sockets + _OTHER_FILES
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise OSError(
            errno.EMFILE,
            f"the machines listen on {sockets} ports, but a process may open only {hard} files: raise the hard limit to {needed} "
            "(ulimit -Hn as root), or close a port of the machines (listen: {https_port: null})",
        )


def listening_socket(address: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError naming address and port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"cannot listen on {address}:{port}: {error.strerror}") from None
    sock.setblocking(False)
    return sock
