// Sorts a table by the column whose header is activated: ascending, descending, in the order of the page.
(() => {
  const NUMBER = /^([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?: %| ± .*| \/ \d+)?$/i;
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

  // What a cell is sorted by: a number, a text, or null for an empty one.
  function keyOf(row, column) {
    const cell = row.cells[column];
    if (!cell) return null;
    const text = (cell.dataset.key ?? cell.textContent).trim().replace(/\u2212/g, "-");
    if (text === "" || text === "–") return null;
    const number = NUMBER.exec(text);
    return number ? Number(number[1]) : text;
  }

  function compare(one, other) {
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), "en", { numeric: true, sensitivity: "base" });
  }

  // Blocks of rows that stay together, in the order of the page; those of totals stay at the end.
  function blocksOf(body) {
    const blocks = [];
    for (const row of body.rows) {
      if (row.classList.contains("attached") && blocks.length) blocks.at(-1).rows.push(row);
      else blocks.push({ rows: [row], last: row.matches(".total, .loss") });
    }
    return blocks;
  }

  function sortTable(body, blocks, column, direction) {
    const sign = direction === "descending" ? -1 : 1;
    const keyed = blocks.map((block, place) => ({ block, place, key: keyOf(block.rows[0], column) }));
    if (direction !== "none") {
      keyed.sort((one, other) => {
        if (one.block.last || other.block.last) return one.block.last - other.block.last || one.place - other.place;
        if (one.key === null || other.key === null) {
          return (one.key === null) - (other.key === null) || one.place - other.place;
        }
        return sign * compare(one.key, other.key) || one.place - other.place;
      });
    }
    body.append(...keyed.flatMap((entry) => entry.block.rows));
  }

  function makeSortable(table) {
    const body = table.tBodies[0];
    const headers = [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
    if (!body || body.rows.length < 2) return;
    const blocks = blocksOf(body);
    headers.forEach((header, column) => {
      if (!header.textContent.trim() || header.classList.contains("unsorted")) return;
      // a span, since browsers leave out buttons where they print the header again on the next page
      const button = document.createElement("span");
      button.className = "sort";
      button.tabIndex = 0;
      button.setAttribute("role", "button");
      button.append(...header.childNodes);
      header.append(button);
      header.setAttribute("aria-sort", "none");
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.addEventListener("click", () => {
        const direction = NEXT[header.getAttribute("aria-sort")];
        for (const other of headers) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        header.setAttribute("aria-sort", direction);
        table.classList.toggle("sorted", direction !== "none");
        sortTable(body, blocks, column, direction);
      });
    });
  }

  document.querySelectorAll("table.sortable").forEach(makeSortable);
})();
