// The desk's own script: keys, copying, feedback, the list of recent questions, signs of work.
// It never makes markup out of data: texts go in through textContent and value.
(() => {
  "use strict";

  const RECENT_KEY = "koujing-recent";
  const DRAFT_KEY = "koujing-draft";
  const TAB_KEY = "koujing-tab";
  const RECENT_KEPT = 12;
  const SLOW_AFTER_MS = 15000;

  const $ = (selector) => document.querySelector(selector);
  const $$ = (selector) => document.querySelectorAll(selector);
  const questionBox = () => $("#kj-question textarea, #kj-question input");
  const answerHolder = () => $("#kj-answer");
  let pending = null; // the question that is out, as typed
  let slowTimer = 0;
  let asked = ""; // the last question that was sent
  let number = 0; // how many were sent: an answer carries the number of its question
  let override = ""; // the moment that was set in the answer, for its question alone
  const narrow = new Map(); // dimension -> value chosen of what its question leaves open
  let typed = false; // whether the moment's field is being typed in: then it waits for Enter

  // --- asking -----------------------------------------------------------------------------

  function setQuestion(text) {
    const box = questionBox();
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true })); // Gradio reads it from this event
  }

  // Gradio asks later if an answer is still out, and would take what stands in the box then. What was sent is kept.
  function sent() {
    if (!again) asked = questionBox().value; // what was changed in an answer belongs to the question it answers
    pending = asked.trim();
    if (!again && asked !== overriddenFor) override = ""; // another question, another date
    if (!again) narrow.clear();
    number += 1;
    const scope = Object.fromEntries(narrow);
    setHidden("#kj-sent", JSON.stringify({ number, text: asked, as_of: override, scope }));
    keepDraft();
    const holder = answerHolder();
    const says = $(".kj-header").dataset;
    holder.setAttribute("aria-busy", "true");
    holder.dataset.says = says.working;
    $("#kj-right").scrollTop = 0;
    clearTimeout(slowTimer);
    slowTimer = setTimeout(() => (holder.dataset.says = says.slow), SLOW_AFTER_MS);
  }

  // Until then what is shown is the answer to another question: it can be read, and neither copied nor judged.
  const busy = () => answerHolder().hasAttribute("aria-busy");

  function answered() {
    const holder = answerHolder();
    const answer = $("#kj-answer .kj-answer");
    if (!holder || !busy() || !answer || Number(answer.dataset.number) !== number) return; // the last one is still out
    clearTimeout(slowTimer);
    holder.removeAttribute("aria-busy");
    if (pending && answer) keepRecent(pending, answer.dataset.status, answer.dataset.mark || "");
    pending = null;
    keepDraft();
    if (holder.getBoundingClientRect().top > innerHeight / 2) holder.scrollIntoView(); // in a narrow window it is below
    showMark();
  }

  // What stands in the question's box outlives the page: Gradio loads it anew when the server was away for a moment.
  function keepDraft() {
    try {
      sessionStorage.setItem(DRAFT_KEY, JSON.stringify({ text: questionBox().value, out: pending !== null && questionBox().value === asked }));
    } catch {
      // a browser that keeps nothing: the page works without
    }
  }

  function restoreDraft() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(DRAFT_KEY));
    } catch {
      // nothing kept, or not by this page
    }
    if (!kept || !kept.text || questionBox().value) return;
    setQuestion(kept.text);
    if (kept.out) $("#kj-ask").click();
  }

  function askExample(button) {
    setQuestion(button.dataset.example);
    $("#kj-ask").click();
    questionBox().focus();
  }

  function showMark() {
    const text = $("#kj-answer .kj-clause .kj-text");
    const mark = text && text.querySelector("mark");
    if (mark) text.scrollTop = Math.max(0, mark.offsetTop - text.clientHeight / 3);
  }

  // Escape clears the box; once more, and what it held is back.
  let cleared = "";

  function clear() {
    const box = questionBox();
    if (!box.value) return undo();
    cleared = box.value;
    setQuestion("");
    $(".kj-help").classList.add("kj-cleared");
    box.focus();
  }

  function undo() {
    if (!questionBox().value && cleared) setQuestion(cleared);
    questionBox().focus();
  }

  // --- scope and date: they belong to this tab and outlive its page, other tabs have their own ---

  function remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(TAB_KEY)) || {};
    } catch {
      return {};
    }
  }

  function remember(more) {
    try {
      sessionStorage.setItem(TAB_KEY, JSON.stringify({ ...remembered(), ...more }));
    } catch {
      // a browser that keeps nothing: the page works without
    }
  }

  function keep(dimensions, values) {
    remember({ scope: Object.fromEntries(dimensions.map((name, at) => [name, values[at]]).filter(([, value]) => value)) });
  }

  // --- the moment whose rules answer: changed in the answer itself, for this question alone ------

  let again = false; // whether the question is asked once more by what stands in its answer
  let overriddenFor = null; // the question that the date was changed for

  function setHidden(place, value) {
    const box = $(`${place} input, ${place} textarea`);
    if (!box || box.value === value) return;
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function askAgain() {
    again = true;
    $("#kj-ask").click();
    again = false;
    questionBox().focus();
  }

  function askAsOf(day) {
    override = day;
    overriddenFor = asked;
    askAgain();
  }

  const today = () => $("#kj-answer .kj-when").dataset.today; // where the rules' days begin, not where the browser is

  function changeMoment(field) {
    if (field.value === field.dataset.was) return;
    field.dataset.was = field.value;
    askAsOf(field.value || today());
  }

  // --- what the question left open: the same question again, for the value that the customer means ---

  const SPEAKER = /^[^:：\n]{1,12}[:：]\s*/;

  function choose(button) {
    const group = button.closest(".kj-choices");
    const groups = [...$$("#kj-answer .kj-choices")];
    for (const later of groups.slice(groups.indexOf(group))) narrow.delete(later.dataset.dimension);
    if (button.getAttribute("aria-pressed") !== "true") narrow.set(group.dataset.dimension, button.dataset.value);
    askAgain();
  }

  // --- recent questions: in this tab only, gone when it closes ---------------------------------

  function recent() {
    try {
      return JSON.parse(sessionStorage.getItem(RECENT_KEY)) || [];
    } catch {
      return [];
    }
  }

  function keepRecent(question, status, mark) {
    const kept = recent().filter((entry) => entry.question !== question);
    kept.unshift({ question, status, mark });
    try {
      sessionStorage.setItem(RECENT_KEY, JSON.stringify(kept.slice(0, RECENT_KEPT)));
    } catch {
      // storage is full or forbidden: the list is a comfort, not a need
    }
    drawRecent();
  }

  function drawRecent() {
    const list = $("#kj-recent .kj-recent");
    const entries = recent();
    if (!list || !entries.length) return;
    list.replaceChildren(
      ...entries.map(({ question, status, mark }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.status = status;
        button.title = question;
        const words = document.createElement("span");
        words.textContent = lastLine(question).replace(SPEAKER, "");
        const aside = document.createElement("small");
        aside.textContent = mark;
        button.append(words, aside);
        button.addEventListener("click", () => {
          setQuestion(question);
          $("#kj-ask").click();
        });
        item.append(button);
        return item;
      }),
    );
    list.dataset.drawn = "yes";
  }

  const lastLine = (text) => text.split("\n").filter((line) => line.trim()).at(-1) || text;

  // --- copying ------------------------------------------------------------------------------

  async function copy(button) {
    const done = await put(button.dataset.copy);
    tell(button.querySelector("span"), done ? button.dataset.done : button.dataset.failed, button, done);
  }

  async function put(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return putOldWay(text); // plain http from another machine has no clipboard API
    }
  }

  function putOldWay(text) {
    const area = document.createElement("textarea");
    const before = document.activeElement;
    area.value = text;
    area.className = "kj-offscreen";
    document.body.append(area);
    area.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } finally {
      area.remove();
      if (before) before.focus();
    }
    return done;
  }

  // An element outlives its answer: Gradio patches the next one into it. So what a button goes back to stands in its
  // own HTML, and what is known of it here is not kept on it.
  const timers = new WeakMap();

  function tell(label, message, button, done) {
    button.style.minWidth = `${button.offsetWidth}px`; // no jump under the pointer
    label.textContent = message;
    button.classList.add(done ? "kj-done" : "kj-undone");
    clearTimeout(timers.get(button));
    const back = () => {
      label.textContent = button.dataset.says;
      button.classList.remove("kj-done", "kj-undone");
    };
    timers.set(button, setTimeout(back, 1600));
  }

  // --- feedback -----------------------------------------------------------------------------

  function judge(button) {
    const bar = button.closest(".kj-feedback");
    for (const other of bar.querySelectorAll("[data-verdict]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const form = bar.querySelector("form");
    form.hidden = button.dataset.verdict === "right";
    sendFeedback(bar, ""); // at once: most agents go on without a note
    if (!form.hidden) form.querySelector("input").focus();
  }

  let sending = Promise.resolve(); // one after the other: the verdict that was given last is the last one kept

  function sendFeedback(bar, note) {
    const answer = bar.closest(".kj-answer");
    const { id, snapshot } = answer.dataset;
    const pressed = bar.querySelector('[data-verdict][aria-pressed="true"]');
    if (!pressed) return;
    const body = { answer_id: id, snapshot, verdict: pressed.dataset.verdict };
    if (note) body.note = note;
    const output = bar.querySelector("output");
    output.textContent = "";
    sending = sending.then(() => post(body)).then((kept) => {
      if (answer.dataset.id !== id || !pressed.matches('[aria-pressed="true"]')) return; // another answer, or another verdict
      output.textContent = kept ? bar.dataset.done : bar.dataset.failed;
      output.classList.toggle("kj-undone", !kept);
      if (!kept) pressed.setAttribute("aria-pressed", "false");
      if (note && kept) bar.querySelector("form").hidden = true;
    });
  }

  async function post(body) {
    try {
      const response = await fetch("v1/feedback", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return response.ok;
    } catch {
      return false;
    }
  }

  // --- keys and clicks ----------------------------------------------------------------------

  const typing = (target) => target.closest && target.closest("input, textarea, select, [contenteditable]");

  function onKey(event) {
    const box = questionBox();
    if (event.isComposing || event.keyCode === 229) {
      event.stopImmediatePropagation(); // Enter that picks a word in an input method is not Enter that asks
      return;
    }
    const field = event.target.matches && event.target.matches(".kj-when input") ? event.target : null;
    if (event.key === "Enter" && event.target.matches && event.target.matches("#kj-as-of input")) {
      sent(); // Gradio asks
    } else if (field && event.key === "Enter") {
      event.preventDefault();
      changeMoment(field);
    } else if (field && !event.altKey) {
      typed = event.key !== "Tab";
    } else if (event.target === box && event.key === "Enter" && !event.shiftKey) {
      sent();
    } else if (event.key === "Escape" && (event.target === box || !typing(event.target))) {
      clear();
    } else if (event.key === "/" && !typing(event.target)) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const key = event.code.replace("Key", ""); // event.key is another letter with Alt on some keyboards
      const button = $(`#kj-answer .kj-copy[data-key="${CSS.escape(key)}"]`);
      const moment = key === "D" && $("#kj-answer .kj-when input");
      const choice = $$("#kj-answer .kj-choices button")[Number(/^Digit([1-9])$/.exec(event.code)?.[1]) - 1];
      if (button || choice || moment) event.preventDefault();
      if (busy()) answerHolder().dataset.says = button ? $(".kj-header").dataset.wait : answerHolder().dataset.says;
      else if (button) copy(button);
      else if (choice) choose(choice);
      else if (moment) moment.focus();
    }
  }

  function onClick(event) {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (busy() && button.closest("#kj-answer .kj-answer")) return;
    if (button.id === "kj-ask" || button.closest("#kj-ask")) sent();
    else if (button.matches(".kj-copy")) copy(button);
    else if (button.matches(".kj-feedback [data-verdict]")) judge(button);
    else if (button.matches(".kj-choices button")) choose(button);
    else if (button.matches('[data-do="theme"]')) changeTheme();
    else if (button.matches('[data-do="undo"]')) undo();
    else if (button.matches("[data-example]")) askExample(button);
    else if (button.matches('[data-do="now"]')) askAsOf(today());
  }

  function onChange(event) {
    const field = event.target.matches && event.target.matches(".kj-when input") ? event.target : null;
    if (field && !typed) changeMoment(field); // picked from the calendar
  }

  function onLeave(event) {
    const field = event.target.matches && event.target.matches(".kj-when input") ? event.target : null;
    if (field && typed && field.value) changeMoment(field);
    if (field) typed = false;
  }

  // --- scope: a picker's field holds what is chosen; the first letter typed takes its place ------

  const picker = (target) => target.matches && target.matches("#kj-scope input[role=combobox]");

  function selectAll(event) {
    const field = event.target;
    if (picker(field) && field.selectionStart === field.selectionEnd) field.select();
  }

  // Gradio filters a picker's values when a key goes down, by what stood there before that key; a word from an input
  // method or the clipboard comes without a key, and Enter after it would choose nothing.
  function filter(event) {
    if (picker(event.target) && !event.isComposing)
      event.target.dispatchEvent(new KeyboardEvent("keydown", { key: "Unidentified", bubbles: true }));
  }

  // Gradio opens a picker's list at any key, also at the one that leaves its field: the list then stays open.
  const LEAVES = ["Tab", "Shift", "Control", "Alt", "Meta"];

  function onPickerKey(event) {
    if (picker(event.target) && LEAVES.includes(event.key)) event.stopPropagation();
  }

  function onSubmit(event) {
    const bar = event.target.closest(".kj-feedback");
    if (!bar) return;
    event.preventDefault();
    sendFeedback(bar, event.target.querySelector("input").value.trim());
  }

  // --- theme, language, date ----------------------------------------------------------------

  const THEME_KEY = "koujing-theme";

  function applyTheme() {
    const chosen = localStorage.getItem(THEME_KEY);
    if (chosen) document.body.classList.toggle("dark", chosen === "dark");
  }

  function changeTheme() {
    localStorage.setItem(THEME_KEY, document.body.classList.contains("dark") ? "light" : "dark");
    applyTheme();
  }

  // Gradio's own messages are English whatever the page speaks.
  function translateToasts(says) {
    for (const toast of $$(".toast-body")) {
      putText(toast.querySelector(".toast-title"), says.notice);
      toast.querySelector(".toast-close")?.setAttribute("aria-label", says.close);
      for (const text of toast.querySelectorAll(".toast-message-text")) {
        const lost = text.textContent === says.lost || /^connection\b/i.test(text.textContent);
        putText(text, lost ? says.lost : says.broken);
        if (lost && busy()) answerHolder().dataset.says = says.lost;
      }
    }
  }

  function putText(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  function tidy() {
    const header = $(".kj-header");
    if (header) {
      document.documentElement.lang = header.dataset.language; // picks the right Han glyphs
      if (document.title !== header.dataset.title) document.title = header.dataset.title;
    }
    const day = $("#kj-as-of input");
    if (day && day.type !== "date") day.type = "date"; // the browser's own calendar; same ISO text
    const list = $("#kj-recent .kj-recent");
    if (list && !list.dataset.drawn) drawRecent();
    if (header) translateToasts(header.dataset);
    answered();
    if (header && questionBox() && !questionBox().dataset.restored) {
      questionBox().dataset.restored = "yes";
      restoreDraft();
    }
  }

  window.koujing = { answered, keep, tab: () => JSON.stringify(remembered()) };
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("keydown", onPickerKey, true);
  document.addEventListener("click", onClick, true);
  document.addEventListener("change", onChange, true);
  document.addEventListener("focusout", onLeave, true);
  document.addEventListener("focusin", selectAll, true);
  document.addEventListener("click", selectAll, true); // a click puts the cursor somewhere after the focus came
  document.addEventListener("input", (event) => {
    if (event.target !== questionBox()) return;
    keepDraft();
    if (event.target.value) $(".kj-help").classList.remove("kj-cleared");
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("#kj-as-of input")) return;
    override = ""; // the date that was set last counts
    remember({ day: event.target.value });
  });
  document.addEventListener("input", filter); // not captured: the field's own listener has to have read it
  document.addEventListener("compositionend", filter);
  document.addEventListener("submit", onSubmit, true);
  new MutationObserver(tidy).observe(document.documentElement, { childList: true, subtree: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(applyTheme));
  applyTheme();
  setTimeout(applyTheme, 300); // Gradio sets its own theme class while it starts
  tidy();
})();
