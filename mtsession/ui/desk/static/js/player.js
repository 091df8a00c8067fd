// The sound, and the playhead that goes with it: `currentTime` read once a frame, never `timeupdate`.

export class Player {
  constructor(audio, view, session, { onState, onPlaying, onFailed }) {
    this.audio = audio;
    this.view = view;
    this.session = session;
    this.onState = onState;
    this.onFailed = onFailed;
    this.looping = false;
    this.ready = false;
    audio.preservesPitch = true;
    audio.addEventListener("play", () => { onPlaying(true); this.tick(); });
    audio.addEventListener("pause", () => onPlaying(false));
    audio.addEventListener("ended", () => onPlaying(false));
  }

  // The first answer comes when the sound is rendered; the element then asks for the parts it needs.
  async load(track = "") {
    this.audio.pause();
    this.ready = false;
    this.onState("waiting");
    const url = `/sessions/${this.session}/sound${track ? `?track=${encodeURIComponent(track)}` : ""}`;
    const answer = await fetch(url, { method: "HEAD" });
    if (!answer.ok) { this.onFailed(answer.status); return; }
    const rate = this.audio.playbackRate;
    this.audio.src = url;
    await new Promise((done, failed) => {
      this.audio.addEventListener("loadedmetadata", done, { once: true });
      this.audio.addEventListener("error", () => failed(new Error("audio")), { once: true });
    });
    this.audio.playbackRate = rate;
    this.audio.currentTime = this.view.time;
    this.ready = true;
    this.onState("ready");
  }

  get playing() { return !this.audio.paused && !this.audio.ended; }

  toggle() {
    if (!this.ready) return;
    if (this.playing) { this.audio.pause(); return; }
    if (this.view.time >= this.view.duration - 0.05) this.seek(0);
    this.audio.play();
  }

  seek(time) {
    this.view.moveTo(time);
    if (this.ready) this.audio.currentTime = this.view.time;
  }

  tick() {
    const { selection } = this.view;
    const time = this.audio.currentTime;
    if (this.looping && selection && (time >= selection.end || time < selection.start - 0.5)) this.audio.currentTime = selection.start;
    this.view.moveTo(this.audio.currentTime);
    this.view.follow();
    if (this.playing) requestAnimationFrame(() => this.tick());
  }
}
