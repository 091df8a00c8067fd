// The graphs: curves and points by uPlot, shares as one bar; each with its words and its table.

import { onThemeChange, themeColours } from "./colours.js";
import { drawShape, shapeSvg, whoLabel } from "./shapes.js";
import { clockText } from "./time.js";

const FONT = '12px "Segoe UI", system-ui, -apple-system, "Noto Sans", "DejaVu Sans", sans-serif';
const HEIGHT = 190;
// From so many points on lines are thinner and shapes smaller, so that they stay apart.
const MANY = 300;
const MANY_SHAPES = 150;
// Lines are told apart by their dashes too: first player solid, second long dashes, further ones shorter.
const DASHES = { circle: [], square: [9, 5], triangle: [3, 4], diamond: [9, 4, 2, 4], cross: [1, 4] };

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export class Charts {
  constructor(root, view, player, texts) {
    this.root = root;
    this.view = view;
    this.player = player;
    this.texts = texts;
    this.plots = [];
    view.addEventListener("window", () => this.plots.forEach((plot) => plot.setScale("x", { min: view.start, max: view.end })));
    view.addEventListener("time", () => this.plots.forEach((plot) => this.placeHead(plot)));
    onThemeChange(() => this.rebuild());
    new ResizeObserver(() => this.resize()).observe(root);
  }

  show(charts, more) {
    this.first = charts;
    this.more = more;
    this.rebuild();
  }

  rebuild() {
    if (!this.first) return;
    const all = [...this.first, ...this.more];
    const moreOpen = this.root.querySelector("details.more")?.open ?? false;
    const open = new Set([...this.root.querySelectorAll("details[open]")].map((each) => each.dataset.chart));
    this.plots.forEach((plot) => plot.destroy());
    this.plots = [];
    this.colours = themeColours();
    const cards = (charts) => charts.map((chart) => this.card(chart, open.has(chart.key)));
    this.root.replaceChildren(...cards(this.first), this.disclosure(cards(this.more), moreOpen));
    for (const chart of all) this.draw(chart, document.getElementById(`picture-${chart.key}`));
    this.root.setAttribute("aria-busy", "false");
  }

  disclosure(cards, open) {
    const titles = this.more.map((chart) => chart.title.toLowerCase()).join(", ");
    const details = element("details", "more", element("summary", "", this.texts.more_charts.replace("{titles}", titles)), element("div", "charts", ...cards));
    details.open = open;
    return details;
  }

  card(chart, tableOpen) {
    const card = element("section", "card chart");
    card.setAttribute("aria-labelledby", `title-${chart.key}`);
    card.dataset.chart = chart.key;
    const title = element("h2", "", chart.title, " ");
    title.id = `title-${chart.key}`;
    if (chart.unit) title.append(element("span", "unit", chart.unit));
    const head = element("div", "chart-head", title, this.legend(chart));
    card.append(head, this.picture(chart));
    for (const sentence of chart.told) card.append(element("p", "told", sentence));
    for (const missing of chart.missing) {
      card.append(element("p", "void", element("strong", "", missing.label), `: ${missing.reason}`));
    }
    card.append(element("p", "basis", chart.basis), element("p", "limits", chart.limits));
    if (!chart.table_drawn && chart.table.rows.length) card.append(this.twin(chart, tableOpen));
    return card;
  }

  legend(chart) {
    const looks = new Map([...chart.lines, ...chart.points].map((each) => [each.look.seat, each.look]));
    const legend = element("ul", "legend");
    for (const look of looks.values()) legend.append(element("li", "", whoLabel(look)));
    if (chart.dots.some((dot) => dot.band)) legend.append(element("li", "", element("span", "swatch chance"), ` ${this.texts.unrelated}`));
    return legend;
  }

  picture(chart) {
    if (chart.bars.length) return this.bars(chart);
    if (chart.amounts.length) return this.amounts(chart);
    if (chart.dots.length) return this.dots(chart);
    if (chart.table_drawn && chart.table.rows.length) return this.table(chart);
    const holder = element("div", "picture");
    holder.id = `picture-${chart.key}`;
    if (!(chart.lines.length || chart.points.length)) { holder.hidden = true; return holder; }
    holder.setAttribute("role", "img");
    holder.setAttribute("aria-label", `${chart.title}. ${chart.summary}`);
    return holder;
  }

  bars(chart) {
    const bar = element("div", "shares");
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", `${chart.title}. ${chart.summary}`);
    const list = element("ul", "share-list");
    for (const part of chart.bars) {
      const piece = element("div", `share ${part.fill}`);
      piece.style.flexGrow = String(part.share);
      piece.hidden = part.share <= 0;
      bar.append(piece);
      const mark = part.look ? shapeSvg(part.look) : element("span", `swatch ${part.fill}`);
      list.append(element("li", "", mark, element("span", "", part.label), element("span", "figure", `${Math.round(100 * part.share)} %`)));
    }
    return element("div", "picture-bars", bar, list);
  }

  // How much of the time each played: one bar a player, as several play at once.
  amounts(chart) {
    return element("ul", "amounts", ...chart.amounts.map((part) => {
      const filled = element("div", `share ${part.fill}`);
      filled.style.width = `${100 * part.share}%`;
      const track = element("div", "track", filled);
      track.setAttribute("aria-hidden", "true");
      const mark = part.look ? shapeSvg(part.look) : element("span", `swatch ${part.fill}`);
      return element("li", "", element("span", "who", mark, part.label), track, element("span", "figure", `${Math.round(100 * part.share)} %`));
    }));
  }

  // A dot a figure, on its own scale, over the band of unrelated playing. Words say where it lies; the picture is for the eye.
  dots(chart) {
    return element("ul", "intervals", ...chart.dots.map((dot) => {
      const [low, high] = dot.scale;
      const at = (value) => 100 * Math.min(1, Math.max(0, (value - low) / (high - low)));
      const track = element("div", "track");
      track.setAttribute("aria-hidden", "true");
      if (dot.band) {
        const band = element("div", "band");
        band.style.left = `${at(dot.band[0])}%`;
        band.style.width = `${at(dot.band[1]) - at(dot.band[0])}%`;
        track.append(band);
      }
      if (low < 0) track.append(element("div", "zero"));
      const mark = element("div", "dot");
      mark.style.left = `${at(dot.value)}%`;
      track.append(mark);
      const row = element("li", "", element("span", "label", dot.label), element("span", "said figure", dot.said), track);
      if (dot.ends[0]) {
        const ends = element("div", "ends figure", element("span", "", dot.ends[0]), element("span", "", dot.ends[1]));
        ends.setAttribute("aria-hidden", "true");
        row.append(ends);
      }
      return row;
    }));
  }

  twin(chart, open) {
    const details = element("details", "twin", element("summary", "", this.texts.show_table, element("span", "unseen", ` ${chart.title}`)));
    details.dataset.chart = chart.key;
    details.open = open;
    details.append(this.table(chart));
    return details;
  }

  table(chart) {
    const table = element("table");
    const row = (cells, tag) => element("tr", "", ...cells.map((cell, i) => {
      const made = element(tag === "th" || i === 0 ? "th" : "td", "", cell);
      if (tag === "th" || i === 0) made.scope = tag === "th" ? "col" : "row";
      return made;
    }));
    table.append(element("caption", chart.table_drawn ? "unseen" : "", chart.summary));
    table.append(element("thead", "", row(chart.table.head, "th")));
    table.append(element("tbody", "", ...chart.table.rows.map((cells) => row(cells, "td"))));
    const scroll = element("div", "scroll", table);
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `${this.texts.show_table}: ${chart.title}`);
    return scroll;
  }

  draw(chart, holder) {
    if (!holder || holder.hidden) return;
    const plot = new window.uPlot(this.options(chart, holder), this.data(chart), holder);
    plot.mtsHolder = holder;
    const head = element("div", "playhead");
    plot.over.append(head);
    plot.mtsHead = head;
    plot.over.addEventListener("click", (event) => {
      this.player.seek(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x"));
    });
    this.plots.push(plot);
    this.placeHead(plot);
  }

  data(chart) {
    if (chart.points.length) {
      const ordered = chart.points;
      return [ordered.map((point) => point.time_s), ordered.map((point) => point.value)];
    }
    const times = [...new Set(chart.lines.flatMap((line) => line.times_s))].sort((a, b) => a - b);
    return [times, ...chart.lines.map((line) => {
      const at = new Map(line.times_s.map((time, i) => [time, line.values[i]]));
      return times.map((time) => at.get(time) ?? null);
    })];
  }

  options(chart, holder) {
    const { colours, view } = this;
    const axis = { stroke: colours.quiet, font: FONT, grid: { stroke: colours.rule, width: 1 }, ticks: { stroke: colours.rule, width: 1, size: 4 } };
    return {
      width: Math.max(200, holder.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, min: view.start, max: view.end, range: (_, min, max) => [min, max] }, y: { range: this.range(chart) } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(clockText), size: 28, gap: 4, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800] },
        { ...axis, size: 40, gap: 4 },
      ],
      series: [{}, ...this.series(chart)],
      hooks: chart.points.length ? { draw: [(plot) => this.drawPoints(plot, chart.points)] } : {},
    };
  }

  range(chart) {
    if (chart.key === "level") return [0, 127];
    return (_, low, high) => {
      if (low === null || high === null) return [0, 1];
      const room = Math.max((high - low) * 0.12, chart.key === "tempo" ? 5 : 0.2);
      return [chart.key === "density" ? 0 : low - room, high + room];
    };
  }

  series(chart) {
    if (chart.points.length) return [{ paths: () => null, points: { show: false } }];
    return chart.lines.map((line) => ({
      stroke: this.colours[line.look.colour].line,
      width: line.times_s.length > MANY ? 1.3 : 2,
      dash: DASHES[line.look.shape],
      spanGaps: false,
      points: { show: chart.key === "tempo" && line.times_s.length <= MANY, size: 4, fill: this.colours[line.look.colour].line },
    }));
  }

  // Each change of turn has the shape of who took it; the zero line parts silence from overlap.
  drawPoints(plot, points) {
    const { ctx, bbox } = plot;
    const ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - 8, bbox.top, bbox.width + 16, bbox.height);
    ctx.clip();
    const zero = plot.valToPos(0, "y", true);
    ctx.strokeStyle = this.colours.edge;
    ctx.lineWidth = 1.5 * ratio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, zero);
    ctx.lineTo(bbox.left + bbox.width, zero);
    ctx.stroke();
    const size = (points.length > MANY_SHAPES ? 6 : 10) * ratio;
    for (const point of points) {
      drawShape(ctx, point.look, this.colours, plot.valToPos(point.time_s, "x", true), plot.valToPos(point.value, "y", true), size);
    }
    ctx.restore();
  }

  placeHead(plot) {
    const { time, start, end } = this.view;
    plot.mtsHead.hidden = time < start || time > end;
    plot.mtsHead.style.transform = `translateX(${plot.valToPos(time, "x")}px)`;
  }

  resize() {
    for (const plot of this.plots) {
      const width = Math.max(200, plot.mtsHolder.clientWidth);
      if (Math.abs(width - plot.width) > 1) plot.setSize({ width, height: HEIGHT });
      this.placeHead(plot);
    }
  }
}
