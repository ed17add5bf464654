/* The example of the page of greenhouse gas: computed again by the server as one types, and communes suggested.
   Without this script the form is sent as any other. */
"use strict";

const PAUSE = 350;
const form = document.querySelector("[data-example]");
const answer = document.querySelector("[data-answer]");
const said = document.getElementById("example-said");
const suggestions = document.getElementById("places");
let asking = new AbortController();
let suggesting = new AbortController();
let waiting;

/** The query that the form makes: fields left empty are left out. */
function readQuery() {
  const pairs = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return new URLSearchParams(pairs).toString();
}

/** Ask the server for the computation, show it in place and say its result. */
async function compute() {
  asking.abort();
  asking = new AbortController();
  const query = readQuery();
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`${form.dataset.example}${form.dataset.example.includes("?") ? "&" : "?"}${query}`, { signal: asking.signal });
    if (!response.ok) throw new Error(response.statusText);
    answer.innerHTML = await response.text();
    history.replaceState(null, "", `${location.pathname}?${query}#example`);
    tell();
  } catch (error) {
    if (error.name === "AbortError") return;
    said.textContent = form.dataset.failed;
  }
  answer.removeAttribute("aria-busy");
}

/** Mark the fields that are wrong, and say the result or what to correct. */
function tell() {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const old of form.querySelectorAll(".wrong")) old.remove();
  for (const link of answer.querySelectorAll("[data-wrong] a")) {
    document.getElementById(link.hash.slice(1))?.setAttribute("aria-invalid", "true");
  }
  const saved = answer.querySelector("[data-saved]");
  said.textContent = saved ? form.dataset.said.replace("{amount}", saved.textContent) : answer.querySelector("[data-wrong]").innerText;
}

/** Offer the communes whose names begin as what is typed. */
async function suggest(field) {
  if (field.value.trim().length < 2) return;
  suggesting.abort();
  suggesting = new AbortController();
  try {
    const address = `${form.dataset.places}${form.dataset.places.includes("?") ? "&" : "?"}${new URLSearchParams({ q: field.value })}`;
    const names = await (await fetch(address, { signal: suggesting.signal })).json();
    suggestions.replaceChildren(...names.map((name) => new Option("", name)));
  } catch (error) {
    if (error.name !== "AbortError") suggestions.replaceChildren();
  }
}

form.addEventListener("input", (event) => {
  if (event.target.matches("[data-place]")) suggest(event.target);
  clearTimeout(waiting);
  waiting = setTimeout(compute, PAUSE);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  compute();
});
