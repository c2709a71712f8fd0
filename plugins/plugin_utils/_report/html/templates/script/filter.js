/*
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
const SEVERITIES = ["error", "warning", "info", "none"];
const STATUSES = ["failed", "unreachable", "not_run", "no_key", "unlicensed", "notification", "non_genuine_grace", "out_of_tolerance_grace", "initial_grace", "extended_grace", "licensed", "skipped"];
const TONES = { licensed: "good", extended_grace: "good", initial_grace: "mid", out_of_tolerance_grace: "mid", non_genuine_grace: "bad", notification: "bad", unlicensed: "bad", no_key: "bad" };

/* The columns of the table: how to show, sort, and export each. `wide` columns are left out on a narrow screen. */
function columnsOf(data, machines) {
  const texts = data.texts;
  const label = (group, name) => (name === null ? "" : texts[group][name] ?? name);
  const hasOffice = machines.some((machine) => machine.office !== null);
  const finding = (machine) => [...new Set(machine.finds.filter((each) => each.severity !== "info").map((each) => data.finding[each.id] ?? each.id))];
  const columns = [
    { name: "name", text: (machine) => machine.name, rank: (machine) => machine.at },
    { name: "status", text: (machine) => label("status", machine.status), rank: (machine) => STATUSES.indexOf(machine.status), tone: (machine) => TONES[machine.status] ?? "off" },
    { name: "findings", text: (machine) => (machine.message ? machine.message : finding(machine).join("; ")), rank: (machine) => SEVERITIES.indexOf(machine.severity) * 100 - finding(machine).length },
    { name: "expires", text: (machine) => machine.expires ?? "", rank: (machine) => machine.expires ?? "9999" },
    { name: "channel", wide: true, text: (machine) => label("key", machine.channel) },
    { name: "kms_host", wide: true, text: (machine) => (machine.kms_host ?? "").replace(/:1688$/, "") },
    { name: "system", wide: true, text: (machine) => short(machine.system) },
    { name: "office", wide: true, skip: !hasOffice, text: (machine) => label("status", machine.office), rank: (machine) => (machine.office === null ? 99 : STATUSES.indexOf(machine.office)) },
    { name: "time", wide: true, text: (machine) => machine.time + (machine.stale ? ` (${texts.table.old})` : "") },
  ];
  return columns.filter((column) => !column.skip);
}

/* Returns the name of a system without the name of its maker. */
function short(caption) {
  return caption === null ? "" : caption.replace(/^Microsoft(\(R\))? /, "");
}

/* The columns of the exported file, which has more than the table. */
function exported(data) {
  const plain = ["name", "computer_name", "system", "version", "edition", "status", "channel", "activated_by", "expires", "days_left", "kms_host", "partial_product_key", "office", "severity", "cmid", "time", "message"];
  const headings = [...plain.slice(0, 14), "findings", ...plain.slice(14)].map((name) => data.texts.column[name]);
  const row = (machine) => {
    const values = plain.map((name) => machine[name]);
    return [...values.slice(0, 14), [...new Set(machine.finds.map((each) => each.id))].join(" "), ...values.slice(14)];
  };
  return { headings, row };
}

/* Returns whether a machine passes the filters. */
function passes(machine, chosen, words) {
  if (chosen.status && machine.status !== chosen.status) return false;
  if (chosen.channel && machine.channel !== chosen.channel) return false;
  if (chosen.system && short(machine.system) !== chosen.system) return false;
  if (chosen.finding === "unread" && machine.state === "read") return false;
  if (chosen.finding === "stale" && !machine.stale) return false;
  if (chosen.finding === "error" && (machine.severity !== "error" || machine.state !== "read")) return false;
  if (chosen.finding === "warning" && machine.severity !== "warning") return false;
  if (chosen.finding && !["unread", "stale", "error", "warning"].includes(chosen.finding) && !machine.finds.some((each) => each.id === chosen.finding)) return false;
  return words.every((word) => machine.words.includes(word));
}

/* The choices of each filter, with the number of machines. */
function choicesOf(data, machines) {
  const texts = data.texts;
  const counted = (values) => {
    const counts = new Map();
    for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts];
  };
  const named = (pairs, name) => pairs.map(([value, count]) => [value, `${name(value)} (${count})`]);
  const some = (value, text, count) => (count ? [[value, `${text} (${count})`]] : []);
  return {
    status: named(counted(machines.map((each) => each.status)).sort((a, b) => STATUSES.indexOf(a[0]) - STATUSES.indexOf(b[0])), (value) => texts.status[value] ?? value),
    channel: named(counted(machines.map((each) => each.channel)).sort((a, b) => b[1] - a[1]), (value) => texts.key[value] ?? value),
    system: named(counted(machines.map((each) => short(each.system))).sort(), (value) => value),
    finding: [
      ...some("error", texts.table.severity_error, machines.filter((each) => each.severity === "error" && each.state === "read").length),
      ...some("warning", texts.table.severity_warning, machines.filter((each) => each.severity === "warning").length),
      ...some("unread", texts.table.not_read, machines.filter((each) => each.state !== "read").length),
      ...some("stale", texts.table.stale, machines.filter((each) => each.stale).length),
      ...named(counted(machines.flatMap((each) => [...new Set(each.finds.map((found) => found.id))])).sort((a, b) => b[1] - a[1]), (value) => data.finding[value] ?? value),
    ],
  };
}
