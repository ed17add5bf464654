/* Uploads that survive a cut connection (tus 1.0). Without this script the form sends its files the plain way. */
"use strict";

const SLICE = 8 * 1024 * 1024;
const WAITS = [1, 2, 4, 8, 15, 30, 30, 30];
const VERSION = { "Tus-Resumable": "1.0.0" };
const SAID = {
  fr: {
    sending: (name, share, bytes) => `${name} : ${share} % envoyés (${bytes})`,
    waiting: (name) => `${name} : connexion coupée, nouvel essai…`,
    done: (name) => `${name} : reçu`,
    stopped: (name) => `${name} : envoi annulé`,
    refused: (name, why) => `${name} : refusé par le portail (${why})`,
    lost: (name) => `${name} : la connexion ne revient pas. Renvoyez le même fichier plus tard : il reprendra où il en était.`,
    large: (name) => `${name} : fichier trop gros pour ce portail`,
    cancel: "Annuler", cancelOf: "Annuler l’envoi de ", see: "Voir ce qui a été compris",
  },
  en: {
    sending: (name, share, bytes) => `${name}: ${share}% sent (${bytes})`,
    waiting: (name) => `${name}: the connection was cut, trying again…`,
    done: (name) => `${name}: received`,
    stopped: (name) => `${name}: upload cancelled`,
    refused: (name, why) => `${name}: refused by the portal (${why})`,
    lost: (name) => `${name}: the connection does not come back. Send the same file later: it goes on where it stopped.`,
    large: (name) => `${name}: too large for this portal`,
    cancel: "Cancel", cancelOf: "Cancel the upload of ", see: "See what was understood",
  },
}[document.documentElement.lang];

/** The end of an upload that is not worth another try. */
class Refusal extends Error {}

/** Send one request; `tell` hears how many bytes have left. The answer comes whatever its status; a cut rejects. */
function send(upload, method, address, headers, body = null, tell = null) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.open(method, address);
    for (const [name, value] of Object.entries({ ...VERSION, ...headers })) request.setRequestHeader(name, value);
    if (tell) request.upload.addEventListener("progress", (event) => tell(event.loaded));
    request.addEventListener("load", () => resolve(request));
    for (const event of ["error", "timeout", "abort"]) request.addEventListener(event, () => reject(new Error(event)));
    request.send(body);
  });
}

/** Text as Base64 of its UTF-8. */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The checksum of a slice, where the browser can make one. */
async function checksum(slice) {
  if (!window.crypto || !crypto.subtle) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await slice.arrayBuffer()));
  return { "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...digest))}` };
}

/** Bytes in the reader's units. */
function size(bytes) {
  const units = document.documentElement.lang === "fr" ? ["o", "ko", "Mo", "Go"] : ["B", "kB", "MB", "GB"];
  const rank = Math.min(3, Math.max(0, Math.floor(Math.log10(bytes || 1) / 3)));
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  return `${number.format(bytes / 1000 ** rank)} ${units[rank]}`;
}

