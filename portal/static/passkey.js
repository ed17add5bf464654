/* Passkeys: what the page asks (data-passkey) goes to the device, what the device answers goes into the form. */
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Return what the device is asked, with the bytes that JSON cannot hold. */
function readAsked(text) {
  const asked = JSON.parse(text);
  asked.challenge = toBytes(asked.challenge);
  if (asked.user) asked.user.id = toBytes(asked.user.id);
  for (const list of [asked.excludeCredentials, asked.allowCredentials])
    for (const one of list || []) one.id = toBytes(one.id);
  return asked;
}

/** Return what the device answered, as text. */
function writeAnswer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  const rawId = toText(credential.rawId);
  return JSON.stringify({ id: rawId, rawId, type: credential.type, clientExtensionResults: {}, response });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    const publicKey = readAsked(form.dataset.passkey);
    const wrong = form.querySelector("[data-wrong]");
    wrong.hidden = true;
    try {
      const credential = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
      form.elements.answer.value = writeAnswer(credential);
      form.submit();
    } catch {
      wrong.hidden = false;
    }
  });
}
