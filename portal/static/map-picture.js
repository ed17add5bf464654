/* The picture of the live map: what it shows, its title, its legend and its source, as a PNG file to keep. */

const MARGIN = 24;

/** Draw the map again and give its canvas in the instant when it can be read. */
function readCanvas(map) {
  return new Promise((done) => {
    map.once("render", () => {
      const copy = document.createElement("canvas");
      [copy.width, copy.height] = [map.getCanvas().width, map.getCanvas().height];
      copy.getContext("2d").drawImage(map.getCanvas(), 0, 0);
      done(copy);
    });
    map.triggerRepaint();
  });
}

/** The lines of a text that fit in a width. */
function wrap(pen, text, width) {
  const lines = [""];
  for (const word of text.trim().split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width <= width || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The classes of the legend: the colour of each (none for what is hatched) and its words. */
function readLegend(figure) {
  return [...figure.querySelectorAll(".legend li")].map((item) => ({
    colour: item.querySelector(".area-hidden") ? null : getComputedStyle(item.querySelector(".area")).fill,
    text: item.querySelector("span").textContent,
  }));
}

/** Draw a class of the legend, hatched when it has no colour. */
function drawSwatch(pen, colours, colour, x, y, size) {
  pen.fillStyle = colour || colours.paper;
  pen.strokeStyle = colours["line-strong"];
  pen.fillRect(x, y, size * 1.5, size);
  pen.strokeRect(x, y, size * 1.5, size);
  if (colour) return;
  pen.beginPath();
  for (const part of [0.25, 0.75, 1.25]) {
    pen.moveTo(x + size * (part - 0.25), y);
    pen.lineTo(x + size * (part + 0.25), y + size);
  }
  pen.stroke();
}

/** Save the map as a picture of twice its width on the screen, at least. */
export async function savePicture(map, stage, colours, name) {
  const drawn = await readCanvas(map);
  const figure = stage.closest(".map");
  const scale = drawn.width / map.getCanvas().clientWidth;
  const [line, width] = [22 * scale, drawn.width + 2 * MARGIN * scale];
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const font = (size, weight) => { pen.font = `${weight} ${size * scale}px system-ui, sans-serif`; };
  font(18, 600);
  const title = wrap(pen, document.getElementById("map-title").textContent, drawn.width);
  font(13, 400);
  const source = wrap(pen, `${document.querySelector("h1").textContent}. ${figure.querySelector(".map-bar p").textContent} ${location.href.split("#")[0]}`, drawn.width);
  const legend = readLegend(figure);
  canvas.width = width;
  canvas.height = drawn.height + (title.length + legend.length + source.length + 1.5) * line + 3 * MARGIN * scale;
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const left = MARGIN * scale;
  let top = left + line;
  const write = (text, x) => { pen.fillStyle = colours.ink; pen.fillText(text, x, top); top += line; };
  font(18, 600);
  title.forEach((text) => write(text, left));
  pen.drawImage(drawn, left, top - line / 2);
  top += drawn.height + line;
  font(13, 400);
  for (const { colour, text } of legend) {
    drawSwatch(pen, colours, colour, left, top - line * 0.6, line * 0.65);
    write(text, left + line * 1.5);
  }
  source.forEach((text) => write(text, left));
  canvas.toBlob((file) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
