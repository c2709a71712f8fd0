# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a GVLK that does not fit the installed Office, and explain why the machine rejected another Office key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A key does not change a retail edition or a subscription to a volume edition: Microsoft documents to install the volume edition with
the Office Deployment Tool. Microsoft also documents that the MSI and Click-to-Run editions of Project 2016 and Visio 2016 have different
keys, GVLKs and MAKs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..._errors import ErrorExplanation
from ..catalog.gvlk import Gvlk
from ..catalog.office import other_installation
from ..plan.diagnose import explain_install
from ..problems import TaskRefusedError
from ..state.model import ActivationState
from ..state.product_key import ProductKey
from .click_to_run import RETAIL, SUBSCRIPTION, VOLUME, Installation
from .installed import InstalledOffice
from .names import parse

REJECTED = frozenset({0xC004F069, 0xC004E016})
"""The codes for a key that no installed product accepts."""

_CHANNELS = {"2019": "PerpetualVL2019", "2021": "PerpetualVL2021", "2024": "PerpetualVL2024"}
_WINDOWS_INSTALLER = "Windows Installer (MSI)"
_CLICK_TO_RUN = "Click-to-Run"


def refuse_gvlk(state: ActivationState, office: InstalledOffice, entry: Gvlk) -> None:
    """Raise TaskRefusedError if Click-to-Run installed another edition of the product than the GVLK is for.

    Only what is known leads to a refusal: without a Click-to-Run installation, the machine decides.
    """
    name = state.os.computer_name
    same = tuple(each for each in office.of_click_to_run if each.product == entry.office_product)
    volume = tuple(each for each in same if each.kind == VOLUME)
    if entry.click_to_run and not any(each.is_click_to_run_2016 for each in volume):
        raise _other_key(name, entry)
    if entry.click_to_run is False and any(each.is_click_to_run_2016 for each in volume):
        raise _other_key(name, entry)
    if (entry.office_release or "") < "2016" or volume:
        return
    if any(each.kind == RETAIL for each in same):
        raise TaskRefusedError(
            "click_to_run_is_retail",
            f"{name} has the retail edition of this product ({_ids(same)}), which a key does not change to {entry.product}.",
            deployment_steps(entry),
        )
    if office.of_kind(SUBSCRIPTION):
        raise TaskRefusedError(
            "managed_by_subscription",
            f"{name} has Microsoft 365 ({_ids(office.of_kind(SUBSCRIPTION))}), which a key does not change to {entry.product}.",
            ("Exclude the machine from the task: the subscription licenses its Office.", *deployment_steps(entry)),
        )


def deployment_steps(entry: Gvlk) -> tuple[str, ...]:
    """Return the steps that install the volume edition of a product. Of 2016, only Project and Visio have one with Click-to-Run."""
    release, channel = entry.office_release or "", _CHANNELS.get(entry.office_release or "")
    if release == "2016" and entry.click_to_run is None:
        return (f"Remove the installed edition, and install {entry.product} from volume media: only {_WINDOWS_INSTALLER} installs it.",)
    release_id = f"{entry.office_product}{'X' if release == '2016' else release}Volume"
    where = f' and Channel="{channel}"' if channel else ""
    edition = f'the volume edition with the Office Deployment Tool: product ID "{release_id}"{where}'
    return (f"Remove the installed edition, and install {edition}. Without PIDKEY, the tool installs the GVLK.",)


def explain_key(state: ActivationState, office: InstalledOffice, key: ProductKey) -> Callable[[int], ErrorExplanation]:
    """Return the function that explains why the machine rejected an Office key. It knows what Office is installed."""

    def explain(code: int) -> ErrorExplanation:
        explanation = explain_install(state, key, code)
        if code not in REJECTED:
            return explanation
        cause, steps = _why_rejected(state, office)
        return replace(explanation, cause=cause, next_steps=(*steps, *(explanation.next_steps if not steps else ())))

    return explain


def _why_rejected(state: ActivationState, office: InstalledOffice) -> tuple[str, tuple[str, ...]]:
    """Return the cause of a rejected key and the next steps, by the installed Office."""
    compare = "Compare the key with office_installations in the result of activation_info with application: office."
    volume = office.of_kind(VOLUME)
    if any(each.is_click_to_run_2016 for each in volume):
        need = 'Microsoft names it "C2R-P for use with the Office Deployment Tool".'
        cause = f"The machine has the Click-to-Run edition of Project 2016 or Visio 2016 ({_ids(volume)}), which has keys of its own."
        return cause, (f"Use the MAK or GVLK of the Click-to-Run edition. {need}", compare)
    if office.click_to_run and not volume:
        cause = f"The installed Office is not a volume edition ({_ids(office.of_click_to_run)}). A key does not change the edition."
        step = "Install the volume edition with the Office Deployment Tool, and install its key then. Microsoft 365 does not need a key."
        return cause, (step, compare)
    listed = _ids(volume) or ", ".join(dict.fromkeys(_licensed_names(state)))
    cause = f"The key is for another Office product, release, or edition than the installed one{f' ({listed})' if listed else ''}."
    c2r = "A MAK of the Click-to-Run edition of Project 2016 or Visio 2016 does not fit the MSI edition."
    older = "If the key is for Office 2010, set activation_id to the license of the product: Office 2010 has its own licensing service."
    return cause, (compare, c2r, *(() if state.office_service else (older,)))


def _licensed_names(state: ActivationState) -> tuple[str, ...]:
    found = (parse(product.name) for product in state.products)
    return tuple(f"{name.product} {name.release}" for name in found if name and name.is_volume)


def _other_key(machine: str, entry: Gvlk) -> TaskRefusedError:
    """Return the refusal of a key of Project 2016 or Visio 2016 that is for the other kind of installation."""
    other, product = other_installation(entry), entry.product.removesuffix(" (Click-to-Run)")
    kind, installed = (_CLICK_TO_RUN, _WINDOWS_INSTALLER) if entry.click_to_run else (_WINDOWS_INSTALLER, _CLICK_TO_RUN)
    use = f"If {installed} installed {product}, use the GVLK ending in {other.partial_product_key if other else '?'}."
    mak = (
        'A MAK must also be for the installed edition. Microsoft names it "C2R-P for use with the Office Deployment Tool" for Click-to-Run.'
    )
    message = f"{machine} does not have the {kind} edition of {product}, which the GVLK ending in {entry.partial_product_key} is for."
    return TaskRefusedError("click_to_run_2016_key", message, (use, mak))


def _ids(found: tuple[Installation, ...]) -> str:
    return ", ".join(each.release_id for each in found)
