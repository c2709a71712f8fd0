# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of a machine say about the licensing classes, the registry, and the event logs. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections import Counter

from ..._licensing.events.catalog import LOGS
from ..._licensing.state.genuine import KNOWN_STATUS
from ..._licensing.state.model import ActivationState, Channel
from ..._licensing.state.served import shares_service_with_office
from ..model import Answers, Finding, fails, hidden_from_account, holds, needs_right, not_visible, recorded_only

_REARMS = ("RemainingWindowsReArmCount", "RemainingAppReArmCount", "RemainingSkuReArmCount")
_STATE = ("operating_system", "licensing_service", "products")
"""The questions of which the state is made."""
_EVENT_LOG_READERS = "membership in the local group Event Log Readers"


def _state(answers: Answers) -> ActivationState | None:
    found = answers.value("state")
    return found if isinstance(found, ActivationState) else None


def _unread(answers: Answers) -> Finding:
    """Return why there is no state."""
    return hidden_from_account(answers, *_STATE) or not_visible("The state of the machine could not be read.")


def _read(answers: Answers, name: str) -> Finding | None:
    """Return why an answer cannot be used, or None."""
    answer = answers.by_name.get(name)
    if answer is None or (answer.error is None and answer.value is None):
        return not_visible("This was not read.")
    return None if answer.error is None else hidden_from_account(answers, name) or not_visible(answer.error)


def classes_are_understood(answers: Answers) -> Finding:
    """The service and the products have the documented properties with valid values."""
    state, answer = _state(answers), answers.by_name.get("state")
    if state is None:
        problem = answer.error if answer else None
        hidden = hidden_from_account(answers, *_STATE)
        if hidden:
            return hidden
        return fails(problem) if problem and answers.value("licensing_service") else not_visible(problem or "The classes were not read.")
    return holds(f"{len(state.products)} products with a key, and the service of version {state.service.version}.")


def shows_settings_of_service(answers: Answers) -> Finding:
    """A product without a KMS host of its own shows that of the service: the one that is set, or that the test set for a moment."""
    found = _state(answers)
    state = answers.value("change_kms_host") if found and not found.service.kms.host else found
    if not isinstance(state, ActivationState):
        return _unread(answers) if found is None else not_visible("The service has no KMS host.")
    clients = [product for product in state.products if product.channel is Channel.GVLK]
    if not state.service.kms.host or not clients:
        return not_visible("The service has no KMS host, or there is no KMS client key.")
    shown = [product.kms.host for product in clients]
    if state.service.kms.host in shown:
        return holds("A product shows the KMS host of the service, or has the same.")
    return not_visible("The products have other KMS hosts.") if any(shown) else fails("The products show no KMS host.")


def application_level_is_shown(answers: Answers) -> Finding:
    """Whether a product shows the KMS host of its application; the modules accept both."""
    state, level = _state(answers), answers.value("application_level")
    if state is None or level is None or not level.host:
        return hidden_from_account(answers, *_STATE, "application_level") or not_visible("No KMS host is set for the application.")
    shown = any(product.kms.host == level.host for product in state.products)
    return recorded_only("A product shows it." if shown else "No product shows it.")


def rearm_counts_are_numbers(answers: Answers) -> Finding:
    """The counts of rearms are numbers from 0 to 1001."""
    found = [*(answers.value("licensing_service") or ()), *(answers.value("products") or ())]
    counts = [number for instance in found for name in _REARMS if (number := instance.integer(name)) is not None]
    if not counts:
        return hidden_from_account(answers, *_STATE) or not_visible("The machine shows no count.")
    return (fails if max(counts) > 1001 else holds)(f"The counts are {', '.join(map(str, sorted(set(counts))))}.")


def genuine_status_is_known(answers: Answers) -> Finding:
    """GenuineStatus has a number from 0 to 6."""
    state = _state(answers)
    values = [] if state is None else [p.genuine_status for p in state.products if p.genuine_status is not None]
    if not values:
        return hidden_from_account(answers, *_STATE) or not_visible("The products do not show it.")
    return (holds if all(value in KNOWN_STATUS for value in values) else fails)(
        f"The values are {', '.join(map(str, sorted(set(values))))}."
    )


