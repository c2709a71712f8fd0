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
  - The module returns what C(slmgr /dli) and C(slmgr /dlv) print, for a KMS client and for a KMS host, as typed data that does not depend
    on the display language of the machine.
  - The module sends three queries over WS-Management and does not change anything. For Office, it sends two more, one more with an Office
    that has its own licensing service, up to three more with Microsoft 365, and one or two more if no Office was found. Some options need
    more queries.
  - For Windows Server 2003, the module returns the state of Windows Product Activation and whether KB824345 is installed. It does not read
    the installation ID, because each reading makes the previous installation ID invalid.
options:
  application:
    description:
      - Application whose products the module reads.
      - If set to V(windows), the module reads only the products of Windows itself, which takes the least time.
      - If set to V(office), the module reads the products of Office. Windows 8, Windows Server 2012, and later store the products of
        Office 2013 and later. A licensing service of Office stores the other products; the module also queries this service if it is
        installed.
      - If set to V(all), the module reads both.
    type: str
    choices: [windows, office, all]
    default: windows
  include_products_without_key:
    description:
      - Whether to return also the products without a product key. Windows stores hundreds of these products, one for each edition and
        channel.
      - If set to V(true), Windows needs several seconds for the query.
    type: bool
    default: false
  application_settings:
    description:
      - Whether to read also the KMS host that the registry sets for a whole application, and that no licensing class shows. See
        O(winops.volume_activation.kms_client#module:clear_application_settings).
      - If V(true), the module sends one more request for each application with a KMS client, and one for each value that exists.
    type: bool
    default: false
  include_token_licenses:
    description:
      - Whether to return also the issuance licenses of token-based activation, as C(slmgr.vbs /lil) and C(ospp.vbs /dtokils) do.
      - If V(true), the module sends one more query, and another one for Office.
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
attributes:
  platform:
    details:
      - Windows Server 2003, and Windows Vista and Windows Server 2008 up to Windows 11 and Windows Server 2025, in any display language.
      - Windows Vista and Windows Server 2008 were tested with unit tests only.
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

- name: Show the products that are not licensed, with the reason
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ item.name }} is {{ item.status }}, {{ item.reason.meaning | default('no reason') }}"
  loop: "{{ activation.products | rejectattr('status', 'equalto', 'licensed') }}"
  loop_control:
    label: "{{ item.activation_id }}"

- name: Fail if the activation expires within a week
  ansible.builtin.assert:
    that: item.permanent or item.grace_minutes > 7 * 24 * 60
  loop: "{{ activation.products | selectattr('primary') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Read the state of a KMS host for Windows and Office
  winops.volume_activation.activation_info:
    application: all
  register: kms_host
  failed_when: not kms_host.service.is_kms_host

- name: Show how many clients the KMS host has counted
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ kms_host.service.current_count }} clients, {{ kms_host.service.required_count }} required"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "W10-0001: Windows(R), Professional edition is licensed (gvlk)."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "W10-0001: Windows(R), Professional edition is licensed (gvlk)."
# end msg
# begin part machine (make returns)
machine:
  description: Facts about the machine.
  returned: success
  type: dict
  contains:
    computer_name: {description: Name of the computer., type: str, sample: W10-0001}
    caption: {description: Name of the operating system as the machine displays it., type: str, sample: Microsoft Windows 10 Pro}
    version: {description: Version of the operating system., type: str, sample: 10.0.19045}
    build: {description: Build number of the operating system., type: int, sample: 19045}
    edition_id: {description: "EditionID of Windows from the registry, or V(null) if it was not read.", type: str, sample: Professional}
    product_type: {description: "One of V(client), V(server), and V(domain_controller).", type: str, sample: client}
    language: {description: Windows language ID (LCID) of the installation., type: int, sample: 1033}
    current_time: {description: Time of the clock of the machine in UTC., type: str, sample: "2026-11-20T10:00:00Z"}
    licensing_version:
      description: Version of the licensing service, or V(null) on Windows Server 2003 and if the module did not read it.
      type: str
      sample: 10.0.19041.3996
