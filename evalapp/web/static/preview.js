// What an answer changes is shown at once. Without this the button “Show what is asked now” does it.
const form = document.getElementById("preview");

form.addEventListener("change", async () => {
  const sent = new FormData(form);
  sent.set("shown_in", form.querySelector("#screens").lang);
  const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement?.id;
  form.querySelector("#screens").replaceWith(page.querySelector("#screens"));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
});
