// What a page does beyond showing: taking files in, news of the work, saying that it is open. No texts stand here.
import { look, watch } from "./watching.js";
import { uploads } from "./upload.js";

const base = document.body.dataset.base;
const page = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");
const HERE_EVERY = 20_000;
const LOST_AFTER = 3;

function say(what) {
  navigator.sendBeacon(`${base}/page/${what}`, new URLSearchParams({ page }));
}

let missed = 0;
let again = 0;
async function here() {
  clearTimeout(again);
  try {
    const answer = await fetch(`${base}/page/here`, { method: "POST", body: new URLSearchParams({ page }) });
    missed = answer.ok ? 0 : missed + 1;
  } catch {
    missed += 1;
  }
  document.getElementById("lost").hidden = missed < LOST_AFTER;
  again = setTimeout(here, missed ? 1_000 : HERE_EVERY);
}

addEventListener("silence", here); // news of a run broke off: is anybody there?
addEventListener("pagehide", () => say("gone"));
addEventListener("pageshow", (event) => event.persisted && say("here"));

// A suggestion goes into the field that it is for.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const field = document.getElementById(button.dataset.fill);
  field.value = button.textContent.trim();
  field.focus();
});

// "Previous" of a table of several pages says its own page.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-to]");
  if (button) button.form.elements.to.value = button.dataset.to;
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
  } else if (form.method === "post") {
    form.dataset.sent = "yes";
  }
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent));

here();
look();
uploads();
watch();
