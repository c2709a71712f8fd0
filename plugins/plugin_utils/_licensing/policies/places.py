# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry values of the activation policies: their locations, types, and the data of each choice.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Sources: (a) Microsoft's volume activation guide for Windows 7, "Disabling Windows Anytime Upgrade" and "Customizable activation help";
(b) Microsoft's "Registry settings for volume activation" (dn502532) and its optional configurations (ff793402); (c) the operations guide of
Volume Activation 2.0, which has values of (b) under SL; (d) AVSValidationGP.admx and Microsoft's page on connections from Windows to
Microsoft; (e) Microsoft's KB929829; (f) ospp.htm, which is part of Office. The guide to activation policies contains them as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..registry.values import CURRENT_VERSION, REG_DWORD, REG_SZ, SPP_KEY, path

ABSENT, DISABLED, ENABLED = "absent", "disabled", "enabled"
SERVICE, ACTIVATION, BOTH = "service", "activation", "both"

SL_KEY = rf"{CURRENT_VERSION}\SL"
"""The key that Windows Vista and Server 2008 use instead of :data:`SPP_KEY` (c)."""

_FIRST_WITH_SPP = (6, 1)
_SOFTWARE, _SOFTWARE_32 = "SOFTWARE\\", "SOFTWARE\\Wow6432Node\\"
_ACTIVATION_KEY = rf"{SPP_KEY}\Activation"
_POLICIES = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies"
_GROUP_POLICIES = r"SOFTWARE\Policies\Microsoft"
_AVS_KEY = rf"{_GROUP_POLICIES}\Windows NT\CurrentVersion\Software Protection Platform"


@dataclass(frozen=True)
class RegistryLocation:
    """One registry value under HKEY_LOCAL_MACHINE.

    The module can create the keys under `root`. If `is_redirected` is true, 32-bit programs use another value. If `is_32_bit` is true, this
    is the value for 32-bit programs, which is managed only if its key exists.
    """

    key: str
    name: str
    root: str
    kind: int = REG_DWORD
    is_redirected: bool = False
    is_32_bit: bool = False

    @property
    def key_path(self) -> str:
        """The path of the key in the format of `reg.exe`."""
        return path(self.key)

    @property
    def path(self) -> str:
        """The path of the value, for messages."""
        return rf"{self.key_path}\{self.name}"

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys that the module can create and remove, the uppermost first."""
        names = self.key[len(self.root) :].strip("\\").split("\\") if self.key != self.root and not self.is_32_bit else []
        return tuple("\\".join((self.root, *names[: depth + 1])) for depth in range(len(names)))

    def views(self) -> tuple[RegistryLocation, ...]:
        """Return this location and the location for 32-bit programs."""
        if not self.is_redirected:
            return (self,)
        return (self, replace(self, key=self.key.replace(_SOFTWARE, _SOFTWARE_32, 1), is_32_bit=True))

    def on(self, version: tuple[int, int]) -> RegistryLocation:
        """Return the location on a version of Windows."""
        if version >= _FIRST_WITH_SPP:
            return self
        return replace(self, key=self.key.replace(SPP_KEY, SL_KEY), root=self.root.replace(SPP_KEY, SL_KEY))


@dataclass(frozen=True)
class Policy:
    """An option, its registry values, and the data of each choice. `absent` removes the values and is not in `data`."""

    option: str
    places: tuple[RegistryLocation, ...]
    data: Mapping[str, str]


ALTERNATE_URL = Policy(
    "activation_alternate_url",
    (
        RegistryLocation(SPP_KEY, "ActivationAlternateURL", SPP_KEY, REG_SZ, is_redirected=True),  # (a)
        RegistryLocation(_ACTIVATION_KEY, "AlternateURL", SPP_KEY, REG_SZ, is_redirected=True),  # (b)
    ),
    {},
)
"""The policy whose data is the value of the option. Its locations are `service` and `activation`, in this order."""

UPGRADE = Policy(
    "windows_anytime_upgrade",
    (RegistryLocation(rf"{_POLICIES}\Explorer\WAU", "Disabled", _POLICIES),),  # (a); shared by 32-bit programs
    {DISABLED: "1"},  # Microsoft does not document other data
)
AVS = Policy(
    "avs_validation",
    (
        RegistryLocation(_AVS_KEY, "NoGenTicket", _GROUP_POLICIES),  # (d); shared by 32-bit programs
        RegistryLocation(_AVS_KEY, "NoAcquireGT", _GROUP_POLICIES),  # what Server 2016 reads
    ),
    {DISABLED: "1", ENABLED: "0"},
)
REACTIVATION = Policy(
    "allow_windows_entitlement_reactivation",
    (RegistryLocation(_AVS_KEY, "AllowWindowsEntitlementReactivation", _GROUP_POLICIES),),  # (d); shared by 32-bit programs
    {DISABLED: "0", ENABLED: "1"},
)
NOTIFICATIONS = Policy(
    "notifications",
    (RegistryLocation(_ACTIVATION_KEY, "NotificationDisabled", SPP_KEY, is_redirected=True),),  # (b), (c)
    {DISABLED: "1", ENABLED: "0"},
)
STANDARD_USERS = Policy(
    "standard_user_activation",
    (RegistryLocation(SPP_KEY, "UserOperations", SPP_KEY, is_redirected=True),),  # (b), (c)
    {DISABLED: "0", ENABLED: "1"},
)
OFFICE_USERS = Policy(
    "office_standard_user_activation",
    (
        RegistryLocation(
            r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform", "UserOperations", r"SOFTWARE\Microsoft", is_redirected=True
        ),
    ),  # (f)
    {DISABLED: "0", ENABLED: "1"},
)
SKIP_REARM = Policy(
    "skip_rearm",
    (RegistryLocation(SPP_KEY, "SkipRearm", SPP_KEY, is_redirected=True),),  # (e)
    {DISABLED: "0", ENABLED: "1"},
)

POLICIES = (ALTERNATE_URL, UPGRADE, AVS, REACTIVATION, NOTIFICATIONS, STANDARD_USERS, OFFICE_USERS, SKIP_REARM)
"""All policies, in the order of the steps and results."""
