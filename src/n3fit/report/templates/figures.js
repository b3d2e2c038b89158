// Figures whose series are hidden and shown. The image is that of the page: a series is hidden by a style sheet at the end
// of its SVG.
const plots = [];

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
    this.addButtons();
    this.pointer = new Pointer(this);
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
    this.pointer.renew();
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
}

function leaveOthers(target) {
  for (const plot of plots) if (plot.pointer.at && !plot.area.contains(target)) plot.pointer.leave();
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
