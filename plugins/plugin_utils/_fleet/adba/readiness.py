# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether Active Directory can activate a machine that KMS activates now.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Active Directory activates Windows 8 and Windows Server 2012 or later, on a member of a domain of the forest in which the activation
object is, and only what the CSVLK of the object covers. All of it is known before a machine is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ....module_utils._visible import visible
from ..._licensing.ad.objects import covers_license, forest_of, is_below
from ..._licensing.catalog import coverage
from ..._licensing.office.names import parse
from ..._licensing.state.model import Application
from ..._task_results import Result
from ..failover import unread_because
from ..machines import Machine, is_left_alone
from .migration import APPLICATIONS

READY, REFUSED, NOT_AFFECTED, UNREAD = "ready", "refused", "not_affected", "unread"

_SHOWN = 5
_KEYS = {"mak": "a MAK", "csvlk": "the key of a KMS host", "retail": "a retail key", "oem": "an OEM key", "avma": "an AVMA key"}
_LEAVE_OUT = "Leave the machine out of the run, so that KMS still activates it."
_JOIN = "Join the machine to a domain of the forest."
_OTHER_TREE = "If the domain is in the forest under a name of its own, add it to adba_forest_domains."
_NAME_PRODUCTS = (
    "Set csvlk_products of adba_object_info, or adba_csvlk_products of the role, to the products of the activation IDs of the objects."
)
_TRY = "Or set adba_allow_unknown: true. The machine then keeps KMS if Active Directory does not activate it."


@dataclass(frozen=True)
class KnownForest:
    """The activation objects of a forest, as adba_object_info returns them, and domains of the forest that do not have its name.

    With `allow_unknown`, a machine is ready for which it is not known whether an object covers it.
    """

    objects: tuple[Mapping[str, Any], ...]
    domains: tuple[str, ...] = ()
    allow_unknown: bool = False

    @property
    def roots(self) -> tuple[str, ...]:
        """The root domains in the distinguished names of the objects."""
        return tuple(dict.fromkeys(root for each in self.objects if (root := forest_of(str(each.get("dn") or "")))))

    def includes(self, domain: str) -> bool:
        """Return whether a domain is in the forest by its name, or is named as one of it. Without any object, it is not known: True."""
        roots = self.roots
        return not roots or any(is_below(domain, root) for root in (*roots, *(each.rstrip(".").casefold() for each in self.domains)))


def readiness(machine: Result, forest: KnownForest, application: str = "windows") -> dict[str, Any]:
    """Return the status of one machine with the reason.

    `machine` is a result of activation_check with its option activation_objects. `application` is windows, office, or all. The returned
    dictionary has a status, a message, next steps, a code (None unless refused), and the names of the objects that cover the machine.
    """
    because = unread_because(machine)
    if because:
        return _row(UNREAD, because)
    clients = clients_of(machine, application)
    if not clients:
        return _row(NOT_AFFECTED, _no_client(_products(machine, application), application))
    return _outside(machine, forest) or _covered(machine, clients, forest)


def clients_of(machine: Result, application: str) -> list[Result]:
    """Return the products with a GVLK of a machine that was read, without those that a subscription activates."""
    return [each for each in _products(machine, application) if each["channel"] == "gvlk" and each.get("activated_by") != "subscription"]


def _products(machine: Result, application: str) -> list[Result]:
    found = Machine("", machine).products
    return [each for each in found if each["application"] in APPLICATIONS[application] and not is_left_alone(each)]


def _no_client(own: Sequence[Result], application: str) -> str:
    """Return why no product is a KMS client."""
    subject = "Office" if application == "office" else "Windows"
    if any(each.get("activated_by") == "subscription" for each in own):
        return f"A subscription activates {subject}."
    kinds = dict.fromkeys(_KEYS.get(str(each["channel"]), "another key") for each in own)
    return f"{subject} has {' and '.join(kinds)}, and no GVLK." if kinds else f"{subject} does not have a product key."


