// Offers names while one types.
const form = document.querySelector("[data-move]");
const input = form.elements.node;
const list = document.getElementById("nodes");
let timer = 0;
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(offer, 150);
});

async function offer() {
  if (input.value.trim().length < 2) return;
  const response = await fetch(`${form.dataset.nodes}?${new URLSearchParams({ q: input.value })}`);
  if (response.ok) list.replaceChildren(...(await response.json()).nodes.map((node) => new Option(node, node)));
}
