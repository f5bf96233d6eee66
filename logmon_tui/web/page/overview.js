// What stands at the top, and below all: figures, state, filter, objectives, how reading goes.

const announce = (text) => say(byId("said"), text);

const tile = (name, figure, text, outcome) =>
  h("li", { class: outcome, "data-tile": name }, h("b", {}, figure), text);
const tilesOf = ({ snapshot, head, scope }) => {
  const past = scope.moment !== null;
  const unknown = past && (scope.moment.answered !== null || scope.moment.known === "nothing");
  const hits = snapshot.hits;
  const of = (digit) =>
    Object.entries(snapshot.status).reduce(
      (sum, [code, each]) => sum + (code[0] === digit ? each : 0),
      0,
    );
  const share = (digit) => (hits ? `${percent(of(digit) / hits)} %` : "–");
  const figure = (text) => (unknown ? "?" : text);
  const outcome = (digit, bad) => (of(digit) ? bad : hits && !unknown ? "ok" : null);
  const times = snapshot.response_time;
  const state = head.firing
    ? tile("state", `▲ ${head.firing} firing`, past ? "now" : "alerts", "server")
    : tile("state", "✓ quiet", past ? "now" : "no alert fires", "ok");
  return [
    state,
    tile("rate", figure(rate(snapshot.rate)), "req/s"),
    tile("5xx", figure(share("5")), "5xx", outcome("5", "server")),
    tile("4xx", figure(share("4")), "4xx", outcome("4", "client")),
    ...(times ? [tile("p95", figure(seconds(times.p95, head.resolution)), "p95")] : []),
    tile("hits", figure(count(hits)), snapshot.window ? `hits in ${span(snapshot.window)}` : "hits"),
    tile(
      "sent",
      figure(`${size(snapshot.window ? snapshot.bytes / snapshot.window : 0)}/s`),
      "sent",
    ),
    tile("clients", figure(count(head.clients)), "clients"),
  ];
};

const showTiles = (document) => {
  const made = tilesOf(document),
    list = byId("tiles");
  if (list.childElementCount !== made.length) list.replaceChildren(...made);
  made.forEach((each, place) => {
    const known = list.children[place];
    if (!known.isEqualNode(each)) known.replaceWith(each);
  });
};

const TITLE = "logmon-tui";
const MOST_LOGS = 3;
const showHead = ({ head, scope }, widen) => {
  const logs =
    head.logs.slice(0, MOST_LOGS).join("  ") +
    (head.logs.length > MOST_LOGS ? ` and ${head.logs.length - MOST_LOGS} more` : "");
  say(byId("logs"), logs || TITLE);
  document.title = `${head.firing ? `▲ ${head.firing} firing` : "✓ quiet"} · ${logs || TITLE}`;
  const end = scope.moment?.end ?? head.log_time;
  const when =
    end === null
      ? ""
      : `${head.live ? "" : "log time "}${dateTime(end)} UTC`;
  say(byId("when"), when);
  const input = byId("where");
  if (document.activeElement !== input && byId("problem").hidden) input.value = scope.where;
  const chips = byId("chips");
  arrange(
    chips,
    scope.terms.map(
      (term) =>
        [...chips.children].find((chip) => chip.dataset.term === term) ??
        h(
          "li",
          { "data-term": term },
          term,
          h(
            "button",
            { type: "button", "aria-label": `Take ${term} away`, click: () => widen(term) },
            "×",
          ),
        ),
    ),
  );
  chips.hidden = !scope.terms.length;
};

/* What the newest picture is, if the log is not read as it grows: how it looks, and two texts. A new
   picture of an old log is not live. */
const READING = {
  failed: ["lost", "✗ Not read", ""],
  waiting: ["waiting", "◌ Waiting", "for the log"],
  ended: ["waiting", "■ Ended", ""],
};
const readingOf = ({ state, begun, live, behind, failure }) => {
  if (failure) return READING.failed;
  if (state in READING) return READING[state];
  if (!begun) return ["waiting", "◌ Waiting", "for the first hit"];
  const ago = live ? "" : behind ? `${duration(behind)} behind` : "ahead of the clock";
  if (state === "catching up") return ["waiting", "⟳ Catching up", ago];
  return live ? null : ["waiting", "◌ Old log", ago];
};

const KNOWN = {
  hits: "",
  minutes: "Of this time, totals and the top keys of each minute are known.",
  hours: "Of this time, totals and the top keys of each hour are known.",
  nothing: "Nothing is known of this time.",
};
const bannerOf = ({ head, scope }) => {
  const moment = scope.moment;
  if (moment) {
    const answered =
      moment.answered === null
        ? ""
        : moment.answered.length
          ? ` With this filter only these are known: ${moment.answered.join(", ")}.`
          : " Nothing is known of it with this filter.";
    return `${KNOWN[moment.known]}${answered}`.trim();
  }
  if (head.state === "catching up") {
    const [read, all] = head.read;
    return `Catching up with what stood in the log: ${all ? `${percent(read / all)} % read` : "reading"}${head.seconds_left === null ? "" : `, ${duration(head.seconds_left)} left`}.`;
  }
  if (head.state === "waiting") return "The log does not exist yet.";
  if (head.state === "failed") return "The log cannot be read now.";
  if (head.state === "ended") return "The log has ended: nothing more will come.";
  const since = scope.since === null ? "" : `Hits are known since ${clock(scope.since)} UTC. `;
  return `${since}${scope.sampled ? "The figures are estimates: of a busy log some hits are kept." : ""}`.trim();
};

const showRest = ({ snapshot, head, objectives, problems }) => {
  byId("objectives").hidden = !objectives.length;
  byId("goals").replaceChildren(
    ...objectives.map((each) =>
      h(
        "li",
        { class: each.left <= 0 ? "server" : each.left < 0.25 ? "client" : null },
        h("b", {}, each.title),
        ` ${each.good} · ${each.budget}`,
      ),
    ),
  );
  const ingest = snapshot.ingest;
  const odd = ["truncations", "oversize", "unparsed", "late", "future"].filter(
    (name) => ingest[name],
  );
  const facts = [
    `${count(snapshot.total_hits)} hits read`,
    `${percent(ingest.parsed)} % parsed`,
    head.formats.join(", ") || "no format yet",
    ...odd.map((name) => `${count(ingest[name])} ${name}`),
  ];
  const lines = problems.lines.map((line) =>
    h("li", {}, h("span", { class: "sub" }, line.reason), h("span", { class: "raw" }, line.line)),
  );
  const made = h(
    "div",
    {},
    h("p", { class: "facts" }, ...facts.map((fact) => h("span", {}, fact))),
    ...problems.texts.map((text) => h("p", { class: "wrong" }, `! ${text}`)),
    ...(lines.length
      ? [h("h3", {}, "Newest lines that are no hits"), h("ul", { class: "plain" }, ...lines)]
      : []),
  );
  const known = byId("ingest");
  if (!known.firstElementChild?.isEqualNode(made)) known.replaceChildren(made);
};

let fired = null; // ids of what fires, to tell what changed
const tellChanges = (list) => {
  const firing = new Map(list.filter((each) => each.firing).map((each) => [each.id, each.title]));
  if (fired) {
    const begun = [...firing]
      .filter(([id]) => !fired.has(id))
      .map(([, title]) => `${title} fires.`);
    const ended = [...fired]
      .filter(([id]) => !firing.has(id))
      .map(([, title]) => `${title} recovered.`);
    if (begun.length + ended.length) announce([...begun, ...ended].slice(0, 3).join(" "));
  }
  fired = firing;
};