/** One file on its way: its line on the page, its address on the server, how far it is. */
class Upload {
  constructor(form, file) {
    this.form = form;
    this.file = file;
    this.key = ["upload", file.name, file.size, file.lastModified, form.dataset.dataset || ""].join("|");
    this.cancelled = false;
    this.told = -1;
    this.line = document.createElement("li");
    this.words = document.createElement("p");
    this.bar = document.createElement("progress");
    this.bar.max = file.size || 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name);
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "button-quiet";
    this.button.textContent = SAID.cancel;
    this.button.setAttribute("aria-label", SAID.cancelOf + file.name);
    this.button.addEventListener("click", () => this.cancel());
    this.line.append(this.words, this.bar, this.button);
  }

  /** Say where it is, on its line; aloud too, now and then. */
  say(text, aloud) {
    this.words.textContent = text;
    if (aloud) document.querySelector("[data-told]").textContent = text;
  }

  tell(offset) {
    const share = this.file.size ? Math.floor((100 * offset) / this.file.size) : 100;
    this.bar.value = offset;
    this.say(SAID.sending(this.file.name, share, size(offset)), Math.floor(share / 10) > this.told);
    this.told = Math.max(this.told, Math.floor(share / 10));
  }

  async cancel() {
    this.cancelled = true;
    if (this.request) this.request.abort();
    const address = localStorage.getItem(this.key);
    localStorage.removeItem(this.key);
    this.button.remove();
    this.say(SAID.stopped(this.file.name), true);
    if (address) await send(this, "DELETE", address, {}).catch(() => null);
  }

  /** Find the upload that was cut, or begin one; return how many bytes have arrived. */
  async open() {
    const known = localStorage.getItem(this.key);
    if (known) {
      const answer = await send(this, "HEAD", known, {});
      if (answer.status === 200) return this.read(answer);
      localStorage.removeItem(this.key);
    }
    let told = `filename ${base64(this.file.name)}`;
    if (this.form.dataset.dataset) told += `,dataset ${base64(this.form.dataset.dataset)}`;
    const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": told };
    const answer = await send(this, "POST", this.form.dataset.upload, headers);
    if (answer.status !== 201) throw new Refusal(this.why(answer));
    localStorage.setItem(this.key, answer.getResponseHeader("Location"));
    return this.read(answer);
  }

  read(answer) {
    this.draft = answer.getResponseHeader("Portal-Draft");
    return Number(answer.getResponseHeader("Upload-Offset"));
  }

  why(answer) {
    const heading = new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("main p");
    return heading ? heading.textContent.trim() : String(answer.status);
  }

  /** Send the slices one after the other; each must be told received before the next. */
  async sendFrom(offset) {
    const address = localStorage.getItem(this.key);
    while (offset < this.file.size) {
      this.tell(offset);
      const slice = this.file.slice(offset, offset + SLICE);
      const headers = {
        "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...(await checksum(slice)),
      };
      const answer = await send(this, "PATCH", address, headers, slice, (sent) => this.tell(offset + Math.min(sent, slice.size)));
      if (![204, 409, 423, 460].includes(answer.status)) throw new Refusal(this.why(answer));
      if (answer.status !== 204) throw new Error(String(answer.status));
      offset = this.read(answer);
      this.tries = 0;
    }
  }

  /** Send the whole file, trying again after each cut; return the address of its draft, null when it stopped. */
  async run() {
    if (this.file.size > Number(this.form.dataset.most)) return this.stop(SAID.large(this.file.name));
    this.tries = 0;
    while (!this.cancelled) {
      try {
        await this.sendFrom(await this.open());
        localStorage.removeItem(this.key);
        this.bar.value = this.bar.max;
        this.button.remove();
        this.say(SAID.done(this.file.name), true);
        return this.draft;
      } catch (error) {
        if (this.cancelled) return null;
        if (error instanceof Refusal) return this.stop(SAID.refused(this.file.name, error.message));
        if (this.tries >= WAITS.length) return this.stop(SAID.lost(this.file.name));
        this.say(SAID.waiting(this.file.name), true);
        await new Promise((resolve) => { setTimeout(resolve, 1000 * WAITS[this.tries]); });
        this.tries += 1;
      }
    }
    return null;
  }

  stop(text) {
    this.button.remove();
    this.say(text, true);
    return null;
  }
}

/** Send the files of the form, two at a time; go to the only draft, or show a link to each. */
async function sendFiles(form) {
  const list = document.querySelector("[data-uploads]");
  const uploads = [...form.elements.file.files].map((file) => new Upload(form, file));
  list.hidden = false;
  list.append(...uploads.map((upload) => upload.line));
  form.reset();
  const waiting = [...uploads];
  const work = async () => {
    for (let upload = waiting.shift(); upload; upload = waiting.shift()) {
      if (!(await upload.run())) continue;
      if (uploads.length === 1) location.assign(upload.draft);
      const link = document.createElement("a");
      link.href = upload.draft;
      link.textContent = SAID.see;
      upload.line.append(link);
    }
  };
  await Promise.all([work(), work()]);
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    if (!form.elements.file.files.length) return;
    event.preventDefault();
    sendFiles(form);
  });
}
