/* Charts come alive: the drawing of the server gives way to the same one, which says what is pointed at.
   Vega evaluates nothing: its expressions are walked by vega-interpreter, as the content security policy asks. */
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 40rem)");
const scripts = new Map();

/** Load a script of the portal once. */
function load(address) {
  if (!scripts.has(address)) {
    scripts.set(address, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));
  }
  return scripts.get(address);
}

/** Make an element of a class, in another. */
function add(parent, name, className) {
  const element = document.createElement(name);
  element.className = className;
  parent.append(element);
  return element;
}

/** The words beside the pointer: seen, and not said, because the live region says them to those who use the keys. */
class Tip {
  constructor(chart) {
    this.chart = chart;
    this.element = add(chart, "p", "chart-tip");
    this.element.hidden = true;
    this.element.setAttribute("aria-hidden", "true");
  }

  show(text, x, y) {
    this.element.textContent = text;
    this.element.hidden = false;
    const box = this.chart.getBoundingClientRect();
    const wide = this.element.offsetWidth, high = this.element.offsetHeight;
    const left = Math.max(4, Math.min(x - box.left + 14, box.width - wide - 4));
    const above = y - box.top - high - 12;
    this.element.style.left = `${left}px`;
    this.element.style.top = `${above > 0 ? above : y - box.top + 16}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}

/** Return the marks that stand for figures, in the order of the figures. */
function findMarks(view) {
  const found = new Map();
  const walk = (item) => {
    if (item.datum && item.datum.tip && item.bounds && item.mark && !found.has(item.datum.i)
      && (item.datum.h || !["text", "line", "area"].includes(item.mark.marktype))) found.set(item.datum.i, item);
    (item.items || []).forEach(walk);
  };
  walk(view.scenegraph().root);
  return [...found.entries()].sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
}

/** Return where the middle of a mark is, in the window. */
function locate(view, mark) {
  let x = (mark.bounds.x1 + mark.bounds.x2) / 2, y = mark.bounds.y1;
  for (let group = mark.mark.group; group; group = group.mark && group.mark.group) {
    x += group.x || 0;
    y += group.y || 0;
  }
  const svg = view.container().querySelector("svg"), box = svg.getBoundingClientRect();
  const [left, top] = view.origin(), scale = box.width / (svg.viewBox.baseVal.width || box.width);
  return [box.left + (left + x) * scale, box.top + (top + y) * scale];
}

/** Let the arrow keys go from figure to figure, each said and shown. */
function followKeys(chart, view, tip, said) {
  let at = -1;
  const go = async (to) => {
    const marks = findMarks(view);
    if (!marks.length) return;
    at = Math.max(0, Math.min(to, marks.length - 1));
    await view.signal("pointed", marks[at].datum.i).runAsync();
    tip.show(marks[at].datum.tip, ...locate(view, marks[at]));
    said.textContent = marks[at].datum.tip;
  };
  const leave = () => {
    at = -1;
    tip.hide();
    view.signal("pointed", -1).runAsync();
  };
  const keys = {
    ArrowRight: () => go(at + 1), ArrowDown: () => go(at + 1), ArrowLeft: () => go(at - 1), ArrowUp: () => go(at - 1),
    Home: () => go(0), End: () => go(Infinity), Escape: leave,
  };
  chart.onkeydown = (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  };
  chart.onblur = leave;
}

/** Draw a chart in the place of the picture of the server, in the reader's theme and width. */
async function draw(chart, parts) {
  const look = `&size=${narrow.matches ? "narrow" : "wide"}&theme=${dark.matches ? "dark" : "light"}`;
  const answer = await fetch(chart.dataset.chart + look);
  if (!answer.ok) return;
  const runtime = vega.parse(await answer.json(), null, { ast: true });
  const live = document.createElement("div");
  live.className = "chart-live";
  if (parts.view) parts.view.finalize();
  const view = parts.view = new vega.View(runtime, {
    expr: parts.expr, renderer: "svg", container: live, hover: false,
    tooltip: (handler, event, item, value) => {
      if (value === null || value === undefined || value === "") parts.tip.hide();
      else parts.tip.show(value, event.clientX, event.clientY);
    },
  });
  await view.runAsync();
  live.setAttribute("aria-hidden", "true");
  (chart.querySelector(".chart-live") || chart.querySelector("picture")).replaceWith(live);
  const svg = live.querySelector("svg");
  svg.setAttribute("focusable", "false");
  followKeys(chart, view, parts.tip, parts.said);
}

/** Bring one chart to life; the picture stays when anything fails. */
async function enliven(chart) {
  await load(chart.dataset.vega);
  const { expressionInterpreter } = await import(chart.dataset.interpreter);
  const parts = { expr: expressionInterpreter, tip: new Tip(chart), said: add(chart, "p", "out-of-sight") };
  parts.said.setAttribute("role", "status");
  await draw(chart, parts);
  if (!parts.view) return;
  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-label", `${chart.dataset.title}. ${chart.dataset.hint}`);
  chart.setAttribute("aria-describedby", "chart-words");
  for (const change of [dark, narrow]) change.addEventListener("change", () => draw(chart, parts));
}

/** Wait until the page has been read, then until the chart comes near; not at all where data are dear. */
function wait(chart) {
  if (navigator.connection && navigator.connection.saveData) return;
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    const start = () => enliven(chart).catch(() => {});
    if ("requestIdleCallback" in window) requestIdleCallback(start, { timeout: 2000 });
    else setTimeout(start, 200);
  }, { rootMargin: "200px" });
  watcher.observe(chart);
}

addEventListener("load", () => document.querySelectorAll("[data-chart]").forEach(wait));
