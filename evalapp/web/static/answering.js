// What an answer changes on the same screen is shown at once, and a telephone that is put away keeps what was typed.
// Each page works without this: then the button “Next” does both.
const form = document.getElementById("answers");
let dirty = false;
let keeping = null;

function keep(keepalive) {
  keeping = post(keepalive).finally(() => (keeping = null));
}

async function post(keepalive) {
  const sent = new FormData(form);
  sent.set("do", "keep");
  dirty = false;
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, keepalive });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    form.elements.version.value = page.querySelector("[name=version]").value;
    const [now, then] = [form, page].map((each) => each.querySelector("#questions"));
    if (!dirty && outline(now) !== outline(then)) replace(now, then);
  } catch {
    dirty = true; // no connection: it goes with the next button
  }
}

// Which questions and choices there are, and what is worked out; not what was typed.
function outline(questions) {
  return [...questions.querySelectorAll("[id], p, option")].map((each) => `${each.id}|${each.localName === "p" ? each.textContent : each.value}`).join("\n");
}

function replace(now, then) {
  const focused = document.activeElement?.id;
  now.replaceWith(then);
  if (focused) document.getElementById(focused)?.focus();
}

if (form) {
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("change", () => {
    dirty = true;
    if (form.dataset.live) keep(false);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty) keep(true);
  });
  // A button pressed twice sends once, and without a connection none, so that the page with what was typed stays.
  const offline = document.getElementById("offline");
  form.addEventListener("submit", (event) => {
    if (keeping) {
      event.preventDefault(); // two at once would look like two devices
      return keeping.finally(() => form.requestSubmit(event.submitter));
    }
    offline.hidden = navigator.onLine;
    if (form.dataset.sent || !navigator.onLine) return event.preventDefault();
    form.dataset.sent = "yes";
    dirty = false;
  });
  addEventListener("online", () => (offline.hidden = true));
  addEventListener("pageshow", () => delete form.dataset.sent);
}
