# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes of Windows 7 and Server 2008 R2 and later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..interfaces import MethodAnswer
from . import eventlog_files, files, firewall_classes, os_classes, ospp, spp, spp_methods, spp_view, stdregprov, tokens, wmi_faults
from .arguments import Argument
from .computer import Computer
from .eventlog import EVENT_CLASS
from .provider import Provider, Row, Served, by_name, selected_skus, wanted
from .state import ProductState
from .wql import Comparison


def _products(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    application, now = wanted(tests, "applicationid"), computer.now()
    for sku in selected_skus(tests, computer.skus, computer.service):
        if application is None or sku.application_id == application:
            yield spp_view.product_values(computer, sku, now)


def _service(computer: Computer, _tests: Sequence[Comparison]) -> Iterable[Row]:
    return (spp_view.service_values(computer, computer.now()),)


def events(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """Win32_NTLogEvent."""
    number = wanted(tests, "eventcode")
    events = computer.events.newest_first(wanted(tests, "logfile"), int(number) if number is not None and number.isdecimal() else None)
    return (event.values(computer.fqdn, computer.language) for event in events)


def _call_service(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    if keys["Version"].casefold() != computer.os.service_version.casefold():
        raise wmi_faults.no_instance("SoftwareLicensingService", dict(keys))
    return spp_methods.service_method(computer, method, arguments)


def _call_product(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    sku = computer.skus().get(keys["ID"].casefold())
    if sku is None:
        raise wmi_faults.no_instance("SoftwareLicensingProduct", dict(keys))
    product = computer.service.products.get(sku.id) or ProductState(sku)
    return spp_methods.product_method(computer, product, method, arguments)


def _call_windows_service(computer: Computer, keys: Mapping[str, str], method: str, _arguments: Mapping[str, Argument]) -> MethodAnswer:
    for row in os_classes.services(computer):
        if str(row["Name"]).casefold() == keys["Name"].casefold():
            return os_classes.service_control(computer, str(row["Name"]), method)
    raise wmi_faults.no_instance("Win32_Service", dict(keys))


def _call_os(computer: Computer, _keys: Mapping[str, str], method: str, _arguments: Mapping[str, Argument]) -> MethodAnswer:
    if method == "Reboot" and computer.restart_asked():
        spp.restart(computer)
    return MethodAnswer(0)


PROVIDERS: Mapping[str, Provider] = {
    "SoftwareLicensingService": Provider(_service, _call_service),
    "SoftwareLicensingProduct": Provider(_products, _call_product),
    tokens.OF_WINDOWS: tokens.provider(of_office=False),
    tokens.OF_OFFICE: tokens.provider(of_office=True),
    ospp.SERVICE: Provider(ospp.services, ospp.call),
    ospp.PRODUCT: Provider(ospp.products, ospp.call_product),
    "Win32_OperatingSystem": Provider(lambda computer, _tests: (os_classes.operating_system(computer),), _call_os),
    "Win32_ComputerSystem": Provider(lambda computer, _tests: (os_classes.computer_system(computer),)),
    "Win32_Service": Provider(lambda computer, _tests: os_classes.services(computer), _call_windows_service),
    "Win32_NTLogEvent": Provider(events),
    "Win32_NTEventlogFile": Provider(eventlog_files.eventlog_files, eventlog_files.call),
    "CIM_DataFile": Provider(files.data_files),
    "Win32_Directory": Provider(files.directories),
    "Win32_QuickFixEngineering": Provider(lambda computer, _tests: os_classes.updates(computer)),
    "MSFT_NetFirewallRule": Provider(lambda computer, _tests: firewall_classes.rules(computer), firewall_classes.call),
    "MSFT_NetProtocolPortFilter": Provider(lambda computer, _tests: firewall_classes.port_filters(computer), put=firewall_classes.put),
    "StdRegProv": Provider(lambda _computer, _tests: (), lambda computer, _keys, method, given: stdregprov.call(computer, method, given)),
}
SERVED = Served(
    PROVIDERS,
    by_name(
        os_classes.OPERATING_SYSTEM, os_classes.COMPUTER_SYSTEM, os_classes.SERVICE, os_classes.UPDATE, EVENT_CLASS,
        stdregprov.STDREGPROV, firewall_classes.RULE, firewall_classes.PORT_FILTER, eventlog_files.EVENTLOG_FILE, files.DATA_FILE,
        files.DIRECTORY,
    ),
)  # fmt: skip
