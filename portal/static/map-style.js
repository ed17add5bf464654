/* How the live map looks: the colours of the page, hatching for what is withheld, the layers of territories and of places. */

/** The tokens of the style sheet that the map uses. */
const TOKENS = ["paper", "ink", "blue", "on-blue", "focus", "line-strong", "class-none", "class-negative", ...[1, 2, 3, 4, 5, 6].map((rank) => `class-${rank}`)];

/** The tokens in the present theme, as colours that WebGL understands. */
export function readColours() {
  const holder = document.createElement("i");
  holder.hidden = true;
  const probes = TOKENS.map((name) => {
    const probe = holder.appendChild(document.createElement("b"));
    probe.style.color = `var(--${name})`;
    return probe;
  });
  document.body.append(holder);
  const found = Object.fromEntries(probes.map((probe, place) => [TOKENS[place], getComputedStyle(probe).color]));
  holder.remove();
  return found;
}

/** Lines across a square, for what is withheld: 14 pixels, to be drawn at half their size. */
export function drawHatch(colours) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 14;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, 14, 14);
  pen.strokeStyle = colours["line-strong"];
  pen.lineWidth = 3;
  for (const shift of [-14, 0, 14]) {
    pen.beginPath();
    pen.moveTo(shift - 2, 16);
    pen.lineTo(shift + 16, -2);
    pen.stroke();
  }
  return pen.getImageData(0, 0, 14, 14);
}

/** The colour of each territory by its class, as an expression of the map. */
function colourAreas(settings, areas, colours) {
  const fills = { ...colours, "area-hidden": colours.paper };
  const codes = {};
  for (const [code, area] of areas) if (area.style in fills) (codes[area.style] ||= []).push(code);
  const pairs = Object.entries(codes).flatMap(([style, list]) => [list, fills[style]]);
  return pairs.length ? ["match", ["get", settings.code], ...pairs, colours["class-none"]] : colours["class-none"];
}

/** The layers of territories: their colour, what is hidden, their borders, the one that is pointed at. */
function listAreaLayers(settings, areas, colours) {
  const opacity = settings.background ? 0.75 : 1;
  const hidden = [...areas].filter(([, area]) => area.style === "area-hidden").map(([code]) => code);
  const masked = ["in", ["get", settings.code], ["literal", hidden]];
  const shapes = { source: "ground", "source-layer": "shapes" };
  const surface = ["!=", ["geometry-type"], "Point"];
  const pointed = ["boolean", ["feature-state", "pointed"], false];
  return [
    { id: "areas", type: "fill", ...shapes, filter: surface, paint: { "fill-color": colourAreas(settings, areas, colours), "fill-opacity": opacity, "fill-antialias": false } },
    { id: "hidden", type: "fill", ...shapes, filter: ["all", surface, masked], paint: { "fill-pattern": "hatch", "fill-opacity": opacity } },
    { id: "borders", type: "line", ...shapes, filter: surface, paint: { "line-color": ["case", masked, colours["line-strong"], colours.paper], "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.6, 9, 1.5] } },
    { id: "pointed", type: "line", ...shapes, filter: surface, layout: { "line-join": "round" }, paint: { "line-color": colours.focus, "line-width": ["case", pointed, 3, 0] } },
    { id: "middles", type: "circle", ...shapes, filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": colourAreas(settings, areas, colours), "circle-radius": 6, "circle-stroke-color": ["case", pointed, colours.focus, colours["line-strong"]], "circle-stroke-width": ["case", pointed, 3, 1] } },
  ];
}

/** The layers of places: those that are gathered, with their number, and those that are alone. */
function listPlaceLayers(settings, colours) {
  const places = { source: "places", "source-layer": "places" };
  const count = ["get", settings.count];
  const round = (unit) => ["number-format", ["/", count, unit], { locale: document.documentElement.lang, "max-fraction-digits": 0 }];
  const text = ["case", [">=", count, 1e6], ["concat", round(1e6), "M"], [">=", count, 1e4], ["concat", round(1e3), "k"], round(1)];
  return [
    ...(settings.shaped ? listShapeLayers(colours) : []),
    { id: "spots", type: "circle", ...places, filter: ["==", count, 1], paint: paintSpot(colours) },
    { id: "clusters", type: "circle", ...places, filter: [">", count, 1],
      paint: { "circle-color": colours.blue, "circle-opacity": 0.88, "circle-stroke-color": colours.paper, "circle-stroke-width": 1,
        "circle-radius": ["interpolate", ["linear"], ["log10", count], 0.3, 8, 1, 10, 2, 12, 3, 14, 6, 20] } },
    { id: "counts", type: "symbol", ...places, filter: [">", count, 1],
      layout: { "text-field": text, "text-size": 11, "text-font": ["sans-serif"], "text-padding": 0, "symbol-sort-key": ["-", count] },
      paint: { "text-color": colours["on-blue"] } },
  ];
}

/** The layers of what has an extent, where the records have any. */
function listShapeLayers(colours) {
  const shapes = { source: "places", "source-layer": "shapes" };
  return [
    { id: "surfaces", type: "fill", ...shapes, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours.blue, "fill-opacity": 0.35, "fill-outline-color": colours.blue } },
    { id: "lines", type: "line", ...shapes, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colours.blue, "line-width": 2 } },
    { id: "dots", type: "circle", ...shapes, filter: ["==", ["geometry-type"], "Point"], paint: paintSpot(colours) },
  ];
}

function paintSpot(colours) {
  return { "circle-color": colours.blue, "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 4, 12, 7], "circle-stroke-color": colours.paper, "circle-stroke-width": 1.25 };
}

/** The whole style of the map, in the present colours of the page. */
export function writeStyle(settings, areas, colours) {
  const tiles = (address) => [location.origin + address];
  const sources = {};
  const layers = [{ id: "sea", type: "background", paint: { "background-color": colours.paper } }];
  if (settings.background) {
    sources.background = { type: "raster", tiles: tiles(settings.background), tileSize: 256, maxzoom: 19 };
    layers.push({ id: "background", type: "raster", source: "background" });
  }
  if (settings.ground) {
    sources.ground = { type: "vector", tiles: tiles(settings.ground), minzoom: 0, maxzoom: settings.groundZoom, promoteId: { shapes: settings.code } };
    if (settings.kind === "areas") layers.push(...listAreaLayers(settings, areas, colours));
    else if (!settings.background) layers.push(
      { id: "land", type: "fill", source: "ground", "source-layer": "shapes", paint: { "fill-color": colours["class-none"], "fill-outline-color": colours.paper } });
  }
  if (settings.kind === "places") {
    sources.places = { type: "vector", tiles: tiles(settings.places), minzoom: 0, maxzoom: settings.zoom };
    layers.push(...listPlaceLayers(settings, colours));
  }
  return { version: 8, sources, layers };
}
