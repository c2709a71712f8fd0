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
from .._licensing.catalog.errors import MACHINE, explain
from .._licensing.catalog.rights import explain_error
from .._licensing.hosting.model import HostPlan
from .._licensing.plan.plan import LicenseOutcome, LicensePlan, Outcome, Plan, product_of
from .._licensing.plan.step import CLEAR_RESTART_MARKER, SET_HOST_VERSION, SET_RESTART_MARKER, StepResult
from .._licensing.problems import StepFailedError, TaskRefusedError
from .._licensing.state.model import ActivationState
from .._licensing.state.report import describe_machine, describe_product, describe_system
from .applicability import UnsupportedKeywordError
from .redact import map_texts

_NAMED = 3
"""Number of steps that the message names; the other steps are counted."""

_MARKERS = frozenset({SET_RESTART_MARKER, CLEAR_RESTART_MARKER, SET_HOST_VERSION})
"""Steps that only record something for the next run. The message does not name them if there are other steps."""

_LINE = 1000
"""Maximum length of a line of a diff in characters, so that a sentence is not wrapped and can be searched."""


def failure(error: VolumeActivationError, host: str, done: str = "") -> dict[str, Any]:
    """Return the result of a failed task: a message of one line, and the error as data. `done` describes the completed steps."""
    return _stopped("failed", _message(error, host), done, _explanation(error))


def unreachable(error: UnreachableError, host: str, done: str = "") -> dict[str, Any]:
    """Return the result of a task whose machine cannot be reached."""
    return _stopped("unreachable", f"{host}: {error}", done, error.explain())


def unexpected(module: str, error: Exception, host: str, done: str = "") -> dict[str, Any]:
    """Return the result for an unexpected error, with its type and its text."""
    return failure(InternalError(module, error), host, done)


def _stopped(how: str, message: str, done: str, explanation: ErrorExplanation) -> dict[str, Any]:
    error = explanation.as_dict()
    return {how: True, "changed": False, "msg": with_next_step(f"{sentence(message)}{done}" if done else message, error), "error": error}


def outcome_of(outcome: Outcome[Any] | HostOutcome, host: str, *, check_mode: bool) -> dict[str, Any]:
    """Return the result of a task that carried out its plan, or predicted it in check mode: the common part of all state modules."""
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "msg": success_message(outcome.steps, host, check_mode=check_mode),
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
    """Return the machine and the settings for the result of a failed task; `plan` is None if the machine was not read."""
    if plan is None:
        return {"machine": None, "before": None, "after": None}
    return {"machine": machine_of(plan.state), "before": dict(plan.before), "after": after}


def machine_of(state: Any) -> dict[str, Any]:
    """Return the machine from the state of any plan; edition and licensing service are null if the licenses were not read."""
    licenses = state if isinstance(state, ActivationState) else getattr(state, "licenses", None)
    return describe_machine(licenses) if licenses else describe_system(state.os)


def license_of(plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
    """Return the product of the task, as the list that every module returns."""
    subject = product_of(plan, outcome.state)
    return {"products": [describe_product(outcome.state, subject)] if subject else []}


def success_message(steps: Sequence[StepResult], host: str, *, check_mode: bool) -> str:
    """Return a message of one line with the completed steps, or with the predicted steps in check mode."""
    done = [step for step in steps if step.done or check_mode]
    if not done:
        return f"{host}: nothing to do." if not steps else f"{host}: nothing was done."
    named = [step.description for step in done if step.action not in _MARKERS] or [step.description for step in done]
    more = f"; and {len(named) - _NAMED} more, see 'steps'" if len(named) > _NAMED else ""
    return f"{host}: {'would ' if check_mode else 'Done: '}{'; '.join(named[:_NAMED])}{more}."


def with_warnings(result: dict[str, Any], host: str, warnings: tuple[str, ...]) -> dict[str, Any]:
    """Return the result with additional warnings."""
    more = [f"{host}: {warning}" for warning in warnings]
    return {**result, "warnings": [*result.get("warnings", ()), *more]} if more else result


def diff(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of a result before and after as YAML text for Ansible's diff mode, including lost activations."""
    lost = [step["loses"] for step in result["steps"] if step["loses"]]
    before, after = ({**result[when], **({"lost_activations": gone} if lost else {})} for when, gone in (("before", []), ("after", lost)))
    return {"before": _yaml(before), "after": _yaml(after)}


def _yaml(settings: Mapping[str, Any]) -> str:
    # Each text is one line of the plain type: texts that ansible-core before 2.19 marks have another type, which YAML cannot write.
    plain = map_texts(settings, lambda text: str.__str__(visible(text)))
    return str(yaml_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_LINE))


def _message(error: VolumeActivationError, host: str) -> str:
    text = _with_meaning(error) if isinstance(error, CimError) else str(error)
    has_host = isinstance(error, TaskRefusedError) and text.lower().startswith((f"{host} ".lower(), f"{host}: ".lower()))
    return text if has_host or isinstance(error, (InvalidOptionsError, UnsupportedKeywordError)) else f"{host}: {text}"


def _with_meaning(error: CimError) -> str:
    """Return the message of the machine, in its language, with the meaning of its code."""
    explanation = explain(error.code, context=MACHINE)
    symbol = f"{explanation.symbol}: " if explanation.symbol else ""
    return f"{error} ({symbol}{explanation.meaning})"


def _explanation(error: VolumeActivationError) -> ErrorExplanation:
    """Return the explanation of an error; that of a CimError comes from the catalog."""
    return explain_error(error) if isinstance(error, CimError) else error.explain()
