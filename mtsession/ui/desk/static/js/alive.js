// Tells the desk that somebody is here, so that it does not stop while a page is read or a note is written.

const EVERY_MS = 60_000;
const ACTIVE_MS = 15 * 60_000;
let lastTouch = Date.now();

for (const kind of ["pointerdown", "keydown", "wheel"]) {
  addEventListener(kind, () => { lastTouch = Date.now(); }, { passive: true });
}

const sounding = () => [...document.querySelectorAll("audio")].some((audio) => !audio.paused);

setInterval(() => {
  if (sounding() || Date.now() - lastTouch < ACTIVE_MS) fetch("/alive", { method: "POST" }).catch(() => {});
}, EVERY_MS);
