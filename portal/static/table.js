/* The table of a dataset, better with a script: cells are reached with the arrow keys, and a cell, a row or the page
   is copied as a spreadsheet pastes it. */
"use strict";

const region = document.querySelector("[data-grid]");
const words = document.getElementById("grid-words")?.dataset;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
let current = null;

/** The values of a row as text: amounts without the spaces and commas that only people read. */
function readRow(row) {
  return [...row.cells].filter((cell) => !cell.classList.contains("rank")).map(readCell);
}

/** The text of a cell as a spreadsheet takes it. */
function readCell(cell) {
  const text = cell.querySelector(".hidden-cell") ? words.hidden : (cell.querySelector("a") ?? cell).innerText.trim();
  if (!cell.classList.contains("amount") || cell.tagName === "TH") return text.replace(/\s+/g, " ");
  return document.documentElement.lang === "en" ? text.replaceAll(",", "") : text.replace(/\s/g, "");
}

/** The rows of a page as tab-separated text, the headings first. */
function readPage() {
  return [...region.querySelectorAll("tr")].map((row) => readRow(row).join("\t")).join("\n");
}

/** Make a cell the current one: it has the focus, the buttons copy it. */
function enter(cell) {
  if (!cell) return;
  current?.removeAttribute("tabindex");
  current = cell;
  cell.tabIndex = -1;
  cell.focus();
  for (const button of document.querySelectorAll("[data-of-cell]")) button.disabled = false;
}

/** Go from the current cell, or from the corner, as an arrow says. */
function move(event) {
  const step = MOVES[event.key];
  if (!step || event.target.closest("input, select, summary, button, a")) return;
  event.preventDefault();
  const rows = [...region.querySelectorAll("tbody tr")];
  if (!current) { enter(rows[0].cells[0]); return; }
  const row = rows[rows.indexOf(current.parentElement) + step[0]];
  enter(row?.cells[current.cellIndex + step[1]]);
}

/** Copy a text and say so, or that the browser refused. */
async function copy(text) {
  const said = document.getElementById("copied");
  said.textContent = await navigator.clipboard.writeText(text).then(() => words.copied, () => words.refused);
}

/** A button of the bar above the table. */
function addButton(bar, text, read, ofCell) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button-quiet", textContent: text, disabled: ofCell });
  if (ofCell) button.dataset.ofCell = "";
  button.addEventListener("click", () => copy(read()));
  bar.append(button);
}

/** Offer to copy, where the browser can. */
function offerCopies() {
  const bar = Object.assign(document.createElement("div"), { className: "copying" });
  addButton(bar, words.page, readPage, false);
  addButton(bar, words.row, () => readRow(current.parentElement).join("\t"), true);
  addButton(bar, words.cell, () => readCell(current), true);
  const said = Object.assign(document.createElement("p"), { id: "copied", textContent: words.help });
  said.setAttribute("role", "status");
  bar.append(said);
  region.before(bar);
}

/** Leave the choice of columns out of the address when all are shown, and name them once otherwise. */
function shortenColumns(form) {
  form.addEventListener("formdata", ({ formData }) => {
    const boxes = form.querySelectorAll("[name=columns]");
    const shown = formData.getAll("columns");
    formData.delete("columns");
    if (shown.length && shown.length < boxes.length) formData.set("columns", shown.join(","));
  });
}

if (region) {
  region.addEventListener("keydown", move);
  region.addEventListener("click", (event) => {
    if (!event.target.closest("a, summary, input, button") && !String(getSelection())) enter(event.target.closest("tbody td"));
  });
  region.addEventListener("copy", (event) => {
    if (!current || String(getSelection())) return;
    event.clipboardData.setData("text/plain", readCell(current));
    event.preventDefault();
  });
  if (navigator.clipboard) offerCopies();
}
document.querySelectorAll("#grid-form").forEach(shortenColumns);
