# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of a rulebook: native values and texts of variables are the same, and everything that is wrong is named at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching import endpoints, records
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.endpoints import EndpointSource
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.options import options_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.records import RecordsSource

SOURCES = Path(__file__).resolve().parents[4] / "extensions" / "eda" / "plugins" / "event_source"


@pytest.mark.parametrize(("given", "meant"), [(5, 5), ("5", 5), (None, 60), ("", 60)])
def test_number_can_be_text_and_an_empty_one_is_the_default(given: Any, meant: int) -> None:
    assert options_of("x", {"interval": given}, endpoints.OPTIONS)["interval"] == meant


@pytest.mark.parametrize("given", [["kms1", "kms2:1689"], "kms1, kms2:1689", ("kms1", "kms2:1689", "kms1")])
def test_list_can_be_text(given: Any) -> None:
    assert options_of("x", {"endpoints": given}, endpoints.OPTIONS)["endpoints"] == ["kms1", "kms2:1689"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "set endpoints, domains, or both"),
        ({"endpoint": ["kms1"]}, "endpoint is not an option (did you mean endpoints?)"),
        ({"endpoints": ["kms1:0"]}, "endpoints: 'kms1:0' has no port from 1 to 65535"),
        ({"endpoints": [5]}, "endpoints: invalid value 5: must be a text"),
        ({"endpoints": {"a": 1}}, "must be a list"),
        ({"endpoints": [f"kms{number}" for number in range(65)]}, "endpoints: has 65 items, and the maximum is 64"),
        ({"domains": ["_vlmcs._tcp.corp.example.com"]}, "names the records themselves"),
        ({"endpoints": ["kms1"], "interval": 0}, "interval: invalid value 0: must be a whole number from 1 to 86400"),
        ({"endpoints": ["kms1"], "interval": True}, "interval: invalid value True"),
        ({"endpoints": ["kms1"], "interval": 1.5}, "interval: invalid value 1.5"),
        ({"endpoints": ["kms1"], "emit": "never"}, "emit: invalid value 'never': must be one of changes, always"),
        ({"endpoints": ["kms1"], "probe_networks": ["10.0.0.1/8"]}, "host bits set; the network is 10.0.0.0/8"),
        ({"endpoints": ["kms1"], "dns_server": "http://dc1"}, "dns_server: 'http://dc1' contains a scheme"),
        ({"endpoints": ["kms1"], "dns_port": "x", "silent_after": -1}, "silent_after: invalid value -1"),
    ],
)
def test_kms_endpoints_refuses(args: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidOptionsError) as found:
        EndpointSource(args)
    assert str(found.value).startswith("kms_endpoints: ")
    assert words in str(found.value)
    assert "Nothing was read or sent." in str(found.value)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(InvalidOptionsError, match=r"intervall .*interval\?.*endpoints: .*dns_port: ") as found:
        EndpointSource({"intervall": 5, "endpoints": ["kms 1"], "dns_port": 0})
    assert str(found.value).count(";") == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "set paths to record files or patterns"),
        ({"paths": ["records.jsonl"]}, "must be an absolute path or pattern"),
        ({"paths": ["/var/r.jsonl"], "minimum_count": 0}, "minimum_count: invalid value 0"),
        ({"path": "/var/r.jsonl"}, "did you mean paths?"),
    ],
)
def test_activation_records_refuses(args: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidOptionsError) as found:
        RecordsSource(args)
    assert words in str(found.value)


def test_argument_of_ansible_rulebook_is_not_refused() -> None:
    EndpointSource({"endpoints": ["kms1"], "eda_feedback_queue": object()})


@pytest.mark.parametrize(("name", "options"), [("kms_endpoints", endpoints.OPTIONS), ("activation_records", records.OPTIONS)])
def test_documentation_has_the_options_with_their_types_defaults_and_limits(name: str, options: dict[str, Any]) -> None:
    text = (SOURCES / f"{name}.py").read_text(encoding="utf-8")
    documented = yaml.safe_load(text.partition('DOCUMENTATION = r"""')[2].partition('"""')[0])["options"]
    assert list(documented) == list(options)
    for key, option in options.items():
        described = documented[key]
        default = described.get("default", [] if described["type"] == "list" else None)
        assert (described["type"], default, tuple(described.get("choices", ()))) == (
            option.kind,
            list(option.default) if option.kind == "list" else option.default,
            option.choices,
        )
        if option.kind == "int":
            assert f"from {option.lowest} to {option.highest}" in str(described["description"]), key
