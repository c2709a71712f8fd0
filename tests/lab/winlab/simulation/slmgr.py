# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""slmgr.vbs: a second way to everything the licensing WMI classes offer, through those classes.

Which calls an option makes and in which order: licensing facts section 2a.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..interfaces import WmiFault
from . import slmgr_directory, slmgr_tokens, slmgr_view
from .facts import WINDOWS
from .registry_content import note_host_version
from .slmgr_text import Stop, error_line, say

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"
CIMV2 = "root/cimv2"
SERVICE, PRODUCT = "SoftwareLicensingService", "SoftwareLicensingProduct"
_BY_TOKEN = 3
Values = Mapping[str, Any]


class Session:
    """One run of the script on one machine."""

    def __init__(self, machine: Machine, words: Sequence[str]) -> None:
        self.machine = machine
        self.words = list(words)
        self.lines: list[str] = []

    def say(self, name: str, *values: object) -> None:
        """Print a line."""
        self.lines.append(say(self.machine.language, name, *values))

    def argument(self, option: str) -> str:
        """The value an option needs."""
        if not self.words:
            raise Stop(say(self.machine.language, "missing_argument", option))
        return self.words.pop(0)

    async def service(self) -> Values:
        """The licensing service."""
        return (await self.machine.query(CIMV2, f"SELECT * FROM {SERVICE}")).instances[0].values

    async def keyed(self) -> list[Values]:
        """Products with a key; with an activation ID on the command line only that one."""
        answer = await self.machine.query(CIMV2, f"SELECT * FROM {PRODUCT} WHERE PartialProductKey IS NOT NULL")
        products = [instance.values for instance in answer.instances]
        if not self.words:
            return [product for product in products if product["ApplicationID"] == WINDOWS and not product["LicenseIsAddon"]]
        wanted = self.words.pop(0)
        if wanted.casefold() == "all":
            return [instance.values for instance in (await self.machine.query(CIMV2, f"SELECT * FROM {PRODUCT}")).instances]
        found = [
            instance.values for instance in (await self.machine.query(CIMV2, f"SELECT * FROM {PRODUCT} WHERE ID = '{wanted}'")).instances
        ]
        if not found:
            raise Stop(say(self.machine.language, "id_missing", wanted))
        return found

    async def primary(self) -> list[Values]:
        """As keyed(), but it is an error when there is none."""
        found = await self.keyed()
        if not found:
            raise Stop(say(self.machine.language, "no_key"))
        return found

    async def call(self, method: str, arguments: Mapping[str, object] | None = None, product: Values | None = None) -> None:
        """Invoke a method on the service, or on a product."""
        given = {name: [str(value).lower() if isinstance(value, bool) else str(value)] for name, value in (arguments or {}).items()}
        if product is not None:
            await self.machine.invoke(CIMV2, PRODUCT, {"ID": product["ID"]}, method, given)
            return
        version = (await self.service())["Version"]
        await self.machine.invoke(CIMV2, SERVICE, {"Version": version}, method, given)

    async def is_activated(self, product: Values) -> bool:
        """Whether the product is licensed now, or in extended grace, which the script takes for activated."""
        again = await self.machine.query(CIMV2, f"SELECT LicenseStatus FROM {PRODUCT} WHERE ID = '{product['ID']}'")
        return again.instances[0].values["LicenseStatus"] in (1, 6)

    async def upkeep(self) -> None:
        """What the script does after a key change."""
        await self.call("RefreshLicenseStatus")
        note_host_version(self.machine, (await self.service())["Version"])


async def _display(session: Session, verbose: bool) -> None:
    service = await session.service()
    if verbose:
        session.say("version", service["Version"])
        session.lines.append("")
    for index, product in enumerate(await session.primary()):
        if index:
            session.lines.append("")
        session.lines += slmgr_view.describe(session.machine, service, product, verbose)


async def _expiry(session: Session) -> None:
    for product in await session.primary():
        session.lines += slmgr_view.expiry(session.machine, product)


