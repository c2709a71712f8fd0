# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_info
version_added: 0.1.0
short_description: Read the activation state of a Windows machine
description:
  - Returns what C(slmgr /dli) and C(slmgr /dlv) print, for a client and for a KMS host, as typed data that does not depend on the display
    language of the machine.
  - Asks the machine three questions over WS-Management, whatever its state, and changes nothing.
  - Of Windows Server 2003 it reports what Windows Product Activation tells, and whether KB824345 is installed. Its installation ID is not
    read, because each reading makes the former one void.
options:
  application:
    description:
      - Whose licenses to report.
      - With V(windows) only the products of Windows itself are read, which is quick.
      - With V(office) the products of Office. Windows keeps those of Office 2013 and later since Windows 8 and Windows Server 2012; older
        ones are kept by a licensing service of Office itself, which is asked too where it is installed.
    type: str
    choices: [windows, office, all]
    default: windows
  include_products_without_key:
    description:
      - Report also the products that have no product key, of which Windows keeps hundreds, one for each edition and channel.
      - Windows needs several seconds for it.
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
attributes:
  platform:
    details: Windows Server 2003 up to Windows 11 and Windows Server 2025, in any display language.
seealso:
  - module: winops.volume_activation.kms_client
  - module: winops.volume_activation.mak_client
  - module: winops.volume_activation.product_key
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read the activation state
  winops.volume_activation.activation_info:
  register: activation

- name: Name the products that are not licensed, and why
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ item.name }} is {{ item.status }}, {{ item.reason.meaning | default('no reason given') }}"
  loop: "{{ activation.products | rejectattr('status', 'equalto', 'licensed') }}"
  loop_control:
    label: "{{ item.activation_id }}"

- name: Fail when the activation would run out within a week
  ansible.builtin.assert:
    that: item.permanent or item.grace_minutes > 7 * 24 * 60
  loop: "{{ activation.products | selectattr('primary') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Read the count of a KMS host
  winops.volume_activation.activation_info:
    application: all
  register: kms_host
  failed_when: not kms_host.service.is_kms_host
