// The session strip: a lane of notes a seat, its turns beneath, marks and what was not captured.

import { fitCanvas, oncePerFrame } from "./canvas.js";
import { onThemeChange, themeColours } from "./colours.js";
import { drawShape } from "./shapes.js";
import { tickStep, tickText } from "./time.js";

const FONT = '12px "Segoe UI", system-ui, -apple-system, "Noto Sans", "DejaVu Sans", sans-serif';
const AXIS = 24;
const HEADING = 22;
const TURNS = 10;
const LANE_GAP = 10;
const LANE = { low: 64, high: 150 };
const SIDE = 10;
const NOTE_NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

export function prepareLanes(strip) {
  return strip.lanes.map((lane) => {
    const rows = lane.percussion ? [...new Set(lane.pitch)].sort((a, b) => a - b) : null;
    const low = Math.min(...lane.pitch), high = Math.max(...lane.pitch);
    const room = Math.max(0, 12 - (high - low)) / 2;
    return {
      ...lane,
      longest: lane.duration_s.reduce((a, b) => Math.max(a, b), 0),
      low: rows ? 0 : low - room,
      high: rows ? Math.max(rows.length - 1, 1) : high + room,
      row: rows ? new Map(rows.map((pitch, i) => [pitch, i])) : null,
    };
  });
}

function firstFrom(starts, time) {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] < time) low = middle + 1; else high = middle;
  }
  return low;
}

