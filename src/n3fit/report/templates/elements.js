// Elements that the scripts add to the page.
const SVG = "http://www.w3.org/2000/svg";
const MEMBERS = Symbol("replicas"); // no label equals it

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
