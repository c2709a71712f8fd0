# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the activation of Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The source is the class Win32_WindowsProductActivation (Windows Product Activation Provider in Microsoft's WMI reference). It does not
contain channels or the last characters of the key. Each call for the installation ID creates a new one and invalidates the previous one.
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
"""Days of a period that is not running. The largest unsigned number is documented. An activated XP returned the largest signed number."""
_MINUTES_A_DAY = 24 * 60
_LONGEST_PERIOD = 100 * 366
"""In days."""


def read_all(session: CimSession, os: OperatingSystem) -> ProductActivation:
    """Read the activation of the machine and the versions of its files. Four queries. Raises as :func:`read_activation`."""
    return replace(read_activation(session, os), files=_read_files(session))


def product_of(os: OperatingSystem, activation: ProductActivation) -> LicensedProduct:
    """Return the only product of the machine. Windows does not show whether its key is a retail or a volume key."""
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
    """Return an empty licensing service, because this Windows does not have one."""
    return LicensingService(version="", class_name=WPA_CLASS)


def read_activation(session: CimSession, os: OperatingSystem) -> ProductActivation:
    """Read the activation. One query.

    Raises LicensingError on an Itanium edition, which does not have the class, CimError, and UnreachableError.
    """
    try:
        found = session.query(f"SELECT * FROM {WPA_CLASS}")
    except CimError as error:
        system = f"{os.caption} (version {os.version})"
        raise LicensingError(
            f"{system} does not have {WPA_CLASS}, as on Itanium editions, so its activation cannot be managed remotely",
            error_code="not_supported_by_windows",
            cause="Without this WMI class, Windows Product Activation can only be managed on the machine.",
        ) from error
    if not found:
        raise LicensingError(f"{os.caption} does not return its activation ({WPA_CLASS} is empty)")
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
    """Return the status. After the grace period, users can log on only to activate, which is the status notification of later versions."""
    if not activation.is_required:
        return LicenseStatus.LICENSED
    return LicenseStatus.NOTIFICATION if activation.is_grace_over else LicenseStatus.INITIAL_GRACE


def _read_files(session: CimSession) -> tuple[SystemFile, ...]:
    """Read the files that KB824345 replaces, by their full path. With other conditions, CIM_DataFile searches the disk."""
    try:
        found = session.query("SELECT SystemDirectory FROM Win32_OperatingSystem")
        folder = found[0].text("SystemDirectory") if found else None
        return tuple(SystemFile(name, _version(session, rf"{folder}\{name}")) for name in FIXED_FILES) if folder else ()
    except CimError:
        return ()


def _version(session: CimSession, file: str) -> str | None:
    found = session.query(f"SELECT Name,Version FROM CIM_DataFile WHERE Name={wql.literal(file)}")
    return found[0].text("Version") if found else None
