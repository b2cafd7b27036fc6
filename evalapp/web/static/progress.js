// Move the bar of a job's page while the job is at work, and load the page again when its state changes.
const bar = document.getElementById("progress");
const stage = document.getElementById("stage");
const POLL_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 15000;

async function ask(wait) {
  try {
    const answer = await fetch(bar.dataset.source, { headers: { Accept: "application/json" } });
    if (answer.redirected) return location.reload(); // signed out meanwhile
    const job = await answer.json(); // an error page is no JSON and counts as no connection
    if (job.state !== bar.dataset.state) return location.reload();
    bar.value = job.share;
    if (job.stage && stage.textContent !== job.stage) stage.textContent = job.stage;
    wait = POLL_MILLISECONDS;
  } catch {
    wait = Math.min(wait * 2, LONGEST_MILLISECONDS); // no connection: ask less often until it is back
  }
  setTimeout(ask, wait, wait);
}

if (bar) setTimeout(ask, POLL_MILLISECONDS, POLL_MILLISECONDS);
