// One key for each decision. Everything works by the buttons too; the keys can be switched off, and rest while one writes.

const KEPT = "review-keys";
const choice = document.getElementById("keys-on");
const comment = document.getElementById("comment");
let wanted = null;

if (choice) {
  choice.checked = localStorage.getItem(KEPT) !== "off";
  choice.closest(".keys").hidden = false;
  choice.addEventListener("change", () => {
    localStorage.setItem(KEPT, choice.checked ? "on" : "off");
    show();
  });
}
show();

function show() {
  for (const sign of document.querySelectorAll("kbd")) sign.hidden = !keysOn();
}

function keysOn() {
  return !choice || choice.checked;
}

function press(target) {
  if (target.hasAttribute("data-needs-comment") && !comment.value.trim()) {
    wanted = target;
    comment.focus();
    return;
  }
  target.click();
}

document.addEventListener("keydown", (event) => {
  if (event.target === comment) {
    if (event.key === "Escape") comment.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      wanted?.click();
    }
    return;
  }
  if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const target = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  press(target);
});