def _outside(machine: Result, forest: KnownForest) -> dict[str, Any] | None:
    """Return why no object of the forest can activate the machine, or None."""
    system, facts = _system(machine), machine["machine"]
    if not coverage.supports_ad_activation(system):
        text = f"Active Directory does not activate {visible(str(facts['caption']))}, only Windows 8, Windows Server 2012, or later."
        return _row(REFUSED, text, (_LEAVE_OUT,), "not_supported_by_windows")
    membership = machine.get("domain_membership") or {}
    domain = membership.get("domain")
    if membership.get("is_member") is False:
        return _row(REFUSED, "The machine is not a member of a domain.", (_JOIN, _LEAVE_OUT), "not_domain_member")
    if domain and not forest.includes(str(domain)):
        text = f"The machine is a member of {visible(str(domain))}, and the activation objects are in the forest {_list(forest.roots)}."
        return _row(REFUSED, text, (_OTHER_TREE, _LEAVE_OUT), "other_forest")
    return None


def _covered(machine: Result, clients: Sequence[Result], forest: KnownForest) -> dict[str, Any]:
    """Return whether the objects cover all products that are KMS clients."""
    system = _system(machine)
    answers = {title(machine, each): _answer(each, system, forest.objects) for each in clients}
    missing = [each for each in clients if answers[title(machine, each)] is False]
    if missing:
        return _row(REFUSED, _uncovered(machine, missing, forest), tuple(_needed(machine, missing, system)), "no_object_covers")
    unknown = [title for title, answer in answers.items() if answer is None]
    if unknown and not forest.allow_unknown:
        text = f"It is not known whether an activation object covers {_list(unknown)}: {_shown(forest.objects)}."
        return _row(REFUSED, text, (_NAME_PRODUCTS, _TRY), "coverage_not_known")
    names = [str(each["name"]) for each in forest.objects if any(_covers(each, product, system) for product in clients)]
    by = f"The activation object {_list(names)} covers" if names else "It is not known whether an activation object covers"
    return {**_row(READY, f"{by} {_list(list(answers))}."), "object_names": names}


def _answer(product: Result, system: coverage.SystemFacts, objects: Iterable[Mapping[str, Any]]) -> bool | None:
    return coverage.any_covers(_covers(each, product, system) for each in objects)


def _covers(known: Mapping[str, Any], product: Result, system: coverage.SystemFacts) -> bool | None:
    return _covers_name(known.get("product_name"), product, system)


def _covers_name(product_name: Any, product: Result, system: coverage.SystemFacts) -> bool | None:
    name = str(product_name) if product_name else None
    return covers_license(name, Application(product["application"]), str(product["name"]), system)


def _uncovered(machine: Result, missing: Sequence[Result], forest: KnownForest) -> str:
    what = _list([title(machine, each) for each in missing])
    return (
        f"No activation object covers {what}: {_shown(forest.objects)}."
        if forest.objects
        else f"No activation object covers {what}: none was found."
    )


def _needed(machine: Result, missing: Sequence[Result], system: coverage.SystemFacts) -> Iterator[str]:
    for product in missing:
        oldest = coverage.oldest_key(partial(_covers_name, product=product, system=system))
        key = f"{oldest} or of a later version" if oldest else f"a version that covers {title(machine, product)}"
        yield f"Create an activation object with the KMS host key (CSVLK) of {key} (adba_object)."
    yield "Or leave these machines with KMS: adba_skip_not_covered: true moves the others."


def _shown(objects: Sequence[Mapping[str, Any]]) -> str:
    """Return which products the objects are for, with those of unknown products together."""
    known = [f"{visible(str(each['name']))} is for {each['product_name']}" for each in objects if each.get("product_name")]
    unknown = [visible(str(each["name"])) for each in objects if not each.get("product_name")]
    return _list([*known, *([f"the product of {_list(unknown)} is not known"] if unknown else [])])


def title(machine: Result, product: Result) -> str:
    """Return the name of a product for messages: Windows with its build, or Office with its release."""
    if product["application"] != "office":
        return f"{visible(str(machine['machine']['caption']))} (build {machine['machine']['build']})"
    name = parse(str(product["name"]))
    return f"Office {name.product} {name.release}" if name else visible(str(product["name"]))


def _system(machine: Result) -> coverage.SystemFacts:
    facts = machine["machine"]
    return coverage.SystemFacts(int(facts["build"]), facts["product_type"] != "client", facts.get("edition_id"))


def _list(names: Sequence[str]) -> str:
    shown = [*names[:_SHOWN], f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN + 1 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def _row(status: str, message: str, next_steps: tuple[str, ...] = (), code: str | None = None) -> dict[str, Any]:
    return {"status": status, "message": message, "next_steps": list(next_steps), "code": code, "object_names": []}


__all__ = ["NOT_AFFECTED", "READY", "REFUSED", "UNREAD", "KnownForest", "clients_of", "readiness", "title"]
