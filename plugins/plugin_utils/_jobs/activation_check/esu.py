# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about Extended Security Updates and other add-ons, which have keys of their own beside the key of Windows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Whether a year has ended is decided by the clock of the machine, as for all times of a result.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog import esu
from ..._licensing.catalog.esu import Programme
from ..._licensing.esu import fitness
from ..._licensing.esu.licenses import EsuLicense, licenses_of
from ..._licensing.plan import diagnose
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import Application, Channel, LicensedProduct
from .model import CheckData, CheckFinding, CheckSettings

_INVISIBLE = (
    "Extended Security Updates of Azure, Azure Arc, Windows 365, or the programme for consumers have no key, and WMI does not show them."
    " Exclude such a machine from this check."
)
_ACTIVATE_ADDON = ("Run mak_client with the activation_id of the add-on.",)


def findings(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Yield the findings about the required programme, and about every add-on with a key."""
    state = data.state
    if Application.WINDOWS not in state.applications:
        return
    found = licenses_of(state.products)
    required = desired.esu
    if required and required not in [each.programme for each in found]:
        yield _missing(data, required)
    for each in found:
        yield from _about(data, each, found, is_required=each.programme == required)
    for product in state.keyed(Application.WINDOWS):
        if product.is_addon and esu.of_id(product.activation_id) is None:
            yield from _not_activated(data, product, "not_licensed", product.name, _ACTIVATE_ADDON)


def _missing(data: CheckData, required: Programme) -> CheckFinding:
    os, edition = data.state.os, data.edition_id or edition_of(data.state)
    is_excluded, system = required.excludes(edition), required.system_of(os)
    if is_excluded or not (system or required.older_system_of(os)):
        message = f"{required} are not for {os.caption} (build: {os.build}), so the check did not look for their license."
        return CheckFinding("esu_not_for_this_windows", message, fitness.why_unfit(os, required, edition))
    if system is None:
        message = f"The machine does not have a key for {required}, and its build {os.build} cannot have one."
        return CheckFinding("esu_missing", message, (*fitness.why_unfit(os, required, edition), _INVISIBLE))
    run = f"Run mak_client with esu: {required.name} and the MAK of the programme."
    if data.esu_prepared is False:
        updates = ", ".join(fitness.update_label(os, update) for update in system.updates)
        message = f"The machine does not have a key for {required}, and is not prepared for one: the license of the programme is missing."
        return CheckFinding("esu_missing", message, (f"Install {updates}, and restart the machine.", run, _INVISIBLE))
    return CheckFinding("esu_missing", f"The machine does not have a key for {required}.", (run, _INVISIBLE))


def _about(data: CheckData, each: EsuLicense, found: tuple[EsuLicense, ...], *, is_required: bool) -> Iterator[CheckFinding]:
    programme, now = each.programme, data.state.os.time
    has_later = any(
        other.is_licensed and other.programme.line == programme.line and other.programme.year > programme.year for other in found
    )
    if not each.is_licensed and (is_required or not programme.has_ended(now)):
        steps = (f"Run mak_client with esu: {programme.name}.",)
        yield from _not_activated(data, each.product, "esu_not_licensed", str(programme), steps)
    if programme.has_ended(now) and not has_later:
        current = esu.current_year(programme, now)
        message = f"{programme} ended on {programme.ends}, and the machine does not have a license for a later year."
        steps = (f"Run mak_client with esu: {current.name} and its MAK.",) if current else ("Replace or upgrade this Windows.",)
        yield CheckFinding("esu_ended", message, (*steps, _INVISIBLE), each.product.name)


def _not_activated(data: CheckData, product: LicensedProduct, finding: str, subject: str, steps: tuple[str, ...]) -> Iterator[CheckFinding]:
    """Yield a finding for an add-on whose key is not activated, with the code of its last activation if Windows has one."""
    if product.status.is_activated or product.channel is Channel.GVLK:
        return
    code = data.failures.get(product.activation_id)
    prefix = f"The key ending in {product.partial_product_key} for {subject} is not activated"
    if code is None:
        yield CheckFinding(finding, f"{prefix}.", steps, product.name)
        return
    failure = diagnose.from_events(data.state, product, code, ())
    yield CheckFinding(finding, f"{prefix}: {failure.summary}", (*failure.error["next_steps"], *steps), product.name, failure.error)
