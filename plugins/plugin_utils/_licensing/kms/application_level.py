# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS settings of a whole application, which have precedence over those of the machine and exist only in the registry.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Microsoft's "Registry settings for volume activation" (dn502532) documents the values KeyManagementServiceName and KeyManagementServicePort
(REG_SZ) in the key of an application ID. No WMI class reads or writes them, and Group Policy preferences are their usual source. The
licensing service of Office has one application, so the values are in its own key. A 32-bit Office can use the view for 32-bit programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ....module_utils import _hosts as hosts
from ..._cim.session import CimError, CimSession
from ..catalog.rights import with_right
from ..hosting import service as sppsvc
from ..plan.step import Step
from ..registry import steps as registry_steps
from ..registry import values as registry
from ..registry.values import REG_EXPAND_SZ, REG_SZ, RegistryValue
from ..state.model import OSPP_PRODUCT, SPP_PRODUCT, WINDOWS_ID, ActivationState, LicensedProduct
from ..state.read import read_again
from ..state.served import version_of
from .model import ApplicationKms, StoredValue, has_own_host

OSPP_KEY = r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform"
OSPP_KEY_32 = r"SOFTWARE\Wow6432Node\Microsoft\OfficeSoftwareProtectionPlatform"
_NAME, _PORT = "KeyManagementServiceName", "KeyManagementServicePort"
_FIRST_VERSION = (6, 1)
_LARGEST_PORT = 65535


def read_application_level(session: CimSession, application_id: str, class_name: str = SPP_PRODUCT) -> ApplicationKms:
    """Read the KMS settings of an application: one request for its key, two for the licensing service of Office, and one for each value.

    Raises CimError, MalformedResponseError, and UnreachableError.
    """
    stored: list[StoredValue] = []
    for key in _keys(application_id, class_name):
        found = registry.read_key(session, key, (_NAME, _PORT))
        values = (found.value(name) for name in (_NAME, _PORT)) if found else ()
        stored += [StoredValue(key, value) for value in values if value]
    return application_level(application_id, class_name, tuple(stored))


def application_level(application_id: str, class_name: str, stored: tuple[StoredValue, ...]) -> ApplicationKms:
    """Return the settings of an application from the values in the registry. The first key with a KMS host counts."""
    read = [[_text_of(stored, key, wanted) for wanted in (_NAME, _PORT)] for key in _keys(application_id, class_name)]
    name, port = next((each for each in read if each[0]), read[0])
    host, port_in_name = hosts.split_port(name) if name else (None, None)
    return ApplicationKms(class_name, application_id, host, port_in_name or _number(port), stored)


def with_application_levels(session: CimSession, state: ActivationState, products: Iterable[LicensedProduct] = ()) -> ActivationState:
    """Return the state with the KMS settings of Windows, or of the applications of these products. Nothing is read on Windows 6.0.

    If the registry of a machine cannot be read, `problem` of the settings is set. Raises UnreachableError.
    """
    if not state.generation.has_service or version_of(state.os) < _FIRST_VERSION:
        return state
    wanted = dict.fromkeys((product.class_name, product.application_id) for product in products) or {(SPP_PRODUCT, WINDOWS_ID): None}
    return replace(state, application_kms=tuple(_read_or_note(session, *each) for each in wanted))


def read_settings_of_windows(session: CimSession, state: ActivationState) -> ApplicationKms | None:
    """Read the KMS settings of Windows; None on Windows 6.0. Raises UnreachableError."""
    return next(iter(with_application_levels(session, state).application_kms), None)


def read_state_again(session: CimSession, state: ActivationState) -> ActivationState:
    """Do the same as :func:`read_again`, and read again the settings of the applications that had any."""
    return with_levels_again(session, read_again(session, state))


def with_levels_again(session: CimSession, state: ActivationState) -> ActivationState:
    """Return the state with the settings of those applications read again that had any."""
    levels = tuple(
        _read_or_note(session, level.class_name, level.application_id) if level.stored else level for level in state.application_kms
    )
    return replace(state, application_kms=levels)


def is_suspected(state: ActivationState, product: LicensedProduct | None) -> bool:
    """Return whether a product shows a KMS host that the service does not have, so that it can come from its application."""
    return product is not None and has_own_host(product.kms, None, state.service_of(product).kms)


