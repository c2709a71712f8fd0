# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes of a machine behind WQL, Get, Enumerate and Invoke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..interfaces import Instance, MethodAnswer, QueryAnswer, Value
from . import firewall_classes, ospp, other_truths, wmi_faults
from .arguments import Argument, bind
from .computer import Computer
from .provider import Provider
from .schema import CimClass, Method, licensing_class
from .served import served
from .spp import SL_REARMED
from .wmi_faults import LicensingError
from .wql import Comparison, InvalidQuery, Predicate, compile_condition, conjuncts, parse

NAMESPACES = ("root", "root/cimv2", "root/default", "root/wmi", "root/standardcimv2")


def plain_namespace(text: str) -> str:
    """A namespace in lower case with slashes, as NAMESPACES has it."""
    plain = text.replace("\\", "/").strip("/").casefold()
    return plain.removeprefix("./")


@lru_cache(maxsize=1024)
def find_class(namespace: str, name: str, version: tuple[int, ...]) -> CimClass | None:
    """The class a namespace has under this name, in any case; raises WmiFault for an unknown namespace."""
    place = plain_namespace(namespace)
    if place not in NAMESPACES or (place == firewall_classes.NAMESPACE and version < firewall_classes.SINCE):
        raise wmi_faults.no_namespace("ConnectServer", namespace)
    found = served(version).declared.get(name.casefold()) or licensing_class(name, version)
    return found if found is not None and found.namespace == place else None


@dataclass(frozen=True)
class Plan:
    """A query made ready for one version of Windows."""

    cim: CimClass
    columns: tuple[str, ...]
    predicate: Predicate | None
    tests: tuple[Comparison, ...]


@lru_cache(maxsize=4096)
def plan(namespace: str, wql: str, version: tuple[int, ...]) -> Plan:
    """Parse and check a query; raises WmiFault as WMI does."""
    try:
        query = parse(wql)
        cim = find_class(namespace, query.class_name, version)
        if cim is None:
            raise wmi_faults.no_class_in_query(wql)
        columns = tuple(_column(cim, name) for name in query.columns)
        predicate = None if query.where is None else compile_condition(query.where, cim)
    except InvalidQuery as error:
        raise wmi_faults.invalid_query(wql) from error
    return Plan(cim, columns, predicate, conjuncts(query.where))


def _provider(computer: Computer, cim: CimClass) -> Provider:
    return served(computer.os.version).providers[cim.name]


def _column(cim: CimClass, name: str) -> str:
    known = cim.spelling.get(name.casefold())
    if known is None:
        raise InvalidQuery(f"{cim.name} has no property {name}")
    return known


def class_in(wql: str) -> str:
    """The class a query names; empty when it is no WQL."""
    try:
        return parse(wql).class_name
    except InvalidQuery:
        return ""


def _is_lost(computer: Computer, namespace: str, class_name: str) -> bool:
    """Whether the repository has lost a class, or never had one of Office; raises WmiFault when it has lost the whole namespace."""
    if ospp.is_missing(computer, class_name):
        return True
    broken = computer.context.faults.get(computer.name, "wmi_broken")
    if broken is None or plain_namespace(namespace) != "root/cimv2":
        return False
    if broken["lost"] == "namespace":
        raise wmi_faults.no_namespace("ConnectServer", namespace)
    return class_name.casefold().startswith("softwarelicensing")


def _plan(computer: Computer, namespace: str, wql: str) -> Plan:
    cim = find_class(namespace, class_in(wql), computer.os.version)
    kept = None if cim is None else other_truths.without_unknown_columns(computer.truths, wql, cim.spelling)
    return plan(namespace, kept or wql, computer.os.version)


def query(computer: Computer, namespace: str, wql: str) -> QueryAnswer:
    """Run WQL."""
    if _is_lost(computer, namespace, class_in(wql)):
        raise wmi_faults.no_class_in_query(wql)
    other_truths.check_service(computer.truths, class_in(wql), "sppsvc" in computer.stopped)
    ready = _plan(computer, namespace, wql)
    if ready.cim.name.startswith("SoftwareLicensing") and computer.service.rearm_pending and computer.fault("rearm_hides_licenses"):
        raise wmi_faults.provider_fault(SL_REARMED)
    rows = other_truths.rows(computer.truths, ready.cim.name, _provider(computer, ready.cim).rows(computer, ready.tests), _unseen(computer))
    selected = rows if ready.predicate is None else (row for row in rows if ready.predicate(row))
    name = ready.cim.name
    if ready.columns:
        return QueryAnswer(name, [Instance(name, {column: row[column] for column in ready.columns}) for row in selected], projected=True)
    return QueryAnswer(name, [Instance(name, row) for row in selected])


