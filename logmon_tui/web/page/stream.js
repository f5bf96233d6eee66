// Server-sent events with the token, which EventSource could not send; begins again when they break.

/* The token comes in the address after #, which no browser sends to a server. It is kept for this
   tab alone, and taken out of the address bar at once. */
const TOKEN = "logmon-token";
const keepToken = (token) => sessionStorage.setItem(TOKEN, token);
const tokenGiven = new URLSearchParams(location.hash.slice(1)).get("token");
if (tokenGiven) {
  keepToken(tokenGiven);
  history.replaceState(null, "", location.pathname + location.search);
}
const authorised = () => ({ Authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ""}` });

const NETWORK = new Set(["TypeError", "NetworkError", "AbortError"]); // names of errors
const RETRY_FIRST = 1000,
  RETRY_MOST = 5000;

// One whole event as its name and data.
const eventOf = (text) => {
  let name = "message",
    data = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trimStart();
  }
  return { name, data };
};

// Hand over each event of a body to `on.event`, and any sign of life to `on.heard`.
const readEvents = async (body, on) => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    on.heard();
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const { name, data } of events.map(eventOf)) if (data) on.event(name, JSON.parse(data));
  }
};

/* Follow the events at `path` until `signal` says to stop. `on.open` is told when they come,
   `on.refused` of an answer that asking again does not change, with its status and problem, and
   `on.lost` when there is no connection, with the milliseconds until the next try and what the
   server said, if it did. */
const follow = async (path, on, signal) => {
  let wait = RETRY_FIRST;
  while (!signal.aborted) {
    let detail = "";
    try {
      const answer = await fetch(path, { headers: authorised(), signal, cache: "no-store" });
      if (answer.ok) {
        wait = RETRY_FIRST;
        on.open();
        await readEvents(answer.body, on);
      } else if ([400, 401, 403, 404].includes(answer.status)) {
        const problem = await answer.json().catch(() => ({}));
        if (!signal.aborted) on.refused(answer.status, problem);
        return;
      } else {
        detail =
          (await answer.json().catch(() => ({}))).detail ?? `the server says ${answer.status}`;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!NETWORK.has(error.name)) console.error(error);
    }
    if (signal.aborted) return;
    on.lost(wait, detail);
    await new Promise((next) => setTimeout(next, wait));
    wait = Math.min(RETRY_MOST, wait * 1.5);
  }
};

// Ask the server to change something. Returns what went wrong; empty if nothing did.
const request = async (method, path, body) => {
  try {
    const kind = body === undefined ? {} : { "Content-Type": "application/json" };
    const headers = { ...authorised(), ...kind };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    if (answer.ok) return "";
    const problem = await answer.json().catch(() => ({}));
    return problem.detail || `The server says ${answer.status}.`;
  } catch {
    return "The server cannot be reached.";
  }
};
