// What a viewer looks at: filter, window, moment and zoom. The address has it, so it can be shared.

const WINDOWS = [
  [10, "10 s"],
  [60, "1 min"],
  [120, "2 min"],
  [300, "5 min"],
  [900, "15 min"],
];
const ZOOMS = [
  [900, "15 min"],
  [3600, "1 h"],
  [86400, "24 h"],
  [604800, "7 d"],
];
const STEPS_OF = {
  900: [5, 60, 3600],
  3600: [60, 60, 3600],
  86400: [600, 600, 3600],
  604800: [3600, 3600, 3600],
};
const SECONDS_KEPT = 900,
  MINUTES_KEPT = 2 * 86400 + 3600;

// Whole numbers within bounds; anything else in an address is as if it were not there.
const numberIn = (parameters, name, most) => {
  const text = parameters.get(name);
  return text !== null && /^[0-9]{1,11}$/.test(text) && Number(text) > 0 && Number(text) <= most
    ? Number(text)
    : null;
};

const viewOf = (search) => {
  const parameters = new URLSearchParams(search);
  const zoom = numberIn(parameters, "zoom", 604800);
  const end = numberIn(parameters, "end", 99_999_999_999);
  return {
    where: parameters.get("where"),
    window: numberIn(parameters, "window", 35 * 86400),
    end,
    // The graph stands still while a moment of it is looked at.
    until: end === null ? null : numberIn(parameters, "until", 99_999_999_999),
    zoom: ZOOMS.some(([span]) => span === zoom) ? zoom : 900,
  };
};

const searchOf = (view) => {
  const parameters = new URLSearchParams();
  if (view.where !== null) parameters.set("where", view.where);
  for (const name of ["window", "end", "until"]) {
    if (view[name] !== null) parameters.set(name, view[name]);
  }
  if (view.zoom !== 900) parameters.set("zoom", view.zoom);
  const text = parameters.toString();
  return text ? `?${text}` : location.pathname;
};

/* The seconds of a column: old traffic is known by the minute or hour only. The closest zoom stays
   fine while at least a third of it is known by the second. */
const stepOf = (view, now) => {
  const until = view.until ?? view.end ?? now;
  const [fine, coarse, coarsest] = STEPS_OF[view.zoom];
  if (view.zoom <= SECONDS_KEPT && now - until <= (SECONDS_KEPT * 2) / 3) return fine;
  return now - until + view.zoom <= MINUTES_KEPT ? coarse : coarsest;
};

// What the server is asked for; `now` is the log's time in epoch seconds.
const questionOf = (view, now) => {
  const parameters = new URLSearchParams();
  const step = stepOf(view, now);
  if (view.where !== null) parameters.set("where", view.where);
  if (view.window !== null) parameters.set("window", view.window);
  if (view.end !== null) {
    parameters.set("end", view.end);
    if (view.until !== null) parameters.set("until", view.until);
  }
  parameters.set("columns", Math.ceil(view.zoom / step));
  parameters.set("step", step);
  return parameters.toString();
};
