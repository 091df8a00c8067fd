// Moments are buttons: what was marked, what is missing, and what the measures found.

import { clockText } from "./time.js";

export class Moments {
  constructor(list, none, go) {
    this.list = list;
    this.none = none;
    this.go = go;
    this.all = [];
  }

  show(moments) {
    this.all = [...moments].sort((a, b) => a.start_s - b.start_s);
    this.none.hidden = this.all.length > 0;
    this.list.replaceChildren(...this.all.map((moment) => this.item(moment)));
  }

  item(moment) {
    const item = document.createElement("li");
    item.append(momentButton(moment, this.go, moment.label));
    item.dataset.kind = moment.kind;
    return item;
  }

  after(time) { return this.all.find((moment) => moment.start_s > time + 0.05) ?? null; }
  before(time) { return this.all.findLast((moment) => moment.start_s < time - 1) ?? null; }
}

export function momentButton(moment, go, label = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "moment";
  const at = document.createElement("span");
  at.className = "at figure";
  at.textContent = clockText(moment.start_s);
  button.append(at);
  if (label) button.append(` ${label}`);
  button.addEventListener("click", () => go(moment));
  return button;
}
