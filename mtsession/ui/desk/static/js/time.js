// How is a moment written and read? mm:ss, from an hour on h:mm:ss; the same rule as the server's.

export function clockText(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

// The time of a deep link ("#t=04:12", "#t=1:02:03.5", "#t=90"), or null.
export function timeOfHash(hash) {
  const text = new URLSearchParams(hash.replace(/^#/, "")).get("t");
  if (!text || !/^\d+(:\d{1,2}){0,2}(\.\d+)?$/.test(text)) return null;
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

// Distances between labelled ticks that people count in.
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800];

export function tickStep(span, most) {
  return STEPS_S.find((step) => span / step <= most) ?? STEPS_S.at(-1);
}

export function tickText(seconds, step) {
  const fraction = step < 1 ? `.${Math.round((seconds % 1) * 10) % 10}` : "";
  return clockText(seconds + 1e-6) + fraction;
}
