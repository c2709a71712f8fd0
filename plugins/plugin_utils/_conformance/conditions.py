# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other conditions with which the modules query the same classes, and the few classes that only one of them needs. Reads only.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The functions are those of the modules, so that the kit sends what they send. A test compares the queries of all modules with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .._cim.session import CimSession
from .._jobs.kms_event_archive.plan import find
from .._licensing.events import log
from .._licensing.events.catalog import APPLICATION
from .._licensing.events.kms import REQUEST_SENT
from .._licensing.office.read import read_office_machine
from .._licensing.state import wql
from .._licensing.state.model import OFFICE_ID, SPP_PRODUCT, WINDOWS_ID, ActivationState, Application, LicensedProduct
from .._licensing.state.read import SINCE_VISTA, existing_ids, read_again, read_product_by_id, read_products_by_key, read_state
from .model import Answers, KitQuestion

_LOOK_BACK = timedelta(days=1)
_BOTH = frozenset(Application)

Ask = Callable[[CimSession, Answers], Any]


def _state(answers: Answers) -> ActivationState:
    """Return the state. Raises LookupError if it could not be read, which makes a question that needs it unanswered."""
    found = answers.value("state")
    if not isinstance(found, ActivationState):
        raise LookupError("the state of the machine could not be read")
    return found


def _primary(answers: Answers) -> LicensedProduct:
    found = _state(answers).primary
    if found is None or not found.partial_product_key:
        raise LookupError("Windows has no key")
    return found


def _by_key(*applications: str) -> Ask:
    return lambda s, a: read_products_by_key(s, SPP_PRODUCT, applications, _primary(a).partial_product_key or "")


def _path(answers: Answers) -> str:
    found = answers.value("log_application")
    if found is None:
        raise LookupError("the file of the log Application is not known")
    return str(found.path)


def _folder(session: CimSession, answers: Answers) -> Any:
    folder = _path(answers).rpartition("\\")[0]
    return session.query(f"SELECT Name FROM Win32_Directory WHERE Name={wql.literal(folder)}")


def _events(*, is_ended: bool) -> Ask:
    def ask(session: CimSession, answers: Answers) -> Any:
        now = _state(answers).os.time
        return log.read(session, APPLICATION, (REQUEST_SENT,), now - _LOOK_BACK, now if is_ended else None)

    return ask


CONDITIONS: tuple[KitQuestion, ...] = (
    KitQuestion("again", f"{SPP_PRODUCT} of Windows", lambda s, a: read_again(s, _state(a))),
    KitQuestion("both_applications", f"{SPP_PRODUCT} of Windows and Office", lambda s, _answers: read_state(s, _BOTH)),
    KitQuestion("office_machine", "licenses of Office with their keys", lambda s, _answers: read_office_machine(s, _BOTH, SINCE_VISTA)),
    KitQuestion("by_key", f"{SPP_PRODUCT} by its key", _by_key(WINDOWS_ID)),
    KitQuestion("by_key_of_both", f"{SPP_PRODUCT} by its key and application", _by_key(WINDOWS_ID, OFFICE_ID)),
    KitQuestion("by_id", f"{SPP_PRODUCT} by its ID", lambda s, a: read_product_by_id(s, _primary(a))),
    KitQuestion("id_exists", f"ID of {SPP_PRODUCT}", lambda s, a: existing_ids(s, (_primary(a).activation_id,))),
    KitQuestion("events_since", "one kind of event since a time", _events(is_ended=False)),
    KitQuestion("events_between", "one kind of event between two times", _events(is_ended=True)),
    KitQuestion("boot_time", "start of Windows", lambda s, _answers: s.query("SELECT LastBootUpTime FROM Win32_OperatingSystem")),
    KitQuestion("folder", "Win32_Directory", _folder),
    KitQuestion("file", "CIM_DataFile", lambda s, a: find(s, _path(a))),
)
"""Questions that use the answers of those before."""

__all__ = ["CONDITIONS"]
