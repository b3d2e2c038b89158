// Hides series of a figure, and names the values of its curves at the pointer. The image is that of the page: a series
// is hidden by a style sheet at the end of its SVG, and the values are in the script element of the figure.
(() => {
  "use strict";
  const TURN = 0.1; // of the axis that is logarithmic below and linear above
  const SCALES = {
    linear: (value) => value,
    log: (value) => Math.log(value),
    both: (value) => (value < TURN ? Math.log(value / TURN) : value / TURN - 1),
  };
  const SVG = "http://www.w3.org/2000/svg";
  const SIDE = 1000;
  const REACH = 24; // pixels from the pointer to a point
  const MEMBERS = Symbol("replicas"); // no label equals it
  const plots = [];

  // The numbers of a text in base64: three bytes each, the upper ones of a float.
  function decode(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(new ArrayBuffer(4));
    return Float32Array.from({ length: bytes.length / 3 }, (_, index) => {
      for (let place = 0; place < 3; place++) view.setUint8(place, bytes[3 * index + place]);
      return view.getFloat32(0);
    });
  }

  // The place of a value along an axis, from 0 to 1.
  function placeOn([scale, low, high]) {
    const [start, end] = [SCALES[scale](low), SCALES[scale](high)];
    return (value) => (SCALES[scale](value) - start) / (end - start);
  }

  function format(value) {
    if (!Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    const text = value && (size < 1e-3 || size >= 1e5) ? value.toExponential(3) : value.toPrecision(4);
    return text.replace(/-/g, "\u2212");
  }

  function element(kind, name, text = "") {
    const made = document.createElement(kind);
    made.className = name;
    made.textContent = text;
    return made;
  }

  function swatch(colour) {
    const made = element("span", "swatch");
    made.style.background = colour;
    return made;
  }

  function setBox(made, [left, top, width, height]) {
    Object.assign(made.style, {
      left: `${100 * left}%`,
      top: `${100 * top}%`,
      width: `${100 * width}%`,
      height: `${100 * height}%`,
    });
  }

  // A button that shows and hides; `act` receives whether to show.
  function toggleButton(name, colour, act) {
    const button = element("button", "toggle");
    button.type = "button";
    if (colour) button.append(swatch(colour));
    button.append(name === MEMBERS ? name.description : name);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => act(button.getAttribute("aria-pressed") !== "true"));
    return button;
  }

  const tip = element("div", "tip");
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);

  class Panel {
    constructor(content) {
      this.box = content.box;
      this.name = content.name;
      this.points = decode(content.points);
      this.placeOfX = placeOn(content.x);
      this.placeOfY = placeOn(content.y);
      this.places = Array.from(this.points, this.placeOfX);
      this.curves = content.curves.map((curve) => ({
        series: curve.series,
        central: decode(curve.central),
        low: curve.low && decode(curve.low),
        high: curve.high && decode(curve.high),
        members: (curve.members ?? []).map(decode),
      }));
      this.dots = content.dots.flatMap((dots) => {
        const y = decode(dots.y);
        return Array.from(decode(dots.x), (x, index) => ({
          series: dots.series,
          place: [this.placeOfX(x), 1 - this.placeOfY(y[index])],
          text: dots.texts[index],
        })).filter((dot) => dot.place.every((part) => part >= 0 && part <= 1));
      });
      if (!this.curves.length) this.places = this.dots.map((dot) => dot.place[0]);
    }

    contains(x, y) {
      const [left, top, width, height] = this.box;
      return x >= left && x <= left + width && y >= top && y <= top + height;
    }

    // The line of some values in a square of SIDE, interrupted where there are none.
    outline(values) {
      let letter = "M";
      return Array.from(values, (value, index) => {
        const [x, y] = [this.places[index], 1 - this.placeOfY(value)];
        const known = Number.isFinite(x) && Number.isFinite(y);
        const text = known ? `${letter}${(SIDE * x).toFixed(1)} ${(SIDE * y).toFixed(1)}` : "";
        letter = known ? "L" : "M";
        return text;
      }).join("");
    }

    // The point of a shown series next to a place of the image, within reach; -1 if there is none.
    nearestDot(x, y, area, isShown) {
      let [best, least] = [-1, REACH];
      this.dots.forEach((dot, index) => {
        const across = (this.box[0] + this.box[2] * dot.place[0] - x) * area.width;
        const down = (this.box[1] + this.box[3] * dot.place[1] - y) * area.height;
        const distance = Math.hypot(across, down);
        if (distance < least && isShown(dot)) [best, least] = [index, distance];
      });
      return best;
    }

    nearest(x) {
      const wanted = (x - this.box[0]) / this.box[2];
      let best = 0;
      this.places.forEach((place, index) => {
        if (Math.abs(place - wanted) < Math.abs(this.places[best] - wanted)) best = index;
      });
      return best;
    }
  }

  class Plot {
    constructor(figure, content) {
      this.figure = figure;
      this.image = figure.querySelector("img");
      this.area = this.image.parentElement;
      this.source = this.image.getAttribute("src");
      this.content = content;
      this.series = content.series;
      this.off = new Set();
      this.buttons = new Map();
      this.marks = [];
      this.at = null;
      this.addButtons();
      this.area.tabIndex = 0;
      this.area.setAttribute("role", "group");
      this.area.setAttribute("aria-label", "Values at the pointer; with the keyboard, the arrow keys move it");
      this.area.addEventListener("pointermove", (event) => this.point(event));
      this.area.addEventListener("pointerdown", (event) => this.point(event));
      this.area.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.leave());
      this.area.addEventListener("blur", () => this.leave());
      this.area.addEventListener("keydown", (event) => this.press(event));
    }

    get panels() {
      this.read ??= this.content.panels.map((panel) => new Panel(panel));
      return this.read;
    }

    get hasMembers() {
      return this.series.some((series) => series.members) || this.keepsMembers;
    }

    // Whether there are replicas that the image does not show.
    get keepsMembers() {
      return this.content.panels.some((panel) => panel.curves.some((curve) => curve.members));
    }

    addButtons() {
      if (this.series.length < 2 && !this.hasMembers) return; // there would be nothing left
      const row = element("div", "toggles");
      for (const series of this.series) {
        this.addButton(row, series.label, series.colour);
        if (series.key) this.addLegendEntry(series);
      }
      if (this.hasMembers) this.addButton(row, MEMBERS, "");
      if (this.keepsMembers) {
        this.off.add(MEMBERS);
        this.buttons.get(MEMBERS).setAttribute("aria-pressed", "false");
      }
      this.area.parentElement.after(row);
    }

    addButton(row, name, colour) {
      const button = toggleButton(name, colour, (shown) => this.show(name, shown));
      this.buttons.set(name, button);
      row.append(button);
    }

    // Makes the entry in the legend of the image react to clicks; the buttons do the same for keyboards.
    addLegendEntry(series) {
      const entry = element("button", "entry");
      entry.type = "button";
      entry.tabIndex = -1;
      entry.setAttribute("aria-hidden", "true");
      entry.title = `Show or hide ${series.label}`;
      setBox(entry, series.key);
      entry.addEventListener("click", () => this.show(series.label, this.off.has(series.label)));
      this.area.append(entry);
    }

    show(name, shown) {
      if (!this.buttons.has(name)) return;
      if (shown) this.off.delete(name);
      else this.off.add(name);
      this.buttons.get(name).setAttribute("aria-pressed", String(shown));
      const hidden = [];
      const faint = [];
      this.series.forEach((series, index) => {
        const off = this.off.has(series.label);
        if (off) {
          hidden.push(`.s${index}`);
          faint.push(`.k${index}`);
        }
        // with a single series, its replicas stay when its mean and band are hidden
        const without = this.off.has(MEMBERS) || (off && this.series.length > 1);
        if (series.members && without) hidden.push(`.r${index}`);
      });
      const rules = (hidden.length ? `${hidden}{display:none}` : "") + (faint.length ? `${faint}{opacity:.3}` : "");
      const end = this.source.lastIndexOf("</svg>");
      this.image.setAttribute(
        "src",
        rules ? `${this.source.slice(0, end)}<style>${rules}</style>${this.source.slice(end)}` : this.source,
      );
      this.drawMembers();
      if (this.at && this.panels[this.at.panel].curves.length) this.mark(this.at.panel, this.at.index);
      else this.leave();
    }

    // Draws the replicas that the image does not show, of the series that are shown.
    drawMembers() {
      for (const lines of this.area.querySelectorAll(".lines")) lines.remove();
      if (!this.keepsMembers || this.off.has(MEMBERS)) return;
      for (const panel of this.panels) {
        const lines = document.createElementNS(SVG, "svg");
        lines.setAttribute("class", "lines");
        lines.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
        lines.setAttribute("preserveAspectRatio", "none");
        setBox(lines, panel.box);
        for (const curve of panel.curves) {
          const series = this.series[curve.series];
          if (this.off.has(series.label)) continue;
          for (const member of curve.members) {
            const line = document.createElementNS(SVG, "path");
            line.setAttribute("d", panel.outline(member));
            line.setAttribute("stroke", series.colour);
            lines.append(line);
          }
        }
        this.area.append(lines);
      }
    }

    point(event) {
      const area = this.image.getBoundingClientRect();
      const [x, y] = [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
      const panel = this.panels.findIndex((each) => each.contains(x, y));
      const found = this.panels[panel];
      if (!found) this.leave();
      else if (found.curves.length) this.mark(panel, found.nearest(x));
      else this.markDot(panel, found.nearestDot(x, y, area, (dot) => !this.off.has(this.series[dot.series].label)));
    }

    press(event) {
      if (event.target !== this.area) return;
      const { panel, index } = this.at ?? { panel: 0, index: Math.floor(this.panels[0].places.length / 2) };
      const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
      if (event.key === "Escape") this.leave();
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      const next = Math.min(Math.max(panel + move[0], 0), this.panels.length - 1);
      const last = this.panels[next].places.length - 1;
      const moved = this.at ? Math.min(Math.max(index + move[1], 0), last) : index;
      if (this.panels[next].curves.length) this.mark(next, moved);
      else this.markDot(next, moved);
    }

    // Marks a point of a panel, and says what it is.
    markDot(number, index) {
      const panel = this.panels[number];
      const dot = panel.dots[index];
      if (!dot) {
        this.leave();
        return;
      }
      this.clear();
      this.at = { panel: number, index };
      const [left, top, width, height] = panel.box;
      const series = this.series[dot.series];
      const across = left + width * dot.place[0];
      const mark = this.addMark("dot", [across, top + height * dot.place[1], 0, 0]);
      mark.style.setProperty("--colour", series.colour);
      const [name, ...values] = dot.text.split("\n");
      tip.replaceChildren(element("div", "at", name));
      for (const value of values) {
        const row = element("div", "row");
        row.append(swatch(series.colour), element("span", "name", series.label), element("b", "", value));
        tip.append(row);
      }
      this.placeTip(across, top + height * dot.place[1]);
    }

    // Marks the points of a panel at an index, and names their values.
    mark(number, index) {
      this.clear();
      this.at = { panel: number, index };
      const panel = this.panels[number];
      const [left, top, width, height] = panel.box;
      const across = left + width * panel.places[index];
      this.addMark("cross", [across, top, 0, height]);
      tip.replaceChildren(element("div", "at", `${panel.name} = ${format(panel.points[index])}`));
      for (const curve of panel.curves) {
        const series = this.series[curve.series];
        if (this.off.has(series.label)) continue;
        const value = curve.central[index];
        const up = panel.placeOfY(value);
        if (up >= 0 && up <= 1) {
          const dot = this.addMark("dot", [across, top + height * (1 - up), 0, 0]);
          dot.style.setProperty("--colour", series.colour);
        }
        const row = element("div", "row");
        row.append(swatch(series.colour), element("span", "name", series.label), element("b", "", format(value)));
        if (curve.low && Number.isFinite(value)) {
          row.append(element("span", "band", `${format(curve.low[index])} … ${format(curve.high[index])}`));
        }
        tip.append(row);
      }
      this.placeTip(across, top);
    }

    addMark(name, box) {
      const mark = element("div", name);
      setBox(mark, box);
      if (name === "dot") mark.style.width = mark.style.height = "";
      this.area.append(mark);
      this.marks.push(mark);
      return mark;
    }

    // Puts the values beside the mark, on the side that has the space, at a height of the image.
    placeTip(across, down) {
      tip.hidden = false;
      const area = this.image.getBoundingClientRect();
      const at = area.left + across * area.width;
      const right = at + 14;
      const limit = document.documentElement.clientWidth - tip.offsetWidth - 6;
      const left = right <= limit ? right : at - 14 - tip.offsetWidth;
      tip.style.left = `${Math.max(6, Math.min(left, limit))}px`;
      const top = area.top + down * area.height + 6;
      tip.style.top = `${Math.max(50, Math.min(top, innerHeight - tip.offsetHeight - 6))}px`;
    }

    clear() {
      for (const mark of this.marks) mark.remove();
      this.marks = [];
    }

    leave() {
      this.clear();
      this.at = null;
      tip.hidden = true;
    }
  }

  function leaveOthers(target) {
    for (const plot of plots) if (plot.at && !plot.area.contains(target)) plot.leave();
  }

  // Buttons for all figures of a section.
  function fillRow(row) {
    const own = plots.filter((plot) => row.closest("section").contains(plot.figure));
    const names = new Map(own.flatMap((plot) => plot.series.map((series) => [series.label, series.colour])));
    if (own.some((plot) => plot.hasMembers)) names.set(MEMBERS, "");
    if (!names.size) return;
    row.append("In all figures: ");
    for (const [name, colour] of names) {
      const button = toggleButton(name, colour, (shown) => {
        for (const plot of own) plot.show(name, shown);
        button.setAttribute("aria-pressed", String(shown));
      });
      if (name === MEMBERS && own.every((plot) => plot.off.has(name) || !plot.hasMembers)) {
        button.setAttribute("aria-pressed", "false");
      }
      row.append(button);
    }
    row.hidden = false;
  }

  for (const figure of document.querySelectorAll("figure")) {
    const script = figure.querySelector('script[type="application/json"]');
    if (script) plots.push(new Plot(figure, JSON.parse(script.textContent)));
  }
  document.querySelectorAll(".toggles.everywhere").forEach(fillRow);
  addEventListener("pointerdown", (event) => leaveOthers(event.target));
  addEventListener("scroll", () => leaveOthers(null), { passive: true });
})();
