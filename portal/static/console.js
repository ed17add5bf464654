/* The console of the API: the address follows the form, the answer comes below it. Without this script the form is
   sent as any other, and the browser shows the answer. */
"use strict";

const SHOWN_BYTES = 200_000;
const NAMED_IN_ERRORS = [/error\(s\): (\w+)/, /en cause : (\w+)/, /for (\w+) API parameter/, /le paramètre (\w+)/];

const form = document.getElementById("call");
const link = document.getElementById("address");
const answer = document.getElementById("answer");
const statusLine = document.getElementById("answer-status");
const headerList = document.getElementById("answer-headers");
const body = document.getElementById("answer-body");
const words = document.getElementById("words").dataset;
let sending = new AbortController();

/** Fill the blanks of a text: fill("{a} b", { a: 1 }) is "1 b". */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (blank, name) => values[name] ?? blank);
}

/** The query that the form makes: fields left empty are left out, and those named in `without`. */
function readQuery(without = []) {
  const filled = [...form.elements].filter((field) => field.name && field.value !== "" && !without.includes(field.name));
  return new URLSearchParams(filled.map((field) => [field.name, field.value])).toString();
}

/** A path with a query, if there is any. */
function join(path, ...queries) {
  const query = queries.filter(Boolean).join("&");
  return query ? `${path}?${query}` : path;
}

/** The path and the query that the form makes. */
function readAddress() {
  return join(form.getAttribute("action"), readQuery());
}

/** Show the address, and the programs that call it; those that read a whole file leave the limit of a page out. */
function showAddress() {
  const path = readAddress();
  link.href = path;
  link.firstElementChild.textContent = form.dataset.root + path;
  for (const code of document.querySelectorAll("[data-program]")) {
    const { program, path: own = form.getAttribute("action"), extra = "" } = code.dataset;
    const address = form.dataset.root + join(own, readQuery(own === form.getAttribute("action") ? [] : ["limit"]), extra);
    code.textContent = fill(program, { address });
  }
}

/** Indent JSON as text, so that every number stays as it was sent and a beginning alone can be shown. */
function indent(text) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return text.replace(/"(?:[^"\\]|\\.)*"?|[{[]\s*[}\]]|[{}[\],:]|\s+/g, (token) => {
    if (token === "{" || token === "[") { depth += 1; return token + line(); }
    if (token === "}" || token === "]") { depth = Math.max(0, depth - 1); return line() + token; }
    if (token === ",") return token + line();
    if (token === ":") return ": ";
    return token.trim() && token;
  });
}

/** Read at most SHOWN_BYTES of an answer; the rest is not even received. */
async function readBeginning(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), size, whole: true };
    size += value.length;
    text += decoder.decode(value, { stream: true });
    if (size >= SHOWN_BYTES) {
      await reader.cancel();
      return { text: text.slice(0, SHOWN_BYTES), size, whole: false };
    }
  }
}

/** A notice of the page, of a kind of the style sheet: info, warning, error. */
function notice(text, kind) {
  const box = document.createElement("div");
  box.className = `notice notice-${kind}`;
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  return box;
}

/** Show the headers that the browser lets be read. */
function showHeaders(response) {
  headerList.replaceChildren(...[...response.headers].map(([name, value]) => {
    const row = document.createElement("div");
    row.append(
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    );
    return row;
  }));
}

/** Say what is wrong, beside the field that the message names too. */
function showError(text) {
  let message = text;
  try { message = JSON.parse(text).message; } catch { /* not the body of the API: shown as it is */ }
  statusLine.append(notice(message, "error"));
  const named = NAMED_IN_ERRORS.map((pattern) => message.match(pattern)).find(Boolean);
  const field = named && document.getElementById(`field-${named[1]}`);
  if (!field) return false;
  const wrong = Object.assign(document.createElement("p"), { id: "wrong", className: "wrong", textContent: message });
  field.before(wrong);
  field.closest("details")?.setAttribute("open", "");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${field.id}-help wrong`);
  field.focus();
  return true;
}

/** Forget what was wrong. */
function forgetError() {
  document.getElementById("wrong")?.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", `${field.id}-help`);
  }
}

/** Show an answer: its status, its headers, the beginning of its text. */
async function showAnswer(response, started) {
  const type = response.headers.get("Content-Type") ?? "";
  const readable = /json|text|xml|csv|turtle/.test(type) && !/gzip|zip/.test(type);
  const { text, size, whole } = readable ? await readBeginning(response) : { text: "", size: 0, whole: true };
  if (!readable) await response.body?.cancel();
  const unit = { unit: "byte", style: "unit", unitDisplay: "long" };
  const told = new Intl.NumberFormat(document.documentElement.lang, unit).format(size);
  const values = { status: `${response.status} ${response.statusText}`.trim(), size: whole ? told : `${told}…`, time: Math.round(performance.now() - started) };
  statusLine.replaceChildren(Object.assign(document.createElement("p"), { textContent: fill(words.sent, values) }));
  showHeaders(response);
  if (!readable) statusLine.append(notice(words.file, "info"));
  if (!whole) statusLine.append(notice(words.cut, "info"));
  body.hidden = !readable;
  body.textContent = /json/.test(type) && !/jsonl/.test(type) ? indent(text) : text;
  if (response.ok || !showError(text)) answer.focus();
}

/** Send the call that the form makes, in place of the one still on its way. */
async function send() {
  sending.abort();
  sending = new AbortController();
  forgetError();
  answer.hidden = false;
  answer.setAttribute("aria-busy", "true");
  statusLine.textContent = words.sending;
  const started = performance.now();
  try {
    await showAnswer(await fetch(readAddress(), { signal: sending.signal }), started);
  } catch (error) {
    if (error.name === "AbortError") return;
    statusLine.replaceChildren(notice(words.failed, "error"));
    body.hidden = true;
  }
  answer.removeAttribute("aria-busy");
}

/** Let a field that may be repeated have another value. */
function offerAnother(field) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button-quiet", textContent: words.more });
  button.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
  button.addEventListener("click", () => {
    const another = field.cloneNode();
    another.removeAttribute("id");
    another.value = "";
    another.setAttribute("aria-label", fill(words.another, { name: field.name }));
    button.before(another);
    another.focus();
  });
  field.after(button);
}

/** Complete the last word of a clause with the names of the fields: a list of choices replaces the whole text. */
function completeFields(list) {
  const names = [...list.options].map((option) => [option.value, option.label]);
  form.addEventListener("input", ({ target }) => {
    if (target.list !== list) return;
    const before = target.value.replace(/[\p{L}\p{N}_]*$/u, "");
    list.replaceChildren(...names.map(([name, label]) => new Option(label, before + name)));
  });
}

form.querySelectorAll("[data-many]").forEach(offerAnother);
document.querySelectorAll("#fields").forEach(completeFields);
form.addEventListener("input", showAddress);
form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
showAddress();
