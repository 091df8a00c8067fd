// One shape a seat, the same in pictures and in text.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  circle: "M1.6 8a6.4 6.4 0 1 0 12.8 0a6.4 6.4 0 1 0-12.8 0Z",
  square: "M2 2h12v12H2Z",
  triangle: "M8 1.5 15 14H1Z",
  diamond: "M8 .8 15.2 8 8 15.2.8 8Z",
  cross: "M5.5 1.5h5v4h4v5h-4v4h-5v-4h-4v-5h4Z",
};

export function shapeSvg(look) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `shape ${look.colour}`);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[look.shape] ?? PATHS.cross);
  svg.append(path);
  return svg;
}

const paths2d = Object.fromEntries(Object.entries(PATHS).map(([name, d]) => [name, new Path2D(d)]));

export function drawShape(context, look, colours, x, y, size) {
  const { fill, line } = colours[look.colour];
  context.save();
  context.translate(x - size / 2, y - size / 2);
  context.scale(size / 16, size / 16);
  context.fillStyle = fill;
  context.strokeStyle = line;
  context.lineWidth = 22 / size;
  context.fill(paths2d[look.shape] ?? paths2d.cross);
  context.stroke(paths2d[look.shape] ?? paths2d.cross);
  context.restore();
}

export function whoLabel(look) {
  const span = document.createElement("span");
  span.className = "who";
  span.append(shapeSvg(look), look.label);
  return span;
}
