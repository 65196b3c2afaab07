"use strict";
(() => {
  const ROW = 30;
  const MARGIN = 10;
  const WIDTHS = { file: 150, sheet: 110, row: 80, column: 120, raw: 170, e164: 130, list: 64, action: 84, status: 120,
    code: 210, message: 360, suggestion: 140, remote_id: 220, finished_at: 200 };
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);
  const columns = data.columns;
  const view = at("view"), body = at("rows"), search = at("search");
  const locale = document.documentElement.lang;
  const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const collator = new Intl.Collator(locale, { numeric: true });
  const cell = (column, row) => column.index ? column.values[column.index[row]] : column.values[row];
  const named = (name) => columns.find((column) => column.name === name);

  let order = Uint32Array.from({ length: data.rows }, (_, row) => row);
  let rows = order;
  let haystack = null;
  let sorted = { column: null, ascending: true };

  // Each row's text in lower case, made when the first search asks for it.
  function texts() {
    if (haystack) return haystack;
    const lower = columns.map((column) => column.values.map((value) => value === null ? "" : String(value).toLowerCase()));
    haystack = new Array(data.rows);
    for (let row = 0; row < data.rows; row++) {
      haystack[row] = columns.map((column, i) => lower[i][column.index ? column.index[row] : row]).join("\n");
    }
    return haystack;
  }

  function chosen(id, name) {
    const wanted = at(id).value, column = named(name);
    return wanted && column ? (row) => cell(column, row) === wanted : null;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = [chosen("by-status", "status"), chosen("by-code", "code")].filter(Boolean);
    if (words.length) {
      const all = texts();
      tests.push((row) => words.every((word) => all[row].includes(word)));
    }
    rows = tests.length ? order.filter((row) => tests.every((test) => test(row))) : order;
    at("found").textContent = grouped(rows.length) + " " + at("found").dataset.words;
    view.scrollTop = 0;
    render();
  }

  // Each row's rank by this column: comparing integers is what keeps a sort of 100,000 rows short.
  function ranks(column) {
    const compare = column.numeric ? (a, b) => a - b : (a, b) => collator.compare(a, b);
    const empty = (value) => value === null || value === "";
    const distinct = column.index ? column.values : [...new Set(column.values)];
    const ranked = distinct.map((_, i) => i).sort((a, b) => {
      const x = distinct[a], y = distinct[b];
      return empty(x) || empty(y) ? empty(x) - empty(y) : compare(x, y);
    });
    const rank = new Uint32Array(ranked.length);
    ranked.forEach((value, place) => { rank[value] = place; });
    if (column.index) return column.index.map((value) => rank[value]);
    const places = new Map(distinct.map((value, i) => [value, rank[i]]));
    return column.values.map((value) => places.get(value));
  }

  function sort(column, head) {
    sorted = { column, ascending: sorted.column === column ? !sorted.ascending : true };
    const rank = ranks(column), sign = sorted.ascending ? 1 : -1;
    order = Uint32Array.from(order).sort((a, b) => sign * (rank[a] - rank[b]) || a - b);
    head.parentElement.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sorted.ascending ? "ascending" : "descending");
    filter();
  }

  function line(row, place) {
    const tr = document.createElement("tr");
    tr.setAttribute("aria-rowindex", place + 2);
    for (const column of columns) {
      const td = document.createElement("td"), value = cell(column, row);
      td.textContent = value === null ? "" : value;
      td.title = td.textContent;
      if (column.numeric) td.className = "number";
      if (column.name === "status") td.className = value;
      tr.append(td);
    }
    return tr;
  }

  function render() {
    const first = Math.max(0, Math.floor(view.scrollTop / ROW) - MARGIN);
    const last = Math.min(rows.length, Math.ceil((view.scrollTop + view.clientHeight) / ROW) + MARGIN);
    const lines = [];
    for (let place = first; place < last; place++) lines.push(line(rows[place], place));
    body.replaceChildren(...lines);
    at("above").firstElementChild.firstElementChild.style.height = first * ROW + "px";
    at("below").firstElementChild.firstElementChild.style.height = (rows.length - last) * ROW + "px";
    at("lines").setAttribute("aria-rowcount", rows.length + 1);
  }

  function head(column) {
    const th = document.createElement("th"), button = document.createElement("button"), col = document.createElement("col");
    const width = WIDTHS[column.name] || 110;
    th.scope = "col";
    if (column.numeric) th.className = "number";
    button.type = "button";
    button.textContent = column.name;
    button.addEventListener("click", () => sort(column, th));
    col.style.width = width + "px";
    th.append(button);
    at("lines").tHead.rows[0].append(th);
    at("lines").querySelector("colgroup").append(col);
    return width;
  }

  function options(id, name) {
    const column = named(name);
    for (const value of column ? [...new Set(column.values)].sort() : []) {
      if (value) at(id).append(new Option(value, value));
    }
    at(id).addEventListener("change", filter);
  }

  at("controls").hidden = false;
  view.hidden = false;
  at("lines").style.width = columns.map(head).reduce((sum, width) => sum + width, 0) + "px";
  for (const id of ["above", "below"]) at(id).firstElementChild.firstElementChild.colSpan = columns.length;
  options("by-status", "status");
  options("by-code", "code");
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  let frame = 0;
  view.addEventListener("scroll", () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(render); });
  window.addEventListener("resize", render);
  filter();
})();