# end machine
# begin part token_licenses (make returns)
#   what: Issuance licenses of token-based activation, or V(null) if O(include_token_licenses=false), or if Windows is older than
#     Windows 7 and Windows Server 2008 R2.
token_licenses:
  description: Issuance licenses of token-based activation, or V(null) if O(include_token_licenses=false), or if Windows is older than
    Windows 7 and Windows Server 2008 R2.
  returned: success
  type: list
  elements: dict
  contains:
    license_id:
      description: ID with which the licensing service identifies the license.
      type: str
      sample: 5e9f2c47-0b6d-4d1a-9c38-7a4e1f8b2d60
    issuance_license_id:
      description: ID of the license for its owner (ILID). Only unique together with the version.
      type: str
      sample: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42
    issuance_license_version: {description: Version of the license (ILVID)., type: int, sample: 3}
    authorization_status:
      description: Why Windows does not authorize the license, or V(null) if Windows authorizes it.
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0xC004F306"}
        symbol:
          description: Name of the code, or V(null) if no public header contains the code.
          type: str
          sample: SL_E_TKA_INVALID_SKU_ID
        meaning: {description: Meaning of the code., type: str, sample: This edition does not support token-based activation.}
    expires:
      description: Time in UTC after which the license cannot activate anything, or V(null) if it does not expire.
      type: str
      sample: "2027-11-20T09:00:00Z"
    description: {description: Text in the license., type: str, sample: "Windows(R) Operating System, VOLUME_KMSCLIENT channel"}
    additional_info: {description: More text in the license., type: str, sample: null}
    licensing_service:
      description: Licensing service of the license, V(windows) or V(office), as RV(ignore:products[].licensing_service).
      type: str
      sample: windows
# end token_licenses
licensed:
  description: Whether the primary product of Windows is licensed. If O(application=office), whether each product of Office with a product
    key is licensed, apart from keys that are not in use, and from licenses of a subscription beside other licenses.
  returned: success
  type: bool
  sample: true
service:
  description: The licensing service, with the settings of the whole machine and the state of the KMS host, or V(null) on Windows Server
    2003.
  returned: success
  type: dict
  contains:
    version: {description: Version of the licensing service., type: str, sample: 10.0.19041.3996}
    cmid:
      description: Client machine ID. A KMS host identifies its clients by this ID. Machines that were cloned without C(sysprep /generalize)
        have the same ID.
      type: str
      sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11
    # begin fields of settings (make returns)
    #   only: [kms_host, kms_port, lookup_domain, host_caching]
    #   kms_host.description: KMS host that is configured for the machine, or V(null) if the machine finds the KMS host in DNS.
    kms_host:
      description: KMS host that is configured for the machine, or V(null) if the machine finds the KMS host in DNS.
      type: str
      sample: kms01.example.com
    kms_port:
      description: Configured TCP port, 1688 if only the KMS host is configured, or V(null) if neither is configured.
      type: int
      sample: 1688
    lookup_domain:
      description: DNS domain in which the machine looks for KMS hosts, or V(null) if it looks in its own domains.
      type: str
      sample: example.com
    host_caching: {description: Whether the machine first contacts the KMS host that responded last., type: bool, sample: true}
    # end settings
    discovered_host: {description: "KMS host that was found in DNS, or V(null) if none was found.", type: str, sample: kms01.example.com}
    discovered_port: {description: "Port that was found in DNS, or V(null) if none was found.", type: int, sample: 1688}
    discovered_address:
      description: IP address of the KMS host that was found in DNS, or V(null) if none was found.
      type: str
      sample: 192.0.2.10
    activation_interval: {description: Time in minutes between attempts while the machine is not activated., type: int, sample: 120}
    renewal_interval: {description: Time in minutes between renewals of the activation., type: int, sample: 10080}
    windows_rearms_left: {description: Number of times that the grace period of Windows can be reset., type: int, sample: 1000}
    is_kms_host: {description: Whether the machine is a KMS host., type: bool, sample: false}
    listening_port: {description: Port on which a KMS host listens., type: int, sample: 1688}
    dns_publishing: {description: Whether a KMS host publishes its SRV record in DNS., type: bool, sample: true}
    low_priority: {description: Whether a KMS host runs at low priority., type: bool, sample: false}
    current_count:
      description: Number of clients that the KMS host has counted, or V(null) if the machine is not a KMS host.
      type: int
      sample: 31
    required_count: {description: Number of clients that a KMS host must count before it activates a client., type: int, sample: 25}
    request_counters:
      description: Number of requests that the KMS host has received, by the status of the client. Each counter is V(null) if the machine
        is not a KMS host.
      type: dict
      contains:
        total: {description: All requests., type: int, sample: 120}
        failed: {description: Requests that failed., type: int, sample: 4}
        unlicensed: {description: Requests from clients without a license., type: int, sample: 0}
        licensed: {description: Requests from licensed clients., type: int, sample: 90}
        initial_grace: {description: Requests from clients in the initial grace period., type: int, sample: 26}
        expired_or_hardware_out_of_tolerance:
          description: Requests from clients with an expired license or changed hardware.
          type: int
          sample: 0
        non_genuine_grace: {description: Requests from clients in the non-genuine grace period., type: int, sample: 0}
        notification: {description: Requests from clients in the notification status., type: int, sample: 0}
    oem_marker:
      description: The Windows marker in the firmware of OEM machines. Upgrade editions with volume licenses require this marker.
      type: dict
      contains:
        status_code: {description: Status of the marker as a number of Windows., type: int, sample: 1}
        minor_version: {description: Minor version of the marker., type: int, sample: 1}
        exists: {description: "Whether the firmware has the marker, or V(null) if Windows does not report it.", type: bool, sample: true}
    policy_cache_refresh_required: {description: Whether Windows must read the license policies again., type: bool, sample: false}
    subscription:
      description: Subscription activation of Windows, or V(null) if Windows does not report it (before later builds of Windows 10).
      type: dict
      contains:
        type:
          description: One of V(user_based), V(not_installed), and V(invalid), or V(null) for other numbers.
          type: str
          sample: user_based
        type_code: {description: The type as a number of Windows., type: int, sample: 0}
        status:
          description:
            - One of V(inactive), V(active), V(disabled), V(expired), and V(not_installed), or V(null) for other numbers.
            - If V(active), the subscription licenses Windows, whatever the value of RV(products[].status).
          type: str
          sample: active
        status_code: {description: The status as a number of Windows., type: int, sample: 1}
        edition: {description: Edition that the subscription provides., type: str, sample: Windows 11 Enterprise}
        expires: {description: Time at which the subscription expires in UTC., type: str, sample: "2026-12-20T10:00:00Z"}
