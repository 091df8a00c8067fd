// The colours of the theme that is on, for the canvases; read anew when it changes.

const NAMES = ["ink", "quiet", "rule", "edge", "card", "sunken", "accent", "warn", "focus"];
const SEATS = ["orange", "blue", "green", "purple", "vermilion"];

export function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  for (const seat of SEATS) colours[seat] = { fill: read(`${seat}-fill`), line: read(`${seat}-line`) };
  return colours;
}

export function onThemeChange(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
