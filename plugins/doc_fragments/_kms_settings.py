# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options with the settings of a KMS client."""

from __future__ import annotations


class ModuleDocFragment:
    """Where a KMS client finds its KMS host, and the permitted kind of activation."""

    DOCUMENTATION = r"""
options:
  kms_host:
    description:
      - Name or address of the KMS host. An IPv6 address can be in brackets. Use O(kms_port) for the port.
      - Cannot be combined with O(discovery).
    type: str
  kms_port:
    description:
      - TCP port of the KMS host.
      - If not specified and O(kms_host) is already the configured KMS host, the module keeps the configured port. If O(kms_host) is another
        KMS host, the module removes the configured port, and Windows uses port 1688.
      - Must be between 1 and 65535.
      - Needs O(kms_host).
    type: int
  discovery:
    description:
      - Whether to find the KMS host through DNS. If V(true), the module removes the configured KMS host and port, for the machine and for
        the product. If O(application=office), only for the products, and a warning names a product that then uses the KMS host of the
        licensing service.
      - If V(false) or not specified, the module does not remove the configured KMS host.
    type: bool
  clear_application_settings:
    description:
      - Whether to remove the KMS host and the port that the registry sets for all products of the application. Windows uses these registry
        values instead of the settings of the machine, and no licensing class shows or changes them. A Group Policy preference is their
        usual source, and sets them again.
      - The values are C(KeyManagementServiceName) and C(KeyManagementServicePort) in the key
        C(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform\<ApplicationID>). For the
        licensing service of Office, the key is C(HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform).
      - If V(true), the module reads the registry in every run, and reports the values that it removes. After it has removed a value for
        Windows or Office, it restarts the licensing service, which reads the registry when it starts.
      - If V(false), the module reads them only if it changes or activates something, or if a product shows a KMS host that the machine does
        not have. It returns a warning if they override the other settings.
      - Has no effect on Windows Vista and Windows Server 2008.
    type: bool
    default: false
  lookup_domain:
    description:
      - DNS domain in which Windows looks for KMS hosts. If set to an empty string, the module removes the setting, and Windows looks in the
        domains of the machine.
      - Windows uses this domain only if no KMS host is configured.
      - Supported on Windows 8, Windows Server 2012, and later.
    type: str
  host_caching:
    description: Whether Windows first contacts the KMS host that responded last, before it looks for another KMS host.
    type: bool
  activation_type:
    description:
      - Permitted kind of activation.
      - If set to V(ad), V(kms), or V(token), Windows activates only through Active Directory, KMS, or a token. If set to V(all), Windows
        uses any of them, Active Directory first.
      - If set to V(ad) or V(kms), the module activates a licensed product again that was activated in another way.
      - If the activation then fails, the module restores the previous type, so that Windows can renew the license that the product has.
        The new type stays if the task installed a key, if the result of the activation is unknown, or if set to V(kms) and the product
        was not licensed before.
      - Supported on Windows 8, Windows Server 2012, and later.
    type: str
    choices: [all, ad, kms, token]
"""
