// Tables that keep their rows from picture to picture, so that focus and selection stay.

const SHOWN = 10;
const OUTCOMES = { 2: "ok", 3: "moved", 4: "client", 5: "server" };

const share = (part, whole) => (whole ? part / whole : 0);
const shareText = (part, whole) => (part ? percent(share(part, whole)) : "–");

const RANKED = {
  hits: ["hits", (row) => row.hits, (row) => count(row.hits)],
  share: ["%", (row) => row.hits, (row, table) => shareText(row.hits, table.hits), "wide-share"],
  bytes: ["bytes", (row) => row.bytes, (row) => size(row.bytes), "wide"],
  client: [
    "4xx%",
    (row) => share(row["4xx"], row.hits),
    (row) => shareText(row["4xx"], row.hits),
    "wide-client",
  ],
  server: ["5xx%", (row) => share(row["5xx"], row.hits), (row) => shareText(row["5xx"], row.hits)],
  p95: [
    "p95",
    (row) => row.p95 ?? -1,
    (row, table) => (row.p95 === undefined ? "–" : seconds(row.p95, table.resolution)),
  ],
};

const columnsOf = (table) => {
  const has = (name) => table.rows.some((row) => row[name] !== undefined);
  const names = [
    "hits",
    "share",
    ...(has("bytes") ? ["bytes"] : []),
    ...(has("5xx") ? ["client", "server"] : []),
    ...(has("p95") ? ["p95"] : []),
  ];
  return names.map((name) => [name, ...RANKED[name]]);
};

class RankedTable {
  // `narrow` is called with the term of the row that is clicked.
  constructor(name, narrow) {
    this.name = name;
    this.narrow = narrow;
    this.sorted = name === "status" ? ["key", false] : ["hits", true];
    this.all = false;
    this.rows = new Map();
    this.caption = h("caption");
    this.head = h("tr");
    this.body = h("tbody");
    this.note = h("p", { class: "note" });
    this.more = h("button", {
      type: "button",
      class: "link",
      click: () => {
        this.all = !this.all;
        this.draw();
      },
    });
    const table = h("table", {}, this.caption, h("thead", {}, this.head), this.body);
    this.scroll = h("div", { class: "scroll", tabindex: 0, role: "region" }, table);
    this.element = h(
      "section",
      { class: `ranked table-${name}` },
      this.scroll,
      h("p", { class: "foot" }, this.more, this.note),
    );
  }

  show(table) {
    this.table = table;
    const columns = columnsOf(table);
    const key = columns.map(([name]) => name).join();
    if (key !== this.key) {
      this.key = key;
      this.columns = columns;
      this.rows.clear();
      this.drawHead();
    }
    this.draw();
  }

  drawHead() {
    const { key, title } = this.table;
    say(this.caption, title);
    set(this.scroll, "aria-label", `${title}, a table`);
    const head = (name, text, shape) =>
      h(
        "th",
        { scope: "col", class: shape, "data-column": name },
        h("button", { type: "button", click: () => this.sort(name) }, text),
      );
    this.head.replaceChildren(
      head("key", key, null),
      ...this.columns.map(([name, text, , , wide]) => head(name, text, wide ? `n ${wide}` : "n")),
      h("td"),
    );
  }

  sort(name) {
    const [before, down] = this.sorted;
    this.sorted = [name, name === before ? !down : name !== "key"];
    this.draw();
  }

  value(name) {
    if (name === "key") return (row) => row.key;
    const column = this.columns.find(([each]) => each === name) ?? this.columns[0];
    return column[2];
  }

  draw() {
    const [name, down] = this.sorted;
    for (const cell of this.head.querySelectorAll("th")) {
      set(
        cell,
        "aria-sort",
        cell.dataset.column === name ? (down ? "descending" : "ascending") : null,
      );
    }
    const value = this.value(name);
    const order = (a, b) => (typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0);
    const sorted = [...this.table.rows].sort((a, b) => order(value(a), value(b)) * (down ? -1 : 1));
    const shown = this.all ? sorted : sorted.slice(0, SHOWN);
    const most = Math.max(1, ...shown.map((row) => row.hits));
    const rows = shown.map((row) => this.row(row, most));
    if (!rows.length) rows.push(h("tr", {}, h("td", { class: "empty", colspan: 9 }, "nothing")));
    for (const key of [...this.rows.keys()])
      if (!sorted.some((row) => row.key === key)) this.rows.delete(key);
    arrange(this.body, rows);
    this.foot(sorted.length, shown.length);
  }

