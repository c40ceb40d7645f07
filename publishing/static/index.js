"use strict";
/* Search, filters and sort over the index. Everything is also there without this script: the lists by band, kind and
   letter. Text from records is only ever set as text. */
(function () {
  const form = document.getElementById("filters");
  const body = document.getElementById("rows");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const paged = document.getElementById("paged");
  if (!form || !body || !window.fetch) return;
  const STEP = 100;
  const FILTERS = ["band", "kind", "touches", "risks", "advice", "marks"];
  const NS = "http://www.w3.org/2000/svg";
  let all = [], found = [], shown = 0, kinds = {};

  function element(name, attributes, text) {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function shape(name, attributes) {
    const made = document.createElementNS(NS, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    return made;
  }
  function reach(kind, low, high, y, height) {
    return shape("rect", { "class": kind, x: low * 10 + "%", y: y, width: Math.max((high - low) * 10, 1) + "%", height: height, rx: "2" });
  }
  function bar(a) {
    const svg = shape("svg", { "class": "bar", width: "100%", height: "14", "aria-hidden": "true" });
    svg.append(shape("rect", { "class": "track", x: "0", y: "5", width: "100%", height: "4", rx: "2" }));
    svg.append(reach("reach", a.low, a.high, "3", "8"));
    if (a.likely_low !== null) svg.append(reach("likely", a.likely_low, a.likely_high, "5", "4"));
    if (a.score !== null) svg.append(shape("circle", { "class": "dot " + a.band.toLowerCase(), cx: a.score * 10 + "%", cy: "7", r: "5" }));
    return svg;
  }
  function row(a) {
    const tr = element("tr", {});
    const name = element("th", { scope: "row" });
    const link = element("a", { href: "agents/" + a.slug + ".html" });
    link.append(element("bdi", {}, a.name));
    name.append(link);
    for (const mark of a.marks) name.append(" ", element("span", { "class": "tag" }, mark));
    const reason = element("span", { "class": "rule" });
    reason.append(element("bdi", {}, a.reason));
    name.append(reason);
    const score = element("td", { "class": "n" }, a.score === null ? "–" : a.score.toFixed(1));
    const band = element("td", { "class": "b" });
    band.append(element("span", { "class": "band " + (a.band || "none").toLowerCase() }, a.band || "withheld"));
    if (a.advice) band.append(" ", element("span", { "class": "advice " + a.advice }, a.advice));
    const wide = element("td", { "class": "wide" });
    wide.append(bar(a));
    const kind = element("td", { "class": "k quiet" }, kinds[a.kind] || a.kind);
    tr.append(name, kind, score, band, wide, element("td", { "class": "d" }, a.modified.slice(0, 10)));
    return tr;
  }
  function extend() {
    const part = document.createDocumentFragment();
    for (const a of found.slice(shown, shown + STEP)) part.append(row(a));
    shown = Math.min(shown + STEP, found.length);
    body.append(part);
    more.hidden = shown >= found.length;
  }
  const bySlug = (a, b) => (a.slug < b.slug ? -1 : 1);
  const width = (a) => (a.likely_low === null ? 11 : a.likely_high - a.likely_low);
  const littleLast = (order) => (a, b) => a.too_little - b.too_little || order(a, b) || bySlug(a, b);
  const orders = {
    score: littleLast((a, b) => b.score - a.score),
    safest: littleLast((a, b) => a.high - b.high || a.unknowns - b.unknowns),
    firm: littleLast((a, b) => b.firm - a.firm || width(a) - width(b)),
    changed: littleLast((a, b) => (a.modified < b.modified ? 1 : a.modified > b.modified ? -1 : 0)),
    name: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  };
  function search() {
    const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (a, name, value) => !value || (Array.isArray(a[name]) ? a[name].includes(value) : a[name] === value) ||
      (name === "band" && value === "withheld" && !a.band) ||
      (name === "marks" && (value === "firm" ? a.firm : value === "not firm" && !a.firm));
    const chosen = FILTERS.map((name) => [name, form[name].value]);
    found = all.filter((a) => chosen.every(([name, value]) => fits(a, name, value)) && words.every((w) => a.key.includes(w)));
    found.sort(orders[form.order.value]);
    body.replaceChildren();
    shown = 0;
    extend();
    count.textContent = found.length === 1 ? "1 agent" : found.length.toLocaleString("en") + " agents";
    const query = new URLSearchParams();
    for (const name of ["q", "order", ...FILTERS]) {
      const value = form[name].value;
      if (value && value !== form[name].dataset.plain) query.set(name, value);
    }
    history.replaceState(null, "", query.size ? "?" + query : location.pathname);
  }
  fetch("index.json").then((answer) => answer.json()).then((index) => {
    kinds = index.kinds;
    all = index.agents.map((values) => {
      const a = {};
      index.columns.forEach((name, i) => { a[name] = values[i]; });
      a.key = (a.name + " " + a.slug).toLowerCase();
      return a;
    });
    const query = new URLSearchParams(location.search);
    for (const [name, value] of query) if (form[name]) form[name].value = value;
    form.hidden = false;
    if (paged) paged.hidden = true;
    form.addEventListener("input", search);
    form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
    more.addEventListener("click", extend);
    search();
  }).catch(() => { /* the plain lists stay */ });
})();
