// Light or dark: what the person chose here, else what their system says. Runs before the page is drawn.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("seamline-theme"); } catch { return null; }
  };
  const apply = () => {
    root.dataset.theme = chosen() ?? (system.matches ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("themechange"));
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    try { localStorage.setItem("seamline-theme", root.dataset.theme === "dark" ? "light" : "dark"); } catch { /* private mode */ }
    apply();
  });
})();
