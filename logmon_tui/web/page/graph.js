// The graph of traffic by outcome. A click, a drag or a key goes back to a moment that it shows.

const HEIGHT = 100;
const LAYERS = [
  ["ok", "answered"],
  ["client", "4xx"],
  ["server", "5xx"],
];
const GO_AFTER = 300; // ms without a further key

// The heights of a column in hits a second, from the axis up.
const heightsOf = (column) => {
  if (column === null) return [0, 0, 0];
  const [seconds, hits, client, server] = column;
  return [hits - client - server, client, server].map((part) => part / (seconds || 1));
};

// A scale that ends at a round number, and leaves room above what is drawn.
const niceAbove = (value) => {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
    .map((each) => each * unit)
    .find((each) => each >= value);
};

const plain = (value) => rate(value).replace(/\.0$/, "");

const FEWEST = 36; // columns

// A graph without the columns before anything is known, as a watch that has just begun has many.
const withoutEmptyStart = ({ start, step, columns }) => {
  const known = columns.findIndex((column) => column !== null);
  const from = Math.max(0, Math.min(known < 0 ? columns.length : known, columns.length - FEWEST));
  return { start: start + from * step, step, columns: columns.slice(from) };
};

class Graph {
  // `go` is called with the first and the last second that are chosen, or with null for the present.
  constructor(parent, go) {
    this.go = go;
    this.begun = null;
    this.layers = LAYERS.map(([name]) => svg("path", { class: name }));
    this.grid = svg("path", { class: "grid" });
    this.bands = svg("g");
    this.marks = svg("path", { class: "mark" });
    this.limit = svg("path", { class: "limit" });
    this.unknown = svg("path", { class: "unknown" });
    this.moment = svg("rect", { class: "moment", height: HEIGHT, y: 0, width: 0 });
    this.dragged = svg("rect", { class: "chosen", height: HEIGHT, y: 0, width: 0 });
    this.plot = svg(
      "svg",
      { class: "plot", preserveAspectRatio: "none", "aria-hidden": "true" },
      this.grid,
      this.unknown,
      this.bands,
      ...this.layers,
      this.limit,
      this.marks,
      this.moment,
      this.dragged,
    );
    this.frame = h(
      "div",
      {
        class: "frame",
        tabindex: 0,
        role: "slider",
        "aria-label": "Moment that the page shows",
        "aria-describedby": "graph-hint",
      },
      this.plot,
    );
    this.scale = [0, 1, 2].map(() => h("span"));
    this.labels = [0, 1, 2, 3, 4].map(() => h("span"));
    this.told = h("p", { class: "readout" });
    const swatch = (name, text) => h("li", {}, h("span", { class: `swatch ${name}` }), text);
    this.legend = [
      ["incident", "alert firing"],
      ["limit", "threshold"],
      ["mark", "mark"],
    ].map(([name, text]) => swatch(name, text));
    parent.append(
      h(
        "figure",
        { class: "chart" },
        h("div", { class: "scale" }, ...this.scale),
        this.frame,
        h("div", { class: "times" }, ...this.labels),
        this.told,
      ),
      h(
        "ul",
        { class: "legend" },
        ...LAYERS.map(([name, text]) => swatch(name, text)),
        ...this.legend,
      ),
      h(
        "p",
        { id: "graph-hint", class: "unseen" },
        "Arrow keys go back and forth in time; Escape goes back to live.",
      ),
    );
    this.listen();
  }

  get columns() {
    return this.graph.columns.length;
  }
  second(column) {
    return this.graph.start + column * this.graph.step;
  }
  place(second) {
    return (second - this.graph.start) / this.graph.step;
  }

