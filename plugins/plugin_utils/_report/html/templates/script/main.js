/*
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
/* Shows what the address names: a machine (#machine/NAME), the table with one filter (#machines/FILTER/VALUE/SEARCH), or the report. */
async function main() {
  const state = document.getElementById("table-state");
  let data;
  try {
    data = await unpacked(document.getElementById("data"));
  } catch (error) {
    state.textContent = state.dataset.failed;
    return;
  }
  const machines = machinesOf(data);
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  const table = new MachineTable(data, machines);
  const report = document.getElementById("report");
  const page = document.getElementById("machine");
  const title = document.title;
  let place = 0;

  function show() {
    const [kind, first, second, search] = location.hash.slice(1).split("/").map(decoded);
    const isMachine = kind === "machine" && first !== undefined;
    if (isMachine && page.hidden) place = window.scrollY;
    const wasMachine = !page.hidden;
    report.hidden = isMachine;
    page.hidden = !isMachine;
    if (isMachine) {
      open(first);
    } else if (kind === "machines" && second !== undefined) {
      table.choose({ [first]: second, search: search ?? "" });
      document.getElementById("machines").scrollIntoView();
      document.getElementById("machines").focus({ preventScroll: true });
    } else if (wasMachine) {
      document.title = title;
      window.scrollTo({ top: place, behavior: "instant" });
      if (document.getElementById(kind)) document.getElementById(kind).focus({ preventScroll: true });
    }
  }

  function open(name) {
    const machine = byName.get(name);
    if (!machine) {
      const words = data.texts.machine;
      page.replaceChildren(element("p", {}, element("a", { href: "#machines" }, words.back)), element("h1", {}, filled(words.missing, { name })));
      return;
    }
    const drawn = machinePage(data, machine);
    page.replaceChildren(...drawn.content);
    document.title = `${machine.name} - ${title}`;
    window.scrollTo({ top: 0, behavior: "instant" });
    drawn.heading.focus({ preventScroll: true });
  }

  window.addEventListener("hashchange", show);
  show();
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    return part;
  }
}

main();
