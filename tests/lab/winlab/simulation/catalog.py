# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licenses (SKUs) an installation of Windows carries, with a key or without one; those of Office are in office_catalog.py.

Real Windows 10 and later lists hundreds of them, nearly all without a key; 6.1 only those of its own edition. Names and
descriptions follow the samples in the facts. Activation IDs are made by the lab (the real ones are not in the facts).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cache

from . import host_matrix
from .editions import Edition, Os, Release, editions_of
from .facts import WINDOWS, SetupKey, setup_keys

LAB = uuid.UUID("6c1b7f5e-0b3c-5b0e-9d62-77696e6c6162")

GVLK, MAK, CSVLK, RETAIL, EVAL, AVMA = "gvlk", "mak", "csvlk", "retail", "eval", "avma"
OEM_DM, OEM_SLP, OEM_COA, OEM_NONSLP = "oem_dm", "oem_slp", "oem_coa", "oem_nonslp"

_CHANNELS = {
    GVLK: ("VOLUME_KMSCLIENT", "Volume:GVLK"),
    MAK: ("VOLUME_MAK", "Volume:MAK"),
    RETAIL: ("RETAIL", "Retail"),
    EVAL: ("TIMEBASED_EVAL", "Retail:TB:Eval"),
    AVMA: ("VIRTUAL_MACHINE_ACTIVATION", "VT:IA"),
    OEM_DM: ("OEM_DM", "OEM:DM"),
    OEM_SLP: ("OEM_SLP", "OEM:SLP"),
    OEM_COA: ("OEM_COA_SLP", "OEM:COA"),
    OEM_NONSLP: ("OEM_COA_NSLP", "OEM:NONSLP"),
}


@dataclass(frozen=True)
class HostKey:
    """A kind of KMS host key: `level` and `group` say whom it activates, `servers` whether servers too.

    Level order and groups: licensing facts section 7 (each key covers its generation and all older ones; client keys
    activate clients only; on 2008 R2 the groups are A Web/HPC, B Standard/Enterprise, C Datacenter).
    """

    name: str
    level: int
    description: str
    servers: bool = True
    group: str = "C"
    client_level: int = 0
    """The generation of clients it activates, where that is a later one than of servers."""
    oldest: int = 0
    """The oldest generation it activates."""


HOST_KEYS = (
    HostKey("Windows 7", 1, "VOLUME_KMS", servers=False),
    HostKey("Server 2008 R2 A", 1, "VOLUME_KMS_A", group="A"),
    HostKey("Server 2008 R2 B", 1, "VOLUME_KMS_B", group="B"),
    HostKey("Server 2008 R2 C", 1, "VOLUME_KMS_C", group="C"),
    HostKey("Windows 8", 2, "VOLUME_KMS_WIN8", servers=False),
    HostKey("Server 2012", 2, "VOLUME_KMS_2012"),
    HostKey("Windows 8.1", 3, "VOLUME_KMS_WIN8.1", servers=False),
    HostKey("Server 2012 R2", 3, "VOLUME_KMS_2012-R2"),
    HostKey("Server 2012 R2 for Windows 10", 3, "VOLUME_KMS_2012-R2_WIN10", client_level=4),
    HostKey("Windows 10", 4, "VOLUME_KMS_WIN10", servers=False),
    HostKey("Windows 11", 4, "VOLUME_KMS_WIN11", servers=False),
    HostKey("Server 2016", 4, "VOLUME_KMS_WS16"),
    HostKey("Server 2019", 5, "VOLUME_KMS_WS19"),
    HostKey("Server 2022", 6, "VOLUME_KMS_WS22"),
    HostKey("Server 2025", 7, "VOLUME_KMS_WS25"),
)


@dataclass(frozen=True, eq=False)
class Sku:
    """One license: what SoftwareLicensingProduct shows of it whether or not it has a key."""

    id: str
    name: str
    description: str
    application_id: str
    family: str
    channel: str
    channel_name: str
    required_count: int = 0
    kms_level: int = 0
    host_key: HostKey | None = None
    setup_key: SetupKey | None = field(default=None, repr=False)
    title: str = ""
    """The Office product ("Office LTSC Professional Plus 2021") or the programme of an add-on; empty for Windows."""
    addon: bool = False
    """Whether it stands beside the license of Windows."""
    suite: str = ""
    """The same without the way it is delivered ("ProPlus 2021"): volume and retail, MSI and Click-to-Run."""

    @property
    def volume_client(self) -> bool:
        """Whether a GVLK belongs here, that is a KMS client license."""
        return self.channel == GVLK


