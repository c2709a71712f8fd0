# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the policies about activation are in the registry, of which type they are, and which data each choice has.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Sources: (a) Microsoft's volume activation guide for Windows 7, "Disabling Windows Anytime Upgrade" and "Customizable activation help";
(b) Microsoft's "Registry settings for volume activation" (dn502532) and its optional configurations (ff793402); (c) the operations guide of
Volume Activation 2.0, which has values of (b) below SL; (d) AVSValidationGP.admx and Microsoft's page on connections from Windows to
Microsoft; (e) Microsoft's KB929829; (f) ospp.htm, which comes with Office. The guide to activation policies has them as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..registry.values import CURRENT_VERSION, REG_DWORD, REG_SZ, SPP_KEY, path

ABSENT, DISABLED, ENABLED = "absent", "disabled", "enabled"
SERVICE, ACTIVATION, BOTH = "service", "activation", "both"

SL_KEY = rf"{CURRENT_VERSION}\SL"
"""What :data:`SPP_KEY` is on Windows Vista and Server 2008 (c)."""

_FIRST_WITH_SPP = (6, 1)
_SOFTWARE, _SOFTWARE_32 = "SOFTWARE\\", "SOFTWARE\\Wow6432Node\\"
_ACTIVATION_KEY = rf"{SPP_KEY}\Activation"
_POLICIES = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies"
_GROUP_POLICIES = r"SOFTWARE\Policies\Microsoft"
_AVS_KEY = rf"{_GROUP_POLICIES}\Windows NT\CurrentVersion\Software Protection Platform"


@dataclass(frozen=True)
class RegistryLocation:
    """One registry value below HKEY_LOCAL_MACHINE.

    The keys below `root` may be created for it. `is_redirected`: 32-bit programs see another one; this is that one when `is_32_bit`,
    and is looked after only where its key exists.
    """

    key: str
    name: str
    root: str
    kind: int = REG_DWORD
    is_redirected: bool = False
    is_32_bit: bool = False

    @property
    def key_path(self) -> str:
        """The path of the key, as `reg.exe` takes it."""
        return path(self.key)

    @property
    def path(self) -> str:
        """The path of the value, for messages."""
        return rf"{self.key_path}\{self.name}"

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys that may be created for it, and removed again, the uppermost first."""
        names = self.key[len(self.root) :].strip("\\").split("\\") if self.key != self.root and not self.is_32_bit else []
        return tuple("\\".join((self.root, *names[: depth + 1])) for depth in range(len(names)))

    def views(self) -> tuple[RegistryLocation, ...]:
        """This one, and the one 32-bit programs see."""
        if not self.is_redirected:
            return (self,)
        return (self, replace(self, key=self.key.replace(_SOFTWARE, _SOFTWARE_32, 1), is_32_bit=True))

    def on(self, version: tuple[int, int]) -> RegistryLocation:
        """The same on a version of Windows."""
        if version >= _FIRST_WITH_SPP:
            return self
        return replace(self, key=self.key.replace(SPP_KEY, SL_KEY), root=self.root.replace(SPP_KEY, SL_KEY))


@dataclass(frozen=True)
class Policy:
    """An option, its registry values, and the data of each choice; `absent` removes the values and is not in `data`."""

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
"""The one whose data is what the task says; its places are `service` and `activation`, in this order."""

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

POLICIES = (ALTERNATE_URL, UPGRADE, AVS, NOTIFICATIONS, STANDARD_USERS, OFFICE_USERS, SKIP_REARM)
"""All of them, in the order in which they are written and told of."""
