/*
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
"use strict";
/* The data of the page: deflated JSON in base64. Columns hold numbers of texts, see columns.py. */
async function unpacked(element) {
  const raw = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/* Returns the rows of a table as objects. */
function rowsOf(table, strings) {
  const rows = Array.from({ length: table.count }, () => ({}));
  for (const [key, cells] of Object.entries(table.columns)) {
    const kind = key[0];
    const name = key.slice(1);
    for (let at = 0; at < table.count; at += 1) {
      const cell = cells[at];
      if (kind === "t") rows[at][name] = cell === null ? null : strings[cell];
      else if (kind === "l") rows[at][name] = cell.map((each) => strings[each]);
      else rows[at][name] = cell;
    }
  }
  return rows;
}

/* Returns the machines, each with its products and findings. Their order is the natural order of the names. */
function machinesOf(data) {
  const machines = rowsOf(data.machines, data.strings);
  machines.forEach((machine, at) => Object.assign(machine, { at, products: [], finds: [] }));
  for (const product of rowsOf(data.products, data.strings)) machines[product.machine].products.push(product);
  for (const finding of rowsOf(data.findings, data.strings)) machines[finding.machine].finds.push(finding);
  return machines;
}

/* Fills the placeholders of a text. */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/* Returns an element. Texts become text nodes, so that no text can become an element. */
function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...content.filter((each) => each !== null && each !== undefined));
  return made;
}
