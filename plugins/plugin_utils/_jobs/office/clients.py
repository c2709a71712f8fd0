# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of all products of a task: Windows, if the task is about Windows too, and each Office product.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The plan of Windows comes from the caller, because it belongs to another job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.kms import application_level, product_settings
from ..._licensing.kms import setting_steps as kms_steps
from ..._licensing.kms.product_setting_steps import SET_PRODUCT_KMS_HOST
from ..._licensing.office.read import reread_office
from ..._licensing.office.volume import OfficeMachine, VolumeProduct
from ..._licensing.plan import loss
from ..._licensing.plan.key_steps import remove_key
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.problems import OfficeNotReadError
from ..._licensing.state import scope
from ..._licensing.state.channels import channel_label
from ..._licensing.state.model import SPP_SERVICE, ActivationState, LicensedProduct, LicensingService
from . import plan as office_plan
from . import refusals
from .model import OfficeDesired, ProductPart, Selection
from .selection import select

Reread = Callable[[CimSession, ActivationState], ActivationState]
"""A function that reads the licenses again."""

_NO_WINDOWS: Mapping[str, None] = dict.fromkeys(
    (
        "partial_product_key",
        "channel",
        "kms_host",
        "kms_port",
        "lookup_domain",
        "host_caching",
        "activation_type",
        "application_kms_host",
        "application_kms_port",
        "status",
    )
)
"""The settings of Windows in `before` and `after` of a task that is about Office only."""


@dataclass(frozen=True)
class ClientsPlan:
    """The plans of a task in their order: `windows`, which is None without Windows, the settings of services, and `office`.

    `orphans` removes leftover keys whose kind of product no product of the task has. `unread` is why the licenses of Office could not be
    read: the task then carries out the plan of Windows, and fails at its end.
    """

    machine: OfficeMachine
    desired: OfficeDesired
    windows: LicensePlan | None
    settings: LicensePlan | None
    office: tuple[ProductPart, ...]
    orphans: LicensePlan | None
    leftovers: tuple[LicensedProduct, ...]
    reread: Reread = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    unread: OfficeNotReadError | None = None

    @property
    def state(self) -> ActivationState:
        """The licenses of the machine before the task."""
        return self.machine.licenses

    @property
    def parts(self) -> tuple[LicensePlan, ...]:
        """All plans in the order in which they are carried out."""
        plans = (self.windows, self.settings, *(part.plan for part in self.office), self.orphans)
        return tuple(each for each in plans if each is not None)

    @property
    def changed(self) -> bool:
        """Whether a plan writes or activates anything."""
        return any(part.changed for part in self.parts)

    @property
    def before(self) -> Mapping[str, Any]:
        """The settings before the task."""
        own = self.windows.before if self.windows else {**_NO_WINDOWS, "host_caching": _caching(self, self.state)}
        return {**own, "office_products": [office_plan.product_dict(self.state, part.product) for part in self.office]}

    @property
    def after(self) -> Mapping[str, Any]:
        """The predicted settings after the task."""
        asked = self.desired.host_caching
        caching = _caching(self, self.state) if asked is None or not self.office else asked
        own = self.windows.after if self.windows else {**_NO_WINDOWS, "host_caching": caching}
        return {**own, "office_products": [office_plan.predicted_dict(part.case, part.plan) for part in self.office]}

    def compare(self, state: ActivationState) -> Mapping[str, Any]:
        """Return the settings of a state that was read later."""
        own = self.windows.compare(state) if self.windows else {**_NO_WINDOWS, "host_caching": _caching(self, state)}
        return {**own, "office_products": [office_plan.product_dict(state, part.product) for part in self.office]}

    def title_of(self, plan: LicensePlan) -> str | None:
        """Return the name of the Office product of a plan, or None for the other plans."""
        return next((part.product.title for part in self.office if part.plan is plan), None)


def parts_of(machine: OfficeMachine, desired: OfficeDesired) -> tuple[Selection, tuple[ProductPart, ...]]:
    """Return the selected products with their plans. Raises TaskRefusedError."""
    scope.refuse_unread(machine.licenses)
    selection = select(machine, desired)
    _refuse_unsupported(machine, selection, desired)
    parts, taken = [], set[LicensedProduct]()
    for product in selection.products:
        mine = tuple(each for each in selection.leftovers if each not in taken and _belongs(each, product))
        taken.update(mine)
        case = office_plan.consider(machine, product, desired, mine)
        parts.append(ProductPart(case, office_plan.plan_of(case)))
    return selection, tuple(parts)


def plan(
    machine: OfficeMachine,
    desired: OfficeDesired,
    windows: LicensePlan | None,
    selection: Selection,
    office: tuple[ProductPart, ...],
    unread: OfficeNotReadError | None = None,
) -> ClientsPlan:
    """Return the plans of all products. Raises TaskRefusedError for a leftover key whose activation must not be lost."""
    if windows:
        of_windows = tuple(each for each in windows.state.application_kms if each not in machine.licenses.application_kms)
        levels = (*machine.licenses.application_kms, *of_windows)
        machine = replace(machine, licenses=replace(machine.licenses, application_kms=levels))
    reread = _rereading(office)

    def part(plan: LicensePlan) -> LicensePlan:
        """Return a plan that reads the final state of all products, with the settings of all applications."""
        levels = machine.licenses.application_kms
        return replace(plan, reread=reread, state=replace(plan.state, application_kms=levels))

    orphans, settings = _orphans(machine, desired, selection), _settings(machine, desired, office)
    removed = {*(each for part in office for each in part.case.removed), *(orphans.removed if orphans else ())}
    kept = tuple(each for each in selection.leftovers if each not in removed)
    warnings = (
        *machine.office.notes,
        *_level_warnings(machine, desired, office),
        *selection.warnings,
        *_shared_service(machine, desired),
        *_kept_warning(kept, desired),
    )
    return ClientsPlan(
        machine,
        desired,
        part(windows) if windows else None,
        part(settings) if settings else None,
        tuple(replace(each, plan=part(each.plan)) for each in office),
        part(orphans.plan) if orphans else None,
        selection.leftovers,
        reread,
        warnings,
        unread,
    )


