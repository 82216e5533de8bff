"use strict";
// Draws every figure of the page once it comes near the window. What each shows lies beside it as JSON; colours are the
// names of the style sheet's variables and are looked up when a figure is drawn, and again for another colour scheme.
(function () {
  const root = document.documentElement;
  const charts = Array.from(document.querySelectorAll(".chart"));
  const drawn = new Set();
  const MARGIN_PX = 500;
  root.classList.add("js");

  function coloured(value, style) {
    if (typeof value === "string" && value.startsWith("var(--")) return style.getPropertyValue(value.slice(4, -1)).trim();
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
  }

  function draw(chart) {
    drawn.add(chart);
    try {
      const figure = coloured(JSON.parse(chart.nextElementSibling.textContent), getComputedStyle(root));
      const config = { displayModeBar: false, responsive: false, showTips: false, typesetMath: false };
      Plotly.react(chart, figure.data, { ...figure.layout, width: chart.clientWidth, autosize: false }, config);
    } catch (error) {
      chart.textContent = "This chart could not be drawn: " + error.message;
      chart.classList.add("failed");
      console.error(error);
    }
  }

  const nearby = new IntersectionObserver(
    (entries) => entries.filter((e) => e.isIntersecting && !drawn.has(e.target)).forEach((e) => draw(e.target)),
    { rootMargin: MARGIN_PX + "px" }
  );
  charts.forEach((chart) => nearby.observe(chart));
  if (location.hash === "#all") charts.forEach(draw);

  const widths = new ResizeObserver((entries) => {
    if (root.classList.contains("printing")) return;
    for (const { target } of entries) {
      const layout = target.layout;
      if (drawn.has(target) && layout && target.clientWidth && layout.width !== target.clientWidth) draw(target);
    }
  });
  charts.forEach((chart) => widths.observe(chart));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(draw));

  let folded = [];
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    folded.forEach((details) => (details.open = true));
    charts.forEach(draw);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    folded.forEach((details) => (details.open = false));
    charts.forEach(draw);
  });
})();
