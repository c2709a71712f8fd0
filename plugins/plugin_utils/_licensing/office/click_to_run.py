# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Office products that Click-to-Run installed, from its configuration in the registry.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The product IDs are those of the Office Deployment Tool. A volume edition ends in Volume, and every other edition in Retail. Microsoft 365
Apps since version 1910 do not use the licensing service: their state belongs to the user, and WMI does not show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..._cim.session import CimError, CimSession
from ..registry import values as registry
from .names import canonical

KEY = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
POLICY_KEY = r"SOFTWARE\Policies\Microsoft\Office\16.0\Common\Licensing"

VOLUME, RETAIL, SUBSCRIPTION = KINDS = ("volume", "retail", "subscription")
"""The kinds of an installation. Only a volume edition accepts a GVLK or a MAK."""

_ID = re.compile(r"(?P<product>\w+?)(?P<release>20[12]\d)?(?P<kind>Volume|Retail)", re.IGNORECASE)
_MICROSOFT_365 = re.compile(r"[OM]365", re.IGNORECASE)
_ADDED_TO_MICROSOFT_365 = ("ProjectPro", "VisioPro")
"""Products without a year in their ID, which are a subscription beside Microsoft 365 Apps, and else the retail edition of 2016."""

_LONGEST = 4096
"""Maximum number of characters of the list of IDs. A longer list is not a list of Office products."""


@dataclass(frozen=True)
class Installation:
    """One product that Click-to-Run installed. `release` is a year, or None for Microsoft 365. `kind` is one of KINDS.

    `is_click_to_run_2016` is true for the volume edition of Project 2016 and Visio 2016, which has keys of its own.
    """

    release_id: str
    product: str
    release: str | None
    kind: str
    is_click_to_run_2016: bool = False


@dataclass(frozen=True)
class ClickToRun:
    """The Click-to-Run installation of a machine, of which there is at most one. `release_ids` are in the order of the registry."""

    release_ids: tuple[str, ...]

    @property
    def installations(self) -> tuple[Installation, ...]:
        """The products with known IDs."""
        found = tuple(installation for each in self.release_ids if (installation := installation_of(each)))
        if not any(each.kind == SUBSCRIPTION for each in found):
            return found
        return tuple(map(_beside_microsoft_365, found))

    def of_kind(self, kind: str) -> tuple[Installation, ...]:
        """Return the products of one kind."""
        return tuple(each for each in self.installations if each.kind == kind)


@dataclass(frozen=True)
class Microsoft365Licensing:
    """How Microsoft 365 Apps is licensed on a machine: `shared_computer` for each session of a user, `device_based` for the device."""

    shared_computer: bool = False
    device_based: bool = False


def read_click_to_run(session: CimSession) -> ClickToRun | None:
    """Return the Click-to-Run installation, or None if there is none. One request. Raises CimError."""
    try:
        listed = registry.string(session, KEY, "ProductReleaseIds")
    except CimError as error:
        raise CimError(error.code, error.text, f"reading {registry.path(KEY)} in the registry") from error
    return click_to_run_of(listed)


def click_to_run_of(listed: str | None) -> ClickToRun | None:
    """Return the installation of a list of product IDs with commas, or None for an empty list."""
    ids = tuple(dict.fromkeys(each.strip() for each in (listed or "")[:_LONGEST].split(",") if each.strip()))
    return ClickToRun(ids) if ids else None


def read_microsoft_365_licensing(session: CimSession, found: ClickToRun | None) -> Microsoft365Licensing | None:
    """Return how Microsoft 365 Apps is licensed, or None if it is not installed. Three requests at most. Raises CimError."""
    subscriptions = found.of_kind(SUBSCRIPTION) if found else ()
    if not subscriptions:
        return None
    configured = registry.string(session, KEY, "SharedComputerLicensing") == "1"
    shared = configured or registry.dword(session, POLICY_KEY, "SharedComputerLicensing") == 1
    device = registry.string(session, KEY, f"{subscriptions[0].release_id}.DeviceBasedLicensing") == "1"
    return Microsoft365Licensing(shared, device)


def installation_of(release_id: str) -> Installation | None:
    """Return the product of an ID such as ProPlus2024Volume, or None for an ID that is not a product, such as a language pack."""
    found = _ID.fullmatch(release_id)
    if found is None:
        return None
    name, is_volume = found["product"], found["kind"].casefold() == VOLUME
    if _MICROSOFT_365.search(name):
        return Installation(release_id, name, None, SUBSCRIPTION)
    plain = re.sub(r"X$", "", name, flags=re.IGNORECASE)
    is_2016 = is_volume and found["release"] is None and plain != name
    product = canonical(plain if is_2016 else name)
    return Installation(release_id, product, found["release"] or "2016", VOLUME if is_volume else RETAIL, is_2016)


def _beside_microsoft_365(found: Installation) -> Installation:
    """Return Project or Visio as a subscription if its ID does not have a year."""
    has_year = found.release is not None and found.release in found.release_id
    if found.kind != RETAIL or found.product not in _ADDED_TO_MICROSOFT_365 or has_year:
        return found
    return Installation(found.release_id, found.product, None, SUBSCRIPTION)
