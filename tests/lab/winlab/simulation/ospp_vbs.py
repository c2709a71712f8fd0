# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ospp.vbs, which Office brings: a second way to its licenses, through the WMI classes. English on every Windows.

Which calls an option makes: Office facts section 1.2. The script of Office 2010 knows OSPP only, later ones choose by the version of
Windows: OSPP on Windows 7 and Server 2008 R2, and the classes of Windows from Windows 8 on. Lines as in public output, others in the
lab's words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..interfaces import WmiFault
from . import ospp, ospp_vbs_view, spp
from .facts import OFFICE
from .office_programs import rearm, uses_ospp
from .ospp_vbs_view import EXITING, PROCESSING, RULE, Values, error_lines
from .registry import REG_DWORD
from .registry_content import OSPP, SPP
from .wmi_faults import LicensingError

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"
CIMV2 = "root/cimv2"
APPLIED = "Successfully applied setting."


class _Stop(Exception):
    """Nothing more to do: this is the line to end with."""


class Session:
    """One run of the script on one machine."""

    def __init__(self, machine: Machine, version: str, value: str) -> None:
        self.machine, self.version = machine, version
        self.value = value
        self.lines: list[str] = []
        self.uses_ospp = uses_ospp(machine, version)
        self.service_class = ospp.SERVICE if self.uses_ospp else "SoftwareLicensingService"
        self.product_class = ospp.PRODUCT if self.uses_ospp else "SoftwareLicensingProduct"

    def needed(self) -> str:
        """The value after the colon."""
        if not self.value:
            raise _Stop("<A value is missing: write /option:value>")
        return self.value

    async def service(self) -> Values:
        """The licensing service."""
        return (await self.machine.query(CIMV2, f"SELECT * FROM {self.service_class}")).instances[0].values

    async def products(self) -> list[Values]:
        """All licenses of Office."""
        where = "" if self.uses_ospp else f" WHERE ApplicationID = '{OFFICE}'"
        return [each.values for each in (await self.machine.query(CIMV2, f"SELECT * FROM {self.product_class}{where}")).instances]

    async def keyed(self) -> list[Values]:
        """Those with a key."""
        found = [product for product in await self.products() if product["PartialProductKey"]]
        if not found:
            raise _Stop("<No installed product keys detected>")
        return found

    async def clients(self) -> list[Values]:
        """The licenses the settings of a KMS client go to, with a key or without one."""
        found = [product for product in await self.products() if "KMS" in product["Description"]]
        if not found:
            raise _Stop("<No KMS client license of Office found>")
        return found

    async def call(self, method: str, arguments: Mapping[str, object] | None = None, product: Values | None = None) -> None:
        """Invoke a method on the service, or on a product."""
        given = {name: [str(value).lower() if isinstance(value, bool) else str(value)] for name, value in (arguments or {}).items()}
        if product is not None:
            await self.machine.invoke(CIMV2, self.product_class, {"ID": product["ID"]}, method, given)
        else:
            await self.machine.invoke(CIMV2, self.service_class, {"Version": (await self.service())["Version"]}, method, given)

    async def each(self, products: Sequence[Values], method: str, arguments: Callable[[Values], Mapping[str, object]], done: str) -> None:
        """Invoke a method on each product; the failure of one does not stop the others."""
        for product in products:
            self.lines += ospp_vbs_view.about(product)
            try:
                await self.call(method, arguments(product), product)
                self.lines.append(done)
            except WmiFault as fault:
                self.lines += error_lines(fault.hresult or fault.wsman_code or 1)
            self.lines.append(RULE)


def _nothing(_product: Values) -> Mapping[str, object]:
    return {}


async def _status(session: Session, everything: bool) -> None:
    products = await (session.products() if everything else session.keyed())
    service = await session.service()
    for product in products:
        session.lines += [*ospp_vbs_view.describe(service, product), RULE]


async def _activate(session: Session) -> None:
    await session.each(await session.keyed(), "Activate", _nothing, "<Product activation successful>")


async def _install(session: Session) -> None:
    await session.call("InstallProductKey", {"ProductKey": session.needed()})
    session.lines.append("<Product key installation successful>")


async def _uninstall(session: Session) -> None:
    last = session.needed().upper()
    found = [product for product in await session.keyed() if product["PartialProductKey"] == last]
    if not found:
        raise _Stop("<Product key not found>")
    await session.each(found, "UninstallProductKey", _nothing, "<Product key uninstall successful>")


async def _installation_ids(session: Session) -> None:
    for product in await session.keyed():
        session.lines += [f"Installation ID for: {product['Name']}: {product['OfflineInstallationId']}", RULE]


async def _deposit(session: Session) -> None:
    def arguments(product: Values) -> Mapping[str, object]:
        return {"InstallationId": product["OfflineInstallationId"], "ConfirmationId": session.needed()}

    await session.each(await session.keyed(), "DepositOfflineConfirmationId", arguments, "<Offline product activation successful>")


async def _setting(session: Session, method: str, name: str) -> None:
    value = session.needed()
    for product in await session.clients():
        await session.call(method, {name: value}, product)
    session.lines.append(APPLIED)


async def _clear(session: Session, *methods: str) -> None:
    for product in await session.clients():
        for method in methods:
            await session.call(method, None, product)
    session.lines.append(APPLIED)


