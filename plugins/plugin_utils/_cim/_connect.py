# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a CIM session over the connection Ansible made for the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

This is the only file that touches what Ansible's connection plugins keep private. `winrm` would open a command shell
and `psrp` a PowerShell runspace on the machine; both are costly, and neither is needed to speak WS-Management. So the
plugins' own reading of inventory options is used, up to the point where the client object exists. The private names are
those of ansible-core 2.16 to 2.21; where one is missing, the plugin connects in full and its client is taken from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from .._errors import UnreachableError, VolumeActivationError, sentence
from . import pypsrp, pywinrm
from .options import ConnectionOptions
from .psrp_options import check_psrp, refuse_configuration
from .session import CimSession
from .warm_up import warm_up
from .winrm_options import WinrmOptions, check_transports, check_winrm
from .wsman import Session, Timeouts

_CACHE = "_winops_volume_activation_session"
_LIBRARY_DEFAULT = 20.0  # seconds of operation timeout that both libraries take when the inventory names none
_WINRM_IDENTITY = ("host", "port", "scheme", "path", "transport", "kwargs", "connection_timeout", "user", "pass")

warm_up()  # while Ansible imports this, in the process it forks its workers from


def open_session(connection: Any) -> CimSession:
    """A session over the machine's `winrm` or `psrp` connection; the items of a loop share it. Sends nothing itself.

    Raises VolumeActivationError for any other connection, for a missing Python library and for options that
    contradict each other; UnreachableError when logging on can already not succeed, such as when kinit fails.
    """
    kind = getattr(connection, "transport", None)
    if kind not in ("winrm", "psrp"):
        raise VolumeActivationError(
            f"this module speaks WS-Management and needs the connection winrm or psrp, but this host uses {kind}.",
            ("Set ansible_connection: winrm (and ansible_port: 5985 or 5986) for it.",),
            error_code="wrong_connection",
            cause="The inventory gives this host another connection, or none, which means ssh.",
        )
    try:
        return _winrm_session(connection) if kind == "winrm" else _psrp_session(connection)
    except AnsibleConnectionFailure as error:
        problem: VolumeActivationError = UnreachableError(f"The {kind} connection cannot be opened: {_one_line(error)}")
    except (AnsibleError, ValueError, ImportError) as error:
        problem = ConnectionOptions(kind, sentence(_one_line(error)))
    raise problem


def _winrm_session(connection: Any) -> CimSession:
    pywinrm.require()
    prepare = getattr(connection, "_build_winrm_kwargs", None)
    if prepare is not None:
        _prepare_winrm(connection, prepare)  # for every item of a loop: its options may differ from those of the item before
    key = _key(connection, *(f"_winrm_{name}" for name in _WINRM_IDENTITY))
    session = _remembered(connection, key)
    if session is None:
        protocol = _winrm_protocol(connection, prepare is not None)
        timeouts = _timeouts(protocol.operation_timeout_sec, protocol.read_timeout_sec)
        session = _remember(connection, key, Session(pywinrm.PywinrmTransport(protocol), timeouts))
    return session


def _prepare_winrm(connection: Any, prepare: Callable[[], None]) -> None:
    """Have the plugin read its options, and refuse what cannot work: it would call a mistake a machine that cannot be reached."""
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
    connection.shell_id = "none"  # any text: with a shell at hand the plugin opens none
    try:
        return connect()
    finally:
        connection.shell_id = before


def _psrp_session(connection: Any) -> CimSession:
    pypsrp.require()
    # The option itself: where the plugin keeps its value differs from one ansible-core to the next.
    refuse_configuration(connection.get_option("configuration_name"))
    prepare = getattr(connection, "_build_kwargs", None)
    if prepare is not None:
        prepare()
    key = _key(connection, "_psrp_conn_kwargs")
    session = _remembered(connection, key)
    if session is None:
        options = getattr(connection, "_psrp_conn_kwargs", None)
        if options:
            check_psrp(options)
            wsman = pypsrp.client(options)
        else:
            connection._connect()
            wsman = connection.runspace.connection
        transport = pypsrp.PypsrpTransport(wsman)
        session = _remember(connection, key, Session(transport, _timeouts(wsman.operation_timeout, wsman.transport.read_timeout)))
    return session


def _timeouts(operation: float, answer: float) -> Timeouts:
    """The inventory's timeouts; a write gets its own, longer one unless the inventory departs from the library's default."""
    defaults = Timeouts()
    write = defaults.write if operation == _LIBRARY_DEFAULT else operation
    return Timeouts(read=operation, write=write, margin=max(answer - operation, defaults.margin / 2))


def _key(connection: Any, *names: str) -> int:
    """What the session depends on, as a number: options hold the password, which is not to lie about once more."""
    return hash(repr([getattr(connection, name, None) for name in names]))


def _remembered(connection: Any, key: int) -> CimSession | None:
    known_key, session = getattr(connection, _CACHE, (None, None))
    if known_key != key or not isinstance(session, Session):
        return None
    session.begin_task()
    return session


def _remember(connection: Any, key: int, session: CimSession) -> CimSession:
    setattr(connection, _CACHE, (key, session))
    # Ansible hands a connection on to the next item of a loop only when it counts as connected. Nothing else depends
    # on it here: the plugins' close() ends a shell or a runspace, and there is none.
    connection._connected = True
    return session


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())


__all__ = ["open_session"]