"""

RETURN = r"""
# begin part host (make returns)
host:
  description: The machine.
  returned: success
  type: dict
  contains:
    computer_name: {description: Name of the computer., type: str, sample: W10-0001}
    caption: {description: Name of the operating system as the machine displays it., type: str, sample: Microsoft Windows 10 Pro}
    version: {description: Version of the operating system., type: str, sample: 10.0.19045}
    build: {description: Build number of the operating system., type: int, sample: 19045}
    edition_id:
      description: The edition as Windows names it in the registry, V(null) when the license does not tell it.
      type: str
      sample: Professional
    product_type: {description: "One of V(client), V(server) and V(domain_controller).", type: str, sample: client}
    language: {description: Language of the installation as a Windows language number (LCID)., type: int, sample: 1033}
    time: {description: "Clock of the machine when asked, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
    licensing_version: {description: "Version of the licensing service, V(null) on Server 2003.", type: str, sample: 10.0.19041.3996}
# end host
licensed:
  description: Whether the primary product of Windows is licensed; with O(application=office) whether every product of Office with a key is.
  returned: success
  type: bool
  sample: true
service:
  description:
    - The licensing service, with the settings that hold for the whole machine and the state of a KMS host.
    - V(null) on Windows Server 2003, which has none.
  returned: success
  type: dict
  contains:
    version: {description: Version of the service., type: str, sample: 10.0.19041.3996}
    cmid:
      description: Client machine ID, by which a KMS host tells its clients apart. Machines cloned without C(sysprep /generalize) share one.
      type: str
      sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11
    # begin fields of settings (make returns)
    #   only: [kms_host, kms_port, lookup_domain, host_caching]
    #   kms_host.description: KMS host set for the machine, V(null) when it is found through DNS.
    kms_host: {description: "KMS host set for the machine, V(null) when it is found through DNS.", type: str, sample: kms01.example.com}
    kms_port: {description: "Port that is set, 1688 for a host without one, V(null) when neither is set.", type: int, sample: 1688}
    lookup_domain: {description: "DNS domain to look for KMS hosts in, V(null) for the machine's own.", type: str, sample: example.com}
    host_caching: {description: Whether the KMS host that answered last is asked first., type: bool, sample: true}
    # end settings
    discovered_host: {description: KMS host found through DNS., type: str, sample: kms01.example.com}
    discovered_port: {description: Port found through DNS., type: int, sample: 1688}
    discovered_address: {description: IP address of the KMS host found through DNS., type: str, sample: 192.0.2.10}
    activation_interval: {description: Minutes between attempts while not activated., type: int, sample: 120}
    renewal_interval: {description: Minutes between renewals once activated., type: int, sample: 10080}
    windows_rearms_left: {description: How often the grace time of Windows can be reset., type: int, sample: 1000}
    is_kms_host: {description: Whether the machine is a KMS host., type: bool, sample: false}
    listening_port: {description: Port on which a KMS host listens., type: int, sample: 1688}
    dns_publishing: {description: Whether a KMS host publishes itself in DNS., type: bool, sample: true}
    low_priority: {description: Whether a KMS host runs at low priority., type: bool, sample: false}
    current_count: {description: "Clients a KMS host counts, V(null) when it is none.", type: int, sample: 31}
    required_count: {description: Clients that have to ask before a KMS host activates any., type: int, sample: 25}
    requests:
      description: Requests a KMS host has had, by the state of the client that asked. Each is V(null) when it is none.
      type: dict
      contains:
        total: {description: All requests., type: int, sample: 120}
        failed: {description: Requests refused., type: int, sample: 4}
        unlicensed: {description: Requests from clients without a license., type: int, sample: 0}
        licensed: {description: Requests from licensed clients., type: int, sample: 90}
        initial_grace: {description: Requests from clients in their first grace time., type: int, sample: 26}
        expired_or_hardware_out_of_tolerance: {description: From clients with an ended license or other hardware., type: int, sample: 0}
        non_genuine_grace: {description: Requests from clients found not genuine., type: int, sample: 0}
        notification: {description: Requests from clients that only show notifications., type: int, sample: 0}
    oem_marker:
      description: The Windows marker an OEM puts into the firmware, which upgrade editions on volume licenses ask for.
      type: dict
      contains:
        status: {description: Number Windows gives for it., type: int, sample: 1}
        minor_version: {description: Minor version of the marker., type: int, sample: 1}
        present: {description: "Whether there is one, V(null) when Windows does not tell.", type: bool, sample: true}
    policy_cache_refresh_required: {description: Whether the license policies have to be read anew., type: bool, sample: false}
    subscription:
      description: Subscription activation of Windows, V(null) where Windows does not report it (before later builds of Windows 10).
      type: dict
      contains:
        type: {description: "One of V(user_based), V(not_installed), V(invalid); V(null) for other numbers.", type: str, sample: user_based}
        type_code: {description: The type as the number of Windows., type: int, sample: 0}
        status:
          description:
            - One of V(inactive), V(active), V(disabled), V(expired) and V(not_installed), V(null) for any other number.
            - With V(active) the subscription licenses Windows, whatever RV(products[].status) says.
          type: str
          sample: active
        status_code: {description: The status as the number of Windows., type: int, sample: 1}
        edition: {description: Edition that the subscription gives., type: str, sample: Windows 11 Enterprise}
        expires: {description: "When it ends unless it is renewed, in UTC.", type: str, sample: "2026-12-20T10:00:00Z"}
windows_product_activation:
  description: Activation of Windows Server 2003, V(null) on later Windows.
  returned: success
  type: dict
  contains:
    activation_required: {description: Whether activation is due. It never is with volume media., type: bool, sample: true}
    notification: {description: Whether Windows reminds of it., type: bool, sample: true}
    grace_days: {description: "Days left until it has to be activated, V(null) when it is not due.", type: int, sample: 12}
    evaluation_days: {description: "Days left of an evaluation, V(null) for every other edition.", type: int, sample: null}
    product_id: {description: Product ID., type: str, sample: 69712-640-1234567-45123}
    kb824345:
      description: Whether activation by telephone works after the grace period, which it does not without this update.
      type: dict
      contains:
        installed:
          description: Whether the update or a later service pack is installed, V(null) when the machine did not tell.
          type: bool
          sample: false
        files:
          description: The files the update replaces.
          type: list
          elements: dict
          contains:
            name: {description: Name of the file., type: str, sample: licdll.dll}
            version: {description: "Its version, V(null) when there is no such file.", type: str, sample: 5.2.3790.0}
products:
  description:
    - The products of the applications asked for, with O(include_products_without_key=false) only those that have a product key.
    - The one with RV(products[].primary=true) is Windows itself.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the product., type: str, sample: "Windows(R), Professional edition"}
    description: {description: Description of the product., type: str, sample: "Windows(R) Operating System, VOLUME_KMSCLIENT channel"}
    application: {description: "Either V(windows) or V(office).", type: str, sample: windows}
    application_id: {description: ID of the application., type: str, sample: 55c92734-d682-4d71-983e-d6ec3f16059f}
    activation_id: {description: ID of the product (SKU)., type: str, sample: 2de67392-b7a7-462a-b1ca-108dd189f588}
    channel:
      description: How the key was sold, one of V(gvlk), V(mak), V(csvlk), V(retail), V(oem), V(subscription), V(evaluation),
        V(avma) and V(unknown).
      type: str
      sample: gvlk
    channel_name: {description: The channel in the words of Windows., type: str, sample: "Volume:GVLK"}
    edition: {description: Edition the license is for., type: str, sample: Professional}
    is_addon: {description: "Whether it adds to another product, as extended security updates do.", type: bool, sample: false}
    primary: {description: Whether it is Windows itself., type: bool, sample: true}
    partial_product_key: {description: Last five characters of the key., type: str, sample: T83GX}
    extended_pid: {description: Extended product ID., type: str, sample: 03612-03311-000-000001-03-1033-19045.0000-3242026}
    installation_id:
      description: Installation ID, which is read out when activating by phone.
      type: str
      sample: "033255090385053904665824186342756737844895181384546394354129604"
    installation_id_groups:
      description: The installation ID in the groups in which it is read out. The last digit of each checks the others.
      type: list
      elements: str
      sample: ["0332550", "9038505"]
    status:
      description: One of V(unlicensed), V(licensed), V(initial_grace), V(out_of_tolerance_grace), V(non_genuine_grace), V(notification) and
        V(extended_grace).
      type: str
      sample: licensed
    status_code: {description: "The status as the number of Windows, from 0 to 6.", type: int, sample: 1}
    reason:
      description: "Why the product is in that status, V(null) when Windows gives no reason, as with a licensed retail product."
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0x4004F040"}
        symbol: {description: Name of the code., type: str, sample: SL_E_VL_INFO_PRODUCT_USER_RIGHT}
        meaning: {description: What it means., type: str, sample: Activated. This is the normal reason of a licensed volume edition.}
    grace_minutes: {description: "Minutes until the status ends, 0 when it does not.", type: int, sample: 259200}
    expires: {description: "When the status ends, in UTC, V(null) when it does not.", type: str, sample: "2027-05-19T10:00:00Z"}
    permanent: {description: Whether the license never runs out., type: bool, sample: false}
    evaluation_end: {description: "When an evaluation ends, in UTC.", type: str, sample: "2027-01-01T00:00:00Z"}
    trusted_time: {description: "Time the licensing service trusts, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
    genuine_status: {description: "What the check for genuine software found, 0 for genuine.", type: int, sample: 0}
    activated_by:
      description: One of V(kms), V(ad), V(token) and V(subscription), V(null) while not activated and for keys of other channels.
      type: str
      sample: kms
    activation_type:
      description:
        - By what the product may be activated, one of V(all), V(ad), V(kms) and V(token).
        - V(null) where Windows has no such setting.
      type: str
      sample: all
    kms:
      description: The KMS host the product uses, and how it came by it.
      type: dict
      contains:
        host: {description: Name or address of the KMS host., type: str, sample: kms01.example.com}
        port: {description: Port of the KMS host., type: int, sample: 1688}
        source: {description: "One of V(fixed), V(lookup_domain), V(discovered), V(ad).", type: str, sample: fixed}
        scope: {description: "Where a fixed host is set, V(product) or V(service).", type: str, sample: service}
        address: {description: IP address of the KMS host., type: str, sample: 192.0.2.10}
        host_extended_pid: {description: Extended product ID of the KMS host that activated the product., type: str, sample: 03612-00206-4}
        lookup_domain: {description: DNS domain in which KMS hosts are looked up., type: str, sample: example.com}
        activation_interval: {description: Minutes between attempts while not activated., type: int, sample: 120}
        renewal_interval: {description: Minutes between renewals once activated., type: int, sample: 10080}
        required_count: {description: Clients the KMS host has to count before it activates the product., type: int, sample: 25}
    kms_host:
      description: What the product does as a KMS host, V(null) when it is none.
      type: dict
      contains:
        current_count: {description: Clients counted for the product., type: int, sample: 31}
        requests: {description: "Requests, by the state of the client, as in RV(service.requests).", type: dict}
    ad:
      description: The activation object in Active Directory that activated the product, V(null) when none did.
      type: dict
      contains:
        object_name: {description: Name of the object., type: str, sample: Windows Server 2022 KMS AD}
        object_dn: {description: Distinguished name of the object., type: str, sample: "CN=example,CN=Activation Objects,CN=Microsoft SPP"}
        csvlk_extended_pid: {description: Extended product ID of the CSVLK behind it., type: str, sample: 03612-00206-471-004321-03-1033}
        csvlk_activation_id: {description: Activation ID of the CSVLK behind it., type: str, sample: 2de67392-b7a7-462a-b1ca-108dd189f588}
    rearm:
      description: How often the grace time can be reset.
      type: dict
      contains:
        application: {description: For the whole application., type: int, sample: 1000}
        sku: {description: For the product., type: int, sample: 1001}
    urls:
      description: Web addresses Microsoft's activation uses for the product.
      type: dict
      contains:
        processor_certificate: {description: Of the processor certificate., type: str, sample: "https://activation.sls.example/slspc"}
        machine_certificate: {description: Of the machine certificate., type: str, sample: "https://activation.sls.example/slrac"}
        use_license: {description: Of the use license., type: str, sample: "https://activation.sls.example/sleul"}
        product_key_certificate: {description: Of the product key certificate., type: str, sample: "https://activation.sls.example/slpkc"}
        validation: {description: Of the check for genuine software., type: str, sample: "https://validation.sls.example/slval"}
# begin part error (make returns)
#   code.words: [not_applicable]
#   always_null: [detail, reason]
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(not_applicable) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0x80070005"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: E_ACCESSDENIED}
    meaning: {description: What it means., type: str, sample: Access was denied.}
    cause: {description: What usually leads to it., type: str, sample: The account is not an administrator of the machine.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Connect with an account in the local Administrators group.]
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: permission}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: winerror.h (Windows SDK)}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail: {description: Always V(null) here., type: str, sample: null}
    reason: {description: Always V(null) here., type: dict, sample: null}
# end error
"""
