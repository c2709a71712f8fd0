# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of a logon and of a connection, as libraries and Samba report them: each has its code, its cause, and a next step."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import (
    DirectoryError,
    DirectoryLogonError,
    DirectoryUnreachableError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon import choose, library
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from certificates import Authority
from kdc import write_krb5_conf
from samba_directory import DISABLED, ORDINARY, PASSWORD, SambaDirectory
from server_process import LOOPBACK, free_port

LIBRARIES = ("pyspnego", "gssapi alone")
WRONG = "not the password"
EXPIRED, MUST_CHANGE = "expired", "newcomer"


@pytest.fixture(params=LIBRARIES)
def either_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kerberos with krb5 and pyspnego, or as if krb5 was not installed."""
    if request.param != LIBRARIES[0]:
        monkeypatch.setattr(library, "krb5", None)
    return str(request.param)


@pytest.fixture(scope="module", autouse=True)
def accounts(forest: SambaDirectory) -> None:
    """Accounts that cannot log on."""
    forest.database.tool("user", "create", MUST_CHANGE, PASSWORD, "--must-change-at-next-login")
    forest.database.tool("user", "create", EXPIRED, PASSWORD)
    forest.database.tool("user", "setexpiry", EXPIRED, "--days=-2")


def failure(forest: SambaDirectory, logon: Logon, **target: object) -> DirectoryError:
    """The error of an attempt to open a session."""
    about = {"server": forest.server, "address": forest.address, **target}
    with pytest.raises(DirectoryError) as failed:
        open_directory(DirectoryTarget(**about), logon)  # type: ignore[arg-type]
    error = failed.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for text in (str(error), repr(error.as_dict() if hasattr(error, "as_dict") else error.explain())):
        assert PASSWORD not in text
        assert WRONG not in text
    return error


def code(error: DirectoryError) -> str:
    """Code and subcode."""
    return f"{error.error_code}.{error.subcode}" if error.subcode else error.error_code


def kerberos(forest: SambaDirectory, user: str = ORDINARY, password: str = PASSWORD) -> Logon:
    """A logon with Kerberos and a password."""
    return Logon(principal=forest.principal(user), password=password)


def simple(forest: SambaDirectory, user: str = ORDINARY, password: str = PASSWORD, ca_file: Path | None = None) -> Logon:
    """A simple bind inside TLS."""
    return Logon("simple", "ldaps", forest.principal(user), password, ca_file=str(ca_file or forest.ca_file))


@pytest.mark.parametrize(
    ("user", "password", "expected"),
    [
        (ORDINARY, WRONG, "wrong_password"),
        ("nobody", PASSWORD, "no_such_account"),
        (DISABLED, PASSWORD, "disabled"),
        (MUST_CHANGE, PASSWORD, "password_expired"),
    ],
)
@pytest.mark.usefixtures("either_library")
def test_kerberos_tells_why_an_account_cannot_log_on(client: SambaDirectory, user: str, password: str, expected: str) -> None:
    error = failure(client, kerberos(client, user, password))
    assert isinstance(error, DirectoryLogonError)
    assert code(error) == f"directory_logon_failed.{expected}"
    assert client.principal(user) in error.message


@pytest.mark.usefixtures("either_library")
def test_kerberos_reports_an_expired_account(client: SambaDirectory) -> None:
    # Samba reports the account of which only the end date is in the past like a disabled one.
    assert code(failure(client, kerberos(client, EXPIRED))) in ("directory_logon_failed.account_expired", "directory_logon_failed.disabled")


@pytest.mark.parametrize(
    ("user", "password", "expected"),
    [
        (ORDINARY, WRONG, "wrong_password"),
        ("nobody", PASSWORD, "wrong_password"),
        (DISABLED, PASSWORD, "disabled"),
        (EXPIRED, PASSWORD, "account_expired"),
        (MUST_CHANGE, PASSWORD, "password_expired"),
    ],
)
def test_a_simple_bind_tells_why_an_account_cannot_log_on(client: SambaDirectory, user: str, password: str, expected: str) -> None:
    error = failure(client, simple(client, user, password))
    assert isinstance(error, DirectoryLogonError)
    assert code(error) == f"directory_logon_failed.{expected}"


def test_ntlm_with_a_wrong_password_fails(client: SambaDirectory) -> None:
    error = failure(client, Logon("ntlm", principal=client.principal(ORDINARY), password=WRONG))
    assert error.error_code == "directory_logon_failed"


@pytest.mark.parametrize("cache", ["FILE:/nonexistent/cache", None])
@pytest.mark.usefixtures("either_library")
def test_a_missing_ticket_is_no_credentials(client: SambaDirectory, cache: str | None) -> None:
    assert code(failure(client, Logon(ccache=cache))) == "directory_no_credentials"
    assert code(failure(client, Logon(ccache=cache, principal=client.principal(ORDINARY)))) == "directory_no_credentials"


@pytest.mark.usefixtures("either_library")
def test_a_missing_keytab_and_one_of_another_account_are_no_credentials(client: SambaDirectory) -> None:
    missing = Logon(keytab="/nonexistent/keytab", principal=client.principal(ORDINARY))
    assert code(failure(client, missing)) == "directory_no_credentials"
    other = Logon(keytab=str(client.keytab(DISABLED)), principal=client.principal(ORDINARY))
    assert code(failure(client, other)) == "directory_no_credentials"
    empty = client.folder / "empty.keytab"
    empty.write_bytes(b"\x05\x02")
    assert code(failure(client, Logon(keytab=str(empty)))) == "directory_no_credentials"


@pytest.mark.usefixtures("either_library")
def test_a_file_that_is_no_credential_cache_is_explained(client: SambaDirectory) -> None:
    damaged = client.folder / "damaged"
    damaged.write_bytes(b"not a cache")
    assert failure(client, Logon(ccache=f"FILE:{damaged}")).error_code in ("directory_no_credentials", "directory_kerberos_failed")


@pytest.mark.usefixtures("either_library")
def test_an_expired_ticket_is_told_apart_from_a_missing_one(client: SambaDirectory) -> None:
    cache = client.ticket(ORDINARY, "-l", "1s", name="short")
    time.sleep(2)
    assert code(failure(client, Logon(ccache=f"FILE:{cache}"))) == "directory_ticket_expired"


@pytest.mark.usefixtures("either_library")
def test_a_server_without_a_service_name_is_named(client: SambaDirectory) -> None:
    error = failure(client, kerberos(client), server=f"alias.{client.domain}")
    assert code(error) == "directory_spn_unknown"
    assert f"alias.{client.domain}" in error.message


@pytest.mark.usefixtures("either_library")
def test_an_unknown_realm_has_no_kdc(client: SambaDirectory) -> None:
    assert code(failure(client, Logon(principal="ordinary@OTHER.TEST", password=PASSWORD))) == "directory_no_kdc"


@pytest.mark.usefixtures("either_library")
def test_a_kdc_that_does_not_listen_is_no_kdc(client: SambaDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    conf = write_krb5_conf(client.folder / "closed.conf", client.realm, free_port())
    monkeypatch.setenv("KRB5_CONFIG", str(conf))
    assert code(failure(client, kerberos(client))) == "directory_no_kdc"


@pytest.mark.usefixtures("either_library")
def test_a_silent_kdc_ends_at_the_time_limit(client: SambaDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, socket.create_server((LOOPBACK, port)):
        datagrams.bind((LOOPBACK, port))
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(client.folder / "silent.conf", client.realm, port)))
        begin = time.monotonic()
        error = failure(client, kerberos(client), timeout=1.0)
    assert code(error) == "directory_no_kdc"
    assert time.monotonic() - begin < 5


def test_a_refused_connection_is_unreachable_and_may_pass(client: SambaDirectory) -> None:
    error = failure(client, simple(client), address=LOOPBACK, port=free_port())
    assert isinstance(error, DirectoryUnreachableError)
    assert code(error) == "directory_unreachable"
    assert error.transient


def test_a_name_without_address_is_reported(client: SambaDirectory) -> None:
    error = failure(client, simple(client), server="dc.invalid", address=None)
    assert isinstance(error, DirectoryUnreachableError)
    assert code(error) == "directory_name_not_found"


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and sends nothing."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("logon", [kerberos, simple])
def test_a_silent_server_ends_at_the_time_limit(client: SambaDirectory, logon: Callable[[SambaDirectory], Logon]) -> None:
    with silent_server() as port:
        begin = time.monotonic()
        error = failure(client, logon(client), address=LOOPBACK, port=port, timeout=1.0)
    assert isinstance(error, DirectoryUnreachableError)
    assert code(error) == "directory_timeout"
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("tls", ["ldaps", "starttls"])
def test_an_unknown_authority_is_told_apart_from_another_name(client: SambaDirectory, tmp_path: Path, tls: str) -> None:
    stranger = Authority(tmp_path, "another authority").path
    other = Logon("simple", tls, client.principal(ORDINARY), PASSWORD, ca_file=str(stranger))  # type: ignore[arg-type]
    assert code(failure(client, other)) == "directory_tls_failed.untrusted"
    system = Logon("simple", tls, client.principal(ORDINARY), PASSWORD)  # type: ignore[arg-type]
    assert code(failure(client, system)) == "directory_tls_failed.untrusted"
    good = Logon("simple", tls, client.principal(ORDINARY), PASSWORD, ca_file=str(client.ca_file))  # type: ignore[arg-type]
    by_name = failure(client, good, server=f"alias.{client.domain}")
    assert code(by_name) == "directory_tls_failed.name"
    assert code(failure(client, good, server=client.address)) == "directory_tls_failed.name"


def test_a_file_without_certificates_is_named_and_nothing_is_sent(client: SambaDirectory, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path):
        error = failure(client, simple(client, ca_file=path), address=LOOPBACK, port=free_port())
        assert code(error) == "directory_tls_failed.ca_file"
        assert str(path) in error.message


def test_tls_to_a_port_without_it_and_the_reverse_are_explained(client: SambaDirectory) -> None:
    error = failure(client, simple(client), port=389)
    assert error.error_code == "directory_tls_failed"
    assert failure(client, kerberos(client), port=636, timeout=3.0).error_code in ("directory_connection_lost", "directory_timeout")


def test_without_the_libraries_kerberos_and_ntlm_are_refused_and_tls_works(client: SambaDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("spnego", "gssapi", "krb5"):
        monkeypatch.setattr(choose.library, name, None)
    error = failure(client, kerberos(client))
    assert code(error) == "directory_library_missing"
    assert "gssapi" in error.message
    assert code(failure(client, Logon("ntlm", principal="ordinary@AD.TEST", password=PASSWORD))) == "directory_library_missing"
    with open_directory(DirectoryTarget(client.server, client.address), simple(client)) as directory:
        assert directory.facts.protocol == "simple"
