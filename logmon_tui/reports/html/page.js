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

  // Charts tell the column under the pointer, and zoom to what is dragged over.
  const moment = (second) => new Date(second * 1000).toISOString().slice(0, 16).replace("T", " ");
  const whole = (number) => number.toLocaleString("en");
  for (const chart of document.querySelectorAll(".chart")) {
    const plot = chart.querySelector(".plot");
    const told = chart.querySelector(".readout");
    const labels = [...chart.querySelectorAll(".times span")];
    const { start, length } = plot.dataset;
    const series = (key) => plot.dataset[key] === undefined ? null : plot.dataset[key].split(",");
    const data = { hits: series("hits"), client: series("client"), server: series("server"), p95: series("p95") };
    const columns = (data.hits || data.p95).length;
    let shown = [0, columns];
    const hint = "Drag over the chart to zoom in.";
    told.textContent = hint;
    const at = (event) => {
      const box = plot.getBoundingClientRect();
      const part = Math.min(0.999999, Math.max(0, (event.clientX - box.left) / box.width));
      return shown[0] + part * (shown[1] - shown[0]);
    };
    const second = (column) => Number(start) + column * Number(length);
    const say = (column) => {
      const when = `${moment(second(column))} UTC`;
      if (data.hits) {
        told.textContent = `${when}: ${whole(Number(data.hits[column]))} hits, `
          + `4xx ${whole(Number(data.client[column]))}, 5xx ${whole(Number(data.server[column]))}`;
      } else {
        const time = data.p95[column];
        told.textContent = `${when}: p95 ${time === "" ? "not known" : `${Number(time).toPrecision(3)} s`}`;
      }
    };
    const show = (from, to) => {
      shown = [from, to];
      plot.setAttribute("viewBox", `${from} 0 ${to - from} 100`);
      const span = second(to) - second(from);
      labels.forEach((label, place) => {
        const text = moment(second(from) + span * place / (labels.length - 1));
        label.textContent = span > 86400 ? text.slice(5) : text.slice(11);
      });
    };
    let begun = null;
    const chosen = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    chosen.setAttribute("class", "chosen");
    chosen.setAttribute("height", "100");
    plot.addEventListener("pointerdown", (event) => { begun = at(event); plot.setPointerCapture(event.pointerId); });
    plot.addEventListener("pointermove", (event) => {
      const here = at(event);
      say(Math.min(columns - 1, Math.floor(here)));
      if (begun !== null) {
        chosen.setAttribute("x", Math.min(begun, here));
        chosen.setAttribute("width", Math.abs(here - begun));
        plot.append(chosen);
      }
    });
    plot.addEventListener("pointerup", (event) => {
      const from = Math.floor(Math.min(begun ?? 0, at(event)));
      const to = Math.ceil(Math.max(begun ?? 0, at(event)));
      const dragged = begun !== null && Math.abs(at(event) - begun) > (shown[1] - shown[0]) / 100;
      begun = null;
      chosen.remove();
      if (dragged) { show(Math.max(0, from), Math.min(columns, to)); told.textContent = "Double-click to see all again."; }
    });
    // The browser takes the pointer to scroll: what was begun is no choice.
    plot.addEventListener("pointercancel", () => { begun = null; chosen.remove(); told.textContent = hint; });
    plot.addEventListener("dblclick", () => { show(0, columns); told.textContent = hint; });
    plot.addEventListener("pointerleave", () => { if (begun === null) told.textContent = hint; });
  }
})();
