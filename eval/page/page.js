"use strict";
/* The map, the sorting of tables and the language. Whatever comes from cases goes into the page as text, never as markup. */

(() => {
  const root = document.documentElement;
  const holder = document.getElementById("data");
  const data = holder && JSON.parse(holder.textContent);
  const remembered = (value) => {
    // A page opened from a disk may be refused its storage.
    try {
      if (value) localStorage.setItem("koujing-report-language", value);
      return localStorage.getItem("koujing-report-language");
    } catch {
      return null;
    }
  };

  // --- language -------------------------------------------------------------------------------

  const told = []; // what to do again when the language changes: attributes and controls that hold plain text
  const words = (path, values = {}) => {
    let found = data.words[root.lang];
    for (const part of path.split(".")) found = found?.[part];
    return (found ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  };
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };
  /** The text in both languages, as the rest of the page has it. */
  const say = (path, values = {}) => {
    const both = document.createDocumentFragment();
    for (const language of Object.keys(data.words)) {
      let found = data.words[language];
      for (const part of path.split(".")) found = found?.[part];
      const span = element("span", { className: "w", lang: language });
      span.textContent = (found ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
      both.append(span);
    }
    return both;
  };
  const known = (section, name) => (data.words.en[section][name] ? say(`${section}.${name}`) : String(name));

  const speak = (language) => {
    root.lang = language;
    for (const again of told) again();
  };
  const preferred = (navigator.languages?.length ? navigator.languages : [navigator.language || "en"])[0];
  root.lang = remembered() || (/^zh\b/i.test(preferred) ? "zh-Hans" : "en");
  const toggle = document.getElementById("language");
  const titles = { en: document.title, "zh-Hans": data ? data.words["zh-Hans"].title : document.title };
  told.push(() => (document.title = titles[root.lang]));
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    speak(root.lang === "en" ? "zh-Hans" : "en");
    remembered(root.lang);
  });

  // --- where one is ---------------------------------------------------------------------------

  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const seen = new Set();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target.id);
      const first = [...links.keys()].find((id) => seen.has(id));
      if (!first) return;
      for (const [id, link] of links) {
        if (id === first) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      // On a narrow screen the contents are one line that scrolls by itself.
      const line = links.get(first).closest("nav");
      if (line.scrollWidth > line.clientWidth) line.scrollLeft = links.get(first).offsetLeft - 24;
    },
    { rootMargin: "-64px 0px -55% 0px" },
  );
  for (const id of links.keys()) watcher.observe(document.getElementById(id));

  // --- tables ---------------------------------------------------------------------------------

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      if ("fixed" in head.dataset) return;
      const button = element("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "descending" || (!head.hasAttribute("aria-sort") && place === 0);
        const key = (row) => {
          const cell = row.cells[place];
          if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
          const shown = [...cell.querySelectorAll(".w")].find((w) => w.lang === root.lang) || cell;
          const number = Number(shown.textContent.replaceAll(",", ""));
          return cell.classList.contains("number") && !Number.isNaN(number) ? number : shown.textContent.trim();
        };
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort(([a], [b]) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(b)));
        if (!down) rows.reverse();
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "ascending" : "descending");
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details.intent, details.change-list")) details.open = true;
  });

  if (!data) {
    speak(root.lang);
    return;
  }

  // --- the map --------------------------------------------------------------------------------

  const cases = data.cases.map((values) => Object.fromEntries(data.columns.map((name, n) => [name, values[n]])));
  const rows = data.rows.map((row, given) => ({ ...row, given, cases: [], shown: true }));
  const harm = Object.fromEntries(data.outcomes.map((outcome, n) => [outcome, data.outcomes.length - n]));
  const answered = new Set(["right", "other", "false_answer"]);
  const good = new Set(["right", "silent"]);
  for (const one of cases) rows[one.row].cases.push(one);
  for (const row of rows) {
    row.right = row.cases.filter((one) => good.has(one.outcome)).length;
    row.distinct = new Set(row.cases.filter((one) => answered.has(one.outcome)).map((one) => one.best)).size;
    row.wrong = row.cases.filter((one) => one.outcome === "other" || one.outcome === "false_answer").length;
    const parts = [row.name, row.suite];
    for (const one of row.cases) {
      const clause = data.clauses[one.best];
      parts.push(one.id, one.question, clause && `${clause[0]} ${clause[1]}`, ...one.gold.map((g) => `${g[0]} ${g[1]}`));
    }
    row.text = parts.filter(Boolean).join("\n").toLowerCase();
    row.title = row.name ?? row.suite;
  }

  const map = document.getElementById("map");
  const grids = map.querySelector(".grids");
  const inspector = document.getElementById("inspector");
  const square = (one) => {
    const made = element("button", { type: "button", tabIndex: -1, className: `o o-${one.outcome}` });
    made.one = one;
    one.square = made;
    return made;
  };
  const cellsOf = (list, className) =>
    element("td", { className }, element("div", {}, ...list.map((one) => one.square)));

  const build = (row, columns) => {
    const label = element("button", { type: "button", tabIndex: -1, className: "row" });
    label.append(row.kind === "none" ? say("map.without_clause") : String(row.name));
    if (row.suite) label.append(element("span", { className: "soft" }, ` ${row.suite}`));
    label.group = row;
    label.title = row.name ?? "";
    row.element = element("tr", {}, element("th", { scope: "row" }, label));
    row.element.append(element("td", { className: "number" }, `${row.right}/${row.cases.length}`));
    row.cases.forEach(square);
    if (columns) {
      row.element.append(element("td", { className: "number" }, String(row.distinct)));
      for (let column = 0; column < columns; column++)
        row.element.append(cellsOf(row.cases.filter((one) => one.column === column), "cells"));
    } else {
      const worst = [...row.cases].sort((a, b) => harm[b.outcome] - harm[a.outcome] || b.confidence - a.confidence);
      row.element.append(cellsOf(worst, "cells loose"));
    }
  };
  const head = (first, ...rest) =>
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, first), element("th", { className: "number", scope: "col" }, say("map.right_of")), ...rest),
    );

  const bodies = [];
  const named = rows.filter((row) => row.kind === "intent");
  const loose = rows.filter((row) => row.kind !== "intent");
  if (named.length) {
    const styles = data.styles.map((style, n) =>
      element(
        "th",
        { className: "style", scope: "col" },
        element("span", { className: "name" }, known("style", style)),
        element("small", {}, data.shares[n]),
      ),
    );
    for (const row of named) build(row, data.styles.length);
    const distinct = element("th", { className: "number", scope: "col" }, say("map.distinct"));
    told.push(() => (distinct.title = words("map.distinct_title")));
    const body = element("tbody");
    bodies.push([body, named]);
    grids.append(element("table", {}, head(say("map.question"), distinct, ...styles), body));
  }
  if (loose.length) {
    for (const row of loose) build(row, 0);
    const body = element("tbody");
    bodies.push([body, loose]);
    const above = named.length ? element("caption", { className: "soft" }, say("map.intro_loose")) : null;
    grids.append(element("table", {}, above, head("", element("th")), body));
  }
  const none = element("p", { className: "none", hidden: true }, say("map.nothing"));
  grids.append(none);

  // --- order and filter -----------------------------------------------------------------------

  const filter = document.getElementById("map-filter");
  const order = document.getElementById("map-sort");
  const count = document.getElementById("map-count");
  const legend = [...document.querySelectorAll(".legend button")];
  const orders = {
    worst: (a, b) => a.right / a.cases.length - b.right / b.cases.length || b.wrong - a.wrong || b.distinct - a.distinct,
    spread: (a, b) => b.distinct - a.distinct || a.right / a.cases.length - b.right / b.cases.length,
    name: (a, b) => String(a.title).localeCompare(String(b.title)),
    given: () => 0,
  };
  const arrange = () => {
    for (const [body, of] of bodies) {
      of.sort((a, b) => orders[order.value](a, b) || a.given - b.given);
      body.replaceChildren(...of.map((row) => row.element));
    }
  };
  const lay = () => {
    const wanted = filter.value.trim().toLowerCase();
    const outcomes = new Set(legend.filter((b) => b.ariaPressed === "true").map((b) => b.dataset.outcome));
    let shown = 0;
    for (const [body, of] of bodies) {
      for (const row of of) {
        row.shown = row.text.includes(wanted) && (!outcomes.size || row.cases.some((one) => outcomes.has(one.outcome)));
        row.element.hidden = !row.shown;
        shown += row.shown;
        for (const one of row.cases) one.square.classList.toggle("dim", outcomes.size > 0 && !outcomes.has(one.outcome));
      }
      body.parentElement.hidden = !of.some((row) => row.shown);
    }
    none.hidden = shown > 0;
    count.replaceChildren(say("map.rows_shown", { k: shown.toLocaleString("en"), n: rows.length.toLocaleString("en") }));
    reach(grids.querySelector("tr:not([hidden]) .row"));
  };
  filter.addEventListener("input", lay);
  order.addEventListener("change", () => {
    arrange();
    lay();
  });
  for (const button of legend)
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      lay();
    });
  told.push(() => {
    filter.placeholder = words("map.filter_hint");
    for (const option of order.options) option.textContent = words(`map.sort_${option.value}`);
    grids.setAttribute("aria-label", words("map.question"));
    for (const one of cases) {
      one.square.setAttribute("aria-label", `${words(`outcome.${one.outcome}`)}: ${one.question}`);
    }
  });

  // --- what a square is -----------------------------------------------------------------------

  const place = (document_, label) =>
    element("span", { className: "place" }, element("span", { className: "document" }, document_ ?? ""), label ? element("b", {}, ` ${label}`) : null);
  const clauseOf = (number, marked = []) => {
    const clause = data.clauses[number];
    if (!clause) return [];
    const [from, label, text, cut] = clause;
    const block = element("blockquote");
    // The quoted words of the right clause are marked where they stand.
    const found = marked.map((quote) => [quote ? text.indexOf(quote) : -1, quote]).find(([at]) => at >= 0);
    if (found) block.append(text.slice(0, found[0]), element("mark", {}, found[1]), text.slice(found[0] + found[1].length));
    else block.append(text);
    if (cut) block.append(say("map.cut"));
    return [element("p", {}, place(from, label)), block];
  };
  const heading = (path) => element("h4", {}, say(path));
  const separated = (parts) => parts.filter(Boolean).flatMap((part, n) => (n ? [" · ", part] : [part]));

  const caseDetails = (one) => {
    const held = !answered.has(one.outcome);
    const parts = [
      element("p", { className: "verdict" }, element("i", { className: `o o-${one.outcome}` }), element("span", {}, say(`outcome.${one.outcome}`))),
      ...one.history.map((turn) => element("p", { className: "turn" }, turn)),
      element("p", { className: "question", lang: one.language || "" }, one.question),
      one.given ? element("p", { className: "turn" }, one.given) : null,
      element(
        "p",
        { className: "meta" },
        ...separated([rows[one.row].kind === "intent" && rows[one.row].name, one.column !== null && known("style", data.styles[one.column]), one.language, one.id]),
      ),
    ];
    if (one.best !== null) parts.push(heading(held ? "map.held_with" : "map.answered_with"), ...clauseOf(one.best));
    const meta = element("p", { className: "meta" }, say("map.confidence"), ` ${one.confidence === null ? "–" : one.confidence.toFixed(2)}`);
    if (one.reason) meta.append(" · ", known("reason", one.reason));
    parts.push(meta);
    if (one.why) parts.push(element("p", { className: "meta" }, one.why));
    if (one.outcome === "false_answer" || one.outcome === "silent") {
      parts.push(heading("map.right_clause"), element("p", {}, say("map.no_clause")));
    } else if (one.outcome !== "right" && one.outcome !== "held_right") {
      parts.push(heading(one.gold.length > 1 && one.right === null ? "map.right_clauses" : "map.right_clause"));
      if (one.right !== null) parts.push(...clauseOf(one.right, one.gold.map((g) => g[2])));
      else
        for (const [from, label, quote] of one.gold) {
          parts.push(element("p", {}, place(from, label)));
          if (quote) parts.push(element("blockquote", {}, quote));
        }
      const lost = element("p", { className: "meta" }, say("map.lost"), ": ");
      if (one.lost) lost.append(one.lost);
      else lost.append(one.rank ? say("map.lost_rank", { rank: one.rank }) : say("map.lost_far"));
      parts.push(lost);
    }
    return parts;
  };
  const rowDetails = (row) => {
    const sorted = [...row.cases].sort((a, b) => harm[b.outcome] - harm[a.outcome]);
    const most = 60;
    return [
      element("h3", {}, row.kind === "none" ? say("map.without_clause") : String(row.name)),
      element(
        "p",
        { className: "meta" },
        row.kind === "intent" ? say("map.wordings", { n: row.cases.length, k: row.distinct }) : `${row.right}/${row.cases.length}`,
      ),
      ...sorted.slice(0, most).map((one) => {
        const clause = data.clauses[one.best];
        const lines = [element("span", { className: "question", lang: one.language || "" }, one.question), element("br")];
        if (one.given) lines.push(element("span", { className: "meta" }, one.given, " · "));
        if (one.column !== null) lines.push(element("span", { className: "meta" }, known("style", data.styles[one.column]), " · "));
        if (clause) lines.push(place(clause[0], clause[1]));
        lines.push(element("span", { className: "meta" }, ` ${one.confidence === null ? "" : one.confidence.toFixed(2)}`));
        return element("div", { className: "wording" }, element("i", { className: `o o-${one.outcome}` }), element("div", {}, ...lines));
      }),
      sorted.length > most ? element("p", { className: "meta" }, `… ${sorted.length - most}`) : null,
    ];
  };

  let pinned = null;
  const show = (target) => {
    const close = element("button", { type: "button", className: "close" }, say("map.close"));
    close.addEventListener("click", release);
    inspector.replaceChildren(close, ...(target.one ? caseDetails(target.one) : rowDetails(target.group)).filter(Boolean));
    close.hidden = !pinned && !matchMedia("(max-width: 860px)").matches;
    inspector.classList.add("shown");
    inspector.scrollTop = 0;
  };
  const release = () => {
    const back = pinned;
    pinned?.classList.remove("pinned");
    pinned = null;
    inspector.classList.remove("shown");
    inspector.replaceChildren(element("p", { className: "soft" }, say("map.point")));
    if (inspector.contains(document.activeElement)) back?.focus();
  };
  const pin = (target) => {
    const same = pinned === target;
    pinned?.classList.remove("pinned");
    pinned = same ? null : target;
    pinned?.classList.add("pinned");
    show(target);
  };
  const targetOf = (event) => event.target.closest?.(".o, .row");
  grids.addEventListener("pointerover", (event) => {
    const target = targetOf(event);
    // A finger that scrolls passes over squares without meaning any of them.
    if (target && !pinned && event.pointerType === "mouse") show(target);
  });
  grids.addEventListener("focusin", (event) => {
    const target = targetOf(event);
    if (!target) return;
    reach(target);
    if (!pinned && target.matches(":focus-visible")) show(target);
  });
  grids.addEventListener("click", (event) => {
    const target = targetOf(event);
    if (target) pin(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (pinned || inspector.classList.contains("shown"))) release();
  });

  // --- one stop for the tabulator, arrows inside ----------------------------------------------

  let reached = null;
  const reach = (target) => {
    if (reached) reached.tabIndex = -1;
    reached = target;
    if (reached) reached.tabIndex = 0;
  };
  const lines = () => [...grids.querySelectorAll("table:not([hidden]) tbody tr:not([hidden])")];
  grids.addEventListener("keydown", (event) => {
    const target = targetOf(event);
    if (!target || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = target.closest("tr");
    const inLine = [...line.querySelectorAll("button")];
    let next = null;
    if (event.key === "ArrowRight") next = inLine[inLine.indexOf(target) + 1];
    else if (event.key === "ArrowLeft") next = inLine[inLine.indexOf(target) - 1];
    else if (event.key === "Home") next = inLine[0];
    else if (event.key === "End") next = inLine.at(-1);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = lines();
      const other = all[all.indexOf(line) + (event.key === "ArrowDown" ? 1 : -1)];
      const middle = (box) => box.left + box.width / 2;
      const at = middle(target.getBoundingClientRect());
      if (other)
        next = target.matches(".row")
          ? other.querySelector(".row")
          : [...other.querySelectorAll(".o")].reduce((best, box) => {
              const near = (b) => Math.abs(middle(b.getBoundingClientRect()) - at);
              return !best || near(box) < near(best) ? box : best;
            }, null);
    } else return;
    event.preventDefault();
    next?.focus();
    next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  document.getElementById("map-tools").hidden = false;
  speak(root.lang);
  arrange();
  lay();
})();
