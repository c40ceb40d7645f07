// The desk's script: the same forms, without loading the page anew. Everything works without it.
"use strict";
(() => {
  const $ = (query, from = document) => from.querySelector(query);
  const $$ = (query, from = document) => [...from.querySelectorAll(query)];
  const say = (words, long) => {
    const box = $("#say");
    box.textContent = words;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { box.textContent = ""; }, long ? 7000 : 2500);
  };
  const typing = (node) => node && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)) && node.type !== "checkbox";
  const points = (words) => [...words].length; // code points: what the store counts; a browser counts UTF-16
  const root = $("#agent");
  const dialogOpen = () => $("dialog[open]");

  // What was typed and is not saved: kept for this tab by person, agent, claim and form, so that it outlives every
  // change of card and page until it is saved or given up. Claim "" stands for the fields about the agent.
  const unsaved = {
    key: (slug, claim) => JSON.stringify(["typed", document.body.dataset.person, slug, claim]),
    get(claim) {
      try { return JSON.parse(sessionStorage.getItem(this.key(root.dataset.slug, claim))) || {}; } catch (error) { return {}; }
    },
    put(claim, name, kept) {
      const all = this.get(claim);
      if (kept) all[name] = kept; else delete all[name];
      const key = this.key(root.dataset.slug, claim);
      try {
        if (Object.keys(all).length) sessionStorage.setItem(key, JSON.stringify(all));
        else sessionStorage.removeItem(key);
      } catch (error) { /* no room: the words stay in the form */ }
    },
    claims(slug) { // those with unsaved words
      const found = [];
      for (let n = 0; n < sessionStorage.length; n += 1) {
        try {
          const [purpose, person, agent, claim] = JSON.parse(sessionStorage.key(n));
          if (purpose === "typed" && person === document.body.dataset.person && agent === slug) found.push(claim);
        } catch (error) { /* not ours */ }
      }
      return found;
    },
  };
  const nameOf = (form) => form.id || (form.classList.contains("add-note") && form.closest("#card") ? "note" : new URL(form.action).pathname.split("/").pop());
  const claimOf = (form) => (form.closest("#card") ? $("#card .claim").dataset.path : "");
  const isField = (field) =>
    field.name && !field.closest(".lower") && /^(INPUT|TEXTAREA|SELECT)$/.test(field.tagName) && field.type !== "hidden";
  const fieldsOf = (form) => [...form.elements].filter(isField);
  const idOf = (field) => (field.type === "checkbox" ? `${field.name}:${field.value}` : field.name);
  const differs = (field) => {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const rendered = [...field.options].find((option) => option.defaultSelected) || field.options[0];
    return field.value !== rendered?.value;
  };
  function changes(form) { // what differs from what was rendered; null when nothing does
    const fields = {}, added = [];
    for (const field of fieldsOf(form)) {
      if (field.name === "add") added.push([field.value, field.parentElement.textContent.trim(), field.checked]);
      else if (differs(field)) fields[idOf(field)] = field.type === "checkbox" ? field.checked : field.value;
    }
    if (!Object.keys(fields).length && !added.some(([, , checked]) => checked)) return null;
    return { fields, added, on: [form.elements.digest?.value, form.elements.after?.value] };
  }
  function remember(form) {
    if (!root || !form || form.method === "dialog" || form.closest("dialog, #find, .unknowns")) return;
    unsaved.put(claimOf(form), nameOf(form), changes(form));
    marks();
  }
  function forget(form, sent) { // unless more was typed since it was sent
    const claim = claimOf(form), name = nameOf(form);
    if (sent === undefined || JSON.stringify(unsaved.get(claim)[name] || null) === JSON.stringify(sent)) unsaved.put(claim, name, null);
  }
  function addEvidence(details, value, words, checked = true) {
    const label = document.createElement("label");
    label.className = "check";
    label.append(Object.assign(document.createElement("input"), { type: "checkbox", name: "add", value, checked }), ` ${words}`);
    $(".added", details).append(label);
  }
  function notice(place, words, ...buttons) {
    const box = Object.assign(document.createElement("p"), { className: "unsaved", textContent: `${words} ` });
    box.setAttribute("role", "alert");
    for (const [name, act, main] of buttons) {
      const press = Object.assign(document.createElement("button"), { type: "button", textContent: name, className: main ? "main" : "" });
      press.addEventListener("click", act);
      box.append(press, " ");
    }
    place.prepend(box);
    return box;
  }
  function giveUp(form) {
    form.reset();
    for (const label of $$(".added label", form)) label.remove();
    for (const box of $$(".unsaved", form)) box.remove();
    remember(form);
    if (form.id === "decide" && $(".head.preview")) preview();
  }
  function restore(container, claim) { // puts what was typed back into freshly rendered forms
    if (!container || !root) return;
    const all = unsaved.get(claim);
    for (const [name, kept] of Object.entries(all)) {
      const form = $$("form", container).find((one) => nameOf(one) === name);
      if (!form) {
        if (container.id !== "card") continue;
        const words = Object.values(kept.fields).filter((value) => typeof value === "string").join(" · ");
        const giveUpWords = (event) => { unsaved.put(claim, name, null); event.target.parentElement.remove(); marks(); };
        const text = `Typed and not saved before the draft was decided: ${words}`;
        notice($(".claim", container), text, ["Give up", giveUpWords]);
        continue;
      }
      const moved = kept.on.join() !== [form.elements.digest?.value, form.elements.after?.value].join();
      for (const field of fieldsOf(form)) {
        const value = kept.fields[idOf(field)];
        if (value === undefined || (moved && field.name === "keep")) continue;
        if (field.type === "checkbox") field.checked = value; else field.value = value;
      }
      for (const [value, words, checked] of kept.added) addEvidence(form, value, words, checked);
      for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      const details = $("details", form);
      if (details) details.open = true;
      remember(form);
      if (!changes(form)) continue;
      const told = moved && claim ? "Not saved yet, and the claim has changed since you typed it." : "Not saved yet.";
      notice(form.id === "decide" ? $("details > :not(summary)", form) : form, told, ["Give up", () => giveUp(form)]).classList.add("all");
      if (form.id === "decide") preview();
    }
  }
  function marks() { // in the list of claims, or of agents
    const here = root ? unsaved.claims(root.dataset.slug) : [];
    for (const row of root ? $$("#rows a[data-claim]") : $$("a[data-item]")) {
      const typed = root ? here.includes(row.dataset.claim) : unsaved.claims(new URL(row.href).pathname.split("/")[2]).length > 0;
      row.classList.toggle("typed", typed);
      const told = $(".unsaved-words", row);
      if (told && !typed) told.remove();
      if (typed && !told) row.append(Object.assign(document.createElement("span"), { className: "unseen unsaved-words", textContent: ", words not saved" }));
    }
  }

  // time in view, for whoever decides
  let sat = 0, since = document.hidden ? 0 : Date.now();
  const seconds = () => Math.round((sat + (since ? Date.now() - since : 0)) / 1000);
  const restart = () => { sat = 0; since = document.hidden ? 0 : Date.now(); };
  let pageSat = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { sat += since ? Date.now() - since : 0; since = 0; } else since = Date.now();
  });

  const json = { headers: { accept: "application/json" } };
  async function send(action, data) {
    const answer = await fetch(action, { method: "POST", body: new URLSearchParams(data), ...json });
    const told = await answer.json().catch(() => ({ problem: `The desk answered ${answer.status}.` }));
    return { status: answer.status, ok: answer.ok, told };
  }
  function trouble(answer) {
    if (answer.status === 409 && answer.told.html) {
      const dialog = $("#conflict");
      dialog.innerHTML = answer.told.html;
      dialog.showModal();
      $("[data-look]", dialog)?.focus();
    } else if (answer.status === 401) say("Your session is over. Sign in in another tab, then go on here.", true);
    else if (answer.status === 409) say(`${answer.told.problem || "It moved."} Load the page again to see what stands now.`, true);
    else say([answer.told.problem, answer.told.next].filter(Boolean).join(". Next: ") || "That did not work.", true);
  }

  // sheets: page texts by number
  const kept = new Map();
  let path = root ? $("#rows [aria-current]")?.dataset.claim || "summary" : "";
  async function sheet(number) {
    const shown = $("#sheet .sheet");
    if (shown && shown.dataset.sheet === String(number)) return shown;
    if (shown) kept.set(shown.dataset.sheet, shown);
    let node = kept.get(String(number));
    if (!node) {
      const answer = await fetch(`/agents/${root.dataset.slug}/sheets/${number}?claim=${path}`);
      if (!answer.ok) return null;
      const box = document.createElement("div");
      box.innerHTML = await answer.text();
      node = box.firstElementChild;
    }
    $("#sheet").replaceChildren(node);
    for (const tab of $$("#tabs a")) {
      if (tab.dataset.sheet === String(number)) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    return node;
  }
  function into(node) { // to the upper third of the pane
    if (!node) return;
    const pane = $("#sheet");
    const top = node.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
    pane.scrollTo({ top: Math.max(0, top - pane.clientHeight / 4), behavior: "instant" });
  }
  function light() {
    for (const mark of $$("#sheet mark")) {
      mark.classList.toggle("on", mark.dataset.paths.split(" ").includes(path));
      mark.classList.remove("near");
    }
    return $("#sheet mark.on");
  }
  async function showEvidence() {
    const mine = path;
    const link = $("#card .quotes a[data-sheet]") || $("#card .refused a[data-sheet]");
    if (link) await sheet(link.dataset.sheet);
    if (mine !== path) return;
    into(light() || (link && near(link)));
  }
  function near(link) {
    const from = Number(link.dataset.at);
    const pieces = $$("#sheet [data-at]").filter((piece) => Number(piece.dataset.at) <= from);
    return pieces.at(-1)?.closest(".b");
  }

  // claims
  const cards = new Map();
  const cardUrl = (claim) => `/agents/${root.dataset.slug}/claims/${claim}`;
  async function choose(claim, html) {
    path = claim;
    cursor = null;
    restart();
    for (const row of $$("#rows a")) {
      if (row.dataset.claim === claim) { row.setAttribute("aria-current", "true"); row.scrollIntoView({ block: "nearest" }); }
      else row.removeAttribute("aria-current");
    }
    history.replaceState(null, "", `?${root.dataset.link ? root.dataset.link + "&" : ""}claim=${claim}`);
    if (html === undefined) {
      const answer = await fetch(cardUrl(claim));
      if (!answer.ok) return trouble({ status: answer.status, told: {} });
      html = await answer.text();
    }
    if (path !== claim) return undefined;
    $("#card").innerHTML = html;
    $("#card").scrollTop = 0;
    restore($("#card"), claim);
    showEvidence();
    return undefined;
  }
  function take(told) { // the pieces that a decision changed
    $(".flash")?.remove(); // `u` takes back the newest
    $("#head").innerHTML = told.head;
    $("#rows").innerHTML = told.rows;
    restore($("#head"), "");
    marks();
    return choose($("#rows [aria-current]")?.dataset.claim || path, told.card);
  }
  // A key pressed while the last decision is on its way is not lost: it waits for the next claim to stand there.
  let line = Promise.resolve(), waiting = 0;
  function decide(verdict) {
    if (waiting > 1) return line;
    waiting += 1;
    line = line.then(() => decideNow(verdict)).finally(() => { waiting -= 1; });
    return line;
  }
  const AMENDED = ["value", "certainty", "text", "keep", "add", "quote", "reason"];
  function ask(form, verdict) { // a claim that is being corrected is not decided by the way
    for (const box of $$(".ask-first", form)) box.remove();
    amend(false);
    const otherwise = $(`button[value=${verdict}]`, form).firstChild.textContent.trim().toLowerCase();
    const save = () => { box.remove(); decide("amended"); };
    const giveUpChanges = () => { giveUp(form); decide(verdict); };
    const box = notice(form, "You changed this claim and did not save it.",
      ["Save amendment", save, true], [`Give up the changes, then ${otherwise}`, giveUpChanges]);
    box.classList.add("ask-first");
    $("button", box).focus();
  }
  async function decideNow(verdict) {
    const form = $("#decide");
    if (!form) return;
    if (!$(`button[value=${verdict}]`, form)) { say("That is not a decision about this claim."); return; }
    if (path === "unknowns" && !$$("input[name=path]:checked", form).length) { say("No claim is checked."); return; }
    const typed = path === "unknowns" ? null : changes(form);
    const more = typed && (typed.added.length || Object.keys(typed.fields).some((name) => verdict === "accepted" || name !== "note"));
    if (more && verdict !== "amended" && verdict !== "skipped") { ask(form, verdict); return; }
    try {
      const data = new FormData(form);
      if (verdict !== "amended") for (const name of AMENDED) data.delete(name);
      data.set("verdict", verdict);
      data.set("seconds", seconds());
      const answer = await send(form.action, data);
      if (!answer.ok) {
        if (verdict === "amended" && !data.get("reason")) $("select[name=reason]", form)?.focus();
        return void trouble(answer);
      }
      if (verdict !== "skipped" && path !== "unknowns") forget(form, typed);
      await take(answer.told);
      if (answer.told.next === "") { say("Nothing waits. Enter approves."); $("#approve")?.focus(); }
    } catch (error) { say("The desk does not answer. Nothing was decided; try again.", true); }
  }
  async function flip(which) { // undo takes back what the banner names, else what was done last here
    const banner = which === "undo" && $("#undo-act");
    if (banner) { banner.requestSubmit(); return undefined; }
    const link = root?.dataset.link ? `?${root.dataset.link}` : "";
    const answer = await send(root ? `/agents/${root.dataset.slug}/${which}${link}` : "/undo", {});
    if (!answer.ok) return trouble(answer);
    if (answer.told.to) { location.href = answer.told.to; return undefined; }
    await take(answer.told);
    say(which === "undo" ? "Undone." : "Done again.");
  }
  async function conclude(form, data) {
    const typed = unsaved.claims(root.dataset.slug).filter((claim) => claim);
    if (typed.length && !form.dataset.sure) {
      $("#unsaved-words")?.remove();
      const names = typed.map((claim) => [$(`#rows a[data-claim="${claim}"] .name`)?.textContent || claim, () => choose(claim), true]);
      const sure = [`${data.get("decision") === "reject" ? "Reject" : "Approve"} without them`, () => {
        form.dataset.sure = "1";
        conclude(form, data);
      }];
      const box = Object.assign(notice(root, "You typed words that are not saved:", ...names, sure), { id: "unsaved-words" });
      $("#head").after(box); // the head itself is rendered anew while one edits
      box.addEventListener("click", (event) => { if (event.target.closest("button")) box.remove(); });
      $("button", box).focus();
      return undefined;
    }
    data.set("seconds", Math.min(3600, Math.round((Date.now() - pageSat) / 1000)));
    const answer = await send(`${form.action}?${root.dataset.link}`, data);
    if (!answer.ok) return trouble(answer);
    forget(form);
    for (const claim of typed) for (const name of Object.keys(unsaved.get(claim))) unsaved.put(claim, name, null);
    location.href = answer.told.to;
    return undefined;
  }
  async function addNote(form) {
    const typed = changes(form);
    const answer = await send(form.action, new FormData(form));
    if (!answer.ok) return trouble(answer);
    forget(form, typed);
    if (form.closest("#card")) await choose(path);
    else { form.reset(); location.reload(); }
    return say("Noted.");
  }
  function move(step) {
    const rows = $$("#rows a");
    const at = rows.findIndex((row) => row.dataset.claim === path);
    const next = rows[(at + step + rows.length) % rows.length];
    if (next) choose(next.dataset.claim);
  }
  function turn(step) {
    const tabs = $$("#tabs a");
    const at = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next) sheet(next.dataset.sheet).then(() => into(light()));
  }

  // the form of an amendment
  function amend(focus) {
    const details = $("#card details.amend");
    if (!details) return null;
    details.open = true;
    if (focus) ($("select, textarea", details) || details).focus();
    return details;
  }
  let previewing = 0;
  function preview() {
    clearTimeout(preview.timer);
    preview.timer = setTimeout(async () => {
      const form = $("#decide");
      if (!form) return;
      const mine = ++previewing;
      const data = new FormData(form);
      data.set("verdict", "amended");
      const answer = await fetch(`/agents/${root.dataset.slug}/preview/${path}`, { method: "POST", body: new URLSearchParams(data), ...json });
      if (mine !== previewing) return;
      if (answer.ok) { $("#head").innerHTML = await answer.text(); restore($("#head"), ""); lowered(form); }
      else trouble({ status: answer.status, told: await answer.json().catch(() => ({})) });
    }, 120);
  }
  function lowered(form) { // what may go with the higher value; a press does it, and the preview shows it
    const given = $("#offer-lower"), shown = $(".lower", form);
    const words = given ? given.content.textContent : "";
    if (shown && shown.textContent === words) return;
    shown?.remove();
    if (given) $("details.amend .fields", form).prepend(given.content.cloneNode(true));
    for (const box of $$(".lower input", form)) box.addEventListener("change", (event) => {
      event.stopPropagation();
      const { drop, lower, clear } = box.dataset;
      const field = $(drop !== undefined ? `input[name=keep][value="${drop}"]` : lower ? "select[name=certainty]" : "textarea[name=text]", form);
      if (drop !== undefined) field.checked = !box.checked;
      else if (lower) field.value = box.checked ? lower : [...field.options].find((option) => option.defaultSelected).value;
      else { field.value = clear === undefined || !box.checked ? field.defaultValue : ""; field.focus(); }
      remember(form);
      preview();
    });
  }
  function setValue(tenth) {
    const select = $("#card select[name=value]");
    if (!select || $("#card .claim").dataset.room !== "factors") return;
    amend(false);
    select.value = tenth;
    select.focus();
    remember(select.form);
    preview();
  }

  // selected words
  function offset(node, at) { // code-point offset of a place in the page text
    let piece = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (node.nodeType !== Node.TEXT_NODE) {
      const child = node.childNodes[at] || node.childNodes[at - 1];
      const inner = child && (child.nodeType === Node.TEXT_NODE ? child.parentElement : child.matches("[data-at]") ? child : $("[data-at]", child));
      piece = inner || piece;
    }
    piece = piece.closest("[data-at]");
    if (!piece) return null;
    const before = node.nodeType === Node.TEXT_NODE ? points(node.data.slice(0, at)) : node.childNodes[at] ? 0 : points(piece.textContent);
    return Number(piece.dataset.at) + before;
  }
  async function offer() {
    const picked = getSelection();
    const shown = $("#sheet .sheet");
    if (!picked.rangeCount || picked.isCollapsed || !shown || !$("#decide")) return say("Select words of the page first.");
    const range = picked.getRangeAt(0);
    if (!shown.contains(range.commonAncestorContainer)) return say("Select words of the page first.");
    const start = offset(range.startContainer, range.startOffset), end = offset(range.endContainer, range.endOffset);
    if (start === null || end === null) return say("Select words of the page itself.");
    const answer = await send(`/agents/${root.dataset.slug}/evidence`, { sheet: shown.dataset.sheet, start, end });
    if (!answer.ok) return trouble(answer);
    const details = amend(false);
    addEvidence(details, answer.told.add, answer.told.quote);
    const certainty = $("select[name=certainty]", details);
    if (certainty && certainty.value === "not_certain") certainty.value = $("#card .claim").dataset.room === "layers" ? "mapped" : "stated";
    remember($("#decide"));
    getSelection().removeAllRanges();
    button.hidden = true;
    ($("select[name=value]", details) || $("textarea", details)).focus();
    preview();
    return say("Taken as evidence, as whole sentences. Ctrl Enter saves.");
  }
  const button = Object.assign(document.createElement("button"), { type: "button", id: "offer", hidden: true, className: "main" });
  button.innerHTML = "Take as evidence <kbd>v</kbd>";
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", offer);

  // a sentence chosen by keyboard: selected on the page, so that `v` takes it like words chosen by mouse
  let cursor = null;
  async function pick(place) {
    const shown = await sheet(place.sheet ?? place.document);
    if (!shown) return say("That page is not kept.");
    cursor = place;
    const [from, to] = [place.start, place.end].map((at) => spot(shown, Number(at)));
    if (!from || !to) return undefined;
    getSelection().setBaseAndExtent(...from, ...to);
    return into(from[0].parentElement);
  }
  function spot(shown, at) { // the node and place of a code-point offset
    const piece = $$("[data-at]", shown).filter((one) => Number(one.dataset.at) <= at).at(-1);
    if (!piece) return null;
    const words = [...piece.textContent].slice(0, at - Number(piece.dataset.at)).join("");
    return [piece.firstChild || piece, words.length];
  }
  async function sentence(step, words = "") {
    const shown = $("#sheet .sheet");
    if (!shown) return say("No page is open.");
    const number = shown.dataset.sheet;
    const lit = $("mark.on", shown);
    const at = cursor && String(cursor.sheet) === number ? cursor.start : lit ? Number(lit.dataset.at) - step : -1;
    const query = new URLSearchParams({ at, step, q: words });
    const answer = await fetch(`/agents/${root.dataset.slug}/sentences/${number}?${query}`, json);
    const told = await answer.json();
    if (!answer.ok) return say(told.problem || "There is none.");
    await pick(told);
    return words ? say(told.words.slice(0, 160), true) : undefined;
  }
  function candidate() { // the next of the sentences listed on the card
    const links = $$("#card .passages a[data-to]");
    if (!links.length) return say("No sentence of the pages speaks of it.");
    const at = links.findIndex((link) => link.classList.contains("on"));
    const link = links[(at + 1) % links.length];
    return follow(link);
  }
  function follow(link) {
    for (const one of $$("#card .passages a.on")) one.classList.remove("on");
    link.classList.add("on");
    link.scrollIntoView({ block: "nearest" });
    return pick({ sheet: link.dataset.sheet, start: Number(link.dataset.at), end: Number(link.dataset.to) });
  }
  function quoted() {
    const rows = $$("#rows a");
    const at = rows.findIndex((row) => row.dataset.claim === path);
    const around = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))].filter((row) => row.dataset.quoted !== undefined);
    const next = around.find((row) => row.matches(".waits, .skipped")) || around[0];
    if (next) choose(next.dataset.claim); else say("No claim rests on a quote.");
  }

  function search() {
    const field = $("#find input") || $("[data-search]");
    if (field) { field.focus(); field.select(); } else location.href = "/";
  }
  function help() {
    const dialog = $("#sheet-of-keys");
    if (dialog) dialog.showModal(); else location.href = "/keys";
  }
  function items(step) {
    const links = $$("[data-item]");
    const at = links.indexOf(document.activeElement);
    const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    if (next) next.focus();
  }

  const AGENT = {
    a: () => decide("accepted"), s: () => decide("skipped"),
    c: () => decide("not_certain"), x: () => decide("rejected"), p: () => decide("not_applicable"),
    n: quoted, e: () => amend(true), v: offer, ".": () => sentence(1), ",": () => sentence(-1), f: candidate, u: () => flip("undo"), r: () => flip("redo"),
    t: () => $("#card .proposed button.take")?.click(),
    m: () => { const d = $("#card details.notes"); if (d) { d.open = true; $("textarea", d).focus(); } },
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    "[": () => turn(-1), "]": () => turn(1),
    A: () => $("#approve")?.click(), R: () => { const d = $("details.reject"); if (d) { d.open = true; $("textarea", d).focus(); } },
    g: () => { location.href = `/?${root.dataset.link}`; },
    Enter: () => { const b = $("#approve.main"); if (b) b.click(); },
    "-": () => setValue("1.0"),
  };
  for (let n = 0; n < 10; n += 1) AGENT[n] = () => setValue(`0.${n}`);
  const LIST = {
    j: () => items(1), k: () => items(-1), ArrowDown: () => items(1), ArrowUp: () => items(-1),
    u: () => flip("undo"), g: () => { location.href = "/"; },
  };

  document.addEventListener("keydown", (event) => {
    const on = document.activeElement;
    if (event.key === "Escape" && typing(on) && !dialogOpen()) { on.blur(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && on?.form) {
      event.preventDefault();
      const form = on.form;
      if (form.id === "decide") decide("amended");
      else form.requestSubmit(on.closest("details.reject") ? $("button.bad", form) : undefined);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(on) || dialogOpen()) return;
    const pressable = on && /^(BUTTON|A|SUMMARY)$/.test(on.tagName);
    if (event.key === "Enter" && pressable) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && on?.id === "sheet") return;
    const act = event.key === "?" ? help : event.key === "/" ? search : (root ? AGENT : LIST)[event.key];
    if (!act) return;
    event.preventDefault();
    if (event.repeat && !/^(j|k|Arrow)/.test(event.key)) return;
    act();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]") && $("#sheet-of-keys")) { event.preventDefault(); help(); return; }
    if (!root || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target.closest("a[data-claim]");
    if (row) { event.preventDefault(); choose(row.dataset.claim); return; }
    const mark = event.target.closest("mark.q");
    if (mark && getSelection().isCollapsed && !mark.classList.contains("on")) { choose(mark.dataset.paths.split(" ")[0]); return; }
    const link = event.target.closest("a[data-sheet]");
    if (link?.closest(".passages")) { event.preventDefault(); follow(link); return; }
    if (link) {
      event.preventDefault();
      sheet(link.dataset.sheet).then(() => {
        light();
        const from = Number(link.dataset.at ?? NaN);
        const at = $$("#sheet mark.on").find((piece) => Number(piece.dataset.at) === from);
        into(at || (Number.isNaN(from) ? $("#sheet mark.on") : near(link)));
      });
    }
  });

  document.addEventListener("submit", (event) => {
    if (!root) return;
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.id === "find") { event.preventDefault(); if (form.elements.find.value.trim()) sentence(1, form.elements.find.value.trim()); return; }
    if (form.id === "decide") { event.preventDefault(); decide(event.submitter?.value || "amended"); }
    else if (form.dataset.flip) { event.preventDefault(); flip(form.dataset.flip); }
    else if (form.classList.contains("add-note")) { event.preventDefault(); addNote(form); }
    else if (form.closest("#conflict")) unsaved.put(path, "decide", null);
    else if (form.dataset.conclude !== undefined && event.submitter?.name === "decision") {
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      conclude(form, data);
    } else if (form.dataset.conclude !== undefined) { event.preventDefault(); addNote(form); }
    else forget(form);
  });

  if (root) {
    document.body.append(button);
    document.addEventListener("input", (event) => {
      remember(event.target.form);
      if (event.target.closest("#decide .amend")) preview();
    });
    document.addEventListener("change", (event) => remember(event.target.form));
    restore($("#card"), path);
    restore($("#head"), "");
    restore($(".foot"), "");
    document.addEventListener("selectionchange", () => {
      const picked = getSelection();
      const inside = picked.rangeCount && !picked.isCollapsed && $("#sheet").contains(picked.getRangeAt(0).commonAncestorContainer);
      button.hidden = !(inside && $("#decide"));
      if (!button.hidden) {
        const box = picked.getRangeAt(0).getBoundingClientRect();
        const place = document.body.getBoundingClientRect();
        button.style.left = `${Math.min(box.left, innerWidth - 190)}px`;
        button.style.top = `${Math.min(box.bottom + 6, innerHeight - 44) - Math.min(place.top, 0)}px`;
      }
    });
    into($("#sheet mark.on") || $("#here"));
  }
  marks();
})();
