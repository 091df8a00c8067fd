// The note keeps itself while it is written; the boxes grow with their text.

const PAUSE_MS = 1500;
const form = document.getElementById("note");
const kept = document.getElementById("kept");
const count = document.getElementById("count");
let waiting = null;
let changed = false;

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

function countTicks() {
  const n = form.querySelectorAll('input[type="checkbox"]:checked').length;
  count.textContent = n === 1 ? count.dataset.one : count.dataset.other.replace(/\d+/, String(n));
}

async function keep() {
  waiting = null;
  changed = false;
  kept.textContent = kept.dataset.saving;
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", headers: { accept: "text/plain" }, body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new Error(await answer.text());
    if (!changed) kept.textContent = await answer.text();
  } catch (error) {
    changed = true;
    kept.textContent = `${kept.dataset.failed} ${error instanceof TypeError ? "" : error.message}`;
  }
}

form.addEventListener("input", (event) => {
  if (event.target.closest(".sign")) return;
  if (event.target.tagName === "TEXTAREA") grow(event.target);
  // Whoever edits a sentence wants it in.
  if (event.target.classList.contains("wording")) event.target.closest(".sentence").querySelector("input").checked = true;
  countTicks();
  changed = true;
  clearTimeout(waiting);
  waiting = setTimeout(keep, PAUSE_MS);
});

form.addEventListener("submit", () => { clearTimeout(waiting); changed = false; });
// Enter in a sentence goes on; only the buttons send the form.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.target.classList.contains("wording") || event.target.type === "text")) event.preventDefault();
});
addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

const boxes = form.querySelectorAll("textarea");
boxes.forEach(grow);
new ResizeObserver(() => boxes.forEach(grow)).observe(form);
countTicks();