export class Strip {
  constructor(root, strip, view, texts) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.head = root.querySelector(".playhead");
    this.chosen = root.querySelector(".selection");
    this.strip = strip;
    this.lanes = prepareLanes(strip);
    this.view = view;
    this.texts = texts;
    this.turns = [];
    this.tall = false;
    this.colours = themeColours();
    this.redraw = oncePerFrame(() => this.draw());
    view.addEventListener("window", () => { this.redraw(); this.place(); });
    view.addEventListener("time", () => this.place());
    view.addEventListener("selection", () => this.place());
    new ResizeObserver(() => { this.redraw(); this.place(); }).observe(root);
    onThemeChange(() => { this.colours = themeColours(); this.redraw(); });
    this.draw();
    this.place();
  }

  showTurns(bands) { this.turns = bands; this.redraw(); }

  setTall(tall) { this.tall = tall; this.redraw(); }

  get width() { return this.root.clientWidth; }
  get laneHeight() { return this.tall ? LANE.high : LANE.low; }
  get height() { return AXIS + this.lanes.length * (HEADING + this.laneHeight + TURNS + LANE_GAP) + 4; }

  x(time) { return SIDE + ((time - this.view.start) / this.view.span) * (this.width - 2 * SIDE); }
  timeAt(x) { return this.view.start + ((x - SIDE) / (this.width - 2 * SIDE)) * this.view.span; }

  draw() {
    const context = fitCanvas(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.textBaseline = "middle";
    this.drawAxis(context);
    this.lanes.forEach((lane, i) => this.drawLane(context, lane, i));
    this.strip.gaps.forEach((gap) => this.drawGap(context, gap));
    this.strip.marks.forEach((mark) => this.drawMark(context, mark));
    this.root.dataset.drawn = String(this.drawn);
  }

  drawAxis(context) {
    const step = tickStep(this.view.span, Math.max(2, this.width / 90));
    context.fillStyle = this.colours.quiet;
    context.strokeStyle = this.colours.rule;
    context.textAlign = "center";
    context.beginPath();
    for (let k = Math.ceil(this.view.start / step); k * step <= this.view.end + 1e-9; k += 1) {
      const x = Math.round(this.x(k * step)) + 0.5;
      context.moveTo(x, AXIS - 4);
      context.lineTo(x, this.height);
      const text = tickText(k * step, step);
      const half = context.measureText(text).width / 2;
      context.fillText(text, Math.min(Math.max(x, half + 2), this.width - half - 2), AXIS / 2 - 1);
    }
    context.stroke();
    this.drawn = 0;
  }

  laneTop(i) { return AXIS + i * (HEADING + this.laneHeight + TURNS + LANE_GAP); }

  drawLane(context, lane, i) {
    const top = this.laneTop(i) + HEADING, height = this.laneHeight;
    const { fill, line } = this.colours[lane.look.colour];
    context.fillStyle = this.colours.sunken;
    context.globalAlpha = 0.55;
    context.fillRect(0, top, this.width, height);
    context.globalAlpha = 1;
    if (this.tall && !lane.row && lane.pitch.length) this.drawKeys(context, lane, top, height);
    this.drawHeading(context, lane, top - HEADING / 2);
    this.drawNotes(context, lane, { top, height, fill, line });
    this.drawTurns(context, lane, top + height + 2);
  }

  drawHeading(context, lane, y) {
    drawShape(context, lane.look, this.colours, SIDE + 7, y, 13);
    context.textAlign = "left";
    context.fillStyle = this.colours.ink;
    context.font = `600 13px ${FONT.slice(5)}`;
    context.fillText(lane.look.label, SIDE + 20, y + 1);
    const width = context.measureText(lane.look.label).width;
    context.font = FONT;
    context.fillStyle = this.colours.quiet;
    context.fillText(lane.instrument, SIDE + 28 + width, y + 1);
  }

  drawKeys(context, lane, top, height) {
    context.strokeStyle = this.colours.rule;
    context.fillStyle = this.colours.quiet;
    context.textAlign = "right";
    context.beginPath();
    for (let pitch = Math.ceil(lane.low); pitch <= lane.high; pitch += 1) {
      if (pitch % 12 !== 0) continue;
      const y = Math.round(this.y(lane, pitch, top, height)) + 0.5;
      context.moveTo(0, y);
      context.lineTo(this.width, y);
      context.fillText(`${NOTE_NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`, this.width - 4, y - 7);
    }
    context.stroke();
  }

  y(lane, pitch, top, height) {
    const at = lane.row ? lane.row.get(pitch) : pitch;
    const bar = this.barHeight(lane, height);
    return top + bar / 2 + 3 + (1 - (at - lane.low) / (lane.high - lane.low)) * (height - bar - 6);
  }

  barHeight(lane, height) {
    return Math.max(4, Math.min(11, (height - 6) / (lane.high - lane.low + 1)));
  }

  // Bars are filled, and outlined where there is room: orange alone would be too pale on a light page.
  drawNotes(context, lane, { top, height, fill, line }) {
    const bar = this.barHeight(lane, height);
    const { start_s: starts, duration_s: durations, pitch, velocity } = lane;
    context.fillStyle = fill;
    context.strokeStyle = line;
    for (let i = firstFrom(starts, this.view.start - lane.longest); i < starts.length; i += 1) {
      if (starts[i] > this.view.end) break;
      if (starts[i] + durations[i] < this.view.start) continue;
      const x = this.x(starts[i]);
      const width = Math.max(2, this.x(starts[i] + durations[i]) - x);
      const y = this.y(lane, pitch[i], top, height) - bar / 2;
      context.globalAlpha = 0.45 + 0.55 * (velocity[i] / 127);
      context.fillRect(x, y, width, bar);
      context.globalAlpha = 1;
      if (width > 3) context.strokeRect(x + 0.5, y + 0.5, width - 1, bar - 1);
      else { context.fillStyle = line; context.fillRect(x, y, 1, bar); context.fillStyle = fill; }
      this.drawn += 1;
    }
  }

  drawTurns(context, lane, top) {
    const band = this.turns.find((each) => each.seat === lane.look.seat);
    if (!band) return;
    const { fill, line } = this.colours[lane.look.colour];
    context.lineWidth = 1;
    band.start_s.forEach((start, i) => {
      if (band.end_s[i] < this.view.start || start > this.view.end) return;
      const x = this.x(start);
      const width = Math.max(3, this.x(band.end_s[i]) - x);
      context.beginPath();
      context.roundRect(x, top, width, TURNS - 3, 3);
      context.globalAlpha = 0.35;
      context.fillStyle = fill;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = line;
      context.stroke();
    });
  }

  drawGap(context, gap) {
    const [left, right] = [this.x(gap.start_s), this.x(gap.end_s)];
    if (right < 0 || left > this.width) return;
    context.save();
    context.beginPath();
    context.rect(left, AXIS, Math.max(2, right - left), this.height - AXIS);
    context.clip();
    context.fillStyle = this.colours.card;
    context.fill();
    context.strokeStyle = this.colours.edge;
    context.beginPath();
    for (let x = left - this.height; x < right; x += 7) {
      context.moveTo(x, this.height);
      context.lineTo(x + this.height, 0);
    }
    context.stroke();
    context.restore();
  }

  drawMark(context, mark) {
    const [from, x] = [this.x(mark.start_s), this.x(mark.time_s)];
    if (x < 0 || from > this.width) return;
    context.fillStyle = this.colours.accent;
    context.globalAlpha = 0.14;
    context.fillRect(from, AXIS, Math.max(1, x - from), this.height - AXIS);
    context.globalAlpha = 1;
    context.fillRect(x - 1, AXIS - 6, 2, this.height - AXIS + 6);
    context.beginPath();
    context.moveTo(x - 1, AXIS - 8);
    context.lineTo(x + 10, AXIS - 3);
    context.lineTo(x - 1, AXIS + 3);
    context.fill();
  }

  // The playhead and the selection are laid over the picture: moving them draws no note anew.
  place() {
    const x = this.x(this.view.time);
    this.head.hidden = x < 0 || x > this.width;
    this.head.style.transform = `translateX(${x}px)`;
    this.head.style.height = `${this.height}px`;
    const chosen = this.view.selection;
    this.chosen.hidden = !chosen;
    if (!chosen) return;
    const left = Math.max(0, this.x(chosen.start)), right = Math.min(this.width, this.x(chosen.end));
    this.chosen.style.transform = `translateX(${left}px)`;
    this.chosen.style.width = `${Math.max(0, right - left)}px`;
  }
}
