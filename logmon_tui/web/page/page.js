// The page: follows the events of the view that the address names, and shows what they bring.

const FRESH = 5; // seconds after which a picture of the present is old
const FRESH_PAST = 40; // a past moment is told again every ten seconds, and there are heartbeats

const page = {
  view: viewOf(location.search),
  document: null,
  arrived: null, // performance.now() of the newest picture
  heard: null, // of the newest sign of life
  link: "connecting",
  until: 0, // of the next try
  stop: null,
  now: Date.now() / 1000, // the log's time
  interval: 10, // seconds of the usual window
  ownWindow: undefined, // the window to go back to, while a moment is looked at
};

const change = (changes) => {
  page.view = { ...page.view, ...changes };
  history.pushState(null, "", searchOf(page.view));
  connect();
};

// The conditions of the filter that is in force.
const terms = () => page.document?.scope.terms ?? [];
const narrow = (term) => {
  if (!terms().includes(term)) change({ where: [...terms(), term].join(" ") });
};
const widen = (term) =>
  change({
    where: terms()
      .filter((each) => each !== term)
      .join(" "),
  });

// Going back in time

// The window that the viewer chose, null for the usual one: a moment may be longer.
const ownWindow = () => (page.ownWindow === undefined ? page.view.window : page.ownWindow);

const goTo = (first, last) => {
  const window = ownWindow();
  const { start, step, columns } = page.document.graph;
  page.ownWindow = window;
  change({
    end: last,
    window: Math.max(window ?? page.interval, last - first + 1),
    until: page.view.until ?? Math.min(start + step * columns.length - 1, Math.floor(page.now)),
  });
};
const goLive = () => {
  if (page.view.end === null) return;
  const window = ownWindow();
  page.ownWindow = undefined;
  change({ end: null, until: null, window });
};
const goToIncident = ({ triggered_at: end }) => {
  const now = Math.floor(page.now);
  const ago = now - end;
  const zoom =
    ZOOMS.map(([span]) => span).find((span) => span >= page.view.zoom && span > ago) ?? 604800;
  const window = (page.ownWindow = ownWindow());
  change({ end, zoom, window, until: ago < zoom ? now : Math.min(now, end + zoom / 2) });
};

// What is shown

const graph = new Graph(byId("graph"), (span, last) =>
  span === null ? goLive() : goTo(span, last),
);
const hosts = new Hosts(byId("hosts"), narrow);
const tables = new Tables(byId("tables"), byId("status"), byId("panels"), narrow);
const SILENCE_SECONDS = 3600;
const QUIET_SECONDS = 60; // without a line, after which the chip says so
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
  },
);
const pressWindow = choice(byId("windows"), WINDOWS, (window) => {
  page.ownWindow = undefined;
  change({ window });
});
const pressZoom = choice(byId("zooms"), ZOOMS, (zoom) => {
  const end = page.view.end;
  change({
    zoom,
    until: end === null ? null : Math.min(Math.floor(page.now), end + Math.floor(zoom / 2)),
  });
});

