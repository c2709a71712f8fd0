# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in the folder of an Office: which Office a path is of, and OSPPREARM.EXE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import spp
from .facts import WINDOWS
from .office_installation import SEVEN

if TYPE_CHECKING:
    from .machine import Machine

_FOLDER = re.compile(r"\\office(1[456])\\", re.IGNORECASE)
_SHARED = r"\microsoft shared\officesoftwareprotectionplatform" + "\\"
"""Where Office 2010 has OSPPREARM.EXE (general knowledge)."""
_NUMBERS = {"2010": "14", "2013": "15"}


def version_of(machine: Machine, path: str) -> str:
    """The number of the Office whose script a path names ("14", "15", "16"), by its folder or the newest; empty without such an Office."""
    installed = {_NUMBERS.get(each.year, "16") for each in machine.office if each.present}
    if machine.office_licenses is not None and not installed:
        installed = {"14"}
    if _SHARED in path.replace("/", "\\").casefold():
        return "14" if machine.office_licenses is not None else ""
    folder = _FOLDER.search(path.replace("/", "\\"))
    wanted = folder.group(1) if folder else max(installed, default="")
    return wanted if wanted in installed else ""


def uses_ospp(machine: Machine, version: str) -> bool:
    """Whether the programs of an Office use OSPP: those of Office 2010 everywhere, those of later ones up to Windows 7."""
    return version == "14" or machine.os.generation <= SEVEN


def rearm(machine: Machine, version: str, sku: str) -> list[str]:
    """OSPPREARM.EXE of one Office: all its products, or one license."""
    service = machine.ospp if uses_ospp(machine, version) else machine.service
    products = [product for product in service.keyed() if product.sku.application_id != WINDOWS and sku in ("", product.sku.id)]
    if not products:
        return ["<No product to rearm>"]
    if sku and service is machine.service:
        spp.rearm(machine, *products)
    else:
        spp.rearm_office(machine, service)
    return ["Microsoft Office rearm successful."]