  row(row, most) {
    let known = this.rows.get(row.key);
    if (!known) {
      const term = row.term;
      const name = row.short ?? row.key;
      const text =
        term === null
          ? name
          : h(
              "button",
              {
                type: "button",
                class: "key",
                title: `only ${term}`,
                click: () => this.narrow(term),
              },
              name,
            );
      const cells = this.columns.map(([, , , , wide]) =>
        h("td", { class: wide ? `n ${wide}` : "n" }),
      );
      const outcome = this.name === "status" ? (OUTCOMES[row.key[0]] ?? "other") : "all";
      const drawn = svg("rect", { height: 1 });
      const parts = ["of-server", "of-client"].map((look) =>
        svg("rect", { height: 1, class: look }),
      );
      const bar = svg(
        "svg",
        {
          class: `bar ${outcome}`,
          viewBox: "0 0 100 1",
          preserveAspectRatio: "none",
          "aria-hidden": "true",
        },
        drawn,
        ...parts,
      );
      const element = h(
        "tr",
        {},
        h("th", { scope: "row" }, text),
        ...cells,
        h("td", { class: "barred" }, bar),
      );
      known = { element, cells, drawn, parts };
      this.rows.set(row.key, known);
    }
    this.columns.forEach(([, , , text], place) => say(known.cells[place], text(row, this.table)));
    set(known.drawn, "width", ((100 * row.hits) / most).toFixed(1));
    const [server, client] = [row["5xx"] ?? 0, row["4xx"] ?? 0].map((hits) => (100 * hits) / most);
    set(known.parts[0], "width", server.toFixed(1));
    set(known.parts[1], "x", server.toFixed(1));
    set(known.parts[1], "width", client.toFixed(1));
    return known.element;
  }

  foot(known, shown) {
    this.more.hidden = known <= SHOWN;
    say(this.more, this.all ? `Show ${SHOWN}` : `Show ${known}`);
    const left = this.table.distinct - known;
    say(
      this.note,
      left > 0 && (this.all || known <= SHOWN) ? `${count(left)} more have fewer hits` : "",
    );
    set(this.note.parentElement, "hidden", this.more.hidden && !this.note.textContent ? "" : null);
    if (shown > SHOWN && known <= SHOWN) this.all = false;
  }
}

const OPEN_FIRST = ["status", "sections", "paths", "hosts", "user_agents"];
const OPENED = "logmon-tables";
const WIDE = [
  ["(min-width:1180px)", 2],
  ["(max-width:960px) and (min-width:700px)", 2],
];
const ASIDE = "status"; // stands beside the others

const openedBefore = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(OPENED));
    return Array.isArray(kept) ? kept : OPEN_FIRST;
  } catch {
    return OPEN_FIRST;
  }
};

/* The rankings in cards, in columns that keep their cards: what is read must not jump. Buttons show
   and hide the cards. */
class Tables {
  constructor(parent, aside, buttons, narrow) {
    Object.assign(this, { parent, aside, buttons, narrow });
    this.cards = new Map();
    this.pressed = new Map();
    this.opened = new Set(openedBefore());
    for (const [query] of WIDE) matchMedia(query).addEventListener("change", () => this.draw());
  }

  show(tables, resolution) {
    this.tables = tables.map((table) => ({ ...table, resolution }));
    this.draw();
  }

  toggle(name) {
    if (!this.opened.delete(name)) this.opened.add(name);
    try {
      localStorage.setItem(OPENED, JSON.stringify([...this.opened]));
    } catch {
      /* not kept */
    }
    this.draw();
  }

  draw() {
    if (!this.tables) return;
    arrange(this.buttons, [
      this.buttons.firstElementChild,
      ...this.tables.map((table) => this.button(table)),
    ]);
    const number = WIDE.find(([query]) => matchMedia(query).matches)?.[1] ?? 1;
    while (this.parent.childElementCount < number) this.parent.append(h("div"));
    while (this.parent.childElementCount > number) this.parent.lastElementChild.remove();
    const columns = Array.from({ length: number }, () => []);
    const aside = [];
    let placed = 0;
    for (const table of this.tables.filter(({ name }) => this.opened.has(name))) {
      if (!this.cards.has(table.name))
        this.cards.set(table.name, new RankedTable(table.name, this.narrow));
      const card = this.cards.get(table.name);
      card.show(table);
      (table.name === ASIDE ? aside : columns[placed++ % number]).push(card.element);
    }
    arrange(this.aside, aside);
    columns.forEach((cards, place) => arrange(this.parent.children[place], cards));
  }

  button({ name, title }) {
    if (!this.pressed.has(name)) {
      this.pressed.set(
        name,
        h("button", { type: "button", click: () => this.toggle(name) }, title),
      );
    }
    const button = this.pressed.get(name);
    set(button, "aria-pressed", this.opened.has(name));
    return button;
  }
}
