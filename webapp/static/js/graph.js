// Draws services as compounds of their modules and tables; filters, finds and explains.
const area = document.querySelector("[data-graph]");
const panel = document.querySelector("[data-panel]");
const status = document.querySelector("[data-graph-status]");
const tool = (name) => document.querySelector(`[data-${name}]`);
const TIES_SHOWN_AT_FIRST = 160; // the heaviest; the slider shows more

const data = await (await fetch(area.dataset.graph)).json();
const SHELVED = 8; // services; more are placed by what ties them
const CELL = { width: 112, height: 56 };
const names = new Map(data.services.map((service) => [service.id, service.name]));
const cy = cytoscape({
  container: area,
  elements: elements(data),
  style: style(),
  layout: { name: "preset" },
  minZoom: 0.05, maxZoom: 4, hideEdgesOnViewport: data.edges.length > 600, pixelRatio: 1, boxSelectionEnabled: false,
});
cy.fit(undefined, 30);
fillTools();
filter();
say();
document.addEventListener("themechange", () => cy.style(style()));
area.dataset.drawn = String(data.spots.length);

function elements({ services, spots, edges }) {
  const used = new Set(spots.map((spot) => spot.service));
  const position = packed(spots, edges);
  const heaviest = Math.max(1e-9, ...edges.map((edge) => edge.weight));
  return [
    ...services.filter((service) => used.has(service.id)).map((service) => ({
      data: { id: `s:${service.id}`, label: service.name, kind: "service", colour: service.colour }, classes: "service",
    })),
    ...spots.map((spot) => ({
      data: { ...spot, parent: `s:${spot.service}`, name: spot.label, label: short(spot), colour: services.find((s) => s.id === spot.service)?.colour ?? 0, diameter: diameter(spot) },
      position: position.get(spot.id), classes: `${spot.kind}${spot.split ? " split" : ""}`,
    })),
    ...edges.map((edge, number) => ({
      data: { ...edge, id: `e${number}`, width: 0.7 + 5 * Math.sqrt(edge.weight / heaviest), share: edge.weight / heaviest }, classes: edge.cut ? "cut" : "inside",
    })),
  ];
}

function short(spot) {
  return spot.kind === "table" ? spot.label : spot.label.split(".").slice(-2).join(".");
}

function diameter(spot) {
  return spot.kind === "table" ? 14 + Math.sqrt(spot.size) * 3 : 12 + Math.sqrt(spot.size) * 0.9;
}

// Each service a block of rows; blocks that are tied closely stand near each other.
function packed(spots, edges) {
  const groups = Map.groupBy ? Map.groupBy(spots, (spot) => spot.service) : group(spots);
  const blocks = new Map([...groups].map(([service, members]) => [service, block(members)]));
  const centres = blocks.size <= SHELVED ? shelves(blocks) : apart(blocks, drawnTogether(blocks, edges, new Map(spots.map((spot) => [spot.id, spot.service]))));
  const position = new Map();
  for (const [service, { sorted, columns, width, height }] of blocks) {
    const { x, y } = centres.get(service);
    sorted.forEach((spot, number) => position.set(spot.id, {
      x: x - width / 2 + 65 + (number % columns) * CELL.width, y: y - height / 2 + 55 + Math.floor(number / columns) * CELL.height,
    }));
  }
  return position;
}

// A few blocks, set in rows: nothing is closer to the eye.
function shelves(blocks) {
  const sorted = [...blocks].sort(([, a], [, b]) => b.height - a.height);
  const area = sorted.reduce((sum, [, { width, height }]) => sum + (width + 60) * (height + 70), 0);
  const row = Math.max(Math.sqrt(area * 2.4), ...sorted.map(([, { width }]) => width));
  const centres = new Map();
  let x = 0, y = 0, tall = 0;
  for (const [service, { width, height }] of sorted) {
    if (x && x + width > row) { x = 0; y += tall + 70; tall = 0; }
    centres.set(service, { x: x + width / 2, y: y + height / 2 });
    x += width + 60;
    tall = Math.max(tall, height);
  }
  return centres;
}

