"use strict";
/* The token comes in the address after #, which no browser sends to a server. It is kept for this
   tab alone, and taken out of the address bar at once. */
const KEPT = "logmon-token";
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, "", location.pathname + location.search);
}
const headers = () => ({ Authorization: `Bearer ${sessionStorage.getItem(KEPT) || ""}` });

/* Reads server-sent events with the token, which EventSource could not send, and says why it is
   refused, which EventSource would not tell. Begins again whenever the stream breaks. */
async function follow(path, on, signal) {
  let retry = 2000;
  while (!signal.aborted) {
    try {
      const answer = await fetch(path, { headers: headers(), signal, cache: "no-store" });
      if (answer.ok) {
        on.open();
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          text += value;
          const events = text.split("\n\n");
          text = events.pop();
          for (const event of events) {
            let name = "message", data = "";
            for (const line of event.split("\n")) {
              if (line.startsWith("event: ")) name = line.slice(7);
              else if (line.startsWith("data: ")) data += line.slice(6);
              else if (line.startsWith("retry: ")) retry = Number(line.slice(7));
            }
            if (data) on.event(name, JSON.parse(data));
          }
        }
        on.lost("the connection was lost");
      } else {
        const problem = await answer.json().catch(() => ({}));
        on.lost(problem.detail || `the server says ${answer.status}`, answer.status);
      }
    } catch (error) {
      if (signal.aborted) return;
      on.lost("the server cannot be reached");
    }
    await new Promise((next) => setTimeout(next, retry));
  }
}

const figures = document.getElementById("figures");
follow("/events" + location.search, {
  open() {},
  event(_name, picture) { figures.textContent = JSON.stringify(picture, null, 2); },
  lost(why) { figures.textContent = why; },
}, new AbortController().signal);
