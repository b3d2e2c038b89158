// Names and keyboard access for elements that the theme adds without them: the search, copy buttons, wide tables.
"use strict";

function nameElements(root) {
  root.querySelectorAll(".md-search[role=dialog]").forEach((each) => each.setAttribute("aria-label", "Search"));
  root.querySelectorAll(".md-code__nav").forEach((each, place) => {
    each.setAttribute("aria-label", `Block of code ${place + 1}`);
  });
  root.querySelectorAll(".md-typeset__scrollwrap, .notebook-output").forEach((each) => {
    each.tabIndex = each.scrollWidth > each.clientWidth ? 0 : -1;
  });
}

let waiting = 0;
function nameSoon() {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => nameElements(document));
}

new MutationObserver(nameSoon).observe(document.documentElement, { childList: true, subtree: true });
window.addEventListener("resize", nameSoon);
nameSoon();
