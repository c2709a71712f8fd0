/*
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
/* Draws the page of one machine from the data. */
function machinePage(data, machine) {
  const texts = data.texts;
  const words = texts.machine;
  const label = (group, name) => (name === null || name === undefined ? null : texts[group][name] ?? name);
  const days = (count) => filled(count === 1 ? texts.report.days.one : texts.report.days.other, { count });
  const facts = (pairs) => element("dl", { class: "facts" }, ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  const steps = (list) => (list.length ? [element("p", { class: "steps" }, words.steps), element("ol", {}, ...list.map((each) => element("li", {}, each)))] : []);
  const ends = (of) => (of.expires ? filled(words.expires_days, { date: of.expires, days: days(of.days_left) }) : of.permanent ? words.permanent : null);

  const heading = element("h1", { tabindex: "-1" }, machine.name);
  const parts = [element("p", { class: "screen" }, element("a", { href: "#machines" }, words.back)), heading];
  parts.push(element("p", {}, element("span", { class: `dot ${TONES[machine.status] ?? "off"}` }, label("status", machine.status)), machine.stale ? ` · ${texts.table.stale}` : ""));
  if (machine.message) {
    const error = machine.code ? [element("p", {}, element("code", {}, machine.code), ` ${machine.meaning}`), element("p", {}, machine.cause)] : [];
    parts.push(element("article", { class: `group single ${machine.severity}` }, element("h2", {}, words.not_read), ...said(machine), ...error, ...steps(machine.steps)));
  }
  parts.push(
    facts([
      [words.computer_name, machine.computer_name],
      [words.system, machine.system],
      [words.version, machine.version],
      [words.edition, machine.edition],
      [words.type, machine.type ? words[machine.type] : null],
      [words.language, machine.language],
      [words.cmid, machine.cmid],
      [words.rearms, machine.rearms],
      [words.kms_role, machine.is_kms_host ? filled(words.kms_yes, { count: machine.kms_count ?? "?" }) : null],
      [words.esu, machine.esu.join("; ")],
      [words.office, machine.installations.join("; ")],
      [words.time, `${machine.time} UTC`],
      [words.sources, machine.sources.join("; ")],
    ]),
  );
  if (machine.state === "read") {
    parts.push(element("h2", {}, words.findings), ...(machine.finds.length ? machine.finds.map((each) => finding(each)) : [element("p", {}, words.no_findings)]));
    parts.push(element("h2", {}, words.products), ...(machine.products.length ? machine.products.map((each) => product(each)) : [element("p", {}, words.no_products)]));
  }
  return { heading, content: parts };

  /* The message of a machine is in English, below what it means in the language of the report. */
  function said(each) {
    return each.about ? [element("p", {}, each.about), element("p", { lang: "en" }, each.message)] : [element("p", {}, each.message)];
  }

  function finding(each) {
    const isNew = each.code && !(data.language === "en" && each.message.includes(each.code));
    const code = isNew ? [element("p", {}, element("code", {}, each.code), ` ${each.meaning}`)] : [];
    const title = element("h3", {}, element("span", { class: `mark ${each.severity}` }, label("severity", each.severity)), " ", data.finding[each.id] ?? each.id);
    return element("article", { class: `group single ${each.severity}` }, title, ...said(each), ...code, ...steps(each.steps));
  }

  function product(each) {
    const kms = each.kms_host ? each.kms_host + (each.source ? ` (${label("source", each.source)})` : "") : null;
    const reason = each.reason_code ? `${each.reason_code}: ${each.reason}` : null;
    const rows = facts([
      [words.status, element("span", { class: `dot ${TONES[each.status] ?? "off"}` }, label("status", each.status))],
      [words.reason, reason],
      [words.channel, label("channel", each.channel)],
      [words.key, each.partial_product_key],
      [words.activated_by, label("activated_by", each.activated_by)],
      [words.expires, ends(each)],
      [words.kms_host, kms],
      [words.ad_object, each.ad_object_name],
      [words.ad_object_dn, each.ad_object_dn],
      [words.activation_type, label("activation_type", each.activation_type)],
      [words.covered, each.covered === "yes" ? words.covered_yes : each.covered === "no" ? words.covered_no : null],
      [words.application, label("application", each.application)],
      [words.extended_pid, each.extended_pid],
      [words.installation_id, each.installation_id],
      [words.activation_id, each.activation_id],
    ]);
    return element("article", { class: "product" }, element("h3", {}, each.product ?? ""), rows);
  }
}
