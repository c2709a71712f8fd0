# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine as the protocol package sees it (interfaces.Machine), over one Computer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..interfaces import Access, CertificateMapping, CommandOutcome, Instance, MethodAnswer, QueryAnswer, WmiFault
from . import commands, other_truths, snapshot, spp, states, wmi
from .catalog import EVAL
from .computer import Computer
from .identity import machine_uuid
from .limited import Limited
from .rights import NOBODY, Account, Rights
from .state import LICENSED, ServiceState, first_rearms
from .wmi_faults import own_fault, provider_fault

ACCOUNT_RESTRICTION = 0xC000006E
"""NTSTATUS of an account with an empty password (MS-ERREF 2.3.1)."""
_FIRST_WITH_THE_GROUP = (6, 2)
"""The first generation with the group Remote Management Users."""
_UAC = ("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System", "LocalAccountTokenFilterPolicy")
_LOOK_SECONDS = 0.05
"""How soon an activation that is under way notices that its fault was cleared."""


@dataclass(frozen=True)
class Listen:
    """How a machine is reached: ports (None = closed), what WinRM accepts, and what the inventory says about it."""

    http_port: int | None = 5985
    https_port: int | None = 5986
    basic: bool = True
    ntlm: bool = True
    allow_unencrypted: bool = True
    cbt_hardening_level: str = "relaxed"
    """Whether logons over TLS are bound to its certificate, as WinRM's setting of this name: none, relaxed, strict."""
    certificate_hash: str = "sha256"
    """Hash function of the signature of its certificate."""
    certificate: bool = False
    """Whether WinRM lets client certificates in, as its setting of this name."""
    credssp: bool = False
    """Whether WinRM accepts CredSSP, as its setting of this name."""
    credssp_tls: str | None = None
    """Newest TLS inside CredSSP: 1.0, 1.2 or 1.3; None: as its release has it."""
    tls_1_3: bool | None = None
    """Whether it speaks TLS 1.3; None: as its release does."""
    post_handshake: bool = True
    """Whether it can ask for a client certificate over TLS 1.3."""
    inspection_port: int | None = None
    """Where a device listens that ends TLS on the way to the machine; the inventory leads to this port."""
    connection: str = "winrm"
    transport: str = "basic"
    scheme: str = "http"


