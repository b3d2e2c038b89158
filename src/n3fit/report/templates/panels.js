// Panels of figures: their axes, and the values of curves and points, which are in the script element of the figure.
const TURN = 0.1; // of the axis that is logarithmic below and linear above
const SCALES = {
  linear: (value) => value,
  log: (value) => Math.log(value),
  both: (value) => (value < TURN ? Math.log(value / TURN) : value / TURN - 1),
};
const REACH = 24; // pixels from the pointer to a point
const SIDE = 1000;

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
