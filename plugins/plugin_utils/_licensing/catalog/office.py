# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GVLK of an Office product.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A product is identified as in :mod:`names`, so that the license names and the Click-to-Run product IDs lead to the same key. Microsoft
published separate keys for the Click-to-Run edition of Project 2016 and Visio 2016. The keys of the Windows Installer (MSI) edition do not
fit it, and its keys do not fit the MSI edition.
"""

from __future__ import annotations

from .gvlk import Gvlk, catalog


def gvlk_for(product: str, release: str, click_to_run: bool = False) -> Gvlk | None:
    """Return the GVLK of an Office product such as ("ProPlus", "2021"), or None if Microsoft did not publish one.

    `click_to_run` is whether Click-to-Run installed the product. It only makes a difference for Project 2016 and Visio 2016.
    """
    return _BY_PRODUCT.get((product.casefold(), release, click_to_run))


def title_of(product: str, release: str, click_to_run: bool = False) -> str:
    """Return the name of an Office product, such as Office LTSC Professional Plus 2021. The arguments are as for :func:`gvlk_for`."""
    entry = gvlk_for(product, release, click_to_run)
    return entry.product if entry else f"{product} {release}"


def other_installation(entry: Gvlk) -> Gvlk | None:
    """Return the key for the same product of the other kind of installation (Click-to-Run or MSI), or None if the key fits both."""
    if entry.click_to_run is None or not (entry.office_product and entry.office_release):
        return None
    return gvlk_for(entry.office_product, entry.office_release, not entry.click_to_run)


def _by_product() -> dict[tuple[str, str, bool], Gvlk]:
    return {
        (entry.office_product.casefold(), entry.office_release, click_to_run): entry
        for entry in catalog()
        if entry.office_product and entry.office_release
        for click_to_run in (False, True)
        if entry.click_to_run in (None, click_to_run)
    }


# Ansible imports an action plugin before it forks, so this is computed once.
_BY_PRODUCT = _by_product()
