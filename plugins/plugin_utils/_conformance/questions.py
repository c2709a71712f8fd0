# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kit asks a machine: every read that the modules make, and some reads that must fail. None of them changes anything.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .._cim.session import CimInstance, CimPath, CimSession
from .._licensing.events import log
from .._licensing.events.catalog import LOGS, catalog
from .._licensing.events.visibility import is_administrator
from .._licensing.hosting import service as sppsvc
from .._licensing.hosting.firewall import read_firewall
from .._licensing.hosting.read import read_name, read_publish_list
from .._licensing.kms.application_level import read_application_level
from .._licensing.office.installed import read_installed_office
from .._licensing.policies.places import SL_KEY
from .._licensing.registry import values as registry
from .._licensing.state import parse
from .._licensing.state.model import OSPP_PRODUCT, OSPP_SERVICE, SPP_PRODUCT, SPP_SERVICE, WINDOWS_ID, ActivationState, Application
from .._licensing.state.read import OS_QUERY, each_once, read_mak_editions, read_volume_licenses_of_office
from .._licensing.state.servicing import read_revision
from .._licensing.tokens.model import SPP_TOKEN_LICENSE
from .._licensing.tokens.read import read_of_applications
from .conditions import CONDITIONS
from .model import Answers, KitQuestion

NOWHERE = "WinopsConformanceNothing"
"""A name that no class, namespace, column, method, or key has."""

EVENT_DAYS = 90

_POLICY_KEYS = (
    registry.SPP_KEY,
    registry.SPP_KEY_32,
    SL_KEY,
    rf"{registry.SPP_KEY}\Activation",
    r"SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform",
)
"""The keys with settings of the licensing service, by which the report shows their values. Only names and types are read."""


def _query(wql: str, namespace: str = "root/cimv2") -> Callable[[CimSession, Answers], Any]:
    return lambda session, _answers: session.query(wql, namespace)


def _state(_session: CimSession, answers: Answers) -> ActivationState:
    """Return the state as the modules understand it, from the instances that were read before. Sends nothing."""
    os = parse.read_operating_system(_only(answers, "operating_system"))
    service = parse.read_service(_only(answers, "licensing_service"))
    return ActivationState(os, service, each_once(answers.value("products") or []))


def _only(answers: Answers, name: str) -> CimInstance:
    """Return the only instance of an answer. Raises LookupError."""
    found: list[CimInstance] = answers.value(name) or []
    if len(found) != 1:
        raise LookupError(f"{name} has {len(found)} instances instead of one")
    return found[0]


def _windows(answers: Answers) -> ActivationState:
    """Return the state. Raises LookupError if it could not be read, which makes a question that needs it unanswered."""
    state = answers.value("state")
    if not isinstance(state, ActivationState):
        raise LookupError("the state of the machine could not be read")
    return state


def _events(name: str) -> Callable[[CimSession, Answers], Any]:
    def ask(session: CimSession, answers: Answers) -> Any:
        since = _windows(answers).os.time - timedelta(days=EVENT_DAYS)
        return log.read(session, name, catalog(), since)

    return ask


def _log_file(name: str) -> Callable[[CimSession, Answers], Any]:
    return lambda session, _answers: log.file_of(session, name)


def _registry_keys(session: CimSession, _answers: Answers) -> Any:
    return {key: registry.read_key(session, key) for key in _POLICY_KEYS}


def _call(target: CimPath, method: str, **arguments: Any) -> Callable[[CimSession, Answers], Any]:
    return lambda session, _answers: session.invoke(target, method, arguments, read_only=True)


def _unknown_method(session: CimSession, answers: Answers) -> Any:
    target = CimPath(SPP_SERVICE, {"Version": _windows(answers).service.version})
    return session.invoke(target, NOWHERE, {}, read_only=True)


