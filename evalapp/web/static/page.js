// Improvements of every page; each page works without them.

document.querySelector(".error-summary")?.focus();

// A form is sent once, however often its button is pressed; after a download the page is still there, so it opens again.
const AGAIN_MS = 8000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, AGAIN_MS);
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The menu closes by Escape and by a press beside it.
const menu = document.querySelector(".menu");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
addEventListener("pointerdown", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
    button.textContent = button.dataset.done;
  });
}

// Signing out takes what waits on this device with it: the next one who signs in here may be somebody else.
const KEPT = "attendance:";
document.querySelector("form[data-unsent]")?.addEventListener("submit", (event) => {
  const kept = Object.keys(localStorage).filter((name) => name.startsWith(KEPT));
  if (kept.length && !confirm(event.target.dataset.unsent)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  for (const name of kept) localStorage.removeItem(name);
});