  listen() {
    const at = (event) => {
      const box = this.frame.getBoundingClientRect();
      return Math.min(0.999999, Math.max(0, (event.clientX - box.left) / box.width)) * this.columns;
    };
    this.frame.addEventListener("pointerdown", (event) => {
      if (!this.graph || event.button) return;
      this.begun = at(event);
      this.frame.setPointerCapture(event.pointerId);
    });
    this.frame.addEventListener("pointermove", (event) => {
      if (!this.graph) return;
      const here = at(event);
      this.pointed = Math.floor(here);
      this.tell();
      if (this.begun !== null)
        this.draw(this.dragged, Math.min(this.begun, here), Math.abs(here - this.begun));
    });
    this.frame.addEventListener("pointerup", (event) => {
      if (this.begun === null) return;
      const [from, to] = [this.begun, at(event)].sort((a, b) => a - b);
      this.stop();
      this.choose(Math.floor(from), Math.floor(to));
    });
    this.frame.addEventListener("pointercancel", () => this.stop());
    this.frame.addEventListener("pointerleave", () => {
      this.pointed = null;
      this.tell();
    });
    this.frame.addEventListener("keydown", (event) => this.key(event));
  }

  stop() {
    this.begun = null;
    this.draw(this.dragged, 0, 0);
  }

  draw(element, left, width) {
    set(element, "x", left.toFixed(3));
    set(element, "width", width.toFixed(3));
  }

  // Go to the seconds of the columns `first` to `last`, if anything of them is known.
  choose(first, last) {
    const known = this.graph.columns.slice(first, last + 1).some((column) => column !== null);
    if (known) this.go(this.second(first), Math.min(this.second(last + 1) - 1, this.newest));
    else say(this.told, "Nothing is known of that time.");
  }

