// The page: follows the events of the view that the address names, and shows what they bring.

const FRESH = 5; // seconds after which a picture of the present is old
const FRESH_PAST = 40; // a past moment is told again every ten seconds, and there are heartbeats
const TITLE = "logmon-tui";

const page = {
  view: viewOf(location.search),
  document: null,
  arrived: null, // performance.now() of the newest picture
  heard: null, // of the newest sign of life
  link: "connecting",
  until: 0, // of the next try
  stop: null,
  now: Date.now() / 1000, // the log's time
};

const change = (changes, { replace = false } = {}) => {
  page.view = { ...page.view, ...changes };
  history[replace ? "replaceState" : "pushState"](null, "", searchOf(page.view));
  connect();
};

// The conditions of the filter that is in force.
const terms = () => page.document?.scope.terms ?? [];
const narrow = (term) => {
  if (!terms().includes(term)) change({ where: [...terms(), term].join(" ") });
};
const widen = (term) => change({ where: terms().filter((each) => each !== term).join(" ") });

// Going back in time

const goTo = (first, last) => {
  // A moment is as long as the window, unless more was chosen.
  const window = page.view.end === null ? page.view.window : page.ownWindow ?? page.view.window;
  page.ownWindow = window;
  const usual = window ?? page.document.scope.seconds;
  const graph = page.document.graph;
  const until = graph.start + graph.step * graph.columns.length - 1;
  change({
    end: last,
    window: Math.max(usual, last - first + 1),
    until: page.view.until ?? Math.min(until, Math.floor(page.now)),
  });
};
const goLive = () => {
  if (page.view.end === null) return;
  const window = page.ownWindow === undefined ? page.view.window : page.ownWindow;
  page.ownWindow = undefined;
  change({ end: null, until: null, window });
};
const goToIncident = (incident) => {
  const end = incident.triggered_at;
  const inGraph = page.view.until === null && page.now - end < page.view.zoom;
  const zoom = page.now - end < page.view.zoom ? page.view.zoom
    : ZOOMS.map(([span]) => span).find((span) => page.now - end < span) ?? 604800;
  page.ownWindow ??= page.view.window;
  change({ end, zoom, until: inGraph ? Math.floor(page.now) : Math.min(Math.floor(page.now), end + zoom / 2) });
};

// What is shown

const graph = new Graph(byId("graph"), (span, last) => span === null ? goLive() : goTo(span, last));
const tables = new Tables(byId("tables"), byId("status"), byId("panels"), narrow);
const SILENCE_SECONDS = 3600;
const requestOf = (id, what, text) => {
  const path = `api/v1/incidents/${encodeURIComponent(id)}`;
  return {
    ack: ["PUT", `${path}/acknowledgement`],
    unack: ["DELETE", `${path}/acknowledgement`],
    silence: ["POST", "api/v1/silences", { incident: id, seconds: SILENCE_SECONDS }],
    note: ["PUT", `${path}/note`, { note: text }],
  }[what];
};
const incidents = new Incidents(
  { list: byId("incidents"), none: byId("none"), more: byId("more") },
  {
    act: (incident, what, text) => request(...requestOf(incident.id, what, text)),
    goTo: goToIncident,
  });
const pressWindow = choice(byId("windows"), WINDOWS, (window) => {
  page.ownWindow = undefined;
  change({ window });
});
const pressZoom = choice(byId("zooms"), ZOOMS, (zoom) => {
  const end = page.view.end;
  change({ zoom, until: end === null ? null : Math.min(Math.floor(page.now), end + Math.floor(zoom / 2)) });
});

const announce = (text) => say(byId("said"), text);

const tile = (name, figure, text, outcome) => h("li", { class: outcome, "data-tile": name }, h("b", {}, figure), text);
const tilesOf = ({ snapshot, head, scope }) => {
  const past = scope.moment !== null;
  const partial = past && scope.moment.answered !== null;
  const hits = snapshot.hits;
  const of = (digit) => Object.entries(snapshot.status).reduce((sum, [code, each]) => sum + (code[0] === digit ? each : 0), 0);
  const share = (digit) => hits ? `${percent(of(digit) / hits)} %` : "–";
  const figure = (text) => partial ? "?" : text;
  const times = snapshot.response_time;
  const state = head.firing ? tile("state", `▲ ${head.firing} firing`, past ? "now" : "alerts", "server")
    : tile("state", "✓ quiet", past ? "now" : "no alert fires", "ok");
  return [
    state,
    tile("rate", figure(rate(snapshot.rate)), "req/s"),
    tile("5xx", figure(share("5")), "5xx", of("5") ? "server" : "ok"),
    tile("4xx", figure(share("4")), "4xx", of("4") ? "client" : "ok"),
    ...(times ? [tile("p95", figure(seconds(times.p95, head.resolution)), "p95")] : []),
    tile("hits", figure(count(hits)), `hits in ${span(snapshot.window)}`),
    tile("sent", figure(`${size(snapshot.window ? snapshot.bytes / snapshot.window : 0)}/s`), "sent"),
    tile("clients", figure(count(head.clients)), "clients"),
  ];
};

