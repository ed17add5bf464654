/* The live map: the same territories or places as the drawing of the server, to move, approach and read.
   Where there is no script, no WebGL or no wish for more data, the drawing stays. */

const settings = JSON.parse(document.getElementById("map-settings").textContent);
const stage = document.querySelector("[data-map-stage]");
const words = document.querySelector("[data-map-words]");
const said = document.querySelector("[data-map-said]");
const lang = document.documentElement.lang;
const number = new Intl.NumberFormat(lang);

/** Territories by code: what they say, how they look, where they are. */
const areas = new Map();

/** Make the map over the drawing, to be shown only once it is drawn; nothing where there is no WebGL. */
function makeMap(library, look) {
  const holder = stage.appendChild(document.createElement("div"));
  holder.className = "map-live";
  library.setWorkerUrl(new URL(settings.worker, location.href).href);
  try {
    return dressMap(new library.Map(listOptions(holder, look)), look);
  } catch (error) {
    holder.remove();
    if (error instanceof library.GPUInitializationError) return null;
    throw error;
  }
}

/** How the map begins, and what a reader may do with it. */
function listOptions(container, look) {
  const [west, south, east, north] = settings.home;
  return {
    container,
    style: look.writeStyle(settings, areas, look.readColours()),
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding: settings.kind === "areas" ? 12 : 36, maxZoom: 13 },
    hash: "map",
    attributionControl: false,
    cooperativeGestures: true,
    boxZoom: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    renderWorldCopies: false,
    maxZoom: 18,
    fadeDuration: 0,
    pixelRatio: Math.min(devicePixelRatio, 2),
    locale: {
      "Map.Title": settings.words.title,
      "CooperativeGesturesHandler.WindowsHelpText": settings.words.wheel,
      "CooperativeGesturesHandler.MacHelpText": settings.words.wheelMac,
      "CooperativeGesturesHandler.MobileHelpText": settings.words.touch,
    },
  };
}

/** Complete a map: it does not turn, has its hatching, and follows the theme of the page. */
function dressMap(map, look) {
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const hatch = () => look.drawHatch(look.readColours());
  map.on("style.load", () => { if (!map.hasImage("hatch")) map.addImage("hatch", hatch(), { pixelRatio: 2 }); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (map.hasImage("hatch")) map.updateImage("hatch", hatch());
    map.setStyle(look.writeStyle(settings, areas, look.readColours()));
  });
  return map;
}

/** What is at a point of the canvas: the territory or place, and the words that tell it. */
function findAt(map, point) {
  const near = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
  const wanted = ["middles", "areas", "clusters", "spots", "dots", "lines", "surfaces"].filter((id) => map.getLayer(id));
  const [feature] = map.queryRenderedFeatures(settings.kind === "areas" ? point : near, { layers: wanted });
  if (!feature) return { text: settings.words.nothing };
  return { feature, text: tell(feature) };
}

function tell(feature) {
  const told = feature.properties;
  if (settings.kind === "areas") return areas.get(told[settings.code])?.text || settings.words.nothing;
  if (told[settings.count] > 1) return settings.words.many.replace("{count}", number.format(told[settings.count]));
  const say = (field, value) => (typeof value === "number" && !field.year ? `${number.format(value)} ${field.unit}`.trim() : value);
  const rest = settings.fields.filter((field) => field.name !== settings.label && field.name in told);
  const name = settings.label in told ? [told[settings.label]] : [];
  return [...name, ...rest.map((field) => `${field.label}${settings.words.colon}${say(field, told[field.name])}`)].join("\n");
}

/** Point at one territory, and at no other. */
function makePointer(map) {
  let present = null;
  return (code) => {
    if (code === present || settings.kind !== "areas") return;
    const mark = (id, pointed) => map.setFeatureState({ source: "ground", sourceLayer: "shapes", id }, { pointed });
    if (present !== null) mark(present, false);
    if (code !== null) mark(code, true);
    present = code;
  };
}

/** Tell what is under the pointer, or in the middle when the keyboard moves the map; a click comes nearer. */
function follow(map) {
  const point = makePointer(map);
  const show = ({ feature, text }, aloud) => {
    words.textContent = text;
    if (aloud) said.textContent = text;
    point(feature && settings.kind === "areas" ? feature.properties[settings.code] : null);
  };
  const middle = () => map.project(map.getCenter());
  const approach = (found, place) => {
    show(found, true);
    if (found.feature?.properties[settings.count] > 1) map.easeTo({ center: place, zoom: Math.min(map.getZoom() + 2, 18) });
  };
  let waiting = null;
  map.on("mousemove", (event) => {
    if (waiting === null) requestAnimationFrame(() => { show(findAt(map, waiting), false); waiting = null; });
    waiting = event.point;
  });
  map.on("click", (event) => { const found = findAt(map, event.point); approach(found, found.feature?.geometry.type === "Point" ? found.feature.geometry.coordinates : event.lngLat); });
  map.on("moveend", () => { if (document.activeElement === map.getCanvas()) show(findAt(map, middle()), true); });
  map.getCanvas().addEventListener("keydown", (event) => { if (event.key === "Enter") approach(findAt(map, middle()), map.getCenter()); });
  words.hidden = false;
  return point;
}