  key(event) {
    if (!this.graph || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      this.cursor = null;
      this.go(null);
      return;
    }
    const last = Math.min(this.columns - 1, Math.floor(this.place(this.newest)));
    const here = this.cursor ?? this.shownColumn() ?? last;
    const far = Math.max(1, Math.round(this.columns / 10));
    const to = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      ArrowDown: here - 1,
      ArrowUp: here + 1,
      PageDown: here - far,
      PageUp: here + far,
      Home: this.graph.columns.findIndex((each) => each !== null),
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.cursor = Math.min(last, Math.max(0, to));
    this.showMoment();
    this.tell();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const chosen = this.cursor;
      this.cursor = null;
      this.choose(chosen, chosen);
    }, GO_AFTER);
  }

  // The column that is looked at; null for the present.
  shownColumn() {
    return this.at ? Math.floor(this.place(this.at.end)) : null;
  }

  show(whole, { at, newest, incidents, marks, threshold, filtered }) {
    const graph = withoutEmptyStart(whole);
    Object.assign(this, { graph, at, newest });
    const heights = graph.columns.map(heightsOf);
    const most = Math.max(...heights.map((parts) => parts[0] + parts[1] + parts[2]), 0);
    const limit = !filtered && threshold <= 4 * most ? threshold : null;
    this.top = niceAbove(Math.max(most, limit ?? 0) * 1.03) || 1;
    set(this.plot, "viewBox", `0 0 ${this.columns} ${HEIGHT}`);
    set(this.grid, "d", `M0 ${HEIGHT / 2}h${this.columns}M0 0.4h${this.columns}`);
    set(this.limit, "d", limit === null ? "" : `M0 ${this.y(limit)}h${this.columns}`);
    this.drawBars(heights);
    this.drawBands(incidents);
    const within = marks.filter(
      ({ second }) => this.place(second) >= 0 && this.place(second) < this.columns,
    );
    set(
      this.marks,
      "d",
      within.map(({ second }) => `M${this.place(second).toFixed(2)} 0v${HEIGHT}`).join(""),
    );
    this.marked = within;
    this.legend.forEach((item, place) => {
      item.hidden = ![this.bands.childElementCount, limit !== null, within.length][place];
    });
    [`${plain(this.top)} req/s`, plain(this.top / 2), "0"].forEach((text, place) =>
      say(this.scale[place], text),
    );
    const length = graph.step * this.columns;
    this.labels.forEach((label, place) => {
      const second = graph.start + (length * place) / (this.labels.length - 1);
      say(
        label,
        this.columns === 1 // there is no graph yet
          ? ""
          : length > 86400
            ? dateTime(second).slice(5, 16)
            : clock(second).slice(0, length > 3600 ? 5 : 8),
      );
    });
    this.showMoment();
    this.tell();
  }

  y(value) {
    return (HEIGHT * (1 - Math.min(1, value / this.top))).toFixed(2);
  }

  drawBars(heights) {
    const paths = ["", "", ""];
    heights.forEach((parts, column) => {
      let below = 0;
      parts.forEach((part, layer) => {
        if (part) paths[layer] += `M${column} ${this.y(below + part)}h.88V${this.y(below)}h-.88z`;
        below += part;
      });
    });
    paths.forEach((path, layer) => set(this.layers[layer], "d", path));
    // Before what is known there is no traffic drawn, but none is claimed either.
    const first = this.graph.columns.findIndex((column) => column !== null);
    const until = first < 0 ? this.columns : first;
    set(this.unknown, "d", until ? `M0 0h${until}v${HEIGHT}h-${until}z` : "");
  }

  drawBands(incidents) {
    const bands = incidents.flatMap((each) => {
      const left = Math.max(0, this.place(each.triggered_at));
      const right = Math.min(
        this.place(this.newest + 1),
        this.columns,
        this.place((each.recovered_at ?? this.newest) + 1),
      );
      if (left >= right) return [];
      return [
        svg("rect", {
          class: `incident ${each.worst}`,
          x: left.toFixed(2),
          y: 0,
          width: (right - left).toFixed(2),
          height: HEIGHT,
        }),
      ];
    });
    this.bands.replaceChildren(...bands);
  }

  showMoment() {
    const begin = this.at ? this.place(this.at.end - this.at.seconds + 1) : 0;
    const end = this.at ? this.place(this.at.end + 1) : 0;
    const [from, to] =
      this.cursor === null || this.cursor === undefined
        ? [begin, end]
        : [this.cursor, this.cursor + 1];
    const left = Math.max(0, from);
    this.draw(this.moment, left, Math.max(0, Math.min(this.columns, to) - left));
    const second =
      this.cursor === null || this.cursor === undefined
        ? (this.at?.end ?? this.newest)
        : this.second(this.cursor);
    set(this.frame, "aria-valuemin", this.graph.start);
    set(this.frame, "aria-valuemax", Math.max(this.graph.start, Math.floor(this.newest), second));
    set(this.frame, "aria-valuenow", Math.max(this.graph.start, Math.floor(second)));
    const live = !this.at && (this.cursor === null || this.cursor === undefined);
    set(this.frame, "aria-valuetext", live ? "live" : `${dateTime(second)} UTC`);
  }

  // Say what the column under the pointer or at the cursor has.
  tell() {
    const column = this.cursor ?? this.pointed ?? null;
    if (column === null || !this.graph) {
      say(
        this.told,
        this.at
          ? "Escape, or the button above, goes back to live."
          : "Click or drag to go back to a moment.",
      );
      return;
    }
    const when =
      this.graph.step < 86400 && this.graph.step * this.columns <= 86400
        ? clock(this.second(column))
        : dateTime(this.second(column)).slice(0, 16);
    const known = this.graph.columns[column];
    const mark = this.marked.find(({ second }) => Math.floor(this.place(second)) === column);
    const parts = known ? this.partsOf(known) : ["nothing is known"];
    say(
      this.told,
      `${when} UTC: ${[...parts, ...(mark ? [`mark “${mark.text}”`] : [])].join(", ")}`,
    );
  }

  partsOf([length, hits, client, server, p95]) {
    const parts = [`${rate(hits / (length || 1))} req/s`];
    if (hits) parts.push(`4xx ${percent(client / hits)} %`, `5xx ${percent(server / hits)} %`);
    if (p95 !== null) parts.push(`p95 ${seconds(p95)}`);
    return parts;
  }
}
