# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a task about Office as a KMS client is refused before anything is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._licensing.office.click_to_run import RETAIL, SUBSCRIPTION, VOLUME, Installation
from ..._licensing.office.names import is_subscription, license_name
from ..._licensing.office.volume import OfficeMachine, VolumeProduct, is_same, volume_products
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import Application, LicensedProduct

_NAMED = 8
"""Maximum number of products in a message."""

_DEPLOY = "To get a volume edition, remove this Office, and install the volume edition with the Office Deployment Tool."
_REPAIR = (
    "Repair Office on the machine, which installs its licenses again.",
    "If you have its license files (.xrm-ms), install them with license_file and application: office.",
)
_EXCLUDE = "Exclude the machine from the task: a subscription is licensed when a user with the license signs in to an Office program."


_NO_OFFICE = "Exclude the machine, or set application: all without products, which does not require Office."
_NAME = "Set products to names of this list, to names of licenses, to product IDs of Click-to-Run, or to activation IDs."


def family_of_license(product: LicensedProduct) -> str | None:
    """Return the kind of product of a license, such as a suite or Visio; None for a name that is not known."""
    name = license_name(product)
    return name.family if name else None


def nothing_to_activate(machine: OfficeMachine) -> TaskRefusedError:
    """Return the refusal of a machine without a product that KMS can activate."""
    computer = machine.licenses.os.computer_name
    subscriptions = machine.office.of_kind(SUBSCRIPTION)
    keyed = [each for each in machine.licenses.keyed(Application.OFFICE) if is_subscription(each)]
    if subscriptions or keyed:
        return managed_by_subscription(machine, subscriptions[0].release_id if subscriptions else keyed[0].name)
    retail = machine.office.of_kind(RETAIL)
    if retail:
        return is_retail(machine, retail[0])
    unlicensed = without_licenses(machine)
    if unlicensed:
        return TaskRefusedError(
            "no_office",
            f"{computer} {_licenses_missing(unlicensed)}",
            _REPAIR,
            cause="The licenses of a product can be removed or damaged while its programs stay.",
        )
    unclear = volume_products(machine)
    if unclear:
        listed = listed_products(unclear)
        return TaskRefusedError(
            "no_office",
            f"{computer} has licenses of {listed}, but no key, and it is not known which of these products is installed.",
            ("Set products to the products that are installed.",),
        )
    return TaskRefusedError(
        "no_office",
        f"{computer} does not have a volume edition of Office.",
        (_NO_OFFICE,),
        cause="No license of Office has a key or is for KMS clients, and Click-to-Run did not install a volume edition.",
    )


def without_licenses(machine: OfficeMachine) -> tuple[Installation, ...]:
    """Return the volume products that Click-to-Run installed and that the licensing service does not know."""
    known = [product.name for product in volume_products(machine)]
    return tuple(each for each in machine.office.of_kind(VOLUME) if not any(is_same(each, name) for name in known))


def _licenses_missing(installed: Sequence[Installation]) -> str:
    listed = ", ".join(each.release_id for each in installed)
    return f"does not have the licenses of {listed}, which Click-to-Run has installed."


def without_licenses_warning(installed: Sequence[Installation]) -> str:
    """Return the warning about products whose licenses are missing."""
    return f"The machine {_licenses_missing(installed)} {_REPAIR[0]}"


def managed_by_subscription(machine: OfficeMachine, name: str) -> TaskRefusedError:
    """Return the refusal of a product that a subscription licenses."""
    return TaskRefusedError(
        "managed_by_subscription",
        f"{machine.licenses.os.computer_name} has {name} by a Microsoft 365 subscription, which KMS cannot activate.",
        (_EXCLUDE, _DEPLOY),
        cause="The state of a subscription belongs to the user, and WMI does not show it.",
    )


def is_retail(machine: OfficeMachine, installed: Installation) -> TaskRefusedError:
    """Return the refusal of a retail edition that Click-to-Run installed."""
    return TaskRefusedError(
        "click_to_run_is_retail",
        f"{machine.licenses.os.computer_name} has the retail edition {installed.release_id}, which does not accept a volume key.",
        (_DEPLOY,),
        cause="A key does not change a Click-to-Run installation from a retail edition to a volume edition.",
    )


def several_suites(machine: OfficeMachine, suites: Sequence[VolumeProduct]) -> TaskRefusedError:
    """Return the refusal of a machine with two suites of one release, of which only one can be installed."""
    listed = " and ".join(each.title for each in suites)
    return TaskRefusedError(
        "several_office_suites",
        f"{machine.licenses.os.computer_name} has licenses of {listed}, and it is not known which of these suites is installed.",
        ("Set products to the suite that is installed.",),
    )


def no_gvlk(machine: OfficeMachine, product: VolumeProduct) -> TaskRefusedError:
    """Return the refusal of a product without a published GVLK."""
    return TaskRefusedError(
        "no_gvlk_for_edition",
        f"{machine.licenses.os.computer_name} has {product.client.name}, for which there is no known GVLK.",
        ("Install a key of this product with product_key, and run the task again. kms_client keeps an installed GVLK.",),
    )


def unknown_product(machine: OfficeMachine, known: Sequence[VolumeProduct], name: str) -> TaskRefusedError:
    """Return the refusal of a name that no product of the machine has."""
    computer = machine.licenses.os.computer_name
    listed = f"The machine has {listed_products(known)}." if known else "The machine does not have a volume edition of Office."
    return TaskRefusedError(
        "office_product_unknown",
        f"{computer} does not have the Office product {name}. {listed}",
        (_NAME if known else _NO_OFFICE,),
    )


def service_without(machine: OfficeMachine, option: str, product: VolumeProduct) -> TaskRefusedError:
    """Return the refusal of a setting that the licensing service of a product does not have."""
    return TaskRefusedError(
        "not_supported_by_windows",
        f"{option} cannot be set: {product.title} on {machine.licenses.os.computer_name} uses the Office Software Protection Platform,"
        f" which does not have this setting.",
        (f"Omit {option} for this machine.",),
    )


def listed_products(products: Sequence[VolumeProduct]) -> str:
    """Return the products for a message."""
    named = "; ".join(f"{each.title} ({each.client.activation_id})" for each in products[:_NAMED])
    return f"{named}; and {len(products) - _NAMED} more" if len(products) > _NAMED else named


def not_installed_warning(machine: OfficeMachine, product: VolumeProduct) -> str:
    """Return the warning about a product that the task names, and that does not seem to be installed."""
    listed = ", ".join(machine.office.click_to_run.release_ids) if machine.office.click_to_run else ""
    shown = f"Click-to-Run has installed {listed}" if listed else "The machine also has a key of another release"
    return f"{product.title} does not seem to be installed. {shown}. Correct products, or the key of this product is a leftover key."


def unclear_warning(products: Sequence[VolumeProduct]) -> str:
    """Return the warning about products of which it is not known which one is installed."""
    listed = " and ".join(each.title for each in products)
    return (
        f"It is not known which of these products is installed, so the module does not change them: {listed}. Set products to select one."
    )
