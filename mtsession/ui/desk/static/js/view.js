// Which part of the session is shown, where is the playhead, what is selected? Everything that draws listens here.

const SHORTEST_S = 1;

export class View extends EventTarget {
  constructor(duration) {
    super();
    this.duration = Math.max(duration, SHORTEST_S);
    this.start = 0;
    this.end = this.duration;
    this.time = 0;
    this.selection = null;
  }

  get span() { return this.end - this.start; }

  show(start, end) {
    const span = Math.min(this.duration, Math.max(SHORTEST_S, end - start));
    this.start = Math.min(Math.max(0, start), this.duration - span);
    this.end = this.start + span;
    this.dispatchEvent(new Event("window"));
  }

  fit() { this.show(0, this.duration); }

  // Zoom around a moment that stays where it is on the screen.
  zoom(factor, around = this.centre()) {
    const span = this.span * factor;
    const share = (around - this.start) / this.span;
    this.show(around - share * span, around + (1 - share) * span);
  }

  centre() {
    return this.time >= this.start && this.time <= this.end ? this.time : (this.start + this.end) / 2;
  }

  pan(by) { this.show(this.start + by, this.start + by + this.span); }

  // Bring a stretch into sight with some room around it; a window that already holds it well is left alone.
  reveal(start, end) {
    const length = Math.max(end - start, 0);
    const holds = start >= this.start && end <= this.end;
    if (holds && this.span <= Math.max(60, 6 * length)) return;
    const room = Math.max(8, length);
    this.show(start - room, end + room);
  }

  moveTo(time) {
    this.time = Math.min(Math.max(0, time), this.duration);
    this.dispatchEvent(new Event("time"));
  }

  // While it plays the window turns like a page, so that the eye can rest.
  follow() {
    if (this.time > this.end || this.time < this.start) this.show(this.time - 0.05 * this.span, this.time + 0.95 * this.span);
  }

  select(start, end) {
    this.selection = end > start ? { start, end } : null;
    this.dispatchEvent(new Event("selection"));
  }
}
