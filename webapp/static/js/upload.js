// Sends the form with a progress bar, and shows what is wrong without losing the page.
for (const form of document.querySelectorAll("[data-source-form]")) enhance(form);

function enhance(form) {
  const file = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) file.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const request = new XMLHttpRequest();
  const button = form.querySelector("button");
  const box = form.querySelector("[data-upload]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-upload-text]");
  const started = performance.now();
  show(form, []);
  button.disabled = true;
  box.hidden = false;
  bar.removeAttribute("value");
  text.textContent = "Sending";
  request.upload.addEventListener("progress", (event) => {
    const seconds = (performance.now() - started) / 1000;
    bar.value = (100 * event.loaded) / event.total;
    text.textContent = `${megabytes(event.loaded)} of ${megabytes(event.total)}, ${megabytes(event.loaded / seconds)}/s`;
  });
  request.upload.addEventListener("load", () => { text.textContent = "Checking the archive"; });
  request.addEventListener("loadend", () => {
    const answer = request.response ?? {};
    if (answer.next) { location.assign(answer.next); return; }
    button.disabled = false;
    box.hidden = true;
    show(form, answer.errors ?? [complaint(request.status)]);
  });
  request.responseType = "json";
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(new FormData(form));
}

function show(form, errors) {
  const box = form.querySelector("[data-errors]");
  box.hidden = errors.length === 0;
  box.replaceChildren(...errors.map((error) => Object.assign(document.createElement("p"), { textContent: error })));
}

function complaint(status) {
  if (status === 413) return "The archive is larger than this server takes.";
  if (status === 0) return "The connection was lost. Send it again.";
  return `The server answered with an error (${status}).`;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