office_service:
  description: The licensing service of Office, which Office 2010, and every Office on Windows 7 and Windows Server 2008 R2, uses. V(null)
    if O(application=windows), or if the machine does not have such an Office.
  returned: success
  type: dict
  contains:
    version: {description: Version of the licensing service of Office., type: str, sample: 14.0.370.400}
    cmid:
      description: Client machine ID of this service. It is another ID than RV(service.cmid).
      type: str
      sample: 5f0b2f3c-7c57-4a0c-9f0b-1f3a9e0c7d21
    # begin fields of settings (make returns)
    #   only: [kms_host, kms_port, host_caching]
    #   kms_host.description: KMS host that is configured for this service, or V(null) if the service finds the KMS host in DNS.
    kms_host:
      description: KMS host that is configured for this service, or V(null) if the service finds the KMS host in DNS.
      type: str
      sample: kms01.example.com
    kms_port:
      description: Configured TCP port, 1688 if only the KMS host is configured, or V(null) if neither is configured.
      type: int
      sample: 1688
    host_caching: {description: Whether the machine first contacts the KMS host that responded last., type: bool, sample: true}
    # end settings
office_installations:
  description:
    - Installed Office products. Click-to-Run lists its products in the registry. The licenses show the products that Windows Installer
      (MSI) installed.
    - Empty if O(application=windows), or if the machine does not have Office.
  returned: success
  type: list
  elements: dict
  contains:
    release_id:
      description: Product ID of Click-to-Run, or V(null) for a product that Windows Installer (MSI) installed.
      type: str
      sample: ProPlus2024Volume
    product: {description: Name of the product as in the product IDs of Click-to-Run., type: str, sample: ProPlus}
    release: {description: "Year of the release, or V(null) for Microsoft 365.", type: str, sample: "2024"}
    kind:
      description: V(volume) for an edition that accepts a GVLK or a MAK, V(retail) for other editions with a key, and V(subscription) for
        Microsoft 365.
      type: str
      sample: volume
    managed_by:
      description: V(subscription) for Microsoft 365, or V(null) for other products. The activation of Microsoft 365 belongs to the user who
        signs in. WMI does not show it, so it is not in this result.
      type: str
      sample: null
    shared_computer_licensing:
      description: Whether shared computer activation is enabled, for example on a Remote Desktop Session Host, or V(null) for other
        products than Microsoft 365.
      type: bool
      sample: null
    device_based_licensing:
      description: Whether the device is licensed instead of its users, or V(null) for other products than Microsoft 365.
      type: bool
      sample: null