def host_pid_is_the_same(answers: Answers) -> Finding:
    """The extended PIDs that a person compares: that which a KMS client shows for its KMS host, and that of a KMS host key."""
    state = _state(answers)
    products = () if state is None else state.products
    shown = [product.kms.host_extended_pid for product in products if product.kms.host_extended_pid]
    own = [product.extended_pid for product in products if product.channel is Channel.CSVLK and product.extended_pid]
    texts = [f"The KMS host is shown with {pid}." for pid in shown] + [f"This KMS host has {pid}." for pid in own]
    if texts:
        return recorded_only(" ".join(texts))
    return hidden_from_account(answers, *_STATE) or not_visible("This machine was not activated by KMS, and is not a KMS host.")


def office_service_by_release(answers: Answers) -> Finding:
    """Since Windows 8, Office 2013 and later belong to the licensing service of Windows."""
    state, products = _state(answers), answers.value("office_products")
    if state is None:
        return _unread(answers)
    if not products:
        return not_visible("There is no Office with the older licensing service.")
    late = [instance for instance in products if "Office 14" not in (instance.text("Name") or "")]
    if shares_service_with_office(state.os):
        return (fails if late else holds)(f"{len(products)} products, {len(late)} of them later than Office 2010.")
    return holds(f"{len(products)} products on a Windows before 8.")


def missing_registry_key(answers: Answers) -> Finding:
    """A registry key or value that does not exist has the code 2, and not a fault."""
    asked = [answers.by_name[name] for name in ("missing_key", "missing_value") if name in answers.by_name]
    problems = [answer for answer in asked if answer.exchanges]
    errors = [answer.error for answer in problems if answer.error]
    if not problems:
        return not_visible("The registry was not read.")
    if errors:
        return hidden_from_account(answers, "missing_key", "missing_value") or fails(errors[0])
    found = [answer.name for answer in problems if answer.value is not None]
    return fails(f"{found[0]} exists.") if found else holds("Both are reported as missing.")


def registry_keys_are_read(answers: Answers) -> Finding:
    """The keys of the licensing service and of the policies can be read with StdRegProv."""
    problem = _read(answers, "registry_keys")
    if problem:
        return problem
    keys = answers.value("registry_keys")
    there = [key.rpartition("\\")[2] for key, found in keys.items() if found is not None]
    return holds(f"{len(there)} of {len(keys)} keys exist: {', '.join(there)}.") if there else fails("None of the keys exists.")


def firewall_classes(answers: Answers) -> Finding:
    """The rules of the group for KMS can be read with MSFT_NetFirewallRule and their ports with MSFT_NetProtocolPortFilter."""
    problem = _read(answers, "firewall")
    if problem:
        return problem
    firewall = answers.value("firewall")
    if not firewall.rules:
        return not_visible("The machine has no rules of this group, or an older Windows.")
    ports = {port for rule in firewall.rules for port in rule.ports}
    return (holds if ports else fails)(f"{len(firewall.rules)} rules, ports {', '.join(sorted(ports))}.")


def events_are_decoded(answers: Answers) -> Finding:
    """The strings of the events have the known layout."""
    events = [event for name in LOGS for event in answers.value(f"events_{name}") or ()]
    known = [event for event in events if event.strings]
    unknown = Counter(event.id for event in known if event.values is None)
    if not events:
        hidden = hidden_from_account(answers, *(f"events_{name}" for name in LOGS))
        is_unclear = answers.value("account") is False  # Windows shows an empty log to an account without the right
        return hidden or (needs_right(_EVENT_LOG_READERS) if is_unclear else not_visible("There are no events of the last 90 days."))
    if not known:
        return fails(f"None of {len(events)} events has strings.")
    if unknown:
        return fails(f"Not decoded: {', '.join(f'{number} x {event}' for event, number in sorted(unknown.items()))}.")
    return holds(f"{len(known)} events of {len({event.id for event in known})} kinds.")


def log_files(answers: Answers) -> Finding:
    """The files of the logs are read with Win32_NTEventlogFile."""
    answer, problem = answers.by_name.get("log_application"), _read(answers, "log_application")
    if answer is not None and answer.exchanges and answer.error is None and answer.value is None:
        return fails("No file belongs to the log Application, which every Windows has.")
    if problem:
        return problem
    kms = answers.value("log_key_management_service")
    return holds("The log Key Management Service exists." if kms else "The log Key Management Service does not exist.")


__all__ = [
    "application_level_is_shown",
    "classes_are_understood",
    "events_are_decoded",
    "firewall_classes",
    "genuine_status_is_known",
    "host_pid_is_the_same",
    "log_files",
    "missing_registry_key",
    "office_service_by_release",
    "rearm_counts_are_numbers",
    "registry_keys_are_read",
    "shows_settings_of_service",
]
