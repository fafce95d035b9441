// Asks again and again how far the analysis is, and opens the report when there is one.
const card = document.querySelector("[data-progress]");
const PAUSE = 1000;
if (card) ask();

async function ask() {
  try {
    const response = await fetch(card.dataset.progress, { headers: { Accept: "application/json" } });
    if (response.ok) {
      const run = await response.json();
      show(run);
      if (run.over) { location.reload(); return; }
    }
  } catch { /* the server restarts: ask again */ }
  setTimeout(ask, PAUSE);
}

function show(run) {
  const state = document.querySelector("[data-state]");
  state.textContent = run.state;
  state.className = `state ${run.state}`;
  const waiting = card.querySelector("[data-waiting]");
  waiting.hidden = run.state !== "waiting";
  waiting.textContent = run.ahead ? `Waiting for a worker; ${run.ahead} before this one.` : "Waiting for a worker.";
  for (const stage of run.stages) {
    const item = card.querySelector(`[data-stage="${CSS.escape(stage.name)}"]`);
    if (!item) continue;
    item.className = `stage ${stage.state}`;
    const bar = item.querySelector("progress");
    if (stage.state === "running" && !stage.total) bar.removeAttribute("value");
    else bar.value = stage.percent;
    item.querySelector("[data-text]").textContent = words(stage);
  }
}

function words(stage) {
  if (stage.state === "waiting") return "";
  if (stage.state === "done") return `${seconds(stage.seconds)}`;
  const parts = [];
  if (stage.total) parts.push(`${stage.done.toLocaleString("en")} of ${stage.total.toLocaleString("en")}`);
  if (stage.total && stage.rate) parts.push(`${stage.rate < 10 ? stage.rate.toFixed(1) : Math.round(stage.rate)}/s`);
  if (stage.seconds_left !== null) parts.push(`${seconds(stage.seconds_left)} left`);
  if (!parts.length) parts.push(seconds(stage.seconds));
  return parts.join(" · ");
}

function seconds(value) {
  if (value < 10) return `${value.toFixed(1)} s`;
  return value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
}
