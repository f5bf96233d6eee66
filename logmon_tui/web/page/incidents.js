// The list of incidents: what fired, the one line that answers, and what it is made of.

const FIRST = 5;
const NOTE_MOST = 500;

class Incidents {
  /* `act` is called with an incident's id, what to do (`ack`, `silence`, `note`) and what with it;
     it returns a promise of what went wrong. `goTo` is called with a second. */
  constructor({ list, none, more }, { act, goTo }) {
    Object.assign(this, { list, none, more, act, goTo });
    this.known = new Map();
    this.opened = new Set();
    this.all = false;
    more.addEventListener("click", () => {
      this.all = !this.all;
      this.draw();
    });
  }

  show(incidents, now, control) {
    Object.assign(this, { incidents, now, control });
    this.draw();
  }

  draw() {
    const firing = this.incidents.filter((each) => each.firing).length;
    const first = Math.max(FIRST, Math.min(firing, 2 * FIRST));
    const shown = this.all ? this.incidents : this.incidents.slice(0, first);
    arrange(
      this.list,
      shown.map((each) => this.item(each)),
    );
    const ids = new Set(this.incidents.map(({ id }) => id));
    for (const id of [...this.known.keys()]) if (!ids.has(id)) this.known.delete(id);
    this.none.hidden = this.incidents.length > 0;
    this.more.hidden = this.incidents.length <= first;
    say(this.more, this.all ? "Show fewer" : `Show all ${this.incidents.length}`);
  }

  // The element of an incident: made again only if something else is to be said of it.
  item(incident) {
    const known = this.known.get(incident.id);
    const key = JSON.stringify([incident, this.control, this.opened.has(incident.id)]);
    if (known?.key === key || known?.element.querySelector(".note-form")) {
      say(known.lasted, this.lasted(incident));
      return known.element;
    }
    const lasted = h("span", {}, this.lasted(incident));
    const element = known?.element ?? h("li");
    const focused = element.contains(document.activeElement)
      ? document.activeElement.dataset.does
      : null;
    set(element, "class", incident.firing ? `firing ${incident.severity}` : "over");
    element.replaceChildren(...this.parts(incident, lasted));
    if (focused) element.querySelector(`[data-does="${focused}"]`)?.focus({ preventScroll: true });
    this.known.set(incident.id, { key, element, lasted });
    return element;
  }

  lasted(incident) {
    const end = incident.recovered_at;
    const long = duration((end ?? this.now) - incident.triggered_at);
    if (end !== null) return `recovered after ${long}`;
    return `${incident.recovering ? "recovering" : "firing"} for ${long}`;
  }

  parts(incident, lasted) {
    const sign = incident.firing
      ? incident.recovering
        ? "↘"
        : incident.severity === "warning"
          ? "!"
          : "▲"
      : "✓";
    const said = incident.firing ? incident.severity : "recovered";
    const subject =
      incident.subject === null ? [] : [" ", h("span", { class: "subject" }, incident.subject)];
    const facts = [
      h("span", {}, `${dateTime(incident.triggered_at)} UTC`),
      lasted,
      h("span", {}, `peak ${incident.peak}`),
    ];
    for (const fact of [
      incident.mark,
      incident.acknowledged ? "acknowledged" : null,
      incident.silenced ? "silenced" : null,
    ]) {
      if (fact) facts.push(h("span", {}, fact));
    }
    const open = this.opened.has(incident.id);
    return [
      h(
        "h3",
        {},
        h(
          "span",
          { class: `severity ${incident.firing ? incident.severity : "recovered"}` },
          `${sign} ${said}`,
        ),
        incident.title,
        ...subject,
      ),
      h("p", {}, incident.why || incident.line),
      h("p", { class: "facts" }, ...facts),
      ...(incident.note ? [h("p", { class: "noted" }, `✎ ${incident.note}`)] : []),
      h(
        "p",
        { class: "acts" },
        this.whyButton(incident, open),
        this.goButton(incident),
        ...(this.control ? this.controls(incident) : []),
      ),
      ...(open ? [this.explained(incident)] : []),
    ];
  }

  whyButton(incident, open) {
    const toggle = () => {
      if (open) this.opened.delete(incident.id);
      else this.opened.add(incident.id);
      this.draw();
    };
    return h(
      "button",
      { type: "button", "aria-expanded": open, "data-does": "why", click: toggle },
      "Why",
    );
  }

  goButton(incident) {
    return h(
      "button",
      { type: "button", "data-does": "go", click: () => this.goTo(incident) },
      "Go there",
    );
  }

  controls(incident) {
    const does = (name, text, act) =>
      h("button", { type: "button", "data-does": name, click: act }, text);
    const ack = incident.acknowledged
      ? ["unack", "Take acknowledgement back"]
      : ["ack", "Acknowledge"];
    return [
      ...(incident.firing ? [does(ack[0], ack[1], () => this.tell(incident, ack[0]))] : []),
      ...(incident.silenced
        ? []
        : [does("silence", "Silence 1 h", () => this.tell(incident, "silence"))]),
      does("note", incident.note ? "Change note" : "Note", () => this.write(incident)),
    ];
  }

  async tell(incident, what, text) {
    const wrong = await this.act(incident, what, text);
    const element = this.known.get(incident.id)?.element;
    element?.querySelector(".wrong")?.remove();
    if (wrong) element?.append(h("p", { class: "wrong", role: "alert" }, wrong));
    return wrong;
  }

  write(incident) {
    const { element } = this.known.get(incident.id);
    if (element.querySelector(".note-form")) return;
    const input = h("input", {
      type: "text",
      maxlength: NOTE_MOST,
      "aria-label": `Note on ${incident.title}`,
    });
    input.value = incident.note;
    const close = () => {
      form.remove();
      this.draw();
      element.querySelector("[data-does=note]")?.focus();
    };
    const form = h(
      "form",
      {
        class: "note-form",
        keydown: (event) => {
          if (event.key === "Escape") close();
        },
        submit: async (event) => {
          event.preventDefault();
          if (!(await this.tell(incident, "note", input.value))) close();
        },
      },
      input,
      h("button", { type: "submit" }, "Save"),
      h("button", { type: "button", click: close }, "Cancel"),
    );
    element.append(form);
    input.focus();
  }

  explained(incident) {
    const parts = incident.explained ?? [{ title: "Why it fired", text: incident.line }];
    return h(
      "div",
      { class: "why" },
      h("p", { class: "sub" }, incident.line),
      ...parts.map((part) => {
        if (part.rows) return this.movers(part);
        const lines = (part.lines ?? []).map((line) => h("p", { class: "raw" }, line));
        return h(
          "div",
          {},
          h("h4", {}, part.title),
          ...(part.text ? [h("p", { class: "sub" }, part.text)] : []),
          ...lines,
        );
      }),
    );
  }

  movers({ title, rows }) {
    const head = h(
      "tr",
      {},
      h("th", { scope: "col" }, title),
      ...["before", "now", "share"].map((name) => h("th", { scope: "col", class: "n" }, name)),
      h("td"),
    );
    const body = rows.map((row) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, row.key),
        ...[row.before, row.now, row.share].map((text) => h("td", { class: "n" }, text)),
        h(
          "td",
          {},
          svg(
            "svg",
            {
              class: "bar all",
              viewBox: "0 0 100 1",
              preserveAspectRatio: "none",
              "aria-hidden": "true",
            },
            svg("rect", { height: 1, width: 100 * row.part }),
          ),
        ),
      ),
    );
    return h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}: before and now` },
      h("table", {}, h("thead", {}, head), h("tbody", {}, ...body)),
    );
  }
}
