// The review page: first the notes, then the sound and the measures as they are ready.

import { Charts } from "./charts.js";
import { listenToKeys } from "./keys.js";
import { Moments, momentButton } from "./moments.js";
import { Overview } from "./overview.js";
import { Player } from "./player.js";
import { Strip } from "./strip.js";
import { clockText, timeOfHash } from "./time.js";
import { View } from "./view.js";

const MOMENTS_SHOWN = 3;
const byId = (id) => document.getElementById(id);
const texts = JSON.parse(byId("texts").textContent);
const root = byId("review");
const session = root.dataset.session;
const view = new View(Number(root.dataset.duration));
const moments = new Moments(byId("moments"), byId("no-moments"), goTo);
const player = new Player(byId("audio"), view, session, { onState: showSound, onPlaying: showPlaying, onFailed: failSound });
let selectionFrom = null;
let logged = [];

function goTo(moment) {
  player.seek(moment.start_s);
  view.reveal(moment.start_s, moment.end_s ?? moment.start_s);
  setHash(moment.start_s);
}

function setHash(time) { history.replaceState(null, "", `#t=${clockText(time)}`); }

function openHash() {
  const time = timeOfHash(location.hash);
  if (time !== null) goTo({ start_s: Math.min(time, view.duration), end_s: time });
}

function showSound(state) {
  byId("sound-state").textContent = texts[`sound_${state}`];
  byId("sound-state").dataset.state = state;
  byId("play").disabled = state !== "ready";
}

function failSound(status) {
  byId("sound-state").textContent = texts.sound_failed;
  byId("sound-state").dataset.state = `failed ${status}`;
}

function showPlaying(playing) {
  byId("play").classList.toggle("playing", playing);
  byId("play").querySelector(".word").textContent = playing ? texts.pause : texts.play;
  if (!playing) setHash(view.time);
}

function showTime() {
  byId("clock").textContent = clockText(view.time);
  const strip = byId("strip");
  if (strip.getAttribute("aria-valuetext") !== clockText(view.time)) {
    strip.setAttribute("aria-valuenow", String(Math.floor(view.time)));
    strip.setAttribute("aria-valuetext", clockText(view.time));
  }
}

function move(by) { player.seek(view.time + by); view.follow(); setHash(view.time); }

function visit(moment) { if (moment) goTo(moment); }

function toggleLoop() {
  if (!view.selection) return;
  player.looping = !player.looping;
  byId("loop").setAttribute("aria-pressed", String(player.looping));
}

function selectTo(time) {
  const from = selectionFrom ?? Math.max(0, time - 10);
  view.select(Math.min(from, time), Math.max(from, time));
}

function showSelection() {
  byId("loop").disabled = !view.selection;
  if (!view.selection) { player.looping = false; byId("loop").setAttribute("aria-pressed", "false"); }
}

async function mark() {
  const button = byId("mark");
  button.disabled = true;
  const answer = await fetch(`/sessions/${session}/marks`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ time_s: view.time.toFixed(3) }),
  });
  button.disabled = false;
  byId("sound-state").textContent = answer.ok ? texts.mark_kept : (await answer.text());
  if (answer.ok) await loadStrip();
}

function setTall(tall) {
  strip.setTall(tall);
  byId("taller").setAttribute("aria-pressed", String(tall));
}

let strip = null;
let overview = null;