async def _install(session: Session) -> None:
    key = session.argument("/ipk")
    await session.call("InstallProductKey", {"ProductKey": key})
    await session.upkeep()
    session.say("installed", key)


async def _uninstall(session: Session) -> None:
    for product in await session.primary():
        await session.call("UninstallProductKey", product=product)
    await session.upkeep()
    session.say("uninstalled")


async def _activate(session: Session) -> None:
    for product in await session.primary():
        session.say("activating", product["Name"], product["ID"])
        by_token = product.get("VLActivationTypeEnabled") == _BY_TOKEN
        if not by_token and not ("MAK" in product["Description"] and product["LicenseStatus"] == 1):
            await session.call("Activate", product=product)
        await session.call("RefreshLicenseStatus")
        session.say("activated" if await session.is_activated(product) else "activation_failed")


async def _set_host(session: Session) -> None:
    text = session.argument("/skms")
    product = (await session.keyed())[0] if session.words else None
    host, _colon, port = text.rpartition(":") if ":" in text.rpartition("]")[2] else (text, "", "")
    before = (product or await session.service())["KeyManagementServiceMachine"]
    await session.call("SetKeyManagementServiceMachine", {"MachineName": host}, product)
    try:
        if port:
            await session.call("SetKeyManagementServicePort", {"PortNumber": port}, product)
        else:
            await session.call("ClearKeyManagementServicePort", None, product)
    except WmiFault:
        if before:
            await session.call("SetKeyManagementServiceMachine", {"MachineName": before}, product)
        else:
            await session.call("ClearKeyManagementServiceMachine", None, product)
        raise
    session.say("kms_set", text)


async def _clear_host(session: Session) -> None:
    product = (await session.keyed())[0] if session.words else None
    await session.call("ClearKeyManagementServiceMachine", None, product)
    await session.call("ClearKeyManagementServicePort", None, product)
    session.say("kms_cleared")


async def _set_domain(session: Session) -> None:
    domain = session.argument("/skms-domain")
    product = (await session.keyed())[0] if session.words else None
    await session.call("SetKeyManagementServiceLookupDomain", {"LookupDomain": domain}, product)
    session.say("domain_set", domain)


async def _clear_domain(session: Session) -> None:
    product = (await session.keyed())[0] if session.words else None
    await session.call("ClearKeyManagementServiceLookupDomain", None, product)
    session.say("domain_cleared")


async def _caching(session: Session, on: bool) -> None:
    await session.call("DisableKeyManagementServiceHostCaching", {"DisableCaching": not on})
    session.say("caching_on" if on else "caching_off")


async def _activation_type(session: Session) -> None:
    kind = session.argument("/act-type")
    product = (await session.keyed())[0] if session.words else None
    if kind == "0":
        await session.call("ClearVLActivationTypeEnabled", None, product)
    else:
        await session.call("SetVLActivationTypeEnabled", {"ActivationType": kind}, product)
    session.say("type_set")


async def _clear_key(session: Session) -> None:
    await session.call("ClearProductKeyFromRegistry")
    session.say("cleared_registry")


async def _rearm(session: Session, method: str) -> None:
    if method == "ReArmApp":
        await session.call(method, {"ApplicationId": session.argument("/rearm-app")})
    elif method == "ReArmSku":
        await session.call(method, None, (await session.primary())[0])
    else:
        await session.call(method)
    session.say("rearmed")
    session.say("restart")


async def _host_setting(session: Session, method: str, argument: str, value: object, line: str) -> None:
    """Settings of a KMS host, which the script only makes where a keyed product is one."""
    if not any(product["IsKeyManagementServiceMachine"] == 1 for product in await session.keyed()):
        raise Stop(say(session.machine.language, "not_a_host"))
    await session.call(method, {argument: value})
    session.say(line, value)