@dataclass
class Machine(Computer):
    """One simulated machine of an estate. What it does about licensing is what Windows 7 and later do."""

    STATES: ClassVar[Mapping[str, states.Begin]] = states.STATES
    """The states an estate file may put it in."""
    USUAL_STATE: ClassVar[str] = "unlicensed"
    MISSING: ClassVar[frozenset[str]] = frozenset()
    """Programs, scripts and contexts of netsh the lab knows and this Windows does not have."""

    listen: Listen = field(default_factory=Listen)
    tags: tuple[str, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict, repr=False)
    certificate_mappings: tuple[CertificateMapping, ...] = ()

    fault_shape: str = field(init=False, default="winrm3")
    """winrm2 up to 6.1, winrm3 from 6.2 on (see interfaces.Machine)."""

    def __post_init__(self) -> None:
        self.fault_shape = "winrm2" if self.os.generation <= (6, 1) else "winrm3"

    def kms_reachable(self) -> bool:
        """Whether a client gets through to KMS; never on a port that WinRM has."""
        return self.kms_port not in (self.listen.http_port, self.listen.https_port) and super().kms_reachable()

    def kms_service(self) -> tuple[int, str] | None:
        """Port that KMS clients reach and what speaks there, None while they reach nothing."""
        strange = None if self.crashed else self.context.faults.get(self.name, "kms_port_speaks")
        if strange is not None:
            return self.kms_port, str(strange["what"])
        return (self.kms_port, "kms") if self.kms_reachable() else None

    opens_shells: ClassVar[bool] = True
    """To an administrator, as whom everything in this class is done."""

    @property
    def first_account(self) -> str:
        """The account of somebody at the machine itself."""
        return next(iter(self.accounts), "")

    def password_of(self, user: str) -> str | None:
        """The password of an account, named plainly, as NAME\\user, .\\user, DOMAIN\\user or user@DOMAIN, in any case."""
        account = self._account_of(user)
        return None if account is None else account.password

    def refusal_of(self, user: str) -> int | None:
        """The NTSTATUS with which Windows refuses an account; one with an empty password may log on at the console only."""
        account = self._account_of(user)
        if account is None:
            return None
        return account.refusal or (None if account.password else ACCOUNT_RESTRICTION)

    @property
    def inventory_variables(self) -> Mapping[str, Any]:
        """What its host has in an inventory besides its connection: the directory of its domain."""
        return self.context.directories.variables(self.domain) if self.context.directories.has(self.domain) else {}

    def _account_of(self, user: str) -> Account | None:
        listed = next((account for name, account in self.accounts.items() if name.casefold() == user.casefold()), None)
        if listed is not None:
            return listed
        place, _slash, plain = user.rpartition("\\")
        if not place:
            plain, _at, place = user.partition("@")
        domain = self.domain.casefold()
        if place and place.casefold() not in (".", self.name.casefold(), domain, domain.partition(".")[0]):
            return None
        return next((account for name, account in self.accounts.items() if name.casefold() == plain.casefold()), None)

    def rights_of(self, user: str) -> Rights:
        """What an account may do over the network now."""
        account = self._account_of(user)
        rights = NOBODY if account is None else account.rights
        policy = self.registry.get(*_UAC) if rights.filtered else None
        return rights.without_administrator() if rights.filtered and (policy is None or policy.data != 1) else rights

    def lets_in(self, user: str) -> bool:
        """Whether WinRM has anything for an account whose password is right."""
        rights = self.rights_of(user)
        return rights.administrator or (rights.remote_management and self.os.generation >= _FIRST_WITH_THE_GROUP)

    def seen_by(self, user: str) -> Access:
        """The machine as an account may use it."""
        rights = self.rights_of(user)
        return self if rights.administrator else Limited(self, rights)

    async def query(self, namespace: str, wql: str) -> QueryAnswer:
        """Run WQL."""
        if self.fault("query_fault"):
            self._fail_when_struck("query_fault", wmi.class_in(wql), "class_name")
        with self._other_faults():
            return other_truths.answer(self.truths, wmi.query(self, namespace, wql))

    async def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
        """One instance by its keys."""
        with self._other_faults():
            return other_truths.instance(self.truths, wmi.get(self, namespace, class_name, selectors))

    async def enumerate(self, namespace: str, class_name: str) -> QueryAnswer:
        """All instances of a class."""
        return other_truths.answer(self.truths, wmi.enumerate_class(self, namespace, class_name))

    def key_names(self, namespace: str, class_name: str) -> Sequence[str]:
        """Key properties of a class."""
        return wmi.key_names(self, namespace, class_name)

    async def invoke(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], method: str, arguments: Mapping[str, Sequence[str | None]]
    ) -> MethodAnswer:
        """Call a method. Activate takes as long as the fault activate_duration says; the work is done at its end."""
        with self._other_faults():
            call = wmi.prepare(self, namespace, class_name, selectors, method=method, given=arguments)
        self._fail_when_struck("wmi_fault", call.method)
        struck = self.context.faults.strike(self.name, "return_value", call.method)
        if struck is not None:
            return MethodAnswer(int(str(struck["value"]), 0) & 0xFFFFFFFF)
        if call.method == "Activate":
            await self.activation_time()
        return wmi.execute(self, call)

    @contextmanager
    def _other_faults(self) -> Iterator[None]:
        """What fails fails as the truths of this machine have it."""
        try:
            yield
        except WmiFault as failure:
            raise other_truths.fault(self.truths, failure) from failure

    async def put(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], values: Mapping[str, Sequence[str | None]]
    ) -> Instance:
        """Write properties of an instance; a fault wmi_fault for the method Put strikes here."""
        self._fail_when_struck("wmi_fault", "Put")
        return wmi.put(self, namespace, class_name, selectors, values)

    def _fail_when_struck(self, fault: str, name: str, bound_to: str = "method") -> None:
        """Raise WmiFault when a fault is on for this method or class."""
        struck = self.context.faults.strike(self.name, fault, name, bound_to)
        if struck is not None:
            code = int(str(struck["hresult"]), 0) & 0xFFFFFFFF
            failure = own_fault(code, str(struck["form"])) if struck.get("form") else provider_fault(code)
            raise other_truths.fault(self.truths, failure)

    async def activation_time(self) -> None:
        """Let the time pass that an activation takes. One that is under way ends at once when the fault is cleared."""
        passed = 0.0
        while (slow := self.context.faults.get(self.name, "activate_duration")) is not None:
            left = float(slow["seconds"]) - passed
            if left <= 0:
                return
            pause = min(left, _LOOK_SECONDS)
            await asyncio.sleep(pause)
            passed += pause

    async def run(self, command: str, arguments: Sequence[str]) -> CommandOutcome:
        """Run a command line as cmd.exe would in a WinRS shell."""
        return await commands.run(self, command, arguments)

    def restart(self) -> None:
        """Restart the machine."""
        spp.restart(self)

    def restart_suddenly(self) -> None:
        """It restarts in the middle of whatever it does, and nothing holds that up."""
        self.restarts_asked += 1
        self.restart()

    def install_windows(self) -> None:
        """Licensing of a new installation."""
        self.service = ServiceState(machine_uuid("cmid", self.installation), rearms_left=first_rearms(self.os))
        states.fresh_installation(self)

    def notice_hardware(self) -> None:
        """Licensing finds other hardware than before the restart."""
        now = self.now()
        for product in self.service.keyed():
            product.settle(now)
            spp.show_installation_id(self, product)
            self.log(1040, product.sku.application_id, product.sku.id)
            if product.sku.volume_client:
                product.next_attempt = now
            elif product.status == LICENSED and product.sku.channel != EVAL:
                product.leave_tolerance(now)

    def notice_update(self, update: str) -> None:
        """Licensing starts the first time after an update was installed."""

    def licensing_snapshot(self) -> dict[str, Any]:
        """What the snapshot shows of licensing."""
        return snapshot.licensing(self)
