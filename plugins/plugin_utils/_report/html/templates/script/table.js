/*
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
const ROWS = 50;

/* The table of machines: one page of rows at a time, so that ten thousand machines do not slow the browser down. */
class MachineTable {
  constructor(data, machines) {
    Object.assign(this, { data, machines, shown: machines, page: 0, sorted: { name: "findings", descending: false } });
    this.columns = columnsOf(data, machines);
    this.form = document.getElementById("filters");
    for (const machine of machines) {
      const found = machine.finds.flatMap((each) => [each.id, each.code, data.finding[each.id]]);
      const keys = machine.products.flatMap((each) => [each.partial_product_key, each.reason_code]);
      machine.words = [machine.name, machine.computer_name, machine.system, machine.edition, machine.kms_host, machine.cmid, machine.code, ...keys, ...found].filter(Boolean).join("\n").toLowerCase();
    }
    this.build();
    this.update();
  }

  build() {
    const choices = choicesOf(this.data, this.machines);
    for (const [name, pairs] of Object.entries(choices)) {
      this.form.elements[name].append(...pairs.map(([value, text]) => element("option", { value }, text)));
    }
    const head = element("tr", { role: "row" });
    for (const column of this.columns) {
      const text = this.data.texts.column[column.name];
      const button = element("button", { type: "button", title: filled(this.data.texts.table.sort, { column: text }) }, text);
      button.addEventListener("click", () => this.sortBy(column.name));
      head.append(element("th", { scope: "col", role: "columnheader", class: column.wide ? "wide" : null, "data-column": column.name }, button));
    }
    document.querySelector("#table thead").append(head);
    this.form.addEventListener("input", () => this.update());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("clear").addEventListener("click", () => this.choose({}));
    document.getElementById("export").addEventListener("click", () => this.save());
    document.getElementById("previous").addEventListener("click", () => this.turn(-1));
    document.getElementById("next").addEventListener("click", () => this.turn(1));
    for (const id of ["filters", "table", "pages"]) document.getElementById(id).hidden = false;
  }

  /* Sets the filters to these values, and all others to none. */
  choose(values) {
    this.form.reset();
    for (const [name, value] of Object.entries(values)) if (this.form.elements[name]) this.form.elements[name].value = value;
    this.update();
  }

  sortBy(name) {
    this.sorted = { name, descending: this.sorted.name === name && !this.sorted.descending };
    this.update();
  }

  turn(step) {
    this.page += step;
    this.draw();
    document.getElementById("table").scrollIntoView({ block: "nearest" });
  }

  update() {
    const chosen = Object.fromEntries(new FormData(this.form));
    const words = chosen.search.toLowerCase().split(/\s+/).filter(Boolean);
    const column = this.columns.find((each) => each.name === this.sorted.name);
    const rank = column.rank ?? column.text;
    const collator = new Intl.Collator(this.data.language, { numeric: true });
    const ranked = this.machines.filter((machine) => passes(machine, chosen, words)).map((machine) => ({ machine, key: rank(machine) }));
    const way = this.sorted.descending ? -1 : 1;
    ranked.sort((a, b) => way * (typeof a.key === "number" ? a.key - b.key : collator.compare(a.key, b.key)) || a.machine.at - b.machine.at);
    this.shown = ranked.map((each) => each.machine);
    this.page = 0;
    this.draw();
  }

  draw() {
    const texts = this.data.texts.table;
    const pages = Math.max(1, Math.ceil(this.shown.length / ROWS));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const first = this.page * ROWS;
    const rows = this.shown.slice(first, first + ROWS);
    document.querySelector("#table tbody").replaceChildren(...rows.map((machine) => this.row(machine)));
    for (const heading of document.querySelectorAll("#table thead th")) {
      const isSorted = heading.dataset.column === this.sorted.name;
      heading.setAttribute("aria-sort", isSorted ? (this.sorted.descending ? "descending" : "ascending") : "none");
    }
    const total = this.shown.length;
    const state = total ? texts.matching : texts.none;
    document.getElementById("table-state").textContent = filled(state, { count: total, total: this.machines.length });
    document.getElementById("place").textContent = total ? filled(texts.shown, { from: first + 1, to: first + rows.length, total }) : "";
    document.getElementById("previous").disabled = this.page === 0;
    document.getElementById("next").disabled = this.page === pages - 1;
  }

  row(machine) {
    const line = element("tr", { role: "row" });
    for (const column of this.columns) {
      const css = column.wide ? "wide" : column.name;
      if (column.name === "name") {
        line.append(element("th", { scope: "row", role: "rowheader" }, element("a", { href: `#machine/${encodeURIComponent(machine.name)}` }, machine.name)));
      } else {
        const text = column.text(machine);
        line.append(element("td", { class: css, role: "cell" }, column.tone ? element("span", { class: `dot ${column.tone(machine)}` }, text) : text));
      }
    }
    return line;
  }

  save() {
    const { headings, row } = exported(this.data);
    download(csvOf(headings, this.shown.map(row)), "machines.csv");
  }
}
