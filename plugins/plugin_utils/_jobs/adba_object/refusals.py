# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refusals of a task that creates an activation object, before the key is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._adba.model import ActivationObject
from ..._adba.reading import Domains
from ..._licensing.catalog import coverage, gvlk
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import OperatingSystem, ProductType
from ..._licensing.state.served import refuse
from .model import DesiredObject, Hop

_SOURCE = "slmgr.vbs, which does the same on the machine itself only"
_MEMBER = "Use a machine that is a member of a domain of the forest, or a domain controller."


def refuse_key(desired: DesiredObject) -> None:
    """Raise TaskRefusedError for a published key of clients."""
    if gvlk.known(desired.product_key):
        raise TaskRefusedError(
            "not_a_host_key",
            f"The key ending in {desired.product_key.partial_product_key} is a KMS client setup key (GVLK), not a KMS host key.",
            ("Set product_key to the KMS host key (CSVLK) of your agreement.",),
        )


def refuse_system(os: OperatingSystem) -> None:
    """Raise TaskRefusedError for Windows before Windows 8, which does not have the methods."""
    if not coverage.supports_ad_activation(os):
        refuse(os, "cannot create activation objects", "Use a machine with Windows 8, Windows Server 2012, or later.")


def refuse_unread(objects: Sequence[ActivationObject], desired: DesiredObject) -> None:
    """Raise TaskRefusedError if an object might have the key, so that another one would use an activation of it again."""
    unread = next((item for item in objects if item.partial_product_key is None), None)
    if unread:
        raise TaskRefusedError(
            "activation_object_not_readable",
            f"The account cannot read the key of the activation object {unread.label} ({unread.guid}), which might be {desired.label}.",
            ("Log on to the directory with an account that can read the attributes of all activation objects.",),
            cause="Creating an object that exists uses another activation of the key.",
        )


def refuse_name(objects: Sequence[ActivationObject], desired: DesiredObject) -> None:
    """Raise TaskRefusedError if another object has the name. Windows would contact Microsoft first, and then fail."""
    name = (desired.name or "").casefold()
    taken = next((item for item in objects if name and item.name.casefold() == name), None)
    if taken:
        raise TaskRefusedError(
            "activation_object_name_taken",
            f"The directory already has an activation object with the name '{desired.name}': {taken.label} ({taken.guid}).",
            ("Set name to another name, or delete that object first with state: absent.",),
            cause="Names of activation objects are unique in a forest, without regard to case.",
        )


def refuse_domain(os: OperatingSystem, domain: str | None, domains: Domains) -> None:
    """Raise TaskRefusedError for a machine of a workgroup, or of another forest than the directory of the task."""
    if domain is None:
        raise TaskRefusedError("not_domain_member", f"{os.computer_name} is not a member of a domain.", (_MEMBER,))
    if not domains.include(domain):
        raise TaskRefusedError(
            "other_forest",
            f"{os.computer_name} is a member of {domain}, and the directory of the task is the forest {domains.root}.",
            (f"Set server or domain to the forest of {domain}.", _MEMBER),
            cause="Windows creates the object in the forest of the machine.",
        )


def refuse_hop(os: OperatingSystem, hop: Hop) -> None:
    """Raise TaskRefusedError if the machine cannot pass the logon on to a domain controller. A domain controller does not need to."""
    if hop.is_possible or os.product_type is ProductType.DOMAIN_CONTROLLER:
        return
    raise TaskRefusedError(
        "no_delegation",
        f"{os.computer_name} is not a domain controller, and the connection uses {hop.logon}. The machine cannot pass this logon on to a"
        " domain controller, so that Windows could not create the object.",
        (
            "Run the task on a domain controller.",
            "Or set ansible_winrm_transport: credssp (ansible_psrp_auth: credssp).",
            "Or use Kerberos with ansible_winrm_kerberos_delegation: true (ansible_psrp_negotiate_delegate: true).",
        ),
        cause="Windows writes to the directory with the account of the session, which is valid on one machine only without delegation.",
        source=_SOURCE,
    )


__all__ = ["refuse_domain", "refuse_hop", "refuse_key", "refuse_name", "refuse_system", "refuse_unread"]
