// The whole session small, with a lens over the part that is shown large.

import { fitCanvas, oncePerFrame } from "./canvas.js";
import { onThemeChange, themeColours } from "./colours.js";

const HEIGHT = 40;
const SIDE = 10;

export class Overview {
  constructor(root, strip, view) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.lens = root.querySelector(".lens");
    this.head = root.querySelector(".playhead");
    this.strip = strip;
    this.view = view;
    const redraw = oncePerFrame(() => { this.draw(); this.place(); });
    view.addEventListener("window", () => this.place());
    view.addEventListener("time", () => this.place());
    new ResizeObserver(redraw).observe(root);
    onThemeChange(redraw);
    this.listen();
    redraw();
  }

  get width() { return this.root.clientWidth; }
  x(time) { return SIDE + (time / this.view.duration) * (this.width - 2 * SIDE); }
  timeAt(x) { return ((x - SIDE) / (this.width - 2 * SIDE)) * this.view.duration; }

  draw() {
    const colours = themeColours();
    const context = fitCanvas(this.canvas, this.width, HEIGHT);
    context.clearRect(0, 0, this.width, HEIGHT);
    const band = (HEIGHT - 4) / Math.max(1, this.strip.lanes.length);
    this.strip.lanes.forEach((lane, i) => {
      const { line } = colours[lane.look.colour];
      context.fillStyle = line;
      context.globalAlpha = 0.7;
      for (let k = 0; k < lane.start_s.length; k += 1) {
        const x = this.x(lane.start_s[k]);
        const width = Math.max(1, this.x(lane.start_s[k] + lane.duration_s[k]) - x);
        const height = Math.max(2, (band - 4) * (0.25 + 0.75 * (lane.velocity[k] / 127)));
        context.fillRect(x, 2 + (i + 1) * band - height - 1, width, height);
      }
    });
    context.globalAlpha = 1;
    context.fillStyle = colours.accent;
    this.strip.marks.forEach((mark) => context.fillRect(this.x(mark.time_s) - 1, 0, 2, HEIGHT));
  }

  place() {
    const [left, right] = [this.x(this.view.start), this.x(this.view.end)];
    this.lens.style.transform = `translateX(${left}px)`;
    this.lens.style.width = `${right - left}px`;
    this.lens.classList.toggle("whole", this.view.span >= this.view.duration - 1e-6);
    this.head.style.transform = `translateX(${this.x(this.view.time)}px)`;
  }

  // Drag over the small picture to choose what the large one shows; a click moves the lens there.
  listen() {
    let from = null;
    const at = (event) => this.timeAt(event.clientX - this.root.getBoundingClientRect().left);
    this.root.addEventListener("pointerdown", (event) => {
      from = at(event);
      this.root.setPointerCapture(event.pointerId);
    });
    this.root.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = at(event);
      if (Math.abs(this.x(to) - this.x(from)) > 6) this.view.show(Math.min(from, to), Math.max(from, to));
    });
    this.root.addEventListener("pointerup", (event) => {
      if (from !== null && Math.abs(this.x(at(event)) - this.x(from)) <= 6) this.view.pan(from - (this.view.start + this.view.end) / 2);
      from = null;
    });
    this.root.addEventListener("pointercancel", () => { from = null; });
  }
}
