# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the activation of Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

One class has it all, Win32_WindowsProductActivation (Windows Product Activation Provider of Microsoft's WMI reference). It knows
neither channels nor the end of the key, and reading the installation ID is no reading: each call makes a new one, and the one
before becomes void.
"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimError, CimInstance, CimSession
from ..._licensing.problems import LicensingError
from ..._licensing.state import wql
from ..._licensing.state.model import (
    WINDOWS_ID,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
)
from ..._licensing.state.parse import URLS
from .model import FIXED_FILES, WPA_CLASS, ProductActivation, SystemFile

_NOT_RUNNING = (0xFFFFFFFF, 0x7FFFFFFF, -1)
"""Days of a period that does not run: the largest unsigned number is documented, the largest signed one was seen on an activated XP."""
_MINUTES_A_DAY = 24 * 60
_LONGEST_PERIOD = 100 * 366
"""Days."""


def read_all(session: CimSession, os: OperatingSystem) -> ProductActivation:
    """The machine's activation with the versions of its files: four queries. Raises as :func:`read_activation`."""
    return replace(read_activation(session, os), files=_read_files(session))


def product_of(os: OperatingSystem, activation: ProductActivation) -> LicensedProduct:
    """The product of a machine that knows one only. Whether its key is a retail or a volume key it does not tell."""
    grace = activation.grace_days if activation.is_required else None
    return LicensedProduct(
        activation_id="",
        application=Application.WINDOWS,
        application_id=WINDOWS_ID,
        name=os.caption,
        description=os.caption,
        channel=Channel.UNKNOWN,
        channel_name=None,
        family=None,
        status=_status(activation),
        extended_pid=activation.product_id,
        grace_minutes=(grace or 0) * _MINUTES_A_DAY,
        urls=tuple((name, None) for name, _column in URLS),
        class_name=WPA_CLASS,
        hides_key=True,
    )


def service_of() -> LicensingService:
    """What stands where later Windows has a licensing service."""
    return LicensingService(version="", class_name=WPA_CLASS)


def read_activation(session: CimSession, os: OperatingSystem) -> ProductActivation:
    """One query. Raises LicensingError on an Itanium edition, which has no such class; CimError and UnreachableError."""
    try:
        found = session.query(f"SELECT * FROM {WPA_CLASS}")
    except CimError as error:
        system = f"{os.caption} (version {os.version})"
        raise LicensingError(
            f"{system} has no {WPA_CLASS}, as Itanium editions have none: nobody can manage its activation from outside",
            error_code="not_supported_by_windows",
            cause="Windows Product Activation without its WMI class can only be managed at the machine itself.",
        ) from error
    if not found:
        raise LicensingError(f"{os.caption} reports nothing of its activation ({WPA_CLASS} is empty)")
    return _activation(found[0])


def _activation(instance: CimInstance) -> ProductActivation:
    instance.required("ActivationRequired")
    return ProductActivation(
        server_name=instance.required("ServerName"),
        product_id=instance.text("ProductID"),
        is_required=instance.integer("ActivationRequired", 0, 1) != 0,
        is_notification_on=bool(instance.integer("IsNotificationOn")),
        grace_days=_days(instance, "RemainingGracePeriod"),
        evaluation_days=_days(instance, "RemainingEvaluationPeriod"),
    )


def _days(instance: CimInstance, name: str) -> int | None:
    value = instance.integer(name)
    return None if value in _NOT_RUNNING else instance.integer(name, 0, _LONGEST_PERIOD)


def _status(activation: ProductActivation) -> LicenseStatus:
    """After the grace nobody can log on any more but to activate, which later Windows calls notification."""
    if not activation.is_required:
        return LicenseStatus.LICENSED
    return LicenseStatus.NOTIFICATION if activation.is_grace_over else LicenseStatus.INITIAL_GRACE


def _read_files(session: CimSession) -> tuple[SystemFile, ...]:
    """The files KB824345 replaces. Each is asked for by its full path alone: CIM_DataFile searches the disk for everything else."""
    try:
        found = session.query("SELECT SystemDirectory FROM Win32_OperatingSystem")
        folder = found[0].text("SystemDirectory") if found else None
        return tuple(SystemFile(name, _version(session, rf"{folder}\{name}")) for name in FIXED_FILES) if folder else ()
    except CimError:
        return ()


def _version(session: CimSession, file: str) -> str | None:
    found = session.query(f"SELECT Name,Version FROM CIM_DataFile WHERE Name={wql.literal(file)}")
    return found[0].text("Version") if found else None
