# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface between the packages protocol (HTTP, WS-Man, WinRS) and simulation (WMI, licensing, registry, commands).

The protocol package turns bytes into these calls and their answers into bytes; it knows no licensing. The simulation knows no XML and
no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .truths import Truths

Value = str | int | bool | datetime | Sequence[str] | None
"""A CIM property value. None and an empty sequence are NULL; the protocol package decides how each looks in XML."""


@dataclass(frozen=True)
class Instance:
    """One instance of a class; `values` in any order (the protocol package sorts), every property of the class present."""

    class_name: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class QueryAnswer:
    """What a WQL query yields; `projected` when columns were named, which changes the XML shape.

    `class_name` is the class the query named.
    """

    class_name: str
    instances: Sequence[Instance]
    projected: bool = False


@dataclass(frozen=True)
class MethodAnswer:
    """Output parameters of a method that ran. Failures of the licensing provider are :class:`WmiFault`, not this."""

    return_value: int | None
    """None: the answer has no return value at all, as the firewall's methods give it."""
    outputs: Mapping[str, Value] = field(default_factory=dict)


class WmiFault(Exception):
    """WMI or a provider refused.

    `hresult` is the provider's code when `wsman_code` is None (0xC004F074, 0x80041010 ...); otherwise `wsman_code` is one of
    the WS-Man plug-in's own (2150858778 CannotProcessFilter, 2150858752 not found, 2150858843 InvalidSelectors,
    2150859002 no keys given, 2150859003 WQL needs class '*') and the protocol package picks Subcode and shape by it.
    `operation`/`parameter` fill __ExtendedStatus (ExecQuery / the query text; GetObject / Class.Key="x").
    `form` says that `hresult` goes out as it is, and as what: "HRESULT", "WIN32", "Windows System Error", "MI RESULT", or a name of the
    provider's own such as "StorageWMI".
    """

    def __init__(
        self, text: str, *, hresult: int = 0, wsman_code: int | None = None, operation: str = "", parameter: str = "", form: str = ""
    ) -> None:
        super().__init__(text)
        self.form = form
        self.shape = ""
        """How it looks whatever the release of the machine: winrm2, winrm3, plain, text, no_code; empty for that of the release."""
        self.text = text
        self.hresult = hresult
        self.wsman_code = wsman_code
        self.operation = operation
        self.parameter = parameter


@dataclass(frozen=True)
class CommandOutcome:
    """What a command line run in a WinRS shell printed and returned."""

    stdout: str
    stderr: str
    exit_code: int


class Access(Protocol):
    """What a machine does for one account over WMI and in shells."""

    @property
    def opens_shells(self) -> bool:
        """Whether the account may open a shell."""

    async def query(self, namespace: str, wql: str) -> QueryAnswer:
        """Run WQL; raises WmiFault."""

    async def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
        """One instance by its keys; raises WmiFault."""

    async def enumerate(self, namespace: str, class_name: str) -> QueryAnswer:
        """All instances of a class; raises WmiFault."""

    def key_names(self, namespace: str, class_name: str) -> Sequence[str]:
        """Key properties of a class, for EPR enumeration; raises WmiFault when there is no such class."""

    async def invoke(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], method: str, arguments: Mapping[str, Sequence[str | None]]
    ) -> MethodAnswer:
        """Call a method; arguments are the texts of the repeated child elements. May await (a slow Activate). Raises WmiFault."""

    async def put(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], values: Mapping[str, Sequence[str | None]]
    ) -> Instance:
        """Write the given properties of an instance and return what it is then; raises WmiFault."""

    async def run(self, command: str, arguments: Sequence[str]) -> CommandOutcome:
        """Run a command line as cmd.exe would in a WinRS shell."""