windows_product_activation:
  description: Activation of Windows Server 2003, or V(null) on later versions of Windows.
  returned: success
  type: dict
  contains:
    activation_required:
      description: Whether Windows must be activated. V(false) for an installation from volume media.
      type: bool
      sample: true
    notification: {description: Whether Windows reminds the user of the activation., type: bool, sample: true}
    grace_days: {description: "Days left until Windows must be activated, or V(null) if activation is not required.", type: int, sample: 12}
    evaluation_days: {description: "Days left of an evaluation, or V(null) for other editions.", type: int, sample: null}
    product_id: {description: Product ID., type: str, sample: 69712-640-1234567-45123}
    kb824345:
      description: The update KB824345. Without this update, activation by telephone does not work after the grace period.
      type: dict
      contains:
        installed:
          description: Whether the update or a later service pack is installed, or V(null) if the machine does not report it.
          type: bool
          sample: false
        files:
          description: Files that the update replaces.
          type: list
          elements: dict
          contains:
            name: {description: Name of the file., type: str, sample: licdll.dll}
            version: {description: "Version of the file, or V(null) if the file does not exist.", type: str, sample: 5.2.3790.0}
# begin part licensed_products (make returns)
products:
  description:
    - Products of the applications in O(application). If O(include_products_without_key=false), only the products with a product key.
    - The product with RV(products[].primary=true) is Windows itself.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the product., type: str, sample: "Windows(R), Professional edition"}
    description: {description: Description of the product., type: str, sample: "Windows(R) Operating System, VOLUME_KMSCLIENT channel"}
    application: {description: V(windows) or V(office)., type: str, sample: windows}
    application_id: {description: ID of the application., type: str, sample: 55c92734-d682-4d71-983e-d6ec3f16059f}
    activation_id: {description: ID of the product (SKU)., type: str, sample: 2de67392-b7a7-462a-b1ca-108dd189f588}
    channel:
      description: Channel of the product key, one of V(gvlk), V(mak), V(csvlk), V(retail), V(oem), V(subscription), V(evaluation), V(avma),
        and V(unknown).
      type: str
      sample: gvlk
    channel_name: {description: Channel of the product key as Windows displays it., type: str, sample: "Volume:GVLK"}
    edition: {description: Edition that the license is for., type: str, sample: Professional}
    is_addon:
      description: Whether the product extends another product, for example as extended security updates do.
      type: bool
      sample: false
    primary: {description: Whether the product is Windows itself., type: bool, sample: true}
    partial_product_key: {description: Last five characters of the product key., type: str, sample: T83GX}
    extended_pid: {description: Extended product ID., type: str, sample: 03612-03311-000-000001-03-1033-19045.0000-3242026}
    installation_id:
      description: Installation ID, which an activation by telephone requires.
      type: str
      sample: 033255090385053904665824186342756737844895181384546394354129604
    installation_id_groups:
      description: The installation ID in groups for reading it aloud. The last digit of each group is a check digit.
      type: list
      elements: str
      sample: ["0332550", "9038505"]
    status:
      description: One of V(unlicensed), V(licensed), V(initial_grace), V(out_of_tolerance_grace), V(non_genuine_grace), V(notification),
        and V(extended_grace).
      type: str
      sample: licensed
    status_code: {description: "The status as a number of Windows, from 0 to 6.", type: int, sample: 1}
    reason:
      description: Reason for the status, or V(null) if Windows does not report a reason, for example for a licensed retail product.
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0x4004F040"}
        symbol:
          description: Name of the code, or V(null) if no public header contains the code.
          type: str
          sample: SL_E_VL_INFO_PRODUCT_USER_RIGHT
        meaning:
          description: Meaning of the code.
          type: str
          sample: The product is activated. This is the normal status reason of a licensed volume edition.
    grace_minutes: {description: "Minutes left until the status ends, or 0 if the status does not end.", type: int, sample: 259200}
    expires:
      description: Time at which the status ends in UTC, or V(null) if the status does not end.
      type: str
      sample: "2027-05-19T10:00:00Z"
    permanent: {description: Whether the license never expires., type: bool, sample: false}
    evaluation_end_time:
      description: Time at which the evaluation ends in UTC, or V(null) for other products.
      type: str
      sample: "2027-01-01T00:00:00Z"
    trusted_time: {description: Time that the licensing service trusts in UTC., type: str, sample: "2026-11-20T10:00:00Z"}
    genuine_status: {description: Result of the genuine validation. 0 means genuine., type: int, sample: 0}
    activated_by:
      description: What activated the product, one of V(kms), V(ad), V(token), V(subscription), V(mak), and V(csvlk), which is a KMS host
        key of its own, or V(null) if the product is not activated, or was activated in another way, for example with a retail key.
      type: str
      sample: kms
    managed_by:
      description: V(subscription) if a subscription licenses the product, which all modules leave unchanged unless an option overrides
        this, or V(null) for every other product.
      type: str
      sample: null
    licensing_service:
      description: Licensing service of the product. V(windows) is the service of Windows, V(office) is the service that Office 2010, and
        every Office on Windows 7 and Windows Server 2008 R2, has.
      type: str
      sample: windows
    activation_type:
      description: Permitted kind of activation, one of V(all), V(ad), V(kms), and V(token), or V(null) if Windows does not have this
        setting.
      type: str
      sample: all
    kms:
      description: The effective KMS settings of the product as a KMS client.
      type: dict
      contains:
        kms_host:
          description: Name or address of the KMS host, or V(null) if the product does not know a KMS host.
          type: str
          sample: kms01.example.com
        kms_port: {description: "Port of the KMS host, or V(null) if the product does not know a KMS host.", type: int, sample: 1688}
        source:
          description:
            - Where the KMS host comes from. V(configured) is the host that is set for the product or the machine, V(lookup_domain) and
              V(discovered) are hosts that were found in DNS.
            - V(ad) if Active Directory activated the product, or V(null) if the product does not know a KMS host.
          type: str
          sample: configured
        scope:
          description:
            - Where the KMS host is configured. V(product) for this product, V(application) in the registry for all products of its
              application, or V(service) for the licensing service, which is for all products of the machine without a KMS host of their
              own.
            - The licensing service of Office has one application, so V(application) also stands for the setting of this service.
            - V(null) if RV(products[].kms.source) is not V(configured).
          type: str
          sample: service
        application_kms_host:
          description: KMS host that the registry sets for the application of the product, or V(null) if there is none, or if the module did
            not read it.
          type: str
          sample: null
        application_kms_port: {description: "TCP port of that KMS host, 1688 if the registry does not set a port.", type: int, sample: null}
        address: {description: "IP address of the KMS host, or V(null) if Windows does not report it.", type: str, sample: 192.0.2.10}
        host_extended_pid:
          description: Extended product ID of the KMS host that activated the product, or V(null) if none did.
          type: str
          sample: 03612-00206-4
        lookup_domain:
          description: DNS domain in which the product looks for KMS hosts, or V(null) if it is not configured.
          type: str
          sample: example.com
        activation_interval: {description: Time in minutes between attempts while the product is not activated., type: int, sample: 120}
        renewal_interval: {description: Time in minutes between renewals of the activation., type: int, sample: 10080}
        required_count:
          description: Number of clients that the KMS host must count before it activates the product.
          type: int
          sample: 25
    host_role:
      description: The role of the product as a KMS host, or V(null) if the product is not a KMS host.
      type: dict
      contains:
        current_count: {description: Number of clients that the KMS host has counted for the product., type: int, sample: 31}
        request_counters: {description: "Number of requests for the product, with the fields of RV(service.request_counters).", type: dict}
    ad:
      description: The object in Active Directory that activated the product, or V(null) if none did.
      type: dict
      contains:
        object_name: {description: Name of the object., type: str, sample: Windows Server 2022 KMS AD}
        object_dn: {description: Distinguished name of the object., type: str, sample: "CN=example,CN=Activation Objects,CN=Microsoft SPP"}
        csvlk_extended_pid:
          description: Extended product ID of the KMS host key (CSVLK) of the object.
          type: str
          sample: 03612-00206-471-004321-03-1033
        csvlk_activation_id:
          description: Activation ID of the KMS host key (CSVLK) of the object.
          type: str
          sample: 2de67392-b7a7-462a-b1ca-108dd189f588
    token:
      description: The issuance license and the certificate that activated the product (token-based activation), or V(null) if none did.
      type: dict
      contains:
        issuance_license_id:
          description: ID of the issuance license (ILID). Only unique together with the version.
          type: str
          sample: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42
        issuance_license_version: {description: Version of the issuance license (ILVID)., type: int, sample: 3}
        grant_number: {description: Number of the grant in the issuance license., type: int, sample: 1}
        certificate_thumbprint:
          description: Thumbprint of the certificate that activated the product.
          type: str
          sample: 0123456789ABCDEF0123456789ABCDEF01234567
        additional_info: {description: Text that belongs to the activation., type: str, sample: null}
    application_rearms_left:
      description: Number of times that the grace period of the whole application can be reset.
      type: int
      sample: 1000
    product_rearms_left: {description: Number of times that the grace period of the product can be reset., type: int, sample: 1001}
    urls:
      description: Web addresses that the activation of the product uses.
      type: dict
      contains:
        processor_certificate: {description: For the processor certificate., type: str, sample: "https://activation.sls.example/slspc"}
        machine_certificate: {description: For the machine certificate., type: str, sample: "https://activation.sls.example/slrac"}
        use_license: {description: For the use license., type: str, sample: "https://activation.sls.example/sleul"}
        product_key_certificate: {description: For the product key certificate., type: str, sample: "https://activation.sls.example/slpkc"}
        validation: {description: For the genuine validation., type: str, sample: "https://validation.sls.example/slval"}