READS: tuple[KitQuestion, ...] = (
    KitQuestion("operating_system", "Win32_OperatingSystem", _query(OS_QUERY)),
    KitQuestion("licensing_service", SPP_SERVICE, _query(f"SELECT * FROM {SPP_SERVICE}")),
    KitQuestion("products", SPP_PRODUCT, _query(f"SELECT * FROM {SPP_PRODUCT} WHERE PartialProductKey IS NOT NULL")),
    KitQuestion("state", "the state as the modules understand it", _state),
    KitQuestion("licenses", f"{SPP_PRODUCT} without a key", _query(f"SELECT ID FROM {SPP_PRODUCT} WHERE ApplicationID='{WINDOWS_ID}'")),
    KitQuestion("mak_editions", f"{SPP_PRODUCT} that take a MAK", lambda session, _answers: read_mak_editions(session)),
    KitQuestion("office_service", OSPP_SERVICE, _query(f"SELECT * FROM {OSPP_SERVICE}")),
    KitQuestion("office_products", OSPP_PRODUCT, _query(f"SELECT * FROM {OSPP_PRODUCT} WHERE PartialProductKey IS NOT NULL")),
    KitQuestion("token_licenses", SPP_TOKEN_LICENSE, lambda s, a: read_of_applications(s, _windows(a).os, frozenset(Application))),
    KitQuestion("office_licenses", "volume licenses of Office", lambda s, a: read_volume_licenses_of_office(s, _windows(a).os)),
    KitQuestion("office_installed", "Office in the registry", lambda s, a: read_installed_office(s, _windows(a))),
    KitQuestion("application_level", "KMS settings of the application", lambda s, _answers: read_application_level(s, WINDOWS_ID)),
    KitQuestion("registry_keys", "keys of the licensing service and of policies", _registry_keys),
    KitQuestion("publish_list", "DnsDomainPublishList", lambda session, _answers: read_publish_list(session)),
    KitQuestion("computer", "Win32_ComputerSystem", lambda s, a: read_name(s, _windows(a).os)),
    KitQuestion("services", "Win32_Service", _query(f"SELECT Name,State,ProcessId FROM Win32_Service WHERE Name='{sppsvc.SPPSVC}'")),
    KitQuestion("firewall", "MSFT_NetFirewallRule", lambda s, a: read_firewall(s, _windows(a).os)),
    KitQuestion("revision", "revision of the build", lambda session, _answers: read_revision(session)),
    KitQuestion("updates", "Win32_QuickFixEngineering", _query("SELECT HotFixID FROM Win32_QuickFixEngineering")),
    *(KitQuestion(f"events_{name}", f"events of the log {LOGS[name]}", _events(name)) for name in LOGS),
    *(KitQuestion(f"log_{name}", f"file of the log {LOGS[name]}", _log_file(name)) for name in LOGS),
    KitQuestion("account", "whether the account is an administrator", lambda session, _answers: is_administrator(session)),
    *CONDITIONS,
    KitQuestion("missing_key", "a missing registry key", lambda s, _answers: registry.read_key(s, rf"SOFTWARE\{NOWHERE}")),
    KitQuestion("missing_value", "a missing registry value", lambda s, _: registry.string(s, registry.CURRENT_VERSION, NOWHERE)),
)
"""The reads of the modules, in an order in which a question can use the answers before it."""

FAULTS: tuple[KitQuestion, ...] = (
    KitQuestion("unknown_class", "an unknown class", _query(f"SELECT * FROM {NOWHERE}"), is_fault=True),
    KitQuestion("unknown_namespace", "an unknown namespace", _query(f"SELECT * FROM {NOWHERE}", f"root/{NOWHERE}"), is_fault=True),
    KitQuestion("unknown_column", "an unknown column", _query(f"SELECT {NOWHERE} FROM Win32_OperatingSystem"), is_fault=True),
    KitQuestion("invalid_query", "a text that is no query", _query(f"{NOWHERE} FROM Win32_OperatingSystem"), is_fault=True),
    KitQuestion("unknown_method", "an unknown method", _unknown_method, is_fault=True),
    KitQuestion(
        "wrong_selector",
        "an unknown selector",
        _call(CimPath("StdRegProv", {NOWHERE: "1"}, "root/default"), "EnumKey", hDefKey=0x80000002, sSubKeyName=rf"SOFTWARE\{NOWHERE}"),
        is_fault=True,
    ),
)
"""Reads that must fail."""

__all__ = ["EVENT_DAYS", "FAULTS", "NOWHERE", "READS"]
