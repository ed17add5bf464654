/* The page of a job: its progress, told as it goes; the page is read anew when the job ends. */
"use strict";

const bar = document.querySelector("[data-progress]");
const told = document.querySelector("[data-told]"); // the step, said aloud when it changes
const said = document.querySelector("[data-said]"); // what is done of it, for the eyes alone: it changes every second

/** Ask how far the job is, every second. */
async function follow() {
  try {
    const answer = await fetch(bar.dataset.progress, { cache: "no-store" });
    const found = await answer.json();
    if (!found.busy || found.lost) return location.reload();
    bar.max = found.max;
    bar.value = found.value;
    said.textContent = found.said;
    if (told.textContent !== found.text) told.textContent = found.text;
  } catch {
    // The network is away: ask again.
  }
  setTimeout(follow, 1000);
}

follow();