class Machine(Access, Protocol):
    """One Windows computer as the protocol package sees it. Used as it is, it does everything for an administrator."""

    name: str
    address: str
    fault_shape: str
    """"winrm2" (up to 6.1: nested WSManFault with __ExtendedStatus) or "winrm3" (6.2 and later: MSFT_WmiError)."""

    language: str
    """Display language: "en" or "ja"."""
    truths: Truths
    """What this machine does otherwise than the lab assumes of Windows."""

    crashed: bool
    """Whether the machine lies dead: nothing on it answers."""

    restarts_asked: int
    """How often somebody had it restart over the network; each time it is away for `restart_seconds` of real time."""
    restart_seconds: float

    @property
    def stays_down(self) -> bool:
        """Whether it hangs when it restarts."""

    def restart_suddenly(self) -> None:
        """Restart in the middle of whatever it does; counts in `restarts_asked`."""

    def kms_service(self) -> tuple[int, str] | None:
        """Port that KMS clients reach and what speaks there, None while they reach nothing.

        "kms" on a KMS host; what the fault kms_port_speaks says otherwise: "silent", "http", "other_rpc".
        """

    @property
    def certificate_mappings(self) -> Sequence[CertificateMapping]:
        """Which client certificates are accounts."""

    def password_of(self, user: str) -> str | None:
        """The password of an account (plain or NAME\\user form, case-insensitive), None if there is no such account."""

    def refusal_of(self, user: str) -> int | None:
        """The NTSTATUS with which Windows refuses an account whose password was right; None: it lets the account in."""

    def lets_in(self, user: str) -> bool:
        """Whether WinRM has anything for an account whose password is right."""

    def seen_by(self, user: str) -> Access:
        """The machine as an account may use it."""


@dataclass(frozen=True)
class CertificateMapping:
    """One entry of winrm/config/service/certmapping, for the lab's first authority of client certificates and all resources."""

    subject: str
    """User principal name of the certificate; * at its beginning or end stands for anything."""
    user: str
    enabled: bool = True
    password_is_current: bool = True
    """Whether the password in the mapping is still that of the account."""

    def fits(self, principal: str) -> bool:
        """Whether the mapping is for a certificate with this name."""
        pattern, name = self.subject.casefold(), principal.casefold()
        if pattern.startswith("*"):
            return name.endswith(pattern[1:])
        return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


@dataclass(frozen=True)
class MachineProxy:
    """An HTTP proxy between the controller and the machines."""

    address: str
    port: int
    access: str = "everybody"
    """Whom it lets through: everybody, basic or windows (NTLM)."""
    pooled: bool = False
    """Whether it has a new connection to the machine for each request."""
    answers: int | None = None
    """The status with which it answers itself, 200 with a page; None: it passes on."""
    user: str = "LabProxy"
    password: str = field(default="Proxy-Passw0rd!", repr=False)


@dataclass(frozen=True)
class BatchQuestion:
    """One Request element of the batch activation service; without an installation ID it asks how many activations are left."""

    extended_pid: str
    installation_id: str | None


@dataclass(frozen=True)
class BatchAnswer:
    """What the service knows about a question: an error code, or else a confirmation ID or the activations that are left."""

    error: int = 0
    confirmation_id: str = ""
    remaining: int | None = None


@dataclass(frozen=True)
class BatchListen:
    """How the batch activation service and the HTTP proxies beside it listen."""

    address: str
    port: int
    proxy_port: int
    basic_proxy_port: int
    windows_proxy_port: int
    tls_proxy_port: int
    proxy_user: str
    proxy_password: str = field(repr=False)
    only_through_proxy: bool = False
    several_requests: bool = False
    """Whether a message can hold more than one Request element."""
    shared_serials: bool = False
    """Whether the extended PIDs of a key have one serial on all machines."""


class BatchActivation(Protocol):
    """Microsoft's batch activation service as the protocol package sees it."""

    @property
    def listen(self) -> BatchListen | None:
        """Where it listens, None in an estate without it."""

    def arrived(self, question: BatchQuestion) -> None:
        """A question came in, whatever becomes of it."""

    def answer(self, question: BatchQuestion) -> BatchAnswer:
        """The answer; one with a confirmation ID counts one activation."""

    def machine_of(self, question: BatchQuestion) -> str:
        """The machine that showed the installation ID, or else the extended PID; empty when none did."""

    def others_activate(self, question: BatchQuestion, count: int) -> None:
        """Count activations of the key of a question by computers of nobody here, as many as are left."""

    def confirmation_of_another(self, installation_id: str) -> str:
        """A confirmation ID that is well-formed and belongs to another installation ID."""

    def book(self) -> list[dict[str, Any]]:
        """What was counted and asked, by product key."""
