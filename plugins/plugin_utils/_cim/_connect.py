# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a CIM session over the connection that Ansible made for the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

This is the only file that uses private members of Ansible's connection plugins. `winrm` opens a command shell and `psrp` opens a
PowerShell runspace on the machine. Both are slow, and WS-Management needs neither. Therefore the plugins only read the inventory
options, up to the point where the client object exists. The private names are those of ansible-core 2.16 to 2.21. If a name is
missing, the plugin connects completely, and its client is used.
"""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from .._errors import UnreachableError, VolumeActivationError, sentence
from . import pypsrp, pywinrm
from .logon.delegation import SecondHop, of_psrp, of_winrm
from .logon.kerberos import problem_in
from .options import ConnectionOptionsError
from .psrp_options import check_psrp, refuse_configuration
from .warm_up import warm_up
from .winrm_options import WinrmOptions, check_transports, check_winrm
from .wsman import Session, Timeouts

_CACHE = "_winops_volume_activation_session"
_READY = "_winops_volume_activation_ready"
_CACHE_NAME = "KRB5CCNAME"
_KINIT = "Kerberos auth failure"
"""How the plugin begins its message about kinit."""
_LIBRARY_DEFAULT = 20.0  # operation timeout of both libraries in seconds, if the inventory does not set it
_WINRM_IDENTITY = ("host", "port", "scheme", "path", "transport", "kwargs", "connection_timeout", "user", "pass")

warm_up()  # at import, in the process from which Ansible forks its workers


def open_session(connection: Any) -> Session:
    """Return a session over the `winrm` or `psrp` connection of the machine; it does not send a request. The items of a loop share it.

    Raises VolumeActivationError for any other connection, for a missing Python library, and for contradictory options.
    Raises UnreachableError if the logon cannot succeed, for example if kinit fails.
    """
    return _opened(connection, lambda kind: _winrm_session(connection) if kind == "winrm" else _psrp_session(connection))


def open_session_to(connection: Any, address: str | None) -> Session:
    """Return a session with the machine at an address, or at that of the connection, with the other options of the connection.

    The options are read and checked by the first call for a connection; the connection itself is not opened. Raises the errors of
    :func:`open_session`.
    """

    def open_copy(kind: str) -> Session:
        is_winrm = kind == "winrm"
        if not hasattr(connection, _READY):
            setattr(connection, _READY, _preparation_problem(connection, is_winrm=is_winrm))
        problem = getattr(connection, _READY)
        if problem is not None:
            raise problem  # the same for each machine with these options
        own = copy.copy(connection)
        if address is not None and is_winrm:
            own._winrm_host = address
        elif address is not None:
            own._psrp_conn_kwargs = {**own._psrp_conn_kwargs, "server": address}
        return _new_winrm_session(own, prepared=True) if is_winrm else _new_psrp_session(own)

    return _opened(connection, open_copy)


def second_hop(connection: Any) -> SecondHop:
    """Return whether the machine can use the logon of a session for another machine. The session must be open."""
    if getattr(connection, "transport", None) == "psrp":
        return of_psrp(str(connection.get_option("auth")), connection.get_option("negotiate_delegate"))
    options = getattr(connection, "_winrm_kwargs", None) or {}
    return of_winrm(tuple(getattr(connection, "_winrm_transport", None) or ()), options.get("kerberos_delegation"))


def _preparation_problem(connection: Any, *, is_winrm: bool) -> Exception | None:
    """Read and check the options of a connection, and request its Kerberos ticket. Return the error, or None."""
    try:
        if is_winrm:
            _read_winrm_options(connection)
            _request_ticket(connection)
        else:
            _read_psrp_options(connection)
    except (AnsibleError, VolumeActivationError, ValueError, ImportError) as error:
        return error
    return None


def _request_ticket(connection: Any) -> None:
    """Request the ticket of an account once for all machines, and add it to the tickets of other accounts.

    The plugin would request a ticket for each machine, and select it by KRB5CCNAME in the environment, which all threads share. A
    collection of credential caches contains the tickets of several accounts, and GSSAPI selects the one of the account of the session.
    """
    if not (getattr(connection, "_kerb_managed", False) and "kerberos" in connection._winrm_transport):
        return
    tickets = _tickets()
    before = os.environ.get(_CACHE_NAME)
    try:
        connection._kerb_auth(connection._winrm_user, connection._winrm_pass)
        number = sum(1 for _file in tickets.iterdir())
        shutil.copyfile(connection._kerb_ccache.name, tickets / f"tkt{number}")
    except AnsibleConnectionFailure:
        if before is None:
            del os.environ[_CACHE_NAME]
        else:
            os.environ[_CACHE_NAME] = before
        raise
    finally:
        connection._kerb_ccache.close()  # removes the file of the plugin
    os.environ[_CACHE_NAME] = f"DIR:{tickets}"
    connection._kerb_managed = False


@cache
def _tickets() -> Path:
    """Return the directory of the collection, which contains the ticket of the user who runs Ansible, if it is in a file."""
    tickets = Path(tempfile.mkdtemp(prefix="tickets-", dir=constants.DEFAULT_LOCAL_TMP))
    kind, _colon, path = os.environ.get(_CACHE_NAME, f"FILE:/tmp/krb5cc_{os.geteuid()}").rpartition(":")
    if kind in ("", "FILE") and Path(path).is_file():
        shutil.copyfile(path, tickets / "tkt")
    return tickets


def _opened(connection: Any, open_by_kind: Callable[[str], Session]) -> Session:
    """Return what a function opens for "winrm" or "psrp". The errors of Ansible become those of this collection."""
    kind = getattr(connection, "transport", None)
    if kind not in ("winrm", "psrp"):
        raise VolumeActivationError(
            f"the connection plugin {kind} is not supported.",
            ("Set ansible_connection to winrm or psrp, and ansible_port to 5985 or 5986.",),
            error_code="wrong_connection",
            cause="The inventory sets another connection plugin for this host, or none, which means ssh.",
        )
    try:
        return open_by_kind(kind)
    except AnsibleConnectionFailure as error:
        problem: VolumeActivationError = _not_opened(kind, _one_line(error))
    except (AnsibleError, ValueError, ImportError) as error:
        problem = ConnectionOptionsError(kind, sentence(_one_line(error)))
    raise problem


def _not_opened(kind: str, text: str) -> UnreachableError:
    """Return the error for a plugin that did not open its connection: kinit failed."""
    ticket = problem_in(text)
    if ticket is None:
        steps = ("Run kinit for ansible_user on the controller, and check ansible_user and ansible_password.",) if _KINIT in text else ()
        return UnreachableError(f"The {kind} connection cannot be opened: {text}", steps)
    message = f"The {kind} connection cannot be opened: kinit did not get a ticket: {ticket.reason}."
    return UnreachableError(message, (ticket.step,), cause="The domain did not issue a ticket for this user.", transient=False)


def _winrm_session(connection: Any) -> Session:
    prepared = _read_winrm_options(connection)  # for every item of a loop, because each item can have other options
    key = _key(connection, *(f"_winrm_{name}" for name in _WINRM_IDENTITY))
    session = _remembered(connection, key)
    return session or _remember(connection, key, _new_winrm_session(connection, prepared=prepared))


def _new_winrm_session(connection: Any, *, prepared: bool) -> Session:
    protocol = _winrm_protocol(connection, prepared)
    return Session(pywinrm.PywinrmTransport(protocol), _timeouts(protocol.operation_timeout_sec, protocol.read_timeout_sec))


def _read_winrm_options(connection: Any) -> bool:
    """Make the plugin read its options, and check them. Return False if this version of the plugin reads them only when it connects."""
    pywinrm.require()
    prepare = getattr(connection, "_build_winrm_kwargs", None)
    if prepare is not None:
        _prepare_winrm(connection, prepare)
    return prepare is not None


def _prepare_winrm(connection: Any, prepare: Callable[[], None]) -> None:
    """Make the plugin read its options, and reject invalid ones: the plugin would report such a mistake as an unreachable machine."""
    try:
        prepare()
    except AnsibleError:
        check_transports(tuple(getattr(connection, "_winrm_transport", None) or ()))
        raise
    ticket = getattr(connection, "_kinit_cmd", None) if getattr(connection, "_kerb_managed", False) else None
    check_winrm(
        WinrmOptions(
            transports=tuple(connection._winrm_transport),
            scheme=str(connection._winrm_scheme),
            port=connection._winrm_port,
            arguments=connection._winrm_kwargs,
            connection_timeout=getattr(connection, "_winrm_connection_timeout", None),
            kinit=str(ticket or ""),
        )
    )


def _winrm_protocol(connection: Any, prepared: bool) -> Any:
    connect = getattr(connection, "_winrm_connect", None)
    if connect is None or not prepared or not hasattr(connection, "shell_id"):
        connection._connect()
        return connection.protocol
    before = connection.shell_id
    connection.shell_id = "none"  # any text: the plugin does not open a shell if it has an ID of one
    try:
        return connect()
    finally:
        connection.shell_id = before


def _psrp_session(connection: Any) -> Session:
    _read_psrp_options(connection)
    key = _key(connection, "_psrp_conn_kwargs")
    session = _remembered(connection, key)
    return session or _remember(connection, key, _new_psrp_session(connection))


def _new_psrp_session(connection: Any) -> Session:
    options = getattr(connection, "_psrp_conn_kwargs", None)
    if options:
        wsman = pypsrp.client(options)
    else:
        connection._connect()
        wsman = connection.runspace.connection
    return Session(pypsrp.PypsrpTransport(wsman), _timeouts(wsman.operation_timeout, wsman.transport.read_timeout))


def _read_psrp_options(connection: Any) -> None:
    """Make the plugin read its options, and check them."""
    pypsrp.require()
    # Read by get_option: the attribute that holds the value differs between versions of ansible-core.
    refuse_configuration(connection.get_option("configuration_name"))
    prepare = getattr(connection, "_build_kwargs", None)
    if prepare is not None:
        prepare()
    options = getattr(connection, "_psrp_conn_kwargs", None)
    if options:
        check_psrp(options)


def _timeouts(operation: float, response: float) -> Timeouts:
    """Return the timeouts of the inventory; a write has a longer one, unless the inventory changes the default of the library."""
    defaults = Timeouts()
    write = defaults.write if operation == _LIBRARY_DEFAULT else operation
    return Timeouts(read=operation, write=write, margin=max(response - operation, defaults.margin / 2))


def _key(connection: Any, *names: str) -> int:
    """Return a hash of everything that the session depends on; the options contain the password, which must not be stored again."""
    return hash(repr([getattr(connection, name, None) for name in names]))


def _remembered(connection: Any, key: int) -> Session | None:
    known_key, session = getattr(connection, _CACHE, (None, None))
    if known_key != key or not isinstance(session, Session):
        return None
    session.begin_task()
    return session


def _remember(connection: Any, key: int, session: Session) -> Session:
    setattr(connection, _CACHE, (key, session))
    # Ansible passes a connection to the next item of a loop only if it is marked as connected. The mark has no other effect:
    # close() of the plugins ends a shell or a runspace, and none was opened.
    connection._connected = True
    return session


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())


__all__ = ["open_session", "open_session_to", "second_hop"]