async function fetchJson(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function loadStrip() {
  const found = await fetchJson(`/sessions/${session}/strip.json`);
  if (strip) {
    strip.strip.marks = overview.strip.marks = found.strip.marks;
    strip.redraw();
    overview.draw();
  } else {
    strip = new Strip(byId("strip"), found.strip, view, texts);
    overview = new Overview(byId("overview"), found.strip, view);
  }
  logged = found.moments;
  moments.show([...logged, ...measured]);
}

let measured = [];

async function loadMeasures() {
  const charts = new Charts(byId("charts"), view, player, texts);
  try {
    const found = await fetchJson(`/sessions/${session}/charts.json`);
    strip.showTurns(found.charts.turns);
    charts.show(found.charts.charts, found.charts.more);
    measured = found.moments;
    moments.show([...logged, ...measured]);
    showWords(found.words);
    showAllWords(found.all_words);
  } catch (error) {
    byId("waiting").textContent = error.message || texts.measures_failed;
    byId("waiting").classList.remove("waiting");
    byId("words").replaceChildren();
  }
}

function showWords(words) {
  byId("words").replaceChildren(...words.map((word) => {
    const item = document.createElement("li");
    item.append(word.text);
    item.append(...momentsOf(word));
    return item;
  }));
}

function showAllWords(sentences) {
  const details = byId("all-words");
  details.querySelector("ul").replaceChildren(...sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
  details.hidden = false;
}

// A few moments stand by the words; where there are many, the rest is one press away.
function momentsOf(word) {
  const buttons = word.moments.map((moment) => momentButton(moment, goTo));
  const line = document.createElement("div");
  line.className = "evidence";
  line.append(...buttons.slice(0, MOMENTS_SHOWN));
  if (buttons.length > MOMENTS_SHOWN) {
    const more = document.createElement("button");
    more.type = "button";
    more.className = "moment more";
    more.textContent = texts.more_moments.replace("{n}", String(buttons.length - MOMENTS_SHOWN));
    more.addEventListener("click", () => { more.replaceWith(...buttons.slice(MOMENTS_SHOWN)); buttons[MOMENTS_SHOWN].focus(); });
    line.append(more);
  }
  return word.moments.length ? [line] : [];
}

function listenToStrip() {
  const element = byId("strip");
  let drag = null;
  const x = (event) => event.clientX - element.getBoundingClientRect().left;
  element.addEventListener("pointerdown", (event) => {
    drag = { from: strip.timeAt(x(event)), x: x(event), moved: false };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.abs(x(event) - drag.x) > 6;
    if (drag.moved) view.select(Math.min(drag.from, strip.timeAt(x(event))), Math.max(drag.from, strip.timeAt(x(event))));
  });
  element.addEventListener("pointerup", () => {
    if (drag && !drag.moved) { view.select(0, 0); player.seek(drag.from); setHash(view.time); }
    if (drag?.moved && view.selection) { player.seek(view.selection.start); }
    drag = null;
  });
  element.addEventListener("pointercancel", () => { drag = null; });
  element.addEventListener("wheel", (event) => {
    if (event.ctrlKey) { event.preventDefault(); view.zoom(event.deltaY > 0 ? 1.25 : 0.8, strip.timeAt(x(event))); }
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      view.pan(((event.deltaX || event.deltaY) / element.clientWidth) * view.span);
    }
  }, { passive: false });
}

const actions = {
  toggle: () => player.toggle(),
  move,
  zoomIn: () => view.zoom(0.5),
  zoomOut: () => view.zoom(2),
  fit: () => view.fit(),
  previous: () => visit(moments.before(view.time)),
  next: () => visit(moments.after(view.time)),
  first: () => move(-view.duration),
  last: () => move(view.duration),
  selectFrom: () => { selectionFrom = view.time; view.select(view.time, Math.min(view.duration, view.time + 10)); },
  selectTo: () => selectTo(view.time),
  clear: () => { selectionFrom = null; view.select(0, 0); },
  loop: toggleLoop,
  mark,
  help: () => byId("help").showModal(),
};

function listenToButtons() {
  const click = (id, action) => byId(id).addEventListener("click", action);
  click("play", actions.toggle);
  click("back", () => move(-5));
  click("on", () => move(5));
  click("moment-previous", actions.previous);
  click("moment-next", actions.next);
  click("zoom-in", actions.zoomIn);
  click("zoom-out", actions.zoomOut);
  click("fit", actions.fit);
  click("loop", actions.loop);
  click("mark", actions.mark);
  click("help-open", actions.help);
  click("taller", () => setTall(!strip.tall));
  byId("speed").addEventListener("change", (event) => { byId("audio").playbackRate = Number(event.target.value); });
  byId("track")?.addEventListener("change", (event) => loadSound(event.target.value));
}

async function loadSound(track) {
  try { await player.load(track); } catch { failSound("audio"); }
}

view.addEventListener("time", showTime);
view.addEventListener("selection", showSelection);
addEventListener("hashchange", openHash);

await loadStrip();
listenToStrip();
listenToButtons();
listenToKeys(actions);
openHash();
root.dataset.ready = "notes";
await Promise.all([loadMeasures(), loadSound("")]);
root.dataset.ready = "all";