function block(members) {
  const sorted = [...members].sort((a, b) => (a.kind === b.kind ? b.size - a.size : a.kind === "table" ? -1 : 1));
  const columns = Math.ceil(Math.sqrt(sorted.length * 1.1));
  return { sorted, columns, width: columns * CELL.width + 52, height: Math.ceil(sorted.length / columns) * CELL.height + 48 };
}

function drawnTogether(blocks, edges, serviceOf) {
  const between = new Map();
  for (const edge of edges) {
    const [first, second] = [serviceOf.get(edge.source), serviceOf.get(edge.target)].sort();
    if (first !== second) between.set(`${first}\n${second}`, (between.get(`${first}\n${second}`) ?? 0) + edge.weight);
  }
  const services = cytoscape({
    headless: true, styleEnabled: true,
    style: [{ selector: "node", style: { shape: "rectangle", width: "data(width)", height: "data(height)" } }],
    elements: [
      ...[...blocks].map(([id, { width, height }]) => ({ data: { id, width, height } })),
      ...[...between].map(([pair, weight], number) => ({ data: { id: `tie ${number}`, source: pair.split("\n")[0], target: pair.split("\n")[1], weight } })),
    ],
  });
  const heaviest = Math.max(1e-9, ...between.values());
  services.layout({
    name: "fcose", animate: false, randomize: true, quality: "proof", numIter: 1500, nodeRepulsion: 60000, packComponents: false,
    idealEdgeLength: (edge) => 420 - 340 * Math.sqrt(edge.data("weight") / heaviest),
    edgeElasticity: (edge) => 0.02 + 0.4 * (edge.data("weight") / heaviest),
  }).run();
  const stretch = blocks.size > 12 ? 1.35 : 1; // the window is wider than high
  return new Map(services.nodes().map((node) => [node.id(), { x: node.position("x") * stretch, y: node.position("y") / stretch }]));
}

// Pushes blocks apart until none covers another.
function apart(blocks, centres) {
  const ids = [...blocks.keys()];
  for (let round = 0; round < 400; round += 1) {
    let moved = false;
    for (let i = 0; i < ids.length; i += 1) {
      for (let j = i + 1; j < ids.length; j += 1) {
        const a = centres.get(ids[i]), b = centres.get(ids[j]);
        const x = (blocks.get(ids[i]).width + blocks.get(ids[j]).width) / 2 + 34 - Math.abs(a.x - b.x);
        const y = (blocks.get(ids[i]).height + blocks.get(ids[j]).height) / 2 + 44 - Math.abs(a.y - b.y);
        if (x <= 0 || y <= 0) continue;
        moved = true;
        const axis = x < y ? "x" : "y", push = (Math.min(x, y) / 2 + 1) * (a[axis] < b[axis] ? 1 : -1);
        a[axis] -= push;
        b[axis] += push;
      }
    }
    if (!moved) break;
  }
  return centres;
}

function group(spots) {
  const groups = new Map();
  for (const spot of spots) groups.set(spot.service, [...(groups.get(spot.service) ?? []), spot]);
  return groups;
}

function byForces() {
  cy.layout({
    name: "fcose", animate: false, randomize: false, quality: "default", nodeSeparation: 60,
    idealEdgeLength: (edge) => (edge.hasClass("cut") ? 220 : 60), edgeElasticity: (edge) => (edge.hasClass("cut") ? 0.02 : 0.35),
    nodeRepulsion: 9000, gravityRangeCompound: 1.2, gravityCompound: 1.3, padding: 30,
  }).run();
}