# end licensed_products
# begin part esu (make returns)
#   returned: success
esu:
  description:
    - Licenses with a key for Extended Security Updates (ESU), in the order of the programmes and years. Empty if there are none.
    - Extended Security Updates that Azure, Azure Arc, Windows 365, or the programme for consumers provide do not have a key. WMI does not
      show them, and they are not in this list.
  returned: success
  type: list
  elements: dict
  contains:
    programme:
      description: Name of the programme and year, with the values of O(winops.volume_activation.mak_client#module:esu).
      type: str
      sample: windows_10_year_2
    year: {description: "Year of the programme, from 1.", type: int, sample: 2}
    licensed:
      description: Whether the license is activated. An activated license of a year that has ended stays licensed.
      type: bool
      sample: true
    ends: {description: Last day of the year in UTC. Updates that are released later need the next year., type: str, sample: "2027-10-12"}
# end esu
# begin part error (make returns)
#   code.words: [wmi_broken]
#   code.when: for an error without a code of Windows
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(wmi_broken) for an error without a code of Windows.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0x80070005"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: E_ACCESSDENIED
    meaning: {description: Meaning of the code., type: str, sample: Access was denied.}
    cause: {description: Most common cause., type: str, sample: The account is not an administrator of the machine.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Connect with an account in the local Administrators group.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: permission}
    source:
      description: Source of the explanation, or V(null) if the explanation is only from this collection.
      type: str
      sample: slerror.h (Windows SDK)
    transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
    known:
      description: Whether the code is in the error catalog of this collection. If V(false), the explanation is based only on the number
        range of the code.
      type: bool
      sample: true
    subcode:
      description:
        - Identifier of the cause if the code has several causes, otherwise V(null).
        - For V(0xC004F035), one of V(oem_marker_missing), V(wrong_key), and V(unclear).
      type: str
      sample: null
    underlying:
      description:
        - Underlying error from the event log of Windows, with C(code), C(symbol), C(meaning), C(kms_host), and C(kms_port).
        - V(null) if there is none.
      type: dict
      sample: null
# end error
"""
