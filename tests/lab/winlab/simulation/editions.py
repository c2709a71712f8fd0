# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows releases and editions the lab knows, and how an estate file names them ("Server 2019 Standard").

EditionID strings, SKU numbers and build numbers are those of gvlk.json; evaluation and Home editions are added from
general knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache


@dataclass(frozen=True, eq=False)
class Release:
    """One Windows release; `kms_level` orders the generations a KMS host key covers (see kms_host.py)."""

    name: str
    caption: str
    version: tuple[int, int, int]
    server: bool
    kms_level: int
    year: int


@dataclass(frozen=True, eq=False)
class Edition:
    """One edition: its name in an estate file, EditionID, OperatingSystemSKU and the tail of the caption."""

    name: str
    edition_id: str
    sku: int
    caption: str
    full_caption: str = ""
    """The whole caption, where it is not made of the release's and the edition's."""


@dataclass(frozen=True, eq=False)
class Os:
    """A release in one edition: what a machine runs."""

    release: Release
    edition: Edition

    @property
    def version(self) -> tuple[int, int, int]:
        """(major, minor, build)."""
        return self.release.version

    @property
    def version_text(self) -> str:
        """Win32_OperatingSystem.Version, for example 10.0.17763."""
        return ".".join(str(part) for part in self.release.version)

    @property
    def build(self) -> int:
        """Build number."""
        return self.release.version[2]

    @property
    def server(self) -> bool:
        """Whether this is a server edition."""
        return self.release.server

    @property
    def service_version(self) -> str:
        """SoftwareLicensingService.Version, its key."""
        patch = {(6, 1): "17514", (6, 2): "16384", (6, 3): "16384"}.get(self.generation, "1")
        return f"{self.version_text}.{patch}"

    @property
    def generation(self) -> tuple[int, int]:
        """(major, minor), by which most properties came and went."""
        return self.release.version[:2]

    @property
    def evaluation(self) -> bool:
        """Evaluation media: takes no volume key until it is converted."""
        return self.edition.edition_id.endswith("Eval")

    @property
    def caption(self) -> str:
        """Win32_OperatingSystem.Caption. 6.1 ends it with a blank, later releases do not."""
        if self.edition.full_caption:
            return self.edition.full_caption
        text = f"Microsoft {self.release.caption} {self.edition.caption}".rstrip()
        return text + " " if self.generation == (6, 1) else text


RELEASES = (
    Release("Server 2008 R2", "Windows Server 2008 R2", (6, 1, 7601), True, 1, 2009),
    Release("Server 2012 R2", "Windows Server 2012 R2", (6, 3, 9600), True, 3, 2013),
    Release("Server 2012", "Windows Server 2012", (6, 2, 9200), True, 2, 2012),
    Release("Server 2016", "Windows Server 2016", (10, 0, 14393), True, 4, 2016),
    Release("Server 2019", "Windows Server 2019", (10, 0, 17763), True, 5, 2018),
    Release("Server 2022", "Windows Server 2022", (10, 0, 20348), True, 6, 2021),
    Release("Server 2025", "Windows Server 2025", (10, 0, 26100), True, 7, 2024),
    Release("Windows 7", "Windows 7", (6, 1, 7601), False, 1, 2009),
    Release("Windows 8.1", "Windows 8.1", (6, 3, 9600), False, 3, 2013),
    Release("Windows 8", "Windows 8", (6, 2, 9200), False, 2, 2012),
    Release("Windows 10", "Windows 10", (10, 0, 19045), False, 4, 2015),
    Release("Windows 11", "Windows 11", (10, 0, 26100), False, 4, 2021),
)
"""Longer names first where one begins with another, so that the first match is the right one."""
SERVER_2003 = Release("Server 2003", "Windows(R) Server 2003", (5, 2, 3790), True, 0, 2003)
"""Before the licensing service: Windows Product Activation."""

LONG_TERM = {
    "Windows 10 Enterprise LTSB 2016": (10, 0, 14393),
    "Windows 10 Enterprise LTSC 2019": (10, 0, 17763),
    "Windows 10 Enterprise LTSC 2021": (10, 0, 19044),
    "Windows 11 Enterprise LTSC 2024": (10, 0, 26100),
}

CLIENT_EDITIONS = (
    Edition("Enterprise Evaluation", "EnterpriseEval", 72, "Enterprise Evaluation"),
    Edition("Pro for Workstations N", "ProfessionalWorkstationN", 162, "Pro N for Workstations"),
    Edition("Pro for Workstations", "ProfessionalWorkstation", 161, "Pro for Workstations"),
    Edition("Pro Education N", "ProfessionalEducationN", 165, "Pro Education N"),
    Edition("Pro Education", "ProfessionalEducation", 164, "Pro Education"),
    Edition("Professional N", "ProfessionalN", 49, "Professional N"),
    Edition("Professional", "Professional", 48, "Professional"),
    Edition("Pro N", "ProfessionalN", 49, "Pro N"),
    Edition("Pro", "Professional", 48, "Pro"),
    Edition("Education N", "EducationN", 122, "Education N"),
    Edition("Education", "Education", 121, "Education"),
    Edition("Enterprise N", "EnterpriseN", 27, "Enterprise N"),
    Edition("Enterprise", "Enterprise", 4, "Enterprise"),
    Edition("Home Premium", "HomePremium", 3, "Home Premium"),
    Edition("Ultimate", "Ultimate", 1, "Ultimate"),
    Edition("Home Single Language", "CoreSingleLanguage", 100, "Home Single Language"),
    Edition("Home N", "CoreN", 98, "Home N"),
    Edition("Home", "Core", 101, "Home"),
    Edition("Core", "Core", 101, ""),
)

