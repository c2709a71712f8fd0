# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of many machines for one task, each with the options that the variables of the machine set.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

This is the only file that uses private members of Ansible's inventory, variables, and tasks; the names are those of ansible-core 2.16 to
2.21. For each machine it does what Ansible does before a task on this machine: it merges the variables of the machine, its groups, the
play, the role, and the task, evaluates those that the connection plugin uses, and passes them to a copy of the plugin.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.task import Task
from ansible.template import Templar

try:  # ansible-core 2.19 and later raise it for a value that is omitted
    from ansible.errors import AnsibleValueOmittedError
except ImportError:
    AnsibleValueOmittedError = ()

from ....module_utils._visible import visible
from ..._errors import InvalidOptionsError, VolumeActivationError, sentence

_KEYWORDS = ("connection", "port", "remote_user", "become")
"""Keywords of a task that set options of its connection, and that can be templates."""

_MOST_KNOWN = 64
"""Number of plugins with different options that are kept."""

_LISTS = ("ansible_play_hosts_all", "ansible_play_hosts", "ansible_play_batch", "play_hosts", "hostvars")
"""Variables with all machines. They are equal for all machines, so they are not computed again for each machine."""


class HostVariablesError(VolumeActivationError):
    """A variable that the connection to a machine uses cannot be evaluated; no request was sent to the machine."""

    error_code = "host_variables"
    cause = "A variable of the connection is a template with an undefined variable, has a wrong type, or cannot be decrypted."
    next_steps = ("Correct the variables of this host, for example in host_vars or group_vars.",)


class UnknownMachinesError(InvalidOptionsError):
    """The option for the machines names a machine or a group that the inventory does not contain."""

    next_steps = ("Correct the option machines.",)


@dataclass(frozen=True)
class HostConnection:
    """A connection plugin with the options of a machine, and the address of the machine; None without a variable for it.

    Machines with equal options share the plugin, apart from the address.
    """

    plugin: Any
    address: str | None

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Return the options by their names, which include passwords."""
        options = self.plugin._options
        return [*options.items(), *options.get("_extras", {}).items()]


class HostConnections:
    """Makes the connections. `action` is the plugin of the task, and `variables` are those of the task.

    `names` are the options of the task that are evaluated for each machine.
    """

    def __init__(self, action: Any, variables: Mapping[str, Any], names: Sequence[str]) -> None:
        self._action = action
        self._variables = variables
        self._hostvars = variables["hostvars"]
        self._templar = Templar(loader=action._loader, variables={})
        self._names = names
        self._plugins: dict[str, Any] = {}
        self._addresses: dict[str, list[str]] = {}
        self._known: dict[tuple[Any, ...], Any] = {}
        task = action._task
        self._play = task._parent._play
        # As Ansible loads it: options and keywords are templates again, which were evaluated for the first machine.
        self._raw = Task.load(task._ds, block=task._parent, role=task._role, loader=action._loader)
        self._raw._parent = task._parent
        if task.delegate_to:
            self._raw.vars = {}  # they are for the host that the task is delegated to
        self._keywords = self._keywords_of(task)

    def named(self, patterns: Sequence[str]) -> list[str]:
        """Return the machines that patterns match and the limit of the run does not exclude. Raises UnknownMachinesError.

        An empty pattern would match all machines. It is usually a variable that is not set.
        """
        if not all(pattern.strip() for pattern in patterns):
            raise UnknownMachinesError("machines contains an empty pattern. To read all machines, specify all.")
        found = self._hostvars._inventory.get_hosts(":".join(patterns), ignore_restrictions=True)
        if not found:
            raise UnknownMachinesError(f"no machine of the inventory and the limit of the run matches {', '.join(patterns)}.")
        return [str(host.name) for host in found]

    def variables_of(self, name: str) -> dict[str, Any]:
        """Return the variables of a machine for this task. Raises HostVariablesError."""
        host = self._hostvars._inventory.get_host(name)
        if host is None:
            raise HostVariablesError(f"the inventory does not contain {name}.")
        manager = self._hostvars._variable_manager
        try:
            with _cleaned_facts(needed=_has_facts(manager, name)):
                found = manager.get_vars(
                    play=self._play, host=host, task=self._raw, include_hostvars=False, _hosts=[name], _hosts_all=[name]
                )
        except AnsibleError as error:
            problem = _one_line(error)
        else:
            found.update((name, self._variables[name]) for name in _LISTS if name in self._variables)
            return dict(found)
        raise HostVariablesError(f"the variables cannot be read: {problem}")

    def options_of(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of the task that have another value for each machine; `given` are those of the first machine."""
        raw = self._raw.args
        found = {name: self._evaluated(raw[name], variables) if name in raw else given[name] for name in self._names}
        return {name: given[name] if value is _OMITTED else _without_omitted(value, variables) for name, value in found.items()}

    def connection(self, variables: Mapping[str, Any]) -> HostConnection:
        """Return the connection of a machine with its options. Raises HostVariablesError."""
        kind = str(self._first(variables, "ansible_connection", "connection"))
        plugin = self._plugin(kind)
        keys = {name: self._keyword(variables, name) for name in ("port", "remote_user")}
        options = {name: self._evaluated(variables[name], variables) for name in self._used(plugin, variables)}
        extras = {name: self._evaluated(variables[name], variables) for name in _extras(plugin, variables) if name not in options}
        becomes = self._becomes(variables)
        addresses = [options.pop(name, None) for name in self._addresses[kind]]
        key = (kind, becomes, *(repr(sorted(_set(each).items())) for each in (keys, options, extras)))
        known = self._known.get(key)
        if known is None:
            known = copy.copy(plugin)
            given = dict(zip(self._addresses[kind], addresses, strict=True))
            _set_options(known, {**self._keywords, **_set(keys)}, {**_set(options), **_set(given), "_extras": _set(extras)})
            known.become = True if becomes else None
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = known
        return HostConnection(known, next((str(value) for value in reversed(addresses) if value is not None), None))

    def _becomes(self, variables: Mapping[str, Any]) -> bool:
        return bool(boolean(self._first(variables, "ansible_become", "become") or False, strict=False))

    def _first(self, variables: Mapping[str, Any], variable: str, keyword: str) -> Any:
        """Return the value of a variable or, if the variable is not set, of a keyword."""
        if variables.get(variable) is not None:
            return self._evaluated(variables[variable], variables)
        return self._keyword(variables, keyword)

    def _keyword(self, variables: Mapping[str, Any], name: str) -> Any:
        return self._evaluated(getattr(self._raw, name), variables)

    def _used(self, plugin: Any, variables: Mapping[str, Any]) -> Iterable[str]:
        return [name for name in constants.config.get_plugin_vars("connection", plugin._load_name) if name in variables]

    def _plugin(self, kind: str) -> Any:
        if kind not in self._plugins:
            try:
                self._plugins[kind] = self._action._shared_loader_obj.connection_loader.get(
                    kind, self._action._play_context, new_stdin=None, task_uuid=self._raw._uuid, ansible_playbook_pid=str(os.getppid())
                )
            except AnsibleError:
                self._plugins[kind] = None
            self._addresses[kind] = _variables_with_address(self._plugins[kind])
        if self._plugins[kind] is None:
            raise HostVariablesError(
                f"the connection plugin {visible(kind)} was not found.",
                ("Set ansible_connection to winrm or psrp.",),
                error_code="wrong_connection",
            )
        return self._plugins[kind]

    def _evaluated(self, value: Any, variables: Mapping[str, Any]) -> Any:
        """Return a value without templates, or _OMITTED. Raises HostVariablesError."""
        if value is None or isinstance(value, (bool, int)) or (isinstance(value, str) and "{" not in value):
            return _OMITTED if _is_omitted(value, variables) else value
        try:
            self._templar.available_variables = variables
            found = self._templar.template(value)
            return _OMITTED if _is_omitted(found, variables) else found
        except AnsibleValueOmittedError:
            return _OMITTED
        except AnsibleError as error:
            problem = _one_line(error)
        raise HostVariablesError(f"a variable of the connection cannot be evaluated: {problem}")

    def _keywords_of(self, task: Any) -> dict[str, Any]:
        """Return the keywords of the task as Ansible passes them to a connection plugin, with the password of the command line."""
        keys = {name: value for name, value in task.dump_attrs().items() if name not in (*_KEYWORDS, "retries", "timeout", "vars", "args")}
        own = self._variables.get("ansible_delegated_vars", {}).get(task.delegate_to, {}) if task.delegate_to else self._variables
        # Ansible stores the password variable of the first machine in the same place. It must not be sent to another machine.
        is_of_machine = any(own.get(name) is not None for name in ("ansible_password", "ansible_ssh_pass"))
        if self._action._play_context.password and not is_of_machine:
            keys["password"] = self._action._play_context.password
        return keys


