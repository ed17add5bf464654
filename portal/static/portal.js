/* What is better with JavaScript; nothing here is needed to read, search, filter or download. */
"use strict";

/** Words that the script says, by language of the page. */
const WORDS = {
  fr: { copy: "Copier", copied: "Copié" },
  en: { copy: "Copy", copied: "Copied" },
}[document.documentElement.lang] || {};

/** Keep addresses short: a field left empty is not sent. */
function leaveOutEmptyFields(form) {
  form.addEventListener("submit", () => {
    const empty = [...form.elements].filter((field) => field.name && field.value === "");
    for (const field of empty) field.disabled = true;
    setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
  });
}

/** Offer to copy a block of code. */
function offerCopy(block) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-quiet";
  button.textContent = WORDS.copy;
  button.setAttribute("aria-describedby", block.getAttribute("aria-labelledby"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.innerText);
    button.textContent = WORDS.copied;
    setTimeout(() => { button.textContent = WORDS.copy; }, 2000);
  });
  block.previousElementSibling.append(button);
}

/** Say beside the map what is under the pointer, and point at the area of the row under the pointer. */
function followPointer(map) {
  const words = document.querySelector("[data-map-words]");
  if (!words) return;
  const rows = new Map([...document.querySelectorAll("tr[data-code]")].map((row) => [row.dataset.code, row]));
  const say = (target) => {
    const title = target.querySelector && target.querySelector("title");
    const row = target.dataset && rows.get(target.dataset.code);
    if (title) words.textContent = title.textContent;
    else if (row) words.textContent = [...row.querySelectorAll("th, .amount")].map((cell) => cell.textContent).join(" – ");
  };
  words.hidden = false;
  map.addEventListener("pointerover", (event) => say(event.target));
  const areas = new Map([...map.querySelectorAll("[data-code]")].map((area) => [area.dataset.code, area]));
  for (const [code, row] of rows) {
    const area = areas.get(code);
    if (!area) continue;
    row.addEventListener("pointerenter", () => area.classList.add("pointed"));
    row.addEventListener("pointerleave", () => area.classList.remove("pointed"));
  }
}

/** On a small screen the filters start folded, so that results come first. */
function foldFilters(fold) {
  if (matchMedia("(max-width: 56rem)").matches) fold.open = false;
}

/** Say that a file is being prepared, when it is asked for. */
function tellPreparing(words) {
  for (const link of document.querySelectorAll("a[data-prepared]")) {
    link.addEventListener("click", () => {
      words.textContent = words.dataset.preparing;
      words.classList.remove("out-of-sight");
      setTimeout(() => { words.textContent = ""; words.classList.add("out-of-sight"); }, 8000);
    });
  }
}

document.querySelectorAll("[data-preparing]").forEach(tellPreparing);
document.querySelectorAll("form[method=get]").forEach(leaveOutEmptyFields);
document.querySelectorAll("[data-copy]").forEach(offerCopy);
document.querySelectorAll("[data-map]").forEach(followPointer);
document.querySelectorAll("details.fold").forEach(foldFilters);