function style() {
  const page = getComputedStyle(document.documentElement);
  const colour = (name) => page.getPropertyValue(name).trim();
  const hue = (element) => colour(`--s${element.data("colour")}`);
  return [
    { selector: "node[diameter]", style: { label: "data(label)", "font-family": "system-ui, sans-serif", "font-size": data.services.length <= SHELVED ? 13 : 9, color: colour("--ink"), "text-outline-color": colour("--surface"), "text-outline-width": 2, "text-valign": "bottom", "text-margin-y": 3, "text-wrap": "ellipsis", "text-max-width": 108, "min-zoomed-font-size": 4, width: "data(diameter)", height: "data(diameter)", "background-color": hue, "border-width": 0 } },
    { selector: "node.table", style: { shape: "round-rectangle", "font-weight": 600 } },
    { selector: "node.module", style: { "background-opacity": 0.55 } },
    { selector: "node.split", style: { "border-width": 2, "border-style": "dashed", "border-color": colour("--ink") } },
    { selector: "node.service", style: { label: "data(label)", "font-family": "system-ui, sans-serif", shape: "round-rectangle", "background-opacity": 0.08, "border-width": 1.5, "border-color": hue, "border-opacity": 0.6, "font-size": Math.max(20, Math.sqrt(data.spots.length) * 2), "font-weight": 700, "text-valign": "top", "text-margin-y": -6, padding: 22, color: hue, "min-zoomed-font-size": 5 } },
    { selector: "edge", style: { width: "data(width)", "curve-style": "haystack", "haystack-radius": 0.3, "line-color": colour("--line-strong"), opacity: 0.55 } },
    { selector: "edge.cut", style: { "line-color": colour("--bad"), opacity: 0.32 } },
    { selector: ".faint", style: { opacity: 0.12 } },
    { selector: "edge.near", style: { opacity: 0.9, "z-index": 9 } },
    { selector: "node:selected", style: { "border-width": 3, "border-style": "solid", "border-color": colour("--accent"), "font-size": 13, "z-index": 10 } },
    { selector: ".gone", style: { display: "none" } },
  ];
}

function fillTools() {
  for (const service of data.services) tool("service").append(new Option(service.name, service.id));
  tool("graph-tools").querySelector("datalist").append(...data.spots.map((spot) => new Option("", spot.label)));
  for (const name of ["service", "kind", "ties", "weight"]) tool(name).addEventListener("input", filter);
  tool("find").addEventListener("change", () => find(tool("find").value));
  tool("arrange").addEventListener("click", byForces);
  tool("weight").value = weightOfNth(TIES_SHOWN_AT_FIRST);
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => zoom(button.dataset.zoom));
  cy.on("tap", "node", (event) => choose(event.target));
  cy.on("tap", (event) => { if (event.target === cy) clear(); });
  area.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (steps[event.key]) cy.panBy({ x: steps[event.key][0], y: steps[event.key][1] });
    else if (event.key === "+") zoom("in");
    else if (event.key === "-") zoom("out");
    else if (event.key === "0") zoom("fit");
    else if (event.key === "Escape") clear();
    else return;
    event.preventDefault();
  });
}

// The slider's place at which the n heaviest cut ties are shown.
function weightOfNth(number) {
  const shares = cy.edges(".cut").map((edge) => edge.data("share")).sort((a, b) => b - a);
  return shares.length <= number ? 0 : Math.ceil(100 * Math.sqrt(shares[number]));
}

function filter() {
  const service = tool("service").value, kind = tool("kind").value, ties = tool("ties").value;
  const least = (Number(tool("weight").value) / 100) ** 2;
  cy.batch(() => {
    cy.nodes().not(".service").forEach((node) => {
      node.toggleClass("gone", Boolean((service && node.data("service") !== service) || (kind && node.data("kind") !== kind)));
    });
    cy.nodes(".service").forEach((node) => { node.toggleClass("gone", node.children().not(".gone").empty()); });
    cy.edges().forEach((edge) => {
      edge.toggleClass("gone", ties === "none" || (ties === "cut" && !edge.data("cut")) || edge.data("share") < least);
    });
  });
}

function find(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) { clear(); return; }
  const spots = cy.nodes().not(".service").not(".gone");
  const found = spots.filter((node) => node.data("name").toLowerCase() === wanted);
  const hit = found.nonempty() ? found : spots.filter((node) => node.data("name").toLowerCase().includes(wanted));
  if (hit.empty()) { panel.replaceChildren(say_in("p", `Nothing is called “${text}”.`, "hint")); return; }
  choose(hit[0]);
  cy.animate({ center: { eles: hit[0] }, zoom: Math.max(cy.zoom(), 1.1), duration: 250 });
}

