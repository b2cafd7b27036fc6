// One key for each decision, while one of the answers of a field has the focus: 1 the first entry, 2 the second, 3 neither.
// Everything works by pressing too.
const pairs = [...document.querySelectorAll(".pair")];

for (const sign of document.querySelectorAll(".pairs kbd, .pairs .keys")) sign.hidden = false;

for (const pair of pairs) {
  const answers = [...pair.querySelectorAll(".sides input")];
  const other = pair.querySelector(".other");
  const show = () => (other.hidden = !(other.open = answers[2].checked));
  show();
  pair.addEventListener("change", (event) => answers.includes(event.target) && show());
  pair.addEventListener("keydown", (event) => {
    const answer = answers[Number(event.key) - 1];
    if (!answer || !answers.includes(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    answer.click();
    if (answer.value === "other") other.querySelector("input:not([type=hidden]), select, textarea").focus();
    else next(pair);
  });
}

function next(pair) {
  const open = pairs.slice(pairs.indexOf(pair) + 1).find((each) => !each.querySelector(".sides :checked"));
  const target = open?.querySelector(".sides input") ?? document.querySelector(".pairs .actions .button");
  target.focus();
  target.scrollIntoView({ block: "center" });
}

if (!document.querySelector(".error-summary")) pairs[0]?.querySelector(".sides input").focus();
