# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the plain data of a task result from the outcome of the licensing package.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.common.yaml import yaml_dump

from ...module_utils._visible import visible
from .._cim.session import CimError
from .._errors import (
    ErrorExplanation,
    InternalError,
    InvalidOptionsError,
    UnreachableError,
    VolumeActivationError,
    sentence,
    with_next_step,
)
from .._jobs.kms_host.run import HostOutcome
from .._licensing.catalog.errors import explain
from .._licensing.hosting.model import HostPlan
from .._licensing.plan.plan import LicenseOutcome, LicensePlan, Outcome, Plan
from .._licensing.plan.step import StepResult
from .._licensing.problems import StepFailedError, TaskRefusedError
from .._licensing.state.model import ActivationState, LicensedProduct
from .._licensing.state.report import describe_machine, describe_product, describe_system
from .applicability import UnsupportedKeywordError
from .redact import map_texts

_NAMED = 3
"""Steps that the message names; the others are counted."""

_LINE = 1000
"""Characters of a line of a diff: a sentence in it is not folded, so that it can be read and searched."""


def failure(error: VolumeActivationError, host: str, done: str = "") -> dict[str, Any]:
    """The result of a task that stopped: one line for people, and the error as data. `done` says what was done before."""
    return _stopped("failed", _message(error, host), done, _explanation(error))


def unreachable(error: UnreachableError, done: str = "") -> dict[str, Any]:
    """The result of a task whose machine could not be asked, or not any more."""
    return _stopped("unreachable", str(error), done, error.explain())


def unexpected(module: str, error: Exception, host: str, done: str = "") -> dict[str, Any]:
    """The result for an error nobody foresaw: its type and its text."""
    return failure(InternalError(module, error), host, done)


def _stopped(how: str, words: str, done: str, explanation: ErrorExplanation) -> dict[str, Any]:
    error = explanation.as_dict()
    return {how: True, "changed": False, "msg": with_next_step(f"{sentence(words)}{done}" if done else words, error), "error": error}


def outcome_of(outcome: Outcome[Any] | HostOutcome, host: str, *, check_mode: bool) -> dict[str, Any]:
    """The result of a task that went through its plan, or that in check mode predicted it: what every module that changes something has."""
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "msg": _success(outcome.steps, host, check_mode=check_mode),
        "machine": machine_of(outcome.state),
        "steps": [step.as_dict() for step in outcome.steps],
        "before": dict(outcome.before),
        "after": dict(outcome.after),
    }
    if outcome.warnings:
        result["warnings"] = [f"{host}: {warning}" for warning in outcome.warnings]
    if outcome.failed:
        error = outcome.error or StepFailedError(None, (), None, outcome.message or "it failed").explain().as_dict()
        result.update(failed=True, error=dict(error), msg=with_next_step(f"{host}: {outcome.message}", error))
    return result


def settings_of(plan: Plan[Any] | HostPlan | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """Machine and settings of a task that did not come to its end; `plan` is None when the machine was not read."""
    if plan is None:
        return {"machine": None, "before": None, "after": None}
    return {"machine": machine_of(plan.state), "before": dict(plan.before), "after": after}


def machine_of(state: Any) -> dict[str, Any]:
    """The machine in the state of any plan; the edition and the licensing service are known where its licenses were read."""
    licenses = state if isinstance(state, ActivationState) else getattr(state, "licenses", None)
    return describe_machine(licenses) if licenses else describe_system(state.os)


def license_of(plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
    """The product that a task was about, as the list that every module returns."""
    subject = _subject(plan, outcome)
    return {"products": [describe_product(outcome.state, subject)] if subject else []}


def _success(steps: Sequence[StepResult], host: str, *, check_mode: bool) -> str:
    """One line: what was done, or in check mode would be."""
    named = [step.description for step in steps if step.done or check_mode]
    if not named:
        return f"{host}: nothing to do." if not steps else f"{host}: nothing was done."
    more = f"; and {len(named) - _NAMED} more, see 'steps'" if len(named) > _NAMED else ""
    return f"{host}: {'would ' if check_mode else 'did '}{'; '.join(named[:_NAMED])}{more}."


def with_warnings(result: dict[str, Any], host: str, warnings: tuple[str, ...]) -> dict[str, Any]:
    """The result with warnings that it has besides its own."""
    more = [f"{host}: {warning}" for warning in warnings]
    return {**result, "warnings": [*result.get("warnings", ()), *more]} if more else result


def _subject(plan: LicensePlan, outcome: LicenseOutcome) -> LicensedProduct | None:
    """The product a plan was about: the one with the key it aimed at, else Windows itself."""
    wanted = plan.target.partial_product_key if plan.target else None
    same = (product for product in outcome.state.products if wanted and product.partial_product_key == wanted and not product.is_addon)
    return next(same, outcome.state.primary)


def diff(result: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a result before and after as YAML text, for Ansible's diff mode; activations that are lost are among them."""
    lost = [step["loses"] for step in result["steps"] if step["loses"]]
    before, after = ({**result[when], **({"lost_activations": gone} if lost else {})} for when, gone in (("before", []), ("after", lost)))
    return {"before": _yaml(before), "after": _yaml(after)}


def _yaml(settings: Mapping[str, Any]) -> str:
    # Each text on its one line, and plain: the marks of ansible-core before 2.19 make it a kind of its own, which YAML cannot write.
    plain = map_texts(settings, lambda text: str.__str__(visible(text)))
    return str(yaml_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_LINE))


def _message(error: VolumeActivationError, host: str) -> str:
    text = _with_meaning(error) if isinstance(error, CimError) else str(error)
    names_itself = isinstance(error, TaskRefusedError) and text.lower().startswith(f"{host} ".lower())
    return text if names_itself or isinstance(error, (InvalidOptionsError, UnsupportedKeywordError)) else f"{host}: {text}"


def _with_meaning(error: CimError) -> str:
    """What the machine said, in its own language, beside what its code means."""
    explanation = explain(error.code)
    return f"{error} ({explanation.symbol}: {explanation.meaning})"


def _explanation(error: VolumeActivationError) -> ErrorExplanation:
    """What a machine answered is explained by its code, everything else explains itself."""
    return explain(error.code) if isinstance(error, CimError) else error.explain()