def _rereading(office: tuple[ProductPart, ...]) -> Reread:
    """Return the function that reads the final state, in which the KMS hosts that the task sets for products are known."""
    written = {
        (part.product.client.class_name, part.product.client.activation_id): part.case.change.target_settings.host
        for part in office
        if any(step.action == SET_PRODUCT_KMS_HOST for step in part.plan.steps)
    }
    return lambda session, state: product_settings.with_written_hosts(reread_office(session, state), written)


@dataclass(frozen=True)
class _Orphans:
    plan: LicensePlan
    removed: tuple[LicensedProduct, ...]


def _orphans(machine: OfficeMachine, desired: OfficeDesired, selection: Selection) -> _Orphans | None:
    """Return the plan that removes leftover keys beside an Office that KMS does not activate, such as Microsoft 365 Apps."""
    left = tuple(each for each in selection.leftovers if not any(_belongs(each, product) for product in selection.products))
    if not left or not desired.remove_leftover_keys or desired.products:
        return None
    losses = loss.losses_of(left)
    if losses and not desired.lose_activation:
        raise loss.refusal(machine.licenses.os.computer_name, losses, "removing leftover keys")
    steps = tuple(map(remove_key, left))
    return _Orphans(LicensePlan(machine.licenses, steps, {}, {}, warnings=loss.warnings(losses)), left)


def _belongs(leftover: LicensedProduct, product: VolumeProduct) -> bool:
    return leftover in product.others or refusals.family_of_license(leftover) == product.name.family


def _refuse_unsupported(machine: OfficeMachine, selection: Selection, desired: OfficeDesired) -> None:
    """Raise TaskRefusedError for a setting that no product of the task has. A product without it beside others gets a warning."""
    if desired.with_windows or not selection.products:
        return
    options = [set(product_settings.unsupported_options(each.client, desired)) for each in selection.products]
    for option in sorted(set.intersection(*options)):
        raise refusals.service_without(machine, option, selection.products[0])


def _services(machine: OfficeMachine, desired: OfficeDesired, office: tuple[ProductPart, ...]) -> tuple[LicensingService, ...]:
    """Return the licensing services whose host caching the task sets. The plan of Windows sets that of its own service."""
    found = dict.fromkeys(machine.licenses.service_of(part.product.client) for part in office)
    return tuple(service for service in found if not (desired.with_windows and service.class_name == SPP_SERVICE))


def _settings(machine: OfficeMachine, desired: OfficeDesired, office: tuple[ProductPart, ...]) -> LicensePlan | None:
    """Return the plan for the settings that belong to a licensing service or to the whole application."""
    caching, state = desired.host_caching, machine.licenses
    services = () if caching is None else _services(machine, desired, office)
    steps = tuple(kms_steps.set_host_caching_of(each, caching) for each in services if each.host_caching not in (None, caching))
    if desired.clear_application_settings:
        levels = dict.fromkeys(state.application_kms_of(part.product.client) for part in office)
        steps += tuple(step for level in levels for step in application_level.clearing_steps(level, "Office"))
    return LicensePlan(machine.licenses, steps, {}, {}) if steps else None


def _shared_service(machine: OfficeMachine, desired: OfficeDesired) -> tuple[str, ...]:
    """Return the warning about a setting that changes for Windows too."""
    if desired.with_windows or desired.host_caching in (None, machine.licenses.service.host_caching):
        return ()
    return ("host_caching belongs to the licensing service, which Windows and Office share: the task changes it for Windows too.",)


def _level_warnings(machine: OfficeMachine, desired: OfficeDesired, office: tuple[ProductPart, ...]) -> tuple[str, ...]:
    """Return a warning for each KMS host in the registry that a product of the task uses, and that the task does not remove."""
    found = dict.fromkeys(machine.licenses.application_kms_of(part.product.client) for part in office)
    levels = [] if desired.clear_application_settings else [level for level in found if level and (level.host or level.problem)]
    clear = "The option clear_application_settings: true removes it."
    return tuple(
        f"The KMS settings that the registry can have for Office could not be read: {level.problem}."
        if level.problem
        else f"{application_level.overrides_text(level, 'Office')}. A KMS host of the product has precedence. {clear}"
        for level in levels
    )


def _caching(plan: ClientsPlan, state: ActivationState) -> bool | None:
    """Return the host caching of the first service that the Office products use."""
    first = next(iter(plan.office), None)
    return state.service_of(first.product.client).host_caching if first else state.service.host_caching


def _kept_warning(kept: tuple[LicensedProduct, ...], desired: OfficeDesired) -> tuple[str, ...]:
    if not kept or desired.remove_leftover_keys:
        return ()
    listed = "; ".join(f"the {channel_label(each)} ending in {each.partial_product_key} ({each.name})" for each in kept)
    return (f"Office has leftover keys, which stay installed: {listed}. Set remove_leftover_keys: true to remove them.",)


__all__ = ["ClientsPlan", "parts_of", "plan"]