const show = (shown) => {
  page.document = shown;
  page.now = shown.head.log_time ?? page.now;
  if (page.view.window === null) page.interval = shown.scope.seconds;
  byId("main").hidden = false;
  showHead(shown, widen);
  pressWindow(ownWindow() ?? page.interval);
  pressZoom(page.view.zoom);
  byId("live").hidden = page.view.end === null;
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
  byId("fleet").hidden = shown.fleet === null;
  if (shown.fleet) hosts.show(shown.fleet);
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
  const reading = state === "live" ? readingOf(page.document.head) : null;
  const [look, text] = reading ?? STATES[state];
  const link = byId("link");
  set(link, "class", `chip ${look}`);
  set(document.body, "data-state", state);
  const age = page.arrived === null ? null : (performance.now() - page.arrived) / 1000;
  const old = age === null ? "" : `picture ${duration(age)} old`;
  const quiet = page.document?.head.quiet ?? 0;
  const more = reading?.[2] ?? {
    live:
      quiet >= QUIET_SECONDS
        ? `no lines for ${duration(quiet)}`
        : `${(age + (page.document?.snapshot.ingest.lag ?? 0)).toFixed(1)} s old`,
    past: page.document?.scope.moment
      ? `${duration(page.now - page.document.scope.moment.end)} ago`
      : "",
    stale: old,
    lost: [
      old,
      `trying again in ${Math.max(0, Math.ceil((page.until - performance.now()) / 1000))} s`,
    ]
      .filter(Boolean)
      .join(", "),
  }[state];
  say(link, more ? `${text} · ${more}` : text);
  const wrong =
    page.trouble || (page.document && state !== "connecting" ? bannerOf(page.document) : "");
  byId("banner").hidden = !wrong;
  say(byId("banner"), wrong);
  if (state !== told) {
    if (told && !(told === "connecting" && state === "live"))
      announce(
        {
          live: "Live again.",
          past: "A past moment is shown.",
          stale: "The picture is stale.",
          lost: "The connection is lost.",
          refused: "The server refuses.",
        }[state] ?? "",
      );
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
  if (!problem) {
    say(shown, "");
    return;
  }
  const text = byId("where").value;
  const position = placeOf(problem.detail, text);
  const marked =
    position === undefined ? "" : `${text.slice(0, position)}▸${text.slice(position) || "(end)"}\n`;
  say(shown, `${marked}${problem.detail.replace(/^where: /, "")}`);
  if (position !== undefined && document.activeElement === byId("where"))
    byId("where").setSelectionRange(position, position);
};

const askToken = (asked) => {
  byId("access").hidden = !asked;
  if (asked) byId("token").focus();
};

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
  waiting = null;
  const stop = (page.stop = new AbortController());
  const isCurrent = () => page.stop === stop;
  page.link = "connecting";
  page.arrived = null;
  page.trouble = "";
  let step = stepOf(page.view, page.now);
  follow(
    `events?${questionOf(page.view, page.now)}`,
    {
      open: () => {
        page.link = "open";
        page.heard = performance.now();
        page.trouble = "";
        if (!again) problemAt(null);
        page.good = page.view;
        askToken(false);
        tick();
      },
      heard: () => {
        page.heard = performance.now();
      },
      event: (name, data) => {
        if (!isCurrent()) return;
        if (name === "problem") {
          page.trouble = `${data.detail}.`;
          tick();
          return;
        }
        if (name !== "picture") return;
        page.arrived = performance.now();
        page.trouble = "";
        if (isHeld()) {
          waiting = data;
          return;
        }
        show(data);
        if (stepOf(page.view, page.now) !== step) connect(); // the log's time is another one
      },
      lost: (wait, detail) => {
        page.link = "lost";
        page.until = performance.now() + wait;
        page.trouble = detail ? `${detail}.` : "";
        tick();
      },
      refused: (status, problem) => {
        if (status === 400 && !again) {
          goOnWithout(problem);
          return;
        }
        page.link = "refused";
        page.trouble =
          status === 401
            ? "The server does not know this token. Give the right one, or open the address that it printed."
            : `${problem.detail ?? `the server says ${status}`}.`;
        askToken(status === 401);
        tick();
      },
    },
    stop.signal,
  );
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
addEventListener("popstate", () => {
  page.view = viewOf(location.search);
  page.ownWindow = undefined;
  connect();
});

// A row must not move away under a pointer that is about to click; for a moment only.
const HOLD = 700; // ms
let held = -HOLD,
  waiting = null;
const isHeld = () => performance.now() - held < HOLD;
const release = () => {
  held = -HOLD;
  const newest = waiting;
  waiting = null;
  if (newest) setTimeout(() => show(newest)); // after the click
};
addEventListener("pointerdown", () => {
  held = performance.now();
});
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, release);

setInterval(tick, 500);
connect();