function choose(node) {
  cy.elements().removeClass("near faint").unselect();
  node.select();
  const near = node.hasClass("service") ? node.children().connectedEdges(".cut") : node.connectedEdges();
  cy.batch(() => {
    cy.edges().not(near).addClass("faint");
    near.removeClass("gone").addClass("near");
  });
  explain(node, near);
}

function clear() {
  cy.elements().removeClass("near faint").unselect();
  filter();
  say();
}

function explain(node, near) {
  const rows = near.map((edge) => {
    const other = node.hasClass("service") ? (edge.source().data("parent") === node.id() ? edge.target() : edge.source()) : (edge.source().same(node) ? edge.target() : edge.source());
    return { edge, other };
  }).sort((a, b) => b.edge.data("weight") - a.edge.data("weight"));
  const parts = [say_in("h2", node.data("name") ?? node.data("label"))];
  if (!node.hasClass("service")) {
    parts.push(say_in("p", `${node.data("kind") === "table" ? "Table" : "Module"} in ${names.get(node.data("service")) ?? "no service"}${node.hasClass("split") ? "; to be split" : ""}`, "hint"));
    parts.push(links(node));
  }
  parts.push(say_in("h3", `${rows.length} tie${rows.length === 1 ? "" : "s"}`));
  const list = document.createElement("ul");
  list.className = "plain";
  for (const { edge, other } of rows.slice(0, 60)) {
    const item = document.createElement("li");
    const button = say_in("button", other.data("name"));
    button.type = "button";
    button.addEventListener("click", () => { choose(other); cy.animate({ center: { eles: other }, duration: 200 }); });
    const kinds = edge.data("kinds").map(([kind]) => kind.replaceAll("_", " ")).join(", ");
    item.append(button, say_in("span", `${kinds} ${edge.data("weight").toFixed(2)}`, edge.data("cut") ? "hint delta-worse" : "hint"));
    list.append(item);
  }
  parts.push(list);
  panel.replaceChildren(...parts);
}

function links(node) {
  const box = document.createElement("p");
  box.className = "row";
  const path = node.data("path").split("/").map(encodeURIComponent).join("/");
  const source = say_in("a", "Source");
  source.href = `${area.dataset.source.replace("PATH", path)}?line=${node.data("line")}#L${node.data("line")}`;
  box.append(source);
  if (node.data("kind") === "table") {
    const page = say_in("a", "Table");
    page.href = area.dataset.table.replace("TABLE", encodeURIComponent(node.data("name")));
    box.append(page);
  }
  return box;
}

function services() {
  const list = document.createElement("ul");
  list.className = "plain";
  for (const { id, name } of data.services) {
    const node = cy.getElementById(`s:${id}`);
    if (node.empty()) continue;
    const button = say_in("button", name);
    button.type = "button";
    button.addEventListener("click", () => { choose(node); cy.animate({ fit: { eles: node, padding: 60 }, duration: 250 }); });
    const tables = node.children(".table").length, modules = node.children(".module").length;
    const item = document.createElement("li");
    item.append(button, say_in("span", `${tables} table${tables === 1 ? "" : "s"}, ${modules} module${modules === 1 ? "" : "s"}`, "hint"));
    list.append(item);
  }
  return list;
}

function zoom(how) {
  if (how === "fit") { cy.animate({ fit: { eles: cy.elements(":visible"), padding: 30 }, duration: 200 }); return; }
  cy.zoom({ level: cy.zoom() * (how === "in" ? 1.3 : 1 / 1.3), renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
}

function say() {
  const { spots, edges } = data.left_out;
  const missing = [spots && `${spots.toLocaleString("en")} of the least coupled modules`, edges && `${edges.toLocaleString("en")} of the lightest ties`].filter(Boolean);
  status.textContent = missing.length ? `Not drawn: ${missing.join(" and ")}.` : "";
  panel.replaceChildren(
    say_in("p", "Choose a service, a module or a table to see what ties it. Circles are modules, squares are tables; a dashed rim marks a module that is to be split. Red ties cross a boundary.", "hint"),
    say_in("h2", "Services"), services(),
  );
}

function say_in(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}