_OMITTED: Any = object()


def _has_facts(manager: Any, name: str) -> bool:
    try:
        return bool(manager._fact_cache.get(name))
    except KeyError:
        return False


@contextmanager
def _cleaned_facts(*, needed: bool) -> Iterator[None]:
    """Without facts, skip their cleaning: for each machine, Ansible searches the file system for connection plugins whose facts it removes.

    This is a third of the time for the variables of a machine. This process is the worker of one task, and nothing else in it uses facts.
    """
    kept = constants.INJECT_FACTS_AS_VARS
    constants.INJECT_FACTS_AS_VARS = kept and needed
    try:
        yield
    finally:
        constants.INJECT_FACTS_AS_VARS = kept


def _set_options(plugin: Any, keywords: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """Set the options of a connection plugin. Raises HostVariablesError for a value of another type."""
    try:
        plugin.set_options(task_keys=keywords, var_options=variables)
    except AnsibleError as error:
        problem = _one_line(error)
    else:
        return
    raise HostVariablesError(f"a variable of the connection has a wrong value: {problem}")


def _variables_with_address(plugin: Any) -> list[str]:
    """Return the variables that set the address of a machine, the last one has precedence; empty for another connection plugin."""
    definitions = {} if plugin is None else constants.config.get_configuration_definitions("connection", plugin._load_name)
    return [str(entry["name"]) for entry in definitions.get("remote_addr", {}).get("vars", ())]


def _is_omitted(value: Any, variables: Mapping[str, Any]) -> bool:
    """Return whether a value is the text that stands for an omitted value in ansible-core up to 2.18."""
    return isinstance(value, str) and value == variables.get("omit")


def _without_omitted(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a value without the omitted entries of its dictionaries."""
    if not isinstance(value, Mapping):
        return value
    return {name: _without_omitted(inner, variables) for name, inner in value.items() if not _is_omitted(inner, variables)}


def _set(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not _OMITTED}


def _extras(plugin: Any, variables: Mapping[str, Any]) -> list[str]:
    """Return the variables that the plugin takes in addition to its options, such as ansible_winrm_read_timeout_sec."""
    if not getattr(plugin, "allow_extras", False):
        return []
    prefix = f"ansible_{plugin.extras_prefix}_"
    return [name for name in variables if name.startswith(prefix)]


def _one_line(error: Exception) -> str:
    return sentence(visible(" ".join(str(getattr(error, "message", error)).split()))[:300])


__all__ = ["HostConnections", "HostVariablesError", "UnknownMachinesError"]
