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
  function bar(a) {
    const svg = shape("svg", { "class": "bar", width: "100%", height: "14", "aria-hidden": "true" });
    svg.append(shape("rect", { "class": "track", x: "0", y: "5", width: "100%", height: "4", rx: "2" }));
    svg.append(shape("rect", { "class": "reach", x: a.low * 10 + "%", y: "3", width: Math.max((a.high - a.low) * 10, 1) + "%", height: "8", rx: "4" }));
    if (a.score !== null) svg.append(shape("circle", { "class": "dot " + a.band.toLowerCase(), cx: a.score * 10 + "%", cy: "7", r: "5" }));
    return svg;
  }
  function row(a) {
    const tr = element("tr", {});
    const name = element("th", { scope: "row" });
    const link = element("a", { href: "agents/" + a.slug + ".html" });
    link.append(element("bdi", {}, a.name));
    name.append(link);
    for (const mark of a.marks) if (mark !== "band may change") name.append(" ", element("span", { "class": "tag" }, mark));
    const score = element("td", { "class": "n" }, a.score === null ? "–" : a.score.toFixed(1));
    const band = element("td", { "class": "b" });
    band.append(element("span", { "class": "band " + (a.band || "none").toLowerCase() }, a.band || "withheld"));
    const wide = element("td", { "class": "wide" });
    wide.append(bar(a));
    tr.append(name, element("td", { "class": "k quiet" }, kinds[a.kind] || a.kind), score, band, wide, element("td", { "class": "d" }, a.modified));
    return tr;
  }
  function extend() {
    const part = document.createDocumentFragment();
    for (const a of found.slice(shown, shown + STEP)) part.append(row(a));
    shown = Math.min(shown + STEP, found.length);
    body.append(part);
    more.hidden = shown >= found.length;
  }
  const orders = {
    score: (a, b) => (b.score === null ? -1 : b.score) - (a.score === null ? -1 : a.score) || (a.slug < b.slug ? -1 : 1),
    safest: (a, b) => (a.score === null ? 11 : a.score) - (b.score === null ? 11 : b.score) || (a.slug < b.slug ? -1 : 1),
    high: (a, b) => b.high - a.high || (a.slug < b.slug ? -1 : 1),
    range: (a, b) => (b.high - b.low) - (a.high - a.low) || (a.slug < b.slug ? -1 : 1),
    name: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
    changed: (a, b) => (a.modified < b.modified ? 1 : a.modified > b.modified ? -1 : a.slug < b.slug ? -1 : 1),
  };
  function search() {
    const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const band = form.band.value, kind = form.kind.value, state = form.state.value;
    found = all.filter((a) =>
      (!band || (a.band || "withheld") === band) && (!kind || a.kind === kind) && (!state || a.marks.includes(state)) &&
      words.every((w) => a.key.includes(w)));
    found.sort(orders[form.order.value]);
    body.replaceChildren();
    shown = 0;
    extend();
    count.textContent = found.length === 1 ? "1 agent" : found.length.toLocaleString("en") + " agents";
    const query = new URLSearchParams();
    for (const name of ["q", "band", "kind", "state", "order"]) {
      const value = form[name].value;
      if (value && value !== form[name].dataset.plain) query.set(name, value);
    }
    history.replaceState(null, "", query.size ? "?" + query : location.pathname);
  }
  fetch("index.json").then((answer) => answer.json()).then((index) => {
    kinds = index.kinds;
    const at = {};
    index.columns.forEach((name, i) => { at[name] = i; });
    all = index.agents.map((r) => ({
      slug: r[at.slug], name: r[at.name], kind: r[at.kind], band: r[at.band], score: r[at.score], low: r[at.low],
      high: r[at.high], modified: r[at.modified], marks: r[at.marks], key: (r[at.name] + " " + r[at.slug]).toLowerCase(),
    }));
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
