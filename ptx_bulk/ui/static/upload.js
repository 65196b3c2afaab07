// Files are sent one after the other as they are, then the work on them begins.

export function uploads() {
  for (const form of document.querySelectorAll("form.upload")) ready(form);
}

function ready(form) {
  const drop = form.querySelector(".drop");
  const input = drop.querySelector("input[type=file]");
  // Wherever on the page a file is dropped, it is meant for this place; the browser must not open it.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    take(form);
  });
  form.querySelector(".acts button").disabled = false; // pressed sooner, it would send the form nowhere
}

async function take(form) {
  const button = form.querySelector(".acts button");
  const live = document.getElementById("live");
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  live.textContent = form.dataset.sending;
  problem(form, "");
  try {
    let work = "";
    let location = "";
    for (const input of form.querySelectorAll("input[type=file]")) {
      for (const file of input.files) {
        const { kind, account } = form.dataset;
        const query = new URLSearchParams({ name: file.name, work, kind, account, role: input.dataset.role ?? "" });
        const answer = await fetch(`${form.dataset.upload}?${query}`, { method: "POST", body: file });
        const said = await answer.json();
        if (said.problem) throw new Error(said.problem);
        ({ work, location } = said);
      }
    }
    begin(location, new FormData(form));
  } catch (error) {
    problem(form, error instanceof SyntaxError || error instanceof TypeError ? form.dataset.failed : error.message);
    button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

function begin(location, said) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${location}/begin`;
  for (const [name, value] of said) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

function problem(form, text) {
  const place = form.querySelector(".upload-problem");
  place.textContent = text;
  place.hidden = !text;
}