def activation_id(*parts: object) -> str:
    """An activation ID the lab makes up, the same every time."""
    return str(uuid.uuid5(LAB, "/".join(str(part) for part in parts)))


def naming(release: Release) -> tuple[str, str]:
    """How the names and the descriptions of the licenses of a release begin."""
    if release.version[:2] > (6, 1):
        return "Windows(R)", "Windows(R) Operating System"
    brand = "Windows Server(R)" if release.server else "Windows(R) 7"
    return brand, f"Windows Operating System - {brand}"


def _windows_sku(release: Release, edition: Edition, channel: str, variant: int = 0) -> Sku:
    name, description = naming(release)
    shown, channel_name = _CHANNELS[channel]
    fitting = [key for key in setup_keys() if key.fits(edition.edition_id, release.version[2], release.server)] if channel == GVLK else []
    return Sku(
        id=activation_id(release.name, edition.edition_id, channel, variant), name=f"{name}, {edition.edition_id} edition",
        description=f"{description}, {shown} channel", application_id=WINDOWS, family=edition.edition_id, channel=channel,
        channel_name=channel_name, required_count=(5 if release.server else 25) if channel == GVLK else 0,
        kms_level=release.kms_level, setup_key=fitting[0] if fitting else None,
    )  # fmt: skip


def _channels_of(release: Release, edition: Edition) -> tuple[tuple[str, int], ...]:
    if edition.edition_id.endswith("Eval"):
        return ((EVAL, 0),)
    volume = any(key.fits(edition.edition_id, release.version[2], release.server) for key in setup_keys())
    channels: list[tuple[str, int]] = [(RETAIL, 0), (OEM_SLP, 0), (OEM_NONSLP, 0), (OEM_COA, 0)]
    if volume:
        channels += [(GVLK, 0), (MAK, 0)]
    if release.version[:2] >= (6, 2):
        channels += [(OEM_DM, 0), (RETAIL, 1)]
    if release.version[:2] >= (6, 3) and release.server:
        channels.append((AVMA, 0))
    if release.version[:2] >= (10, 0):
        channels += [(RETAIL, variant) for variant in range(2, 24 if release.server else 9)] + [(OEM_DM, 1), (OEM_NONSLP, 1), (OEM_COA, 1)]
        channels += [(MAK, 1), (MAK, 2)] if volume else []
    return tuple(channels)


def host_key_id(key: HostKey) -> str:
    """The activation ID of a host key, which is the same on every Windows that takes the key."""
    return activation_id("csvlk", key.name)


def host_key_sku(key: HostKey) -> Sku:
    """The license of a host key where no installation is at hand, as of its own Windows."""
    edition_id = "ServerDatacenter" if key.servers else "Enterprise"
    return Sku(host_key_id(key), f"Windows(R), {edition_id} edition", f"Windows(R) Operating System, {key.description} channel", WINDOWS,
               edition_id, CSVLK, "Volume:CSVLK", host_key=key)  # fmt: skip


def _host_skus(os: Os, updates: frozenset[str], ubr: int) -> list[Sku]:
    """Licenses for the host keys this Windows takes with the updates it has."""
    release = os.release
    name, description = naming(release)
    edition_id = "ServerDatacenter" if release.server else "Enterprise"
    return [
        Sku(host_key_id(key), f"{name}, {edition_id} edition", f"{description}, {key.description} channel", WINDOWS, edition_id, CSVLK,
            "Volume:CSVLK", host_key=key)
        for key in HOST_KEYS
        if host_matrix.takes_key(os, key.name, updates, ubr)
    ]  # fmt: skip


@cache
def windows_skus(os: Os, updates: frozenset[str] = frozenset(), ubr: int = 0) -> dict[str, Sku]:
    """Every Windows license of an installation by activation ID, in the order the provider lists them."""
    editions = list(editions_of(os.release))
    if os.edition.edition_id not in {edition.edition_id for edition in editions}:
        editions.append(os.edition)
    if os.generation == (6, 1):
        editions = [os.edition]
    found = [
        _windows_sku(os.release, edition, channel, variant)
        for edition in editions
        for channel, variant in _channels_of(os.release, edition)
    ]
    return {sku.id: sku for sku in found + _host_skus(os, updates, ubr)}
