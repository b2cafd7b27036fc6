// Marks are kept on the device until the server has them: sent once each, again after a lost line, a closed tab or a lost sign-in.
// What is kept says nobody's name: keys, numbers of places on the roster, statuses, versions and times.

const form = document.getElementById("attendance");
const BATCH = 100;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30000;
const ANSWER_WITHIN_MS = 20000;
const LOOK_EVERY_MS = 15000;
const IDLE_MS = 10 * 60 * 1000; // nobody touches the page: it stops asking, so that the sign-in can end

if (form) start();

function start() {
  const texts = JSON.parse(form.dataset.texts);
  const planned = Number(form.dataset.planned);
  const store = keep(`attendance:${form.dataset.account}:${location.pathname}`);
  const people = new Map([...form.querySelectorAll(".person")].map((element) => [Number(element.dataset.place), person(element)]));
  const said = form.querySelector(".bar-said");
  const undo = form.querySelector("[data-undo]");
  const absent = form.querySelector("[name=do][value=absent]");
  const refusals = form.querySelector(".refusals");
  const shown = new Map(notes().map((note) => [note.name, note.value])); // the notes as the server has them
  const steps = [];
  let sending = false;
  let again = null;
  let wait = FIRST_WAIT_MS;
  let trouble = "";
  let isHeld = form.dataset.held === "yes";
  let wantsNotes = false;
  let isStuck = false; // until somebody presses something: signed out, or not theirs any more
  let touchedAt = Date.now();

  form.dataset.alive = "yes";
  undo.hidden = false;
  for (const each of form.querySelectorAll(".missed")) offer(each);

  // What is kept. It is read and written as a whole each time, because the same page may stand open twice.
  function waiting() {
    return store.read().taps;
  }

  function tap(place, status, minutes, settles = false) {
    const kept = store.read();
    const earlier = kept.taps.filter((each) => each.place === place);
    const replaced = earlier.find((each) => !each.tried);
    // After a mark that is on its way, what was seen is known only from its answer.
    const seen = replaced ? replaced.seen : earlier.length ? null : people.get(place).row.version;
    const taps = kept.taps.filter((each) => each !== replaced);
    taps.push({ key: newKey(), place, status, minutes, seen, settles, at: Date.now(), tried: false });
    store.write({ ...kept, taps });
    go();
  }

  function go() {
    [trouble, isStuck] = ["", false];
    show();
    send();
  }

  async function send() {
    clearTimeout(again);
    if (sending) return;
    const kept = store.read();
    const batch = firstOfEach(kept.taps).slice(0, BATCH);
    const typed = wantsNotes ? changedNotes() : {};
    if (!batch.length && !kept.closing && !Object.keys(typed).length) return;
    sending = true;
    const keys = new Set(batch.map((each) => each.key));
    store.write({ ...kept, taps: kept.taps.map((each) => (keys.has(each.key) ? { ...each, tried: true } : each)) });
    const taps = batch.map(({ tried, ...each }) => each);
    const body = { taps, sent_at: Date.now(), closing: kept.closing, notes: typed, reason: form.elements.reason?.value ?? "" };
    const answer = await ask(form.dataset.taps, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify(body),
    });
    sending = false;
    if (answer.ok) receive(answer.content, batch, kept.closing, typed);
    else despair(answer);
    show();
  }

  function receive(content, batch, closing, typed) {
    trouble = "";
    wait = FIRST_WAIT_MS;
    const became = new Map(content.taken.map((each) => [each.key, each]));
    const refused = batch.filter((each) => became.get(each.key)?.outcome === "refused");
    for (const each of refused) refuse(each, became.get(each.key).fault);
    adopt(content);
    const kept = store.read();
    const taps = kept.taps.filter((each) => !became.has(each.key)).map((each) => follow(each, batch, became));
    const isClosed = closing && !content.faults.ended;
    store.write({ taps, closing: isClosed && same(kept.closing, closing) ? null : kept.closing });
    adoptNotes(content, typed);
    if (Object.keys(content.faults).length) {
      trouble = Object.values(content.faults).join(" ");
      store.write({ ...store.read(), closing: null });
    }
    if (taps.length) send();
  }

  // A mark made after one that was on its way: what it had seen is that one, as far as it was taken.
  function follow(tap, batch, became) {
    const before = batch.find((each) => each.place === tap.place);
    if (tap.seen !== null || !before) return tap;
    const isTaken = became.get(before.key).outcome === "taken";
    return { ...tap, seen: isTaken ? people.get(tap.place).row.version : before.seen };
  }

  function despair(answer) {
    const known = { 400: texts.old, 401: texts.signedOut, 403: texts.notYours, 404: texts.notYours, 413: texts.busy, 429: texts.busy };
    trouble = answer.content?.message ?? known[answer.status] ?? (answer.status ? texts.busy : texts.offline);
    const link = { 401: form.dataset.signIn, 400: location.pathname }[answer.status];
    if (link) trouble = [trouble, link];
    isStuck = [400, 401, 403, 404].includes(answer.status);
    if (isStuck) return;
    again = setTimeout(send, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function refuse(tap, fault) {
    const line = document.createElement("li");
    line.textContent = `${people.get(tap.place)?.name ?? ""}: ${fault}`;
    refusals.append(line);
    refusals.hidden = false;
  }

  function adopt(content) {
    for (const row of content.rows) if (people.has(row.place)) people.get(row.place).row = row;
    isHeld = content.held;
  }

  // Notes are sent when somebody says “done”, and stay on the page until then: they may name people, and a device can be lost.
  function notes() {
    return [...form.querySelectorAll("textarea")];
  }

  function changedNotes() {
    const changed = notes().filter((note) => note.value.trim() !== shown.get(note.name).trim());
    return Object.fromEntries(
      changed.map(({ name, value }) => [name.replace("note-", ""), { text: value, seen: form.elements[name.replace("note", "seen")].value }]),
    );
  }

  function adoptNotes(content, typed) {
    for (const [number, note] of Object.entries(typed)) {
      if (number in content.notes) {
        shown.set(`note-${number}`, note.text);
        form.elements[`seen-${number}`].value = content.notes[number];
      } else if (!(`note-${number}` in content.faults)) {
        shown.set(`note-${number}`, note.text);
        trouble = texts.noteJoined;
      }
    }
    wantsNotes = Object.keys(content.faults).length > 0 ? false : Object.keys(changedNotes()).length > 0 && wantsNotes;
  }

  // What is seen.
  function show() {
    const last = new Map(waiting().map((each) => [each.place, each]));
    let marked = 0;
    for (const [place, each] of people) {
      const state = last.get(place) ?? each.row;
      each.draw(state, last.has(place));
      if (state.status) marked += 1;
    }
    absent.hidden = marked === people.size;
    undo.disabled = steps.length === 0;
    const count = fill(texts.count, { marked, all: people.size });
    const kept = store.read();
    const parts = [count];
    if (last.size) parts.push(fill(texts.unsent, { count: last.size }));
    const differing = [...people.values()].filter((each) => each.row.choices.length).length;
    if (differing) parts.push(fill(texts.differing, { count: differing }));
    if (kept.closing) parts.push(texts.doneWaits);
    else if (isHeld && !last.size) parts.push(texts.done);
    else if (!last.size && !differing && marked) parts.push(texts.allSaved);
    if (trouble) parts.push(Array.isArray(trouble) ? trouble[0] : trouble);
    if (trouble && wantsNotes && Object.keys(changedNotes()).length) parts.push(texts.noteWaits);
    if (!store.lasts) parts.push(texts.noStore);
    say(parts.join(" "), Array.isArray(trouble) ? trouble[1] : null);
  }

  function say(text, link) {
    if (said.dataset.text === text) return;
    said.dataset.text = text;
    said.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = " →";
    anchor.setAttribute("aria-label", text);
    said.append(anchor);
  }

  function person(element) {
    const number = Number(element.dataset.place);
    const [status, minutes, version] = form.elements[`shown-${number}`].value.split(":");
    const line = element.querySelector(".said");
    const conflict = element.querySelector(".conflict");
    const choices = conflict.querySelector(".choices-of-marks");
    const row = { place: number, status: status || null, minutes: minutes ? Number(minutes) : null, version: Number(version) };
    row.choices = [...choices.children].map((button) => ({ ...read(button.value), said: button.textContent }));
    const radios = [...element.querySelectorAll(".tick")];
    const word = (code) => element.querySelector(`label[for="${code}-${number}"] .word`)?.textContent ?? texts.unmarked;
    return {
      row,
      name: element.querySelector("legend").textContent,
      draw(state, isWaiting) {
        for (const radio of radios) radio.checked = radio.value === state.status;
        const field = element.querySelector(".minutes input");
        if (document.activeElement !== field) field.value = ["late", "left_early"].includes(state.status) ? (state.minutes ?? "") : "";
        const differs = this.row.choices.length > 0;
        const how = isWaiting ? texts.waiting : differs ? texts.conflict : texts.saved;
        const isTold = isWaiting || differs || state.status;
        line.textContent = isTold ? `${word(state.status)} · ${how}` : texts.unmarked;
        element.dataset.state = isWaiting ? "waiting" : differs ? "conflict" : state.status ? "saved" : "";
        conflict.hidden = !differs || isWaiting;
        const drawn = [...choices.children].map((button) => button.textContent);
        if (!same(drawn, this.row.choices.map((choice) => choice.said))) {
          choices.replaceChildren(...this.row.choices.map((choice) => choiceButton(number, choice)));
        }
      },
    };
  }

  function offer(group) {
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", texts.missed);
    for (const minutes of form.dataset.missed.split(" ").filter(Boolean)) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.missed = minutes;
      button.textContent = `−${minutes}`;
      group.append(button);
    }
  }

  function choiceButton(place, choice) {
    const button = document.createElement("button");
    button.className = "button button-secondary";
    button.name = "settle";
    button.value = [place, choice.status ?? "", choice.minutes ?? "", ""].join(":");
    button.textContent = choice.said;
    return button;
  }

  function read(value) {
    const [place, status, minutes] = value.split(":");
    return { place: Number(place), status: status || null, minutes: minutes === "" ? null : Number(minutes) };
  }

  function now(place) {
    return waiting().findLast((each) => each.place === place) ?? people.get(place).row;
  }

  // Every change can be taken back, one after the other.
  function press(place, status, minutes) {
    const before = now(place);
    steps.push({ place, status: before.status, minutes: before.minutes });
    tap(place, status, minutes);
  }

  form.addEventListener("click", (event) => {
    touchedAt = Date.now();
    const target = event.target;
    const place = Number(target.closest(".person")?.dataset.place);
    if (target.matches(".tick")) {
      // A press on the mark that stands takes it away. The browser has changed the button already, so the kept marks are asked.
      const before = now(place).status;
      press(place, before === target.value ? null : target.value, null);
    } else if (target.matches(".missed button")) {
      press(place, now(place).status, Math.max(1, planned - Number(target.dataset.missed)));
    } else if (target.matches("[name=settle]")) {
      event.preventDefault();
      const { status, minutes } = read(target.value);
      tap(place, status, minutes, true);
    } else if (target === undo) {
      const step = steps.pop();
      if (step) tap(step.place, step.status, step.minutes);
    }
  });

  form.addEventListener("change", (event) => {
    if (!event.target.matches(".minutes input")) return;
    const place = Number(event.target.closest(".person").dataset.place);
    const minutes = Number.parseInt(event.target.value, 10);
    if (minutes >= 0) press(place, now(place).status, minutes);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // the page may be sent as often as one likes
    refusals.replaceChildren();
    refusals.hidden = true;
    if (event.submitter?.value === "absent") {
      for (const place of people.keys()) if (!now(place).status) press(place, "unexcused", null);
      return;
    }
    const closing = { began: form.elements.began.value, ended: form.elements.ended.value };
    store.write({ ...store.read(), closing });
    wantsNotes = true;
    go();
  });

  // What a colleague marks meanwhile appears by itself, as long as somebody uses the page.
  async function look() {
    setTimeout(look, LOOK_EVERY_MS);
    if (document.visibilityState !== "visible" || sending || isStuck || Date.now() - touchedAt > IDLE_MS) return;
    if (waiting().length || store.read().closing) return send();
    const answer = await ask(form.dataset.marks, {});
    if (sending || waiting().length) return;
    if (answer.ok) adopt(answer.content);
    else if (answer.status === 401) despair(answer);
    show();
  }

  addEventListener("online", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  addEventListener("beforeunload", (event) => {
    const isTyped = Object.keys(changedNotes()).length > 0;
    if (!isTyped && (isStuck || !waiting().length)) return;
    event.preventDefault(); // the marks are kept, but without a line the page would not open again
  });

  show();
  send();
  setTimeout(look, LOOK_EVERY_MS);
}

function keep(name) {
  const nothing = { taps: [], closing: null };
  let held = null; // where the browser keeps nothing
  try {
    localStorage.setItem("attendance-try", "");
    localStorage.removeItem("attendance-try");
  } catch {
    held = nothing;
  }
  return {
    lasts: held === null,
    read: () => held ?? JSON.parse(localStorage.getItem(name) ?? "null") ?? nothing,
    write(value) {
      if (held) held = value;
      else if (value.taps.length || value.closing) localStorage.setItem(name, JSON.stringify(value));
      else localStorage.removeItem(name);
    },
  };
}

async function ask(address, options) {
  try {
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    const content = isOurs ? await answer.json() : null;
    if (answer.redirected || (answer.ok && !isOurs)) return { ok: false, status: 401, content: null };
    return { ok: answer.ok, status: answer.status, content };
  } catch {
    return { ok: false, status: 0, content: null };
  }
}

// One mark of each person at a time, so that a later one knows what became of the earlier.
function firstOfEach(taps) {
  const seen = new Set();
  return taps.filter((each) => !seen.has(each.place) && seen.add(each.place));
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fill(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
