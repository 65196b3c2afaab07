// News of the work of this page: progress is drawn, another state is fetched and put in its place.

let source = null;
let told = 0;

export function watch() {
  const work = document.querySelector("[data-events]");
  source?.close();
  source = null;
  if (!work) return;
  const query = new URLSearchParams({ version: work.dataset.version, face: work.dataset.face });
  source = new EventSource(`${work.dataset.events}?${query}`);
  source.addEventListener("error", () => dispatchEvent(new Event("silence")));
  source.addEventListener("progress", (event) => draw(JSON.parse(event.data)));
  source.addEventListener("changed", () => {
    source.close();
    swap();
  });
}

function draw(news) {
  const bar = document.getElementById("bar");
  if (!bar) return;
  document.getElementById("stage").textContent = news.stage;
  document.getElementById("left").textContent = news.text;
  if (news.total && news.text) {
    bar.max = news.total;
    bar.value = news.done;
  } else {
    bar.removeAttribute("value");
  }
  // Read out now and then, not at each change.
  if (Date.now() - told > 15_000) {
    told = Date.now();
    announce([news.stage, news.text].filter(Boolean).join(". "));
  }
}

async function swap() {
  let focused;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    focused = next.querySelector("#main [autofocus]");
    focused?.removeAttribute("autofocus"); // the browser would do it for a page that is loaded, and complains here
    document.getElementById("main").replaceWith(document.adoptNode(next.getElementById("main")));
    document.title = next.title;
  } catch {
    setTimeout(swap, 2_000);
    return;
  }
  look();
  (focused ?? document.querySelector("main h1"))?.focus({ preventScroll: true });
  scrollTo({ top: 0 });
  announce(document.querySelector("main h1")?.textContent ?? "");
  watch();
}

// In a narrow window the column with the numbers is brought into sight.
export function look() {
  for (const sheet of document.querySelectorAll(".sheet")) {
    const phone = sheet.querySelector("th.phone");
    if (phone && phone.offsetLeft + phone.offsetWidth > sheet.clientWidth) sheet.scrollLeft = phone.offsetLeft - 60;
  }
}

function announce(text) {
  document.getElementById("live").textContent = text;
}
