// The preview's own script: choosing clauses, searching, jumping to evidence, page pictures.
// It never makes markup out of data: texts go in through textContent, boxes as numbers.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const MAX_FOUND = 5000; // more places than this are not marked, only counted up to here

  const shown = () => [...document.querySelectorAll(".pv")].find((article) => !article.hidden);
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const quick = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

  // --- choosing a clause --------------------------------------------------------------------

  const known = new WeakMap(); // article -> its clauses and the chosen one: a long text has ten thousand
  const of = (root) => {
    if (!known.has(root)) known.set(root, { clauses: all(root, ".pv-clause"), chosen: null });
    return known.get(root);
  };

  function choose(clause, { scroll = true } = {}) {
    const root = clause.closest(".pv");
    if (of(root).chosen) of(root).chosen.removeAttribute("aria-current");
    of(root).chosen = clause;
    clause.setAttribute("aria-current", "true");
    if (scroll) clause.scrollIntoView({ block: "nearest" });
    fillCard(root, clause);
    showPicture(root, clause);
    tab(root, "chosen");
  }

  function fillCard(root, clause) {
    const card = root.querySelector(".pv-card");
    if (!card) return;
    root.querySelector(".pv-none").hidden = true;
    card.hidden = false;
    card.querySelector("h3").textContent = clause.querySelector(".pv-label").textContent;
    const seen = card.querySelector(".pv-seen");
    seen.textContent = clause.dataset.seen || "";
    seen.hidden = !clause.dataset.seen;
    for (const row of all(card, "[data-pv-row]")) {
      const cell = row.querySelector("dd");
      if (row.dataset.pvRow === "references") cell.replaceChildren(...references(clause));
      else cell.textContent = clause.dataset[row.dataset.pvRow] || "";
      row.hidden = !cell.textContent;
    }
  }

  function references(clause) {
    const links = new Map();
    for (const mark of all(clause, ".pv-ref")) {
      const said = mark.title;
      const key = `${mark.getAttribute("href")} ${said}`;
      if (links.has(key)) continue;
      const line = document.createElement(mark.tagName === "A" ? "a" : "div");
      if (mark.tagName === "A") line.setAttribute("href", mark.getAttribute("href"));
      line.textContent = said;
      links.set(key, line);
    }
    return [...links.values()];
  }

  function step(root, by) {
    const { clauses, chosen } = of(root);
    if (!clauses.length) return;
    const next = chosen ? clauses[clauses.indexOf(chosen) + by] : firstInView(clauses);
    if (next) choose(next);
  }

  function firstInView(clauses) {
    return clauses.find((clause) => clause.getBoundingClientRect().bottom > 90) || clauses[0];
  }

  function tab(root, name) {
    if (root.dataset.tab === name) return;
    root.dataset.tab = name;
    for (const button of all(root, "[data-pv-tab]")) {
      button.setAttribute("aria-selected", String(button.dataset.pvTab === name));
    }
  }

  // --- the page's picture ----------------------------------------------------------------------

  function boxesOf(clause) {
    return (clause.dataset.boxes || "")
      .split(";")
      .filter(Boolean)
      .map((box) => box.split(" ").map(Number));
  }

  function showPicture(root, clause) {
    const boxes = boxesOf(clause);
    for (const figure of all(root, ".pv-pictures figure")) {
      const page = Number(figure.dataset.page);
      figure.querySelector("svg").replaceChildren(
        ...boxes
          .filter((box) => box[0] === page)
          .map(([, x, y, width, height]) => {
            const rect = document.createElementNS(SVG, "rect");
            const sizes = { x: x - 1, y: y - 1, width: width + 2, height: height + 2 };
            for (const [name, value] of Object.entries(sizes)) rect.setAttribute(name, value);
            return rect;
          }),
      );
    }
    turnTo(root, boxes.length ? boxes[0][0] : Number(clause.dataset.page || 0));
  }

  function turnTo(root, page) {
    const figures = all(root, ".pv-pictures figure");
    if (!figures.length || !page) return;
    for (const figure of figures) figure.hidden = Number(figure.dataset.page) !== page;
    const at = figures.findIndex((figure) => !figure.hidden);
    root.querySelector(".pv-missing").hidden = at >= 0;
    const label = root.querySelector(".pv-turns span");
    label.textContent = label.dataset.label.replace("{page}", page);
    label.dataset.page = page;
    const pages = figures.map((figure) => Number(figure.dataset.page));
    root.querySelector('[data-pv-do="earlier"]').disabled = !pages.some((other) => other < page);
    root.querySelector('[data-pv-do="later"]').disabled = !pages.some((other) => other > page);
  }

  function turn(root, by) {
    const now = Number(root.querySelector(".pv-turns span").dataset.page);
    const pages = all(root, ".pv-pictures figure").map((figure) => Number(figure.dataset.page));
    const next = by > 0 ? pages.find((page) => page > now) : pages.reverse().find((page) => page < now);
    if (next) turnTo(root, next);
  }

  // --- evidence, footnotes, gaps -----------------------------------------------------------------

  function light(elements) {
    if (!elements.length) return;
    const root = elements[0].closest(".pv");
    for (const lit of all(root, ".pv-lit")) lit.classList.remove("pv-lit");
    for (const element of elements) element.classList.add("pv-lit");
    const block = elements[0].closest(".pv-clause, .pv-gap") || elements[0];
    block.hidden = false;
    elements[0].scrollIntoView({ block: "center", behavior: quick() });
  }

  function nextGap(root, reason) {
    const gaps = all(root, ".pv-gap").filter((gap) => gap.dataset.reason === reason);
    const at = gaps.findIndex((gap) => gap.classList.contains("pv-lit"));
    const next = gaps[(at + 1) % gaps.length];
    if (next) light([next]);
  }

  function fold(root, reason, folded) {
    for (const gap of all(root, ".pv-gap")) if (gap.dataset.reason === reason) gap.hidden = folded;
  }

  // --- search ------------------------------------------------------------------------------------

  const found = { words: "", ranges: [], at: -1 };

  function search(root, words) {
    found.words = words;
    found.ranges = words ? ranges(root.querySelector(".pv-text"), words) : [];
    found.at = -1;
    if (window.Highlight) {
      CSS.highlights.set("pv-found", new Highlight(...found.ranges));
      CSS.highlights.delete("pv-here");
    }
    move(root, 1);
  }

  function ranges(text, words) {
    // Blocks are searched one by one: a wording that runs over two clauses is in neither.
    const wanted = words.toLocaleLowerCase();
    const result = [];
    for (const run of all(text, ".pv-run")) {
      const nodes = [];
      const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT);
      let whole = "";
      while (walker.nextNode()) {
        nodes.push([whole.length, walker.currentNode]);
        whole += walker.currentNode.data;
      }
      const lower = whole.toLocaleLowerCase();
      const folded = lower.length === whole.length ? lower : whole;
      for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
        const range = document.createRange();
        range.setStart(...point(nodes, at, false));
        range.setEnd(...point(nodes, at + wanted.length, true));
        result.push(range);
        if (result.length >= MAX_FOUND) return result;
      }
    }
    return result;
  }

  function point(nodes, at, isEnd) {
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (nodes[middle][0] < at || (!isEnd && nodes[middle][0] === at)) low = middle;
      else high = middle - 1;
    }
    return [nodes[low][1], at - nodes[low][0]];
  }

  function move(root, by) {
    const output = root.querySelector(".pv-find output");
    if (!found.ranges.length) {
      output.textContent = found.words ? root.dataset.none : "";
      return;
    }
    found.at = (found.at + by + found.ranges.length) % found.ranges.length;
    const range = found.ranges[found.at];
    const block = range.startContainer.parentElement.closest(".pv-clause, .pv-gap");
    block.hidden = false;
    block.scrollIntoView({ block: "nearest" }); // laid out only once it is near: then its place is known
    const place = range.getBoundingClientRect();
    if (place.top < 90 || place.bottom > innerHeight - 40) scrollBy(0, place.top - innerHeight / 3);
    if (window.Highlight) CSS.highlights.set("pv-here", new Highlight(range));
    const all = found.ranges.length >= MAX_FOUND ? `${MAX_FOUND}+` : found.ranges.length;
    output.textContent = root.dataset.at.replace("{at}", found.at + 1).replace("{of}", all);
  }

  // --- several files, theme ------------------------------------------------------------------------

  function showMember(number) {
    for (const article of document.querySelectorAll(".pv")) article.hidden = article.dataset.pv !== number;
    for (const button of document.querySelectorAll("[data-pv-member]")) {
      button.setAttribute("aria-current", String(button.dataset.pvMember === number));
    }
    scrollTo(0, 0);
  }

  const isPage = () => document.body.classList.contains("pv-page"); // else the theme is somebody else's
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function followTheme() {
    if (isPage()) document.body.classList.toggle("dark", dark.matches);
  }

  // --- keys and clicks -------------------------------------------------------------------------------

  function onClick(event) {
    const target = event.target;
    if (!target.closest) return;
    const member = target.closest("[data-pv-member]");
    if (member) return showMember(member.dataset.pvMember);
    const root = target.closest(".pv");
    if (!root) return;
    const link = target.closest('a[href^="#pv"]');
    if (link) {
      const clause = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
      event.preventDefault();
      if (clause) choose(clause);
      return;
    }
    const button = target.closest("button");
    if (!button) {
      const clause = target.closest(".pv-clause");
      if (clause && !String(getSelection())) choose(clause, { scroll: false });
      return;
    }
    const { pvTab, pvEvidence, pvNote, pvNext, pvDo } = button.dataset;
    if (pvTab) tab(root, pvTab);
    else if (pvEvidence) light(all(root, `.pv-text [data-pv-evidence="${CSS.escape(pvEvidence)}"]`));
    else if (pvNote) light(all(root, `.pv-text [data-pv-note="${CSS.escape(pvNote)}"]`));
    else if (pvNext) nextGap(root, pvNext);
    else if (pvDo === "theme") document.body.classList.toggle("dark");
    else if (pvDo === "earlier") turn(root, -1);
    else if (pvDo === "later") turn(root, 1);
  }

  function onKey(event) {
    const root = shown();
    if (!root || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const box = root.querySelector(".pv-find input");
    if (event.target === box) {
      if (event.key === "Enter") {
        event.preventDefault();
        if (box.value !== found.words) search(root, box.value);
        else move(root, event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        box.value = "";
        search(root, "");
        box.blur();
      }
      return;
    }
    if (event.target.closest && event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    if (event.key === "j" || event.key === "ArrowRight") step(root, 1);
    else if (event.key === "k" || event.key === "ArrowLeft") step(root, -1);
    else if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape") tab(root, "findings");
  }

  function onChange(event) {
    const root = event.target.closest && event.target.closest(".pv");
    if (root && event.target.dataset.pvReason) fold(root, event.target.dataset.pvReason, !event.target.checked);
  }

  let typing = 0;
  function onInput(event) {
    if (!event.target.closest || !event.target.closest(".pv-find")) return;
    clearTimeout(typing);
    typing = setTimeout(() => search(shown(), event.target.value), 250);
  }

  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", onChange);
  document.addEventListener("input", onInput);
  dark.addEventListener("change", followTheme);
  followTheme();
  for (const root of document.querySelectorAll(".pv")) {
    const first = Number(root.dataset.firstPage);
    const start = first && root.querySelector(`[data-page="${first}"]`);
    if (start) start.scrollIntoView({ block: "start" });
    turnTo(root, first || Number(root.querySelector("figure")?.dataset.page || 0));
  }
})();