/** Make of each territory of the table a way to the map. */
function linkTable(map, point) {
  const paths = new Map([...stage.querySelectorAll("path[data-code]")].map((path) => [path.dataset.code, path]));
  for (const row of document.querySelectorAll("tr[data-code]")) {
    const path = paths.get(row.dataset.code);
    if (!path) continue;
    const name = row.querySelector("th");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-link";
    button.textContent = name.textContent;
    button.title = settings.words.show.replace("{name}", name.textContent);
    name.replaceChildren(button);
    button.addEventListener("click", () => {
      go(map, locate(path.getBBox()));
      point(row.dataset.code);
      words.textContent = said.textContent = areas.get(row.dataset.code).text;
      stage.scrollIntoView({ block: "nearest" });
    });
    row.addEventListener("pointerenter", () => point(row.dataset.code));
  }
}

/** Where on the Earth a box of the drawing is, as go() wants it. */
function locate({ x, y, width, height }) {
  const holds = ({ on: [left, top, right, bottom] }) => left <= x && x <= right && top <= y && y <= bottom;
  const { on: [left, top, right, bottom], of: [west, south, east, north] } = settings.frames.find(holds) || settings.frames[0];
  const lon = (at) => west + ((at - left) / (right - left)) * (east - west);
  const lat = (at) => north - ((at - top) / (bottom - top)) * (north - south);
  return [lon(x), lat(y + height), lon(x + width), lat(y)].join(",");
}

/** Show a box ("west,south,east,north"); without movement for those who want none. */
function go(map, box) {
  const [west, south, east, north] = box.split(",").map(Number);
  map.fitBounds([[west, south], [east, north]], { padding: 24, maxZoom: 11 });
}

/** Lay the controls over the map; from now on the picture is of what it shows. */
function addControls(map, look) {
  const figure = stage.closest(".map");
  stage.append(document.getElementById("map-tools").content.cloneNode(true));
  const full = stage.querySelector("[data-act=full]");
  const acts = {
    in: () => map.zoomIn(),
    out: () => map.zoomOut(),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen()),
  };
  for (const button of stage.querySelectorAll("[data-act]")) button.addEventListener("click", acts[button.dataset.act]);
  full.hidden = !document.fullscreenEnabled;
  document.addEventListener("fullscreenchange", () => {
    const filled = document.fullscreenElement === figure;
    full.setAttribute("aria-pressed", String(filled));
    map.cooperativeGestures[filled ? "disable" : "enable"]();
  });
  const places = stage.querySelector(".map-places");
  places.addEventListener("change", () => { if (places.value) go(map, places.value); });
  const form = document.querySelector("form.controls");
  form?.addEventListener("submit", () => { form.action = form.action.split("#")[0] + location.hash; });
  const picture = document.querySelector("[data-map-picture]");
  picture?.addEventListener("click", async (event) => {
    event.preventDefault();
    (await import(settings.picture)).savePicture(map, stage, look.readColours(), picture.download);
  });
}

/** What a row of the table says, where the drawing has too many territories to name them. */
function readRow(row) {
  const unit = row.dataset.style.startsWith("class-") ? row.closest("table").querySelector("th .unit")?.textContent : "";
  return `${[...row.querySelectorAll("th, .amount")].map((cell) => cell.textContent).join(" – ")} ${unit || ""}`.trim();
}

/** Begin; whatever is missing, the drawing stays. */
async function begin() {
  const drawn = new Map([...stage.querySelectorAll("path[data-code]")].map((path) => [path.dataset.code, path.textContent]));
  for (const row of document.querySelectorAll("tr[data-code]")) {
    const { code, style } = row.dataset;
    areas.set(code, { style, text: drawn.get(code) || readRow(row) });
  }
  const [library, look] = await Promise.all([import(settings.library), import(settings.look)]);
  const map = makeMap(library, look);
  if (!map) return;
  map.once("load", () => {
    stage.closest(".map").classList.add("map-lives");
    addControls(map, look);
    linkTable(map, follow(map));
    map.once("idle", () => { stage.dataset.mapStage = "ready"; });
  });
}

/** Wait until the map comes into view; where data are counted, until it is asked for. */
const watcher = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  (window.requestIdleCallback || setTimeout)(begin);
});
if (navigator.connection?.saveData) stage.addEventListener("click", begin, { once: true });
else watcher.observe(stage);
