"use strict";
(() => {
  const ROWS = 50;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const themed = () => ({
    "font.color": token("--ink"),
    "font.family": getComputedStyle(document.body).fontFamily,
    "xaxis.gridcolor": token("--rule"), "yaxis.gridcolor": token("--rule"),
    "xaxis.zerolinecolor": token("--rule"), "yaxis.zerolinecolor": token("--rule"),
    "hoverlabel.bgcolor": token("--sheet"), "hoverlabel.font.color": token("--ink"),
    "hoverlabel.bordercolor": token("--rule"),
  });

  const draw = (plot) => {
    const figure = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
    const config = { responsive: true, displaylogo: false, scrollZoom: plot.dataset.zoom === "yes",
      modeBarButtonsToRemove: ["select2d", "lasso2d"] };
    plot.style.height = `${figure.layout.height}px`;
    Plotly.newPlot(plot, figure.data, figure.layout, config)
      .then(() => Plotly.relayout(plot, themed()));
  };

  const plots = [...document.querySelectorAll(".plot")];
  const next = () => {
    const plot = plots.find((one) => !one.dataset.drawn);
    if (!plot) return;
    plot.dataset.drawn = "yes";
    draw(plot);
    setTimeout(next, 0);
  };
  next();
  dark.addEventListener("change", () => plots.forEach((plot) => Plotly.relayout(plot, themed())));

  // Long tables show a page at a time and can be searched.
  const paged = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= ROWS) return;
    let found = rows, page = 0;
    const bar = document.createElement("div");
    bar.className = "pager";
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Search these rows";
    search.setAttribute("aria-label", "Search the rows of this table");
    const back = document.createElement("button");
    back.textContent = "Previous";
    const forth = document.createElement("button");
    forth.textContent = "Next";
    const where = document.createElement("span");
    where.setAttribute("role", "status");
    bar.append(search, back, forth, where);
    (table.closest(".scroll") || table).before(bar);
    const show = () => {
      const pages = Math.max(1, Math.ceil(found.length / ROWS));
      page = Math.min(Math.max(page, 0), pages - 1);
      const visible = new Set(found.slice(page * ROWS, (page + 1) * ROWS));
      rows.forEach((row) => { row.hidden = !visible.has(row); });
      const first = found.length ? page * ROWS + 1 : 0;
      where.textContent = `${first}–${Math.min((page + 1) * ROWS, found.length)} of ${found.length}`;
      back.disabled = page === 0;
      forth.disabled = page === pages - 1;
    };
    search.addEventListener("input", () => {
      const wanted = search.value.toLowerCase();
      found = wanted ? rows.filter((row) => row.textContent.toLowerCase().includes(wanted)) : rows;
      page = 0;
      show();
    });
    back.addEventListener("click", () => { page -= 1; show(); });
    forth.addEventListener("click", () => { page += 1; show(); });
    show();
  };
  document.querySelectorAll("table[data-paged]").forEach(paged);

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  const cards = (open) => document.querySelectorAll("details.card").forEach((card) => { card.open = open; });
  document.getElementById("open-all").addEventListener("click", () => cards(true));
  document.getElementById("close-all").addEventListener("click", () => cards(false));
})();
