/* The catalogue answers while one types: the page of the same address is read, and its parts take their place. */
"use strict";

(() => {
  const form = document.querySelector("form[data-search]");
  if (!form) return;

  /** Milliseconds without a key before a search starts. */
  const PAUSE = 160;
  const input = form.elements.q;
  const said = document.querySelector("[data-search-said]");
  let asking = null;
  let waiting = 0;
  let noted = false;

  /** The address of the page that the form asks for: its empty fields left out, back on the first page. */
  function addressOf() {
    const pairs = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
    const query = new URLSearchParams(pairs).toString();
    return form.getAttribute("action") + (query ? `?${query}` : "");
  }

  /** Put the parts of another state of this page in the place of those shown, and tell what was found. */
  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.querySelector("form[data-search]")) return false;
    for (const part of document.querySelectorAll("[data-search-part]")) {
      const fresh = page.getElementById(part.id);
      const folded = part.querySelector("details.fold");
      if (folded && fresh.querySelector("details.fold")) fresh.querySelector("details.fold").open = folded.open;
      part.replaceWith(document.adoptNode(fresh));
    }
    for (const old of form.querySelectorAll("input[type=hidden]")) old.remove();
    for (const kept of page.querySelectorAll("form[data-search] input[type=hidden]")) input.after(document.adoptNode(kept));
    document.title = page.title;
    said.textContent = document.getElementById("results-title").textContent;
    return true;
  }

  /** Read a page and show it; an answer that comes after a later question is dropped. */
  async function ask(address) {
    if (asking) asking.abort();
    asking = new AbortController();
    const results = document.getElementById("results");
    results.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
      if (!answer.ok || !show(await answer.text())) location.assign(address);
    } catch (error) {
      if (error.name === "AbortError") return;
      results.removeAttribute("aria-busy");
    }
  }

  /** Search what is typed; the address follows, as one step back however many letters. */
  function search() {
    const address = addressOf();
    if (address === location.pathname + location.search) return;
    if (noted) history.replaceState({ searched: true }, "", address);
    else history.pushState({ searched: true }, "", address);
    noted = true;
    ask(address);
  }

  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(search, PAUSE);
  });
  input.addEventListener("change", () => { noted = false; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
    noted = false;
  });
  addEventListener("popstate", () => {
    input.value = new URLSearchParams(location.search).get("q") || "";
    noted = false;
    ask(location.pathname + location.search);
  });
})();