def _not_in_ospp(session: Session) -> None:
    if session.uses_ospp:
        raise _Stop("<This command is not supported by the licensing service of this Office>")


async def _domain(session: Session) -> None:
    _not_in_ospp(session)
    await _setting(session, "SetKeyManagementServiceLookupDomain", "LookupDomain")


async def _clear_domain(session: Session) -> None:
    _not_in_ospp(session)
    await _clear(session, "ClearKeyManagementServiceLookupDomain")


async def _activation_type(session: Session) -> None:
    _not_in_ospp(session)
    if session.needed() == "0":
        await _clear(session, "ClearVLActivationTypeEnabled")
    else:
        await _setting(session, "SetVLActivationTypeEnabled", "ActivationType")


async def _caching(session: Session) -> None:
    wanted = session.needed().upper()
    if wanted not in ("TRUE", "FALSE"):
        raise _Stop("<The value is TRUE or FALSE>")
    await session.call("DisableKeyManagementServiceHostCaching", {"DisableCaching": wanted == "FALSE"})
    session.lines.append(APPLIED)


async def _token_only(session: Session, on: bool) -> None:
    if not session.uses_ospp:
        raise _Stop("<This command is for Windows 7 and Server 2008 R2>")
    await session.call("DisableKeyManagementServiceActivation", {"DisableActivation": on})
    session.lines.append(APPLIED)


async def _cmid(session: Session) -> None:
    session.lines.append(f"Client Machine ID (CMID): {(await session.service())['ClientMachineID']}")


async def _user_operations(session: Session, allowed: int) -> None:
    session.machine.registry.set(OSPP if session.uses_ospp else SPP, "UserOperations", REG_DWORD, allowed)
    session.lines.append(APPLIED)


async def _history(session: Session, number: int) -> None:
    events = session.machine.events.newest_first("Application", number)
    session.lines += [f"{event.time:%Y-%m-%d %H:%M:%S}: {'; '.join(event.strings)}" for event in events] or ["<No events found>"]


async def _no_file(session: Session) -> None:
    """The lab keeps no content of files, so there is none to install."""
    raise _Stop(f"<License file not found: {session.needed()}>")


async def _rearm(session: Session) -> None:
    session.lines += rearm(session.machine, session.version, session.value.casefold())


async def _restart_service(session: Session) -> None:
    _needs_office_service(session)
    spp.start_office_service(session.machine)
    session.lines.append("<osppsvc was restarted>")


async def _automatic(session: Session) -> None:
    _needs_office_service(session)
    session.machine.manual.discard("osppsvc")
    session.lines.append("<osppsvc starts automatically>")


def _needs_office_service(session: Session) -> None:
    if session.machine.office_licenses is None:
        raise _Stop("<The service osppsvc is not installed>")


async def _say(session: Session, line: str) -> None:
    session.lines.append(line)


OPTIONS: Mapping[str, Callable[[Session], Awaitable[Any]]] = {
    "dstatus": lambda session: _status(session, False),
    "dstatusall": lambda session: _status(session, True),
    "act": _activate,
    "inpkey": _install,
    "unpkey": _uninstall,
    "dinstid": _installation_ids,
    "actcid": _deposit,
    "sethst": lambda session: _setting(session, "SetKeyManagementServiceMachine", "MachineName"),
    "setprt": lambda session: _setting(session, "SetKeyManagementServicePort", "PortNumber"),
    "remhst": lambda session: _clear(session, "ClearKeyManagementServiceMachine", "ClearKeyManagementServicePort"),
    "cachst": _caching,
    "actype": _activation_type,
    "skms-domain": _domain,
    "ckms-domain": _clear_domain,
    "rearm": _rearm,
    "inslic": _no_file,
    "puserops": lambda session: _user_operations(session, 1),
    "duserops": lambda session: _user_operations(session, 0),
    "dhistorykms": lambda session: _history(session, 12288),
    "dhistoryacterr": lambda session: _history(session, 8200),
    "dcmid": _cmid,
    "ddescr": lambda session: _say(session, f"<A window on the machine shows the text of {session.needed()}>"),
    "osppsvcrestart": _restart_service,
    "osppsvcauto": _automatic,
    "stokflag": lambda session: _token_only(session, True),
    "ctokflag": lambda session: _token_only(session, False),
    "dtokils": lambda session: _say(session, "<No token activation license found>"),
    "rtokil": lambda session: _say(session, "<No token activation license found>"),
    "dtokcerts": lambda session: _say(session, "<No certificate for token activation found>"),
    "tokact": lambda session: _say(session, "<No certificate for token activation found>"),
}


async def run(machine: Machine, version: str, words: Sequence[str]) -> tuple[str, int]:
    """Run the script; returns what it prints and its exit code, which is 0 whatever a command comes to."""
    option, _colon, value = (words[0] if words else "").lstrip("-/").partition(":")
    action = OPTIONS.get(option.casefold())
    if action is None:
        return f"Invalid option: {option}{NEWLINE}", 1
    session = Session(machine, version, value)
    try:
        await action(session)
    except _Stop as stop:
        session.lines.append(str(stop))
    except WmiFault as fault:
        session.lines += error_lines(fault.hresult or fault.wsman_code or 1)
    except LicensingError as error:
        session.lines += error_lines(error.hresult)
    return NEWLINE.join([PROCESSING, RULE, *session.lines, RULE, EXITING]) + NEWLINE, 0
