# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of the operating system: one deadline for all bytes, however slowly they arrive."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.channel import connect
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError, DirectoryUnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.tls import tls_context
from certificates import Authority

ADDRESS = "127.0.0.1"
PASSWORD = "a password of the tests"


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does this with each connection."""
    with socket.create_server((ADDRESS, 0)) as listener:

        def run() -> None:
            with suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    with connection, suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def drip(connection: socket.socket) -> None:
    """Send the start of a long message, a byte at a time."""
    for octet in bytes.fromhex("308400100000"):
        connection.sendall(bytes([octet]))
        time.sleep(0.1)
    for _byte in range(100):
        connection.sendall(b"0")
        time.sleep(0.1)


@pytest.mark.parametrize("tls", ["ldaps", "starttls"])
def test_a_server_that_drips_ends_at_the_time_limit(tls: str) -> None:
    with server(drip) as port:
        begin = time.monotonic()
        logon = Logon("simple", tls, "reader@AD.TEST", PASSWORD)  # type: ignore[arg-type]
        with pytest.raises(DirectoryError) as failed:
            open_directory(DirectoryTarget("dc1.ad.test", ADDRESS, port, 0.5), logon)
        assert time.monotonic() - begin < 3
    assert failed.value.error_code in ("directory_timeout", "directory_tls_failed")


def test_a_closed_port_and_a_closed_connection_are_told_apart() -> None:
    with server(lambda _connection: None) as port:
        channel = connect("dc1.ad.test", ADDRESS, port, Deadline.after(5))
        with pytest.raises(DirectoryError) as lost:
            channel.receive(Deadline.after(5))
        assert lost.value.error_code == "directory_connection_lost"
        assert channel.address == ADDRESS
        channel.close()
    with pytest.raises(DirectoryUnreachableError) as refused:
        connect("dc1.ad.test", ADDRESS, port, Deadline.after(5))
    assert refused.value.error_code == "directory_unreachable"
    assert f"dc1.ad.test:{port} ({ADDRESS})" in refused.value.message


def test_after_the_deadline_nothing_is_sent_or_read() -> None:
    with server(lambda connection: connection.sendall(b"x" * 10)) as port:
        channel = connect("dc1.ad.test", ADDRESS, port, Deadline.after(5))
        for work in (lambda: channel.send(b"x", Deadline.after(0)), lambda: channel.receive(Deadline.after(0))):
            with pytest.raises(DirectoryError) as late:
                work()
            assert late.value.error_code == "directory_timeout"
        channel.close()


def test_a_server_that_does_not_read_ends_the_sending_at_the_time_limit() -> None:
    with server(lambda _connection: time.sleep(2)) as port:
        channel = connect("dc1.ad.test", ADDRESS, port, Deadline.after(5))
        begin = time.monotonic()
        with pytest.raises(DirectoryError) as late:
            channel.send(b"x" * 50_000_000, Deadline.after(0.3))
        assert time.monotonic() - begin < 2
        assert late.value.error_code == "directory_timeout"
        channel.close()


def test_old_versions_of_tls_and_unverified_certificates_cannot_be_chosen(tmp_path: Path) -> None:
    for context in (tls_context(None), tls_context(str(Authority(tmp_path).path))):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_inside_tls_bytes_are_those_of_the_server(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("dc1.ad.test")
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(certificate, key)

    def echo(connection: socket.socket) -> None:
        with inside.wrap_socket(connection, server_side=True) as protected:
            protected.sendall(protected.recv(10))

    with server(echo) as port:
        channel = connect("dc1.ad.test", ADDRESS, port, Deadline.after(5))
        assert channel.start_tls(tls_context(str(authority.path)), "dc1.ad.test", Deadline.after(5)).startswith("TLSv1.")
        channel.send(b"hello", Deadline.after(5))
        assert channel.receive(Deadline.after(5)) == b"hello"
        channel.close()