async def _installation_id(session: Session) -> None:
    for product in await session.primary():
        session.say("iid", product["OfflineInstallationId"])


async def _deposit(session: Session) -> None:
    confirmation = session.argument("/atp")
    product = (await session.primary())[0]
    await session.call(
        "DepositOfflineConfirmationId", {"InstallationId": product["OfflineInstallationId"], "ConfirmationId": confirmation}, product
    )
    await session.call("RefreshLicenseStatus")
    session.say("deposited", product["ID"])


async def _no_file(session: Session) -> None:
    raise Stop(say(session.machine.language, "no_license_file", session.argument("/ilc")))


async def _reinstall(session: Session) -> None:
    """The license files of Windows are installed again, which changes nothing on a machine whose licenses are whole."""
    session.say("reinstalling")
    session.say("reinstalled")


OPTIONS: Mapping[str, Callable[[Session], Awaitable[None]]] = {
    "dli": lambda session: _display(session, False),
    "dlv": lambda session: _display(session, True),
    "xpr": _expiry,
    "ipk": _install,
    "upk": _uninstall,
    "ato": _activate,
    "atp": _deposit,
    "dti": _installation_id,
    "ilc": _no_file,
    "rilc": _reinstall,
    "ad-activation-online": slmgr_directory.online,
    "ad-activation-get-iid": slmgr_directory.installation_id,
    "ad-activation-apply-cid": slmgr_directory.confirmation_id,
    "lil": slmgr_tokens.show,
    "ril": slmgr_tokens.remove,
    "cpky": _clear_key,
    "skms": _set_host,
    "ckms": _clear_host,
    "skms-domain": _set_domain,
    "ckms-domain": _clear_domain,
    "skhc": lambda session: _caching(session, True),
    "ckhc": lambda session: _caching(session, False),
    "act-type": _activation_type,
    "rearm": lambda session: _rearm(session, "ReArmWindows"),
    "rearm-app": lambda session: _rearm(session, "ReArmApp"),
    "rearm-sku": lambda session: _rearm(session, "ReArmSku"),
    "sprt": lambda session: _host_setting(
        session, "SetKeyManagementServiceListeningPort", "PortNumber", session.argument("/sprt"), "port_set"
    ),
    "sai": lambda session: _host_setting(
        session, "SetVLActivationInterval", "ActivationInterval", session.argument("/sai"), "activation_set"
    ),
    "sri": lambda session: _host_setting(session, "SetVLRenewalInterval", "RenewalInterval", session.argument("/sri"), "renewal_set"),
    "sdns": lambda session: _host_setting(session, "DisableKeyManagementServiceDnsPublishing", "DisablePublishing", False, "publishing_on"),
    "cdns": lambda session: _host_setting(session, "DisableKeyManagementServiceDnsPublishing", "DisablePublishing", True, "publishing_off"),
    "spri": lambda session: _host_setting(session, "EnableKeyManagementServiceLowPriority", "EnableLowPriority", False, "priority_normal"),
    "cpri": lambda session: _host_setting(session, "EnableKeyManagementServiceLowPriority", "EnableLowPriority", True, "priority_low"),
}


async def run(machine: Machine, words: Sequence[str]) -> tuple[str, int]:
    """Run the script; returns what it prints and its exit code, which is the failing HRESULT as a signed number."""
    option = words[0].lstrip("-/").casefold() if words and words[0][:1] in "-/" else ""
    action = OPTIONS.get(option)
    if action is None:
        return say(machine.language, "bad_option", words[0] if words else "") + NEWLINE, 1
    session = Session(machine, words[1:])
    code = 0
    try:
        await action(session)
    except Stop as stop:
        session.lines.append(str(stop))
        code = 1
    except WmiFault as fault:
        number = fault.hresult or fault.wsman_code or 1
        session.lines.append(error_line(machine.language, number))
        code = number - (1 << 32) if number >= 1 << 31 else number
    return NEWLINE.join(session.lines) + NEWLINE, code
