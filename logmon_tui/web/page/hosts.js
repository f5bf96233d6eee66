// The hosts of a fleet.

const HOST_SIGNS = {
  live: "●",
  "catching up": "⟳",
  stale: "◌",
  silent: "✗",
  gone: "■",
  failed: "✗",
};
const known = (value, text) => (value === null ? "—" : text(value));

// The hosts of a fleet, those in trouble first unless another order is chosen.
class Hosts {
  constructor(parent, narrow) {
    this.narrow = narrow;
    this.summary = h("p", { class: "sub" });
    this.body = h("tbody");
    this.rows = new Map();
    const heads = [
      ["host"],
      ["state"],
      ["req/s", "n"],
      ["5xx%", "n"],
      ["p95", "n"],
      ["what is wrong"],
    ];
    parent.append(
      this.summary,
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Hosts, a table" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...heads.map(([text, shape]) => h("th", { scope: "col", class: shape }, text)),
            ),
          ),
          this.body,
        ),
      ),
    );
  }

  show({ known: all, live, servers, left_out: left }) {
    say(
      this.summary,
      `${count(all)} hosts, ${count(live)} live${left ? `; ${count(left)} are not listed` : ""}`,
    );
    const made = servers.map((server) => {
      const key = JSON.stringify(server);
      const before = this.rows.get(server.name);
      if (before?.key === key) return before.element;
      const element = this.row(server);
      this.rows.set(server.name, { key, element });
      return element;
    });
    arrange(this.body, made);
  }

  row(server) {
    const state = `${HOST_SIGNS[server.state] ?? ""} ${server.differs ? "differs" : server.state}`;
    const quiet =
      ["stale", "silent"].includes(server.state) && server.quiet !== null
        ? ` ${duration(server.quiet)}`
        : "";
    const look =
      server.state === "live"
        ? server.differs
          ? "client"
          : "ok"
        : ["silent", "failed"].includes(server.state)
          ? "server"
          : "client";
    const name = h(
      "button",
      {
        type: "button",
        class: "key",
        title: `only ${server.term}`,
        click: () => this.narrow(server.term),
      },
      server.name,
    );
    const figures = [
      known(server.rate, rate),
      known(server.errors, percent),
      known(server.p95, (value) => seconds(value)),
    ];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", { class: `state ${look}` }, `${state}${quiet}`),
      ...figures.map((text) => h("td", { class: "n" }, text)),
      h("td", {}, server.message),
    );
  }
}
