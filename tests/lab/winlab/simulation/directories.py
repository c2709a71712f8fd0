# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories of an estate: those of the lab's own, which it runs, and real domain controllers that its machines ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .computer import Computer
from .wmi_faults import LicensingError

if TYPE_CHECKING:
    from winlab.directory.client import DirectoryClient, FoundObject, Target
    from winlab.directory.server import DirectoryServer
    from winlab.directory.tree import Tree

    from .estate_directories import Planned

SERVER_DOWN, NO_SUCH_OBJECT, OPERATIONS_ERROR = 0x8007203A, 0x80072030, 0x80072020
LOGON_FAILURE = 0x8007052E
_UNREACHABLE = -1
_CODES: Mapping[int, int] = {
    _UNREACHABLE: SERVER_DOWN, 10: 0x8007202B, 19: 0x8007202F, 32: NO_SUCH_OBJECT, 49: LOGON_FAILURE, 50: 0x80072098, 53: 0x80072035,
    64: 0x80072037, 65: 0x80072014, 68: 0x80071392,
}  # fmt: skip
"""The HRESULT of a result code of LDAP, as ADSI gives them (general knowledge, but for those that licensing is known to show)."""


def hresult_of(code: int) -> int:
    """The HRESULT a machine shows for a result code of LDAP."""
    return _CODES.get(code, OPERATIONS_ERROR)


@dataclass
class DomainDirectory:
    """A directory as the machines of its domain use it."""

    domain: str
    target: Target
    account: str
    """As it logs on: name@domain."""
    password: str = field(repr=False)
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    port: int = 389
    server: DirectoryServer | None = None
    """The lab's own; None for a real domain controller."""
    _client: DirectoryClient | None = None
    _once: list[list[FoundObject] | LicensingError] | None = None
    """What was read while time passes, one answer for all machines; None while it does not."""

    def objects(self) -> list[FoundObject]:
        """The activation objects, as the machines see them; raises LicensingError."""
        if self._once is None:
            return self._read()
        if not self._once:
            try:
                self._once.append(self._read())
            except LicensingError as error:
                self._once.append(error)
        (kept,) = self._once
        if isinstance(kept, LicensingError):
            raise LicensingError(kept.hresult)
        return kept

    def read_once(self, *, begins: bool) -> None:
        """From now on machines get what is read first; or each asks for itself again."""
        self._once = [] if begins else None

    def _read(self) -> list[FoundObject]:
        from winlab.directory.client import DirectoryClient, DirectoryFailure  # noqa: PLC0415  # only estates with directories need ldap3

        if self._client is None:
            self._client = DirectoryClient(self.target, self.account, self.password)
        try:
            return self._client.objects()
        except DirectoryFailure as failure:
            raise LicensingError(hresult_of(failure.code)) from None

    def all_objects(self) -> list[FoundObject]:
        """All activation objects, for whoever looks at the lab; raises LicensingError."""
        from winlab.directory.client import read_object  # noqa: PLC0415  # as above

        if self.server is None:
            return self.objects()
        entries = self.server.tree.objects()
        return [found for entry in entries if (found := read_object(entry.dn, entry.attributes)) is not None]

    def add_as(self, user: str, password: str, name: str, attributes: Mapping[str, Any]) -> str:
        """Add an activation object as somebody; returns its DN. Raises LicensingError."""
        from winlab.directory.client import DirectoryClient, DirectoryFailure  # noqa: PLC0415  # as above

        client = DirectoryClient(self.target, f"{user}@{self.domain}", password)
        try:
            return client.add(name, attributes)
        except DirectoryFailure as failure:
            raise LicensingError(hresult_of(failure.code)) from None
        finally:
            client.close()

    def close(self) -> None:
        """End the connection of the machines."""
        if self._client is not None:
            self._client.close()

    def variables(self) -> dict[str, Any]:
        """Variables of a host of an inventory."""
        return {
            "winlab_directory_domain": self.domain, "winlab_directory_server": self.target.host,
            "winlab_directory_address": self.target.address, "winlab_directory_port": self.port,
            "winlab_directory_tls_port": self.target.tls_port, "winlab_directory_ca_file": str(self.target.ca_file),
            "winlab_directory_accounts": {name: dict(account) for name, account in self.accounts.items()},
        }  # fmt: skip


class Directories:
    """All directories of an estate by domain."""

    def __init__(self, planned: Mapping[str, Planned]) -> None:
        self._planned = planned
        self._running: dict[str, DomainDirectory] = {}

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that have one."""
        return tuple(self._planned)

    def has(self, domain: str) -> bool:
        """Whether a domain has a directory; without regard to case."""
        return domain.casefold() in self._planned

    def of(self, computer: Computer) -> DomainDirectory | None:
        """The directory of the domain that a computer is joined to; None for others, and before the estate starts."""
        return self._running.get(computer.domain.casefold())

    def running(self, domain: str) -> DomainDirectory:
        """The directory of a domain while the estate runs; raises KeyError."""
        return self._running[domain.casefold()]

    def planned(self, domain: str) -> Planned | None:
        """What the estate file says of the directory of a domain."""
        return self._planned.get(domain.casefold())

    def start(self, folder: Path, *, kerberos: bool) -> None:
        """Start the lab's own directories with their files in a folder; raises OSError."""
        trees: dict[str, Tree] = {}
        for domain, planned in self._planned.items():
            self._running[domain] = planned.start(folder / domain, trees, kerberos=kerberos)

    def stop(self) -> None:
        """Stop them."""
        for directory in self._running.values():
            directory.close()
            if directory.server is not None:
                directory.server.stop()
        self._running.clear()

    @contextmanager
    def time_passes(self) -> Iterator[None]:
        """While time passes nobody changes a directory, so that it is asked once and not for each renewal of each machine."""
        for directory in self._running.values():
            directory.read_once(begins=True)
        try:
            yield
        finally:
            for directory in self._running.values():
                directory.read_once(begins=False)

    def describe(self, domain: str) -> dict[str, Any]:
        """Where a directory is, the objects in it, and what was asked of it; raises KeyError, LicensingError when it does not answer."""
        found = self.running(domain)
        operations = [] if found.server is None else list(found.server.book.operations)
        return {
            **{name.removeprefix("winlab_directory_"): value for name, value in found.variables().items() if "accounts" not in name},
            "own": found.server is not None,
            "objects": [{**vars(each), "kms_ids": sorted(each.kms_ids)} for each in found.all_objects()],
            "operations": operations,
        }

    def change(self, domain: str, what: str, minutes: float) -> None:
        """Stop or start a directory of the lab's own, or set how far its clock is ahead; raises KeyError, ValueError, OSError."""
        server = self.running(domain).server
        if server is None:
            raise ValueError(f"the lab does not run the directory of {domain}")
        if what == "clock":
            server.book.clock_difference = timedelta(minutes=minutes)
        elif what == "stop":
            server.stop()
        else:
            server.start()

    def forget_operations(self) -> None:
        """Begin to note anew what is asked."""
        for directory in self._running.values():
            if directory.server is not None:
                directory.server.book.operations.clear()

    def variables(self, domain: str) -> dict[str, Any]:
        """Variables of a host of this domain; of a domain without a directory those of the first one."""
        found = self._running.get(domain.casefold()) or next(iter(self._running.values()), None)
        return {} if found is None else found.variables()
