// Shows the figure or section that the address names, in whatever is closed, and copies the address of a figure.
(() => {

  function named() {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // the address is not valid
    }
  }

  function show() {
    const target = location.hash.length > 1 ? named() : null;
    if (!target) return;
    for (let parent = target.closest("details"); parent; parent = parent.parentElement.closest("details")) {
      parent.open = true;
    }
    target.scrollIntoView();
  }

  async function copy(link) {
    let note = "in the address bar";
    try {
      await navigator.clipboard.writeText(link.href);
      note = "copied";
    } catch {
      // no permission: the address bar has it
    }
    link.dataset.note = note;
    link.setAttribute("aria-label", `Link to this figure: ${note}`);
    setTimeout(() => {
      delete link.dataset.note;
      link.setAttribute("aria-label", "Link to this figure");
    }, 2000);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.permalink");
    if (link) copy(link);
    else if (event.target.closest?.('a[href^="#"]')?.hash === location.hash) show(); // the same link again
  });
  addEventListener("hashchange", show);
  show();
})();