def removal_steps(level: ApplicationKms | None, subject: str) -> tuple[Step, ...]:
    """Return the steps that remove the settings of an application; `subject` is its name. The name of the KMS host is removed first.

    Windows then uses the setting of the machine, with its port. If the port cannot be removed, the name is restored.
    """
    steps: list[Step] = []
    for place in level.stored if level else ():
        is_name = place.value.name.lower() == _NAME.lower()
        action, what = ("clear_application_kms_host", "KMS host") if is_name else ("clear_application_kms_port", "KMS port")
        where = rf"{registry.path(place.key)}\{place.value.name}"
        description = f"remove the {what} {place.value.data or '(empty)'} of {subject} from the registry ({where})"
        restore = () if is_name or level is None else _restore_name(level, place.key, subject)
        steps.append(replace(registry_steps.remove_value(action, description, place.key, place.value.name), on_failure=restore))
    return tuple(steps)


def clearing_steps(level: ApplicationKms | None, subject: str) -> tuple[Step, ...]:
    """Return the steps of :func:`removal_steps`, and the one that makes the licensing service read the registry again.

    Assumption: the service reads its settings in the registry when it starts.
    """
    steps = removal_steps(level, subject)
    name = sppsvc.OSPPSVC if level and level.class_name == OSPP_PRODUCT else sppsvc.SPPSVC
    return (*steps, sppsvc.restart("so that it reads the registry again", name)) if steps else ()


def overrides_text(level: ApplicationKms, subject: str) -> str:
    """Return what the settings of an application are, and which setting they override, without a period."""
    return f"The registry sets the KMS host {level.label} for {subject} ({_place(level)}), which overrides the setting of the machine"


def unused_text(level: ApplicationKms, subject: str) -> str:
    """Return what is in the registry for an application although Windows cannot use it as a KMS host, without a period."""
    listed = ", ".join(f"{place.value.name} ({place.value})" for place in level.stored)
    return f"The registry has KMS settings for {subject} without a usable KMS host: {listed} in {_place(level)}"


def stays_text(level: ApplicationKms | None) -> str | None:
    """Return a warning about the KMS host of Windows that stays in the registry; None if there is none."""
    if level is None:
        return None
    if level.problem:
        return f"The module does not know whether the registry sets a KMS host for Windows, because it could not be read: {level.problem}."
    if not level.host:
        return None
    sets = f"The registry also sets the KMS host {level.label} for Windows ({_place(level)}). clear_kms_settings does not remove it"
    when = "and Windows uses it if the machine becomes a KMS client again"
    return f"{sets}, {when}. Remove the value from the registry, and from the Group Policy preferences that set it."


def _place(level: ApplicationKms) -> str:
    return registry.path(level.stored[0].key)


def _restore_name(level: ApplicationKms, key: str, subject: str) -> tuple[Step, ...]:
    names = [place for place in level.stored if place.key == key and place.value.name.lower() == _NAME.lower()]
    return tuple(
        registry_steps.set_value(
            "restore_application_kms_host", f"restore the KMS host {place.value.data} of {subject} in the registry", key, place.value
        )
        for place in names
        if place.value.kind in (REG_SZ, REG_EXPAND_SZ) and place.value.data is not None
    )


def _read_or_note(session: CimSession, class_name: str, application_id: str) -> ApplicationKms:
    try:
        return read_application_level(session, application_id, class_name)
    except CimError as problem:
        return ApplicationKms(class_name, application_id, problem=with_right(problem))


def _keys(application_id: str, class_name: str) -> tuple[str, ...]:
    return (OSPP_KEY, OSPP_KEY_32) if class_name == OSPP_PRODUCT else (rf"{registry.SPP_KEY}\{application_id}",)


def _text_of(stored: tuple[StoredValue, ...], key: str, name: str) -> str | None:
    """Return the data of a value that Windows can use: a text."""
    data = (place.value for place in stored if place.key == key and place.value.name.lower() == name.lower())
    return next((value.data.strip() for value in data if _is_text(value) and value.data), None)


def _is_text(value: RegistryValue) -> bool:
    return value.kind in (REG_SZ, REG_EXPAND_SZ)


def _number(text: str | None) -> int | None:
    usable = text is not None and text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_PORT))
    return int(text) if usable and text and 0 < int(text) <= _LARGEST_PORT else None