SERVER_EDITIONS = (
    Edition("Standard Evaluation", "ServerStandardEval", 79, "Standard Evaluation"),
    Edition("Datacenter Evaluation", "ServerDatacenterEval", 80, "Datacenter Evaluation"),
    Edition("Datacenter Azure Edition", "ServerTurbine", 407, "Datacenter Azure Edition"),
    Edition("Essentials", "ServerSolution", 50, "Essentials"),
    Edition("Foundation", "ServerFoundation", 33, "Foundation"),
    Edition("Web", "ServerWeb", 17, "Web"),
    Edition("HPC", "ServerHPC", 18, "HPC"),
    Edition("Enterprise", "ServerEnterprise", 10, "Enterprise"),
    Edition("Standard", "ServerStandard", 7, "Standard"),
    Edition("Datacenter", "ServerDatacenter", 8, "Datacenter"),
)

EDITIONS_2003 = tuple(
    Edition(name + bits, name + bits.strip(), 0, name, f"Microsoft(R) Windows(R) Server 2003{tail}")
    for name in ("Standard", "Enterprise", "Datacenter", "Web")
    for bits, tail in (("", f", {name} Edition"), (" x64", f" {name} x64 Edition"))
    if (name, bits) != ("Web", " x64")
)
"""Windows Server 2003 knows no EditionID and no OperatingSystemSKU; these are the lab's."""

_FROM = {
    "Education": (10, 0), "EducationN": (10, 0), "ProfessionalWorkstation": (10, 0), "ProfessionalWorkstationN": (10, 0),
    "ProfessionalEducation": (10, 0), "ProfessionalEducationN": (10, 0), "Core": (6, 2), "CoreN": (6, 2),
    "CoreSingleLanguage": (6, 2), "ServerSolution": (6, 2), "ServerTurbine": (10, 0), "EnterpriseEval": (6, 2),
    "ServerStandardEval": (6, 2), "ServerDatacenterEval": (6, 2),
}  # fmt: skip
_ONLY_61 = {"HomePremium", "Ultimate", "ServerWeb", "ServerHPC", "ServerEnterprise"}


def editions_of(release: Release) -> tuple[Edition, ...]:
    """The editions a release comes in, one per EditionID."""
    if release.name == SERVER_2003.name:
        return EDITIONS_2003
    found: dict[str, Edition] = {}
    for edition in SERVER_EDITIONS if release.server else CLIENT_EDITIONS:
        here = release.version[:2] >= _FROM.get(edition.edition_id, (6, 1))
        if here and (edition.edition_id not in _ONLY_61 or release.version[:2] == (6, 1)):
            found.setdefault(edition.edition_id, edition)
    return tuple(found.values())


def _names_of(release: Release) -> tuple[Edition, ...]:
    """Editions by every name they go under."""
    if release.name == SERVER_2003.name:
        return EDITIONS_2003
    return SERVER_EDITIONS if release.server else CLIENT_EDITIONS


def _long_term(name: str) -> Os | None:
    for title, version in LONG_TERM.items():
        for tail, edition_id, sku in (("", "EnterpriseS", 125), (" Evaluation", "EnterpriseSEval", 129), (" N", "EnterpriseSN", 126)):
            if name.casefold() == (title + tail).casefold():
                base = parse_os(title[:10] + " Enterprise").release
                release = Release(title, base.caption, version, False, base.kms_level, base.year)
                return Os(
                    release, Edition(title[11:] + tail, edition_id, sku, "Enterprise" + tail.replace(" N", " N") + " " + title[22:26])
                )
    return None


@cache
def parse_os(name: str, build: int | None = None) -> Os:
    """The release and edition an estate file names, the same object every time.

    `build` replaces the usual build number. Raises ValueError that lists what is known.
    """
    if build is not None:
        base = parse_os(name)
        return Os(replace(base.release, version=(*base.generation, build)), base.edition)
    special = _long_term(name)
    if special is not None:
        return special
    for release in (*RELEASES, SERVER_2003):
        if not name.casefold().startswith(release.name.casefold() + " "):
            continue
        wanted = name[len(release.name) :].strip().casefold()
        ids = {edition.edition_id for edition in editions_of(release)}
        for edition in _names_of(release):
            if edition.name.casefold() == wanted and edition.edition_id in ids:
                return Os(release, edition)
        known = ", ".join(edition.name for edition in editions_of(release))
        raise ValueError(f"{name!r}: {release.name} comes as {known}")
    raise ValueError(f"{name!r}: starts with none of {', '.join(release.name for release in (*RELEASES, SERVER_2003))}")


def in_edition(os: Os, edition_id: str) -> Os:
    """The same release in another edition; the same one when the release does not come in it."""
    found = next((edition for edition in editions_of(os.release) if edition.edition_id == edition_id), os.edition)
    return replace(os, edition=found)