def _unseen(computer: Computer) -> frozenset[str]:
    return frozenset(product.sku.id for product in computer.service.keyed() if product.is_unseen)


def _class(computer: Computer, namespace: str, class_name: str) -> CimClass:
    cim = None if _is_lost(computer, namespace, class_name) else find_class(namespace, class_name, computer.os.version)
    if cim is None:
        raise wmi_faults.no_class(namespace, class_name)
    return cim


def enumerate_class(computer: Computer, namespace: str, class_name: str) -> QueryAnswer:
    """All instances of a class."""
    cim = _class(computer, namespace, class_name)
    return QueryAnswer(cim.name, [Instance(cim.name, row) for row in _provider(computer, cim).rows(computer, ())])


def key_names(computer: Computer, namespace: str, class_name: str) -> Sequence[str]:
    """Key properties of a class."""
    return _class(computer, namespace, class_name).keys


def _keys(cim: CimClass, selectors: Mapping[str, str]) -> dict[str, str]:
    if not selectors:
        raise wmi_faults.no_keys_given()
    if set(selectors) != set(cim.keys):
        raise wmi_faults.wrong_selectors()
    return {name: selectors[name] for name in cim.keys}


def _text(value: Value) -> str:
    """A key as a selector writes it: NULL is empty."""
    return "" if value is None else str(value).casefold()


def get(computer: Computer, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
    """One instance by its keys; a class of which Windows has exactly one may be asked for without."""
    cim = _class(computer, namespace, class_name)
    rows = _provider(computer, cim).rows
    if not selectors and cim.name in ("Win32_OperatingSystem", "Win32_ComputerSystem"):
        return Instance(cim.name, next(iter(rows(computer, ()))))
    keys = _keys(cim, selectors)
    tests = [Comparison(name, "=", value) for name, value in keys.items()]
    for row in other_truths.rows(computer.truths, cim.name, rows(computer, tests), _unseen(computer)):
        if all(_text(row[name]) == value.casefold() for name, value in keys.items()):
            return Instance(cim.name, row)
    raise wmi_faults.no_instance(cim.name, keys)


@dataclass(frozen=True)
class Invocation:
    """A checked method call, ready to run."""

    cim: CimClass
    method: str
    keys: Mapping[str, str]
    arguments: Mapping[str, Argument]


def prepare(
    computer: Computer,
    namespace: str,
    class_name: str,
    selectors: Mapping[str, str],
    *,
    method: str,
    given: Mapping[str, Sequence[str | None]],
) -> Invocation:
    """Check class, method, keys and arguments; raises WmiFault."""
    cim = _class(computer, namespace, class_name)
    known = cim.method(other_truths.method_name(computer.truths, method))
    if known is None:
        raise wmi_faults.no_method(cim.name, method)
    if cim.keys:
        keys = _keys(cim, selectors) if selectors or cim.name != "Win32_OperatingSystem" else {}
    elif selectors:
        raise wmi_faults.wrong_selectors()
    else:
        keys = {}
    return Invocation(cim, known.name, keys, bind(cim, known, given))


def put(
    computer: Computer, namespace: str, class_name: str, selectors: Mapping[str, str], given: Mapping[str, Sequence[str | None]]
) -> Instance:
    """Write properties of an instance; raises WmiFault, also for a class whose instances cannot be written."""
    cim = _class(computer, namespace, class_name)
    writer = _provider(computer, cim).put
    if writer is None:
        raise wmi_faults.no_put()
    keys = _keys(cim, selectors)
    types = {name: cim.properties[name] for name in given if name in cim.properties}
    values = bind(cim, Method("Put", types, {}, optional=True), given)
    try:
        return Instance(cim.name, writer(computer, keys, values))
    except LicensingError as error:
        raise wmi_faults.provider_fault(error.hresult) from error


def execute(computer: Computer, call: Invocation) -> MethodAnswer:
    """Run a prepared call; a licensing failure becomes the provider's fault."""
    runner = _provider(computer, call.cim).call
    if runner is None:
        raise wmi_faults.no_method(call.cim.name, call.method)
    if call.cim.name == "SoftwareLicensingProduct" and call.keys["ID"].casefold() in _unseen(computer):
        raise wmi_faults.no_instance(call.cim.name, dict(call.keys))
    try:
        answer = runner(computer, call.keys, call.method, call.arguments)
    except LicensingError as error:
        return other_truths.licensing_fault(computer.truths, wmi_faults.provider_fault(error.hresult))
    declared = call.cim.method(call.method)
    if declared is None or answer.return_value is None:
        return answer
    return MethodAnswer(answer.return_value, {**dict.fromkeys(declared.outputs), **answer.outputs})
