// Files are sent one after the other as they are, then the work on them begins.

export function uploads() {
  const form = document.getElementById("upload");
  if (!form) return;
  const drop = document.getElementById("drop");
  const input = document.getElementById("files");
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
    take(form, [...input.files]);
  });
  form.querySelector("button").disabled = false; // pressed sooner, it would send the form nowhere
}

async function take(form, files) {
  const button = form.querySelector("button");
  const live = document.getElementById("live");
  button.disabled = true;
  live.textContent = form.dataset.sending;
  problem("");
  try {
    let work = "";
    let location = "";
    for (const file of files) {
      const query = new URLSearchParams({ name: file.name, work });
      const answer = await fetch(`${form.dataset.upload}?${query}`, { method: "POST", body: file });
      const said = await answer.json();
      if (said.problem) throw new Error(said.problem);
      ({ work, location } = said);
    }
    begin(location, new FormData(form));
  } catch (error) {
    problem(error instanceof SyntaxError || error instanceof TypeError ? form.dataset.failed : error.message);
    button.disabled = false;
  }
}

function begin(location, said) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${location}/begin`;
  for (const name of ["mode", "list"]) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = said.get(name) ?? "";
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

function problem(text) {
  const place = document.getElementById("upload-problem");
  place.textContent = text;
  place.hidden = !text;
}