const showTiles = (document) => {
  const made = tilesOf(document), list = byId("tiles");
  if (list.childElementCount !== made.length) list.replaceChildren(...made);
  made.forEach((each, place) => {
    const known = list.children[place];
    if (!known.isEqualNode(each)) known.replaceWith(each);
  });
};

const MOST_LOGS = 3;
const showHead = ({ head, scope }) => {
  const logs = head.logs.slice(0, MOST_LOGS).join("  ") + (head.logs.length > MOST_LOGS ? ` and ${head.logs.length - MOST_LOGS} more` : "");
  say(byId("logs"), logs || TITLE);
  document.title = `${head.firing ? `▲ ${head.firing} firing` : "✓ quiet"} · ${logs || TITLE}`;
  const end = scope.moment?.end ?? head.log_time;
  const when = end === null ? "waiting for the first hit" : `${head.live ? "" : "log time "}${dateTime(end)} UTC`;
  say(byId("when"), when);
  const input = byId("where");
  if (document.activeElement !== input && byId("problem").hidden) input.value = scope.where;
  const chips = byId("chips");
  arrange(chips, scope.terms.map((term) => [...chips.children].find((chip) => chip.dataset.term === term)
    ?? h("li", { "data-term": term }, term, h("button", { type: "button", "aria-label": `Take ${term} away`, click: () => widen(term) }, "×"))));
  chips.hidden = !scope.terms.length;
  pressWindow(page.view.end === null || page.ownWindow !== undefined ? page.ownWindow ?? page.view.window ?? scope.seconds : scope.seconds);
  pressZoom(page.view.zoom);
  byId("live").hidden = page.view.end === null;
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
    const answered = moment.answered === null ? "" : moment.answered.length
      ? ` With this filter only these are known: ${moment.answered.join(", ")}.` : " Nothing is known of it with this filter.";
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

const hosts = new Hosts(byId("hosts"), narrow);

const showRest = ({ snapshot, head, objectives, fleet, problems }) => {
  byId("objectives").hidden = !objectives.length;
  byId("goals").replaceChildren(...objectives.map((each) => h("li", { class: each.left <= 0 ? "server" : each.left < 0.25 ? "client" : null },
    h("b", {}, each.title), ` ${each.good} · ${each.budget}`)));
  byId("fleet").hidden = fleet === null;
  if (fleet) hosts.show(fleet);
  const ingest = snapshot.ingest;
  const odd = ["truncations", "oversize", "unparsed", "late", "future"].filter((name) => ingest[name]);
  const facts = [`${count(snapshot.total_hits)} hits read`, `${percent(ingest.parsed)} % parsed`, head.formats.join(", ") || "no format yet",
    ...odd.map((name) => `${count(ingest[name])} ${name}`)];
  const lines = problems.lines.map((line) => h("li", {}, h("span", { class: "sub" }, line.reason), h("span", { class: "raw" }, line.line)));
  const made = h("div", {}, h("p", { class: "facts" }, ...facts.map((fact) => h("span", {}, fact))),
    ...problems.texts.map((text) => h("p", { class: "wrong" }, `! ${text}`)),
    ...(lines.length ? [h("h3", {}, "Newest lines that are no hits"), h("ul", { class: "plain" }, ...lines)] : []));
  const known = byId("ingest");
  if (!known.firstElementChild?.isEqualNode(made)) known.replaceChildren(made);
};

let fired = null; // ids of what fires, to tell what changed
const tellChanges = (list) => {
  const firing = new Map(list.filter((each) => each.firing).map((each) => [each.id, each.title]));
  if (fired) {
    const begun = [...firing].filter(([id]) => !fired.has(id)).map(([, title]) => `${title} fires.`);
    const ended = [...fired].filter(([id]) => !firing.has(id)).map(([, title]) => `${title} recovered.`);
    if (begun.length + ended.length) announce([...begun, ...ended].slice(0, 3).join(" "));
  }
  fired = firing;
};

const show = (shown) => {
  page.document = shown;
  page.now = shown.head.log_time ?? page.now;
  byId("main").hidden = false;
  showHead(shown);
  showTiles(shown);
  graph.show(shown.graph ?? { start: 0, step: 1, columns: [null], filtered: false }, {
    at: shown.scope.moment,
    newest: Math.floor(page.now),
    incidents: shown.incidents,
    marks: shown.marks,
    threshold: shown.head.alert.threshold,
    filtered: shown.scope.where !== "",
  });
  byId("unfiltered").hidden = !shown.scope.where || !shown.graph || shown.graph.filtered;
  tables.show(shown.tables, shown.head.resolution);
  incidents.show(shown.incidents, page.now, shown.control);
  showRest(shown);
  tellChanges(shown.incidents);
  tick();
};

// Connection: whether there is one, and how old the picture is. What is old is never called live.

const STATES = {
  connecting: ["waiting", "Connecting …"],
  live: ["live", "● Live"],
  past: ["past", "◀ Past"],
  stale: ["stale", "◌ Stale"],
  lost: ["lost", "✗ No connection"],
  refused: ["lost", "✗ Refused"],
};
const stateNow = () => {
  if (page.link !== "open") return page.link;
  if (page.arrived === null) return "connecting";
  const past = page.view.end !== null;
  const age = (performance.now() - (past ? page.heard : page.arrived)) / 1000;
  if (age > (past ? FRESH_PAST : FRESH)) return "stale";
  return past ? "past" : "live";
};

let told = "";
const tick = () => {
  const state = stateNow();
  const [look, text] = STATES[state];
  const link = byId("link");
  set(link, "class", `chip ${look}`);
  set(document.body, "data-state", state);
  const age = page.arrived === null ? null : (performance.now() - page.arrived) / 1000;
  const old = age === null ? "" : `picture ${duration(age)} old`;
  const more = {
    live: `${(age + (page.document?.snapshot.ingest.lag ?? 0)).toFixed(1)} s old`,
    past: page.document?.scope.moment ? `${duration(page.now - page.document.scope.moment.end)} ago` : "",
    stale: old,
    lost: [old, `trying again in ${Math.max(0, Math.ceil((page.until - performance.now()) / 1000))} s`].filter(Boolean).join(", "),
  }[state];
  say(link, more ? `${text} · ${more}` : text);
  const wrong = page.trouble || (page.document && state !== "connecting" ? bannerOf(page.document) : "");
  byId("banner").hidden = !wrong;
  say(byId("banner"), wrong);
  if (state !== told) {
    if (told && !(told === "connecting" && state === "live")) announce({ live: "Live again.", past: "A past moment is shown.", stale: "The picture is stale.", lost: "The connection is lost.", refused: "The server refuses." }[state] ?? "");
    told = state;
  }
};

// Where the parser says that a filter is wrong; undefined if it names no place.
const placeOf = (detail, text) => {
  const place = / \(character (\d+)\)$/.exec(detail);
  if (place) return [...text].slice(0, Number(place[1]) - 1).join("").length;
  return detail.endsWith(", at the end") ? text.length : undefined;
};

const problemAt = (problem) => {
  const shown = byId("problem");
  shown.hidden = !problem;
  set(byId("where"), "aria-invalid", problem ? "true" : null);
  if (!problem) { say(shown, ""); return; }
  const text = byId("where").value;
  const position = placeOf(problem.detail, text);
  const marked = position === undefined ? "" : `${text.slice(0, position)}▸${text.slice(position) || "(end)"}\n`;
  say(shown, `${marked}${problem.detail.replace(/^where: /, "")}`);
  if (position !== undefined && document.activeElement === byId("where")) byId("where").setSelectionRange(position, position);
};

const askToken = (asked) => { byId("access").hidden = !asked; if (asked) byId("token").focus(); };

// Say what is wrong with what was asked for, and show what was shown before.
const goOnWithout = (problem) => {
  byId("where").value = page.view.where ?? "";
  problemAt(problem);
  page.view = page.good ?? viewOf("");
  history.replaceState(null, "", searchOf(page.view));
  connect({ again: true });
};

// Follow the view, `again` after something else was refused.
const connect = ({ again = false } = {}) => {
  page.stop?.abort();
  const stop = page.stop = new AbortController();
  const isCurrent = () => page.stop === stop;
  page.link = "connecting";
  page.arrived = null;
  page.trouble = "";
  let step = stepOf(page.view, page.now);
  follow(`events?${questionOf(page.view, page.now)}`, {
    open: () => {
      page.link = "open";
      page.heard = performance.now();
      page.trouble = "";
      if (!again) problemAt(null);
      page.good = page.view;
      askToken(false);
      tick();
    },
    heard: () => { page.heard = performance.now(); },
    event: (name, data) => {
      if (!isCurrent()) return;
      if (name === "problem") { page.trouble = `${data.detail}.`; tick(); return; }
      if (name !== "picture") return;
      page.arrived = performance.now();
      page.trouble = "";
      if (held) { waiting = data; return; }
      show(data);
      if (stepOf(page.view, page.now) !== step) connect(); // the log's time is another one
    },
    lost: (wait, detail) => { page.link = "lost"; page.until = performance.now() + wait; page.trouble = detail ? `${detail}.` : ""; tick(); },
    refused: (status, problem) => {
      if (status === 400 && !again) { goOnWithout(problem); return; }
      page.link = "refused";
      page.trouble = `${problem.detail ?? `the server says ${status}`}.`;
      askToken(status === 401);
      tick();
    },
  }, stop.signal);
  tick();
};

// What users do

byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  change({ where: byId("where").value.trim() });
});
byId("access").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(byId("token").value.trim());
  byId("token").value = "";
  connect();
});
byId("live").addEventListener("click", goLive);
addEventListener("popstate", () => { page.view = viewOf(location.search); page.ownWindow = undefined; connect(); });

// A row must not move away under a pointer that is about to click.
let held = false, waiting = null;
const release = () => {
  if (!held) return;
  held = false;
  const newest = waiting;
  waiting = null;
  if (newest) setTimeout(() => show(newest)); // after the click
};
addEventListener("pointerdown", () => { held = true; });
for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, release);

setInterval(tick, 500);
connect();
