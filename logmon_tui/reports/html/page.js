"use strict";
(() => {
  const root = document.documentElement;

  // Light and dark: the system's choice until the button is pressed.
  const button = document.createElement("button");
  button.className = "theme";
  button.type = "button";
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { button.textContent = dark() ? "Light colours" : "Dark colours"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();
  document.querySelector("header").prepend(button);

  // What is folded is printed too.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });

  // Tables sort by the figure of a column, or by name.
  for (const table of document.querySelectorAll("table:not(.heat)")) {
    const body = table.tBodies[0];
    table.querySelectorAll("thead th").forEach((head, column) => {
      const key = document.createElement("button");
      key.type = "button";
      key.append(...head.childNodes);
      head.append(key);
      key.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : column > 0;
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (row) => {
          const cell = row.cells[column];
          return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
        };
        const compared = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b);
        const rows = [...body.rows].sort((a, b) => compared(value(a), value(b)) * (down ? -1 : 1));
        body.append(...rows);
      });
    });
  }

  // Charts tell the column under the pointer, and zoom to what is dragged over. By keyboard they
  // are sliders: a screen reader says the figures of the column that the arrows lead to.
  const moment = (second) => new Date(second * 1000).toISOString().slice(0, 16).replace("T", " ");
  const whole = (number) => number.toLocaleString("en");
  const shape = (name) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("height", "100");
    return rect;
  };
  document.querySelectorAll(".chart").forEach((chart, number) => {
    const plot = chart.querySelector(".plot");
    const frame = chart.querySelector(".frame");
    const told = chart.querySelector(".readout");
    const labels = [...chart.querySelectorAll(".times span")];
    const { start, length } = plot.dataset;
    const series = (key) => plot.dataset[key] === undefined ? null : plot.dataset[key].split(",");
    const data = { hits: series("hits"), client: series("client"), server: series("server"), p95: series("p95") };
    const columns = (data.hits || data.p95).length;
    const least = Math.min(columns, 4);
    let shown = [0, columns];
    let here = columns - 1;
    const second = (column) => Number(start) + column * Number(length);
    const told_of = (column) => {
      const when = `${moment(second(column))} UTC`;
      if (data.hits) {
        return `${when}: ${whole(Number(data.hits[column]))} hits, `
          + `4xx ${whole(Number(data.client[column]))}, 5xx ${whole(Number(data.server[column]))}`;
      }
      const time = data.p95[column];
      return `${when}: p95 ${time === "" ? "not known" : `${Number(time).toPrecision(3)} s`}`;
    };
    const hint = () => {
      const zoomed = shown[1] - shown[0] < columns;
      const mouse = zoomed ? "Shift and drag to move, double-click to see all." : "Drag over the chart to zoom in.";
      const keys = `Keys: ← → to look, + − to zoom${zoomed ? ", shift ← → to move, Esc for all" : ""}.`;
      told.textContent = document.activeElement === frame ? keys : mouse;
    };
    const show = (from, to) => {
      const span = Math.max(least, Math.min(columns, to - from));
      const begin = Math.max(0, Math.min(columns - span, from));
      shown = [begin, begin + span];
      plot.setAttribute("viewBox", `${begin} 0 ${span} 100`);
      const all = second(shown[1]) - second(begin);
      labels.forEach((label, place) => {
        const text = moment(second(begin) + all * place / (labels.length - 1));
        label.textContent = all > 86400 ? text.slice(5) : text.slice(11);
      });
    };

    // With the pointer
    const at = (event, view = shown) => {
      const box = plot.getBoundingClientRect();
      const part = Math.min(0.999999, Math.max(0, (event.clientX - box.left) / box.width));
      return view[0] + part * (view[1] - view[0]);
    };
    let begun = null;
    const chosen = shape("chosen");
    const stop = () => { begun = null; chosen.remove(); };
    plot.addEventListener("pointerdown", (event) => {
      begun = { view: shown, from: at(event), moves: event.shiftKey };
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener("pointermove", (event) => {
      if (begun !== null && begun.moves) {
        const by = begun.from - at(event, begun.view);
        show(begun.view[0] + by, begun.view[1] + by);
        return;
      }
      const now = at(event);
      told.textContent = told_of(Math.min(columns - 1, Math.floor(now)));
      if (begun !== null) {
        chosen.setAttribute("x", Math.min(begun.from, now));
        chosen.setAttribute("width", Math.abs(now - begun.from));
        plot.append(chosen);
      }
    });
    plot.addEventListener("pointerup", (event) => {
      if (begun !== null && !begun.moves) {
        const ends = [begun.from, at(event)].sort((a, b) => a - b);
        if (ends[1] - ends[0] > (shown[1] - shown[0]) / 100) {
          show(Math.floor(ends[0]), Math.ceil(ends[1]));
          hint();
        }
      }
      stop();
    });
    // The browser takes the pointer to scroll: what was begun is no choice.
    plot.addEventListener("pointercancel", () => { stop(); hint(); });
    plot.addEventListener("dblclick", () => { show(0, columns); hint(); });
    plot.addEventListener("pointerleave", () => { if (begun === null) hint(); });

    // With the keyboard
    const cursor = shape("cursor");
    cursor.setAttribute("width", "1");
    const help = document.createElement("p");
    help.id = `chart-keys-${number}`;
    help.className = "unseen";
    help.textContent = "Left and right arrows go from column to column, plus and minus zoom, "
      + "shift with an arrow moves what is shown, Escape shows all.";
    chart.append(help);
    frame.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": plot.getAttribute("aria-label"),
      "aria-describedby": help.id,
      "aria-valuemin": 0,
      "aria-valuemax": columns - 1,
    })) frame.setAttribute(name, value);
    plot.setAttribute("aria-hidden", "true");
    const tell = (said) => {
      frame.setAttribute("aria-valuenow", here);
      frame.setAttribute("aria-valuetext", said);
    };
    const look = (column) => {
      here = Math.max(0, Math.min(columns - 1, column));
      const span = shown[1] - shown[0];
      if (here < shown[0]) show(here, here + span);
      if (here >= shown[1]) show(here + 1 - span, here + 1);
      cursor.setAttribute("x", here);
      plot.append(cursor);
      told.textContent = told_of(here);
      tell(told.textContent);
    };
    const view = (from, to) => {
      show(from, to);
      here = Math.max(Math.ceil(shown[0]), Math.min(Math.floor(shown[1]) - 1, here));
      look(here);
      tell(`${moment(second(shown[0]))} to ${moment(second(shown[1]))} UTC is shown; ${told_of(here)}`);
    };
    const zoom = (by) => {
      const span = Math.max(least, Math.min(columns, Math.round((shown[1] - shown[0]) * by)));
      const part = (here + 0.5 - shown[0]) / (shown[1] - shown[0]);
      const from = Math.round(here + 0.5 - span * part);
      view(from, from + span);
    };
    const pan = (way) => {
      const by = way * Math.max(1, Math.round((shown[1] - shown[0]) / 4));
      view(shown[0] + by, shown[1] + by);
    };
    const step = () => Math.max(1, Math.round((shown[1] - shown[0]) / 10));
    const keys = {
      ArrowLeft: () => look(here - 1), ArrowRight: () => look(here + 1),
      ArrowDown: () => look(here - 1), ArrowUp: () => look(here + 1),
      PageUp: () => look(here + step()), PageDown: () => look(here - step()),
      Home: () => look(0), End: () => look(columns - 1),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "_": () => zoom(2),
      Escape: () => view(0, columns), "0": () => view(0, columns),
    };
    const moves = { ArrowLeft: () => pan(-1), ArrowRight: () => pan(1) };
    frame.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = (event.shiftKey && moves[event.key]) || keys[event.key];
      if (act) { act(); event.preventDefault(); }
    });
    frame.addEventListener("focus", () => {
      if (!frame.matches(":focus-visible")) return;
      look(here);
      hint();
    });
    frame.addEventListener("blur", () => { cursor.remove(); hint(); });
    tell(told_of(here));
    hint();
  });
})();
