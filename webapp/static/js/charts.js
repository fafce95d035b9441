// Fetches each chart's figure and draws it in the page's colours.
const charts = [...document.querySelectorAll("[data-chart]")];
const figures = new Map();

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    watcher.unobserve(entry.target);
    load(entry.target);
  }
}, { rootMargin: "300px" });
for (const chart of charts) watcher.observe(chart);
document.addEventListener("themechange", () => figures.forEach((figure, chart) => draw(chart, figure)));

async function load(chart) {
  const box = chart.querySelector(".plot");
  try {
    const response = await fetch(chart.dataset.chart);
    if (!response.ok) throw new Error(response.status);
    figures.set(chart, await response.json());
    box.replaceChildren();
    draw(chart, figures.get(chart));
  } catch {
    box.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: "This chart could not be drawn." }));
  }
}

function draw(chart, figure) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--line"), linecolor: colour("--line-strong"), automargin: true };
  const layout = {
    ...figure.layout, autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: style.getPropertyValue("--sans"), size: 12.5, color: colour("--ink") },
  };
  for (const key of Object.keys(layout)) if (/^[xy]axis\d*$/.test(key)) layout[key] = { ...layout[key], ...axis };
  delete layout.template;
  layout.legend = { ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" };
  Plotly.react(chart.querySelector(".plot"), figure.data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
}
