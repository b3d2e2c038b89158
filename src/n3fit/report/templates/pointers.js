// The mark at a point of a figure, and its values beside it: where the pointer is, or moved by the arrow keys.
const tip = element("div", "tip");
tip.setAttribute("role", "status");
tip.hidden = true;
document.body.append(tip);

class Pointer {
  constructor(plot) {
    this.plot = plot;
    this.marks = [];
    this.at = null;
    const { area } = plot;
    area.tabIndex = 0;
    area.setAttribute("role", "group");
    area.setAttribute("aria-label", "Values at the pointer; with the keyboard, the arrow keys move it");
    area.addEventListener("pointermove", (event) => this.point(event));
    area.addEventListener("pointerdown", (event) => this.point(event));
    area.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.leave());
    area.addEventListener("blur", () => this.leave());
    area.addEventListener("keydown", (event) => this.press(event));
  }

  // Marks the same point again, after series were shown or hidden.
  renew() {
    if (this.at && this.plot.panels[this.at.panel].curves.length) this.mark(this.at.panel, this.at.index);
    else this.leave();
  }

  point(event) {
    const area = this.plot.image.getBoundingClientRect();
    const [x, y] = [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
    const panel = this.plot.panels.findIndex((each) => each.contains(x, y));
    const found = this.plot.panels[panel];
    if (!found) this.leave();
    else if (found.curves.length) this.mark(panel, found.nearest(x));
    else this.markDot(panel, found.nearestDot(x, y, area, (dot) => !this.plot.off.has(this.plot.series[dot.series].label)));
  }

  press(event) {
    if (event.target !== this.plot.area) return;
    const { panel, index } = this.at ?? { panel: 0, index: Math.floor(this.plot.panels[0].places.length / 2) };
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Escape") this.leave();
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const next = Math.min(Math.max(panel + move[0], 0), this.plot.panels.length - 1);
    const last = this.plot.panels[next].places.length - 1;
    const moved = this.at ? Math.min(Math.max(index + move[1], 0), last) : index;
    if (this.plot.panels[next].curves.length) this.mark(next, moved);
    else this.markDot(next, moved);
  }

  // Marks a point of a panel, and says what it is.
  markDot(number, index) {
    const panel = this.plot.panels[number];
    const dot = panel.dots[index];
    if (!dot) {
      this.leave();
      return;
    }
    this.clear();
    this.at = { panel: number, index };
    const [left, top, width, height] = panel.box;
    const series = this.plot.series[dot.series];
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
    const panel = this.plot.panels[number];
    const [left, top, width, height] = panel.box;
    const across = left + width * panel.places[index];
    this.addMark("cross", [across, top, 0, height]);
    tip.replaceChildren(element("div", "at", `${panel.name} = ${format(panel.points[index])}`));
    for (const curve of panel.curves) {
      const series = this.plot.series[curve.series];
      if (this.plot.off.has(series.label)) continue;
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
    this.plot.area.append(mark);
    this.marks.push(mark);
    return mark;
  }

  // Puts the values beside the mark, on the side that has the space, at a height of the image.
  placeTip(across, down) {
    tip.hidden = false;
    const area = this.plot.image.getBoundingClientRect();
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
