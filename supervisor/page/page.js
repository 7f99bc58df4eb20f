"use strict";
// The status page. Everything that it shows comes from /status.json; text from outside becomes text nodes only.
// The block keeps our names apart from the browser's own.
{

const HOUR = 3600;
const SHORTEST = 300; // seconds that a plot shows at least
const STEPS = [
  ["extract_entities", "Extract entities", "--blue"],
  ["embed_entities", "Embed entities", "--sky"],
  ["upsert_entities", "Upsert entities", "--teal"],
  ["extract_relationships", "Extract relationships", "--violet"],
  ["embed_facts", "Embed facts", "--mint"],
  ["upsert_relationships", "Upsert relationships", "--amber"],
  ["complete", "Report to the server", "--sand"],
  ["acknowledge", "Acknowledge", "--grey"],
];
const STEP_NAME = Object.fromEntries(STEPS.map(([key, name]) => [key, name]));
STEP_NAME.claim = "Claim";
const DEPENDENCY = { chat_model: "Chat model", embedding_model: "Embedding model", server: "Ryumem server" };

// ---- making nodes ------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);

function el(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function swatch(name) {
  const node = el("span", "swatch");
  node.style.background = `var(${name})`;
  return node;
}

// ---- words for figures -------------------------------------------------------------------------

const known = (value) => value !== null && value !== undefined;

function count(value) {
  if (!known(value)) return "–";
  if (value >= 1e6) return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)}M`;
  if (value >= 1e5) return `${Math.round(value / 1e3)}k`;
  return Math.round(value).toLocaleString("en-US");
}

function duration(seconds) {
  if (!known(seconds)) return "–";
  if (seconds <= 0) return "0 s";
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / HOUR)} h`;
}

function ago(then, now) {
  const seconds = now - then;
  return seconds < 5 ? "just now" : `${duration(Math.max(10, seconds))} ago`;
}

function money(usd) {
  if (!known(usd)) return "–";
  if (usd > 0 && usd < 0.01) return `$${usd.toPrecision(2)}`;
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function bytes(value) {
  if (!known(value)) return "–";
  return value < 1e9 ? `${Math.round(value / 1e6)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

const clock = (at) => new Date(at * 1000).toTimeString().slice(0, 5);
const sum = (list) => list.reduce((all, value) => all + (value || 0), 0);
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

// ---- what is known -----------------------------------------------------------------------------

let status = null;
let history = null; // as /status.json has it, an hour of it
let heard = 0; // when we last had an answer, ms

function remember(more) {
  if (!more) return;
  if (!history || !more.at.length || more.at[0] <= history.at[history.at.length - 1]) {
    if (!history || more.at.length) history = more;
    return;
  }
  const join = (into, from) => {
    for (const [key, value] of Object.entries(from)) {
      if (Array.isArray(value)) into[key] = (into[key] || []).concat(value).slice(-HOUR / more.every_s);
      else if (value && typeof value === "object") join((into[key] = into[key] || {}), value);
    }
  };
  join(history, more);
}

// The points put together to bins of so many seconds: [{at, of: [indices]}], oldest first.
function bins(every) {
  const out = [];
  history.at.forEach((at, i) => {
    const start = Math.floor((at - 1) / every) * every;
    if (!out.length || out[out.length - 1].at !== start) out.push({ at: start, of: [] });
    out[out.length - 1].of.push(i);
  });
  return out;
}

// The mean of a step over some points, weighted by how many ended in each; null if none did.
function meanOf(step, of, field = "mean_s") {
  const durations = history.durations[step];
  const n = sum(of.map((i) => durations.count[i]));
  return n ? sum(of.map((i) => durations.count[i] * durations[field][i])) / n : null;
}

// Where nothing ended it was, for all one knows, as before; for a few minutes at most.
function carried(values) {
  let last = -Infinity;
  return values.map((value, i) => {
    if (known(value)) last = i;
    return known(value) || i - last > 5 ? value : values[last];
  });
}

// ---- plots -------------------------------------------------------------------------------------

function niceStep(top, ticks) {
  const rough = top / ticks;
  const unit = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((n) => n * unit).find((n) => n >= rough);
}

// `series`: {name, color, kind: "line" | "area" | "bar", values, stacked, word}; `x`: the time of each value.
// Stacked ones stand on those before them.
function plot(box, { x, series, width = 10, integers = false, word = count }) {
  const old = box.querySelector("svg");
  const w = Math.max(240, box.clientWidth);
  const h = box.clientHeight;
  const left = 44, right = 6, top = 8, bottom = 20;
  const now = status.now;
  const first = x.length ? x[0] : now;
  const span = Math.min(HOUR, Math.max(SHORTEST, now - first + width));
  const px = (at) => left + ((at - (now - span)) / span) * (w - left - right);

  const below = new Array(x.length).fill(0);
  let most = 0;
  const tops = series.map((one) =>
    one.values.map((value, i) => {
      if (!known(value)) return one.stacked ? { from: below[i], to: below[i] } : null;
      const from = one.stacked ? below[i] : 0;
      if (one.stacked) below[i] += value;
      most = Math.max(most, from + value);
      return { from, to: from + value };
    }));
  let step = niceStep(most || 1, 4);
  if (integers) step = Math.max(1, Math.ceil(step));
  const ceiling = Math.max(step, Math.ceil(most / step) * step);
  const py = (value) => top + (1 - value / ceiling) * (h - top - bottom);

  const picture = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img" });
  picture.append(svg("title", {}, series.map((one) => one.name).join(", ")));
  for (let value = 0; value <= ceiling + step / 2; value += step) {
    picture.append(svg("line", { class: "grid", x1: left, x2: w - right, y1: py(value), y2: py(value) }));
    picture.append(svg("text", { x: left - 8, y: py(value) + 4, "text-anchor": "end" }, word(value)));
  }
  const between = [60, 120, 300, 600, 900].find((n) => (span / n) * 52 < w - left - right) || 1200;
  for (let at = Math.ceil((now - span) / between) * between; at <= now; at += between) {
    if (px(at) > left + 12 && px(at) < w - 14)
      picture.append(svg("text", { x: px(at), y: h - 4, "text-anchor": "middle" }, clock(at)));
  }
  if (!x.length)
    picture.append(svg("text", { class: "none", x: (left + w) / 2, y: h / 2, "text-anchor": "middle" },
      "The first points come ten seconds after the start"));

  series.forEach((one, s) => {
    const fill = color(one.color);
    const runs = []; // stretches without a gap
    tops[s].forEach((value, i) => {
      if (!value) return;
      if (!i || !tops[s][i - 1] || x[i] - x[i - 1] > width * 3) runs.push([]);
      runs[runs.length - 1].push({ x: px(x[i]), from: py(value.from), to: py(value.to), at: x[i] });
    });
    for (const run of runs) {
      if (one.kind === "bar") {
        for (const point of run) {
          const a = Math.max(left, px(point.at)), b = Math.min(w - right, px(point.at + width));
          if (b > a && point.from - point.to > 0.2)
            picture.append(svg("rect", { x: a + 0.5, y: point.to, width: Math.max(1, b - a - 1.5), height: point.from - point.to, rx: 1.5, fill }));
        }
        continue;
      }
      const seen = run.filter((point) => point.x >= left - 1);
      if (!seen.length) continue;
      const line = seen.map((point, i) => `${i ? "L" : "M"}${point.x.toFixed(1)},${point.to.toFixed(1)}`).join("");
      if (one.kind === "area") {
        const back = seen.slice().reverse().map((point) => `L${point.x.toFixed(1)},${point.from.toFixed(1)}`).join("");
        picture.append(svg("path", { d: `${line}${back}Z`, fill, "fill-opacity": one.stacked ? 0.85 : 0.14 }));
      }
      if (!one.stacked)
        picture.append(svg("path", { d: line, fill: "none", stroke: fill, "stroke-width": 1.8, "stroke-linejoin": "round", "stroke-linecap": "round" }));
    }
  });
  const cursor = svg("line", { class: "cursor", y1: top, y2: h - bottom, visibility: "hidden" });
  picture.append(cursor);
  if (old) old.replaceWith(picture);
  else box.prepend(picture);
  box.seen = { x, series, px, width, cursor, w, bar: series.some((one) => one.kind === "bar") };
  if (box.pointed !== undefined) point(box, box.pointed);
  if (!box.listening) {
    box.listening = true;
    box.addEventListener("pointermove", (event) => point(box, event.clientX - box.getBoundingClientRect().left));
    box.addEventListener("pointerleave", () => unpoint(box));
  }
}

function unpoint(box) {
  box.pointed = undefined;
  box.seen.cursor.setAttribute("visibility", "hidden");
  const tip = box.querySelector(".tip");
  if (tip) tip.remove();
}

function point(box, at) {
  const { x, series, px, width, cursor, w, bar } = box.seen;
  box.pointed = at;
  if (!x.length) return;
  const middle = bar ? width / 2 : 0;
  const nearest = (best, time, i) => (Math.abs(px(time + middle) - at) < Math.abs(px(x[best] + middle) - at) ? i : best);
  const i = x.reduce(nearest, 0);
  const where = px(x[i] + middle);
  cursor.setAttribute("x1", where);
  cursor.setAttribute("x2", where);
  cursor.setAttribute("visibility", "visible");
  let tip = box.querySelector(".tip");
  if (!tip) box.append((tip = el("div", "tip")));
  tip.replaceChildren(el("b", "", new Date(x[i] * 1000).toTimeString().slice(0, width < 60 ? 8 : 5)));
  for (const one of series) tip.append(el("div", "", swatch(one.color), el("span", "", one.name), el("span", "", one.word(one.values[i]))));
  const room = where + 16 + tip.offsetWidth < w;
  tip.style.left = `${room ? where + 12 : Math.max(0, where - 12 - tip.offsetWidth)}px`;
}

function keys(id, series, more) {
  const line = $(id);
  line.className = "keys";
  line.replaceChildren(...series.map((one) => el("span", "key", swatch(one.color), one.name)));
  if (more) line.append(el("span", "soft push", more));
}

function drawPlots() {
  if (!history || !status) return;
  const queue = [
    { name: "pending", color: "--blue", kind: "area", values: history.pending, word: count },
    { name: "in hand here", color: "--teal", kind: "line", values: history.in_hand, word: count },
    { name: "delayed", color: "--amber", kind: "line", values: history.delayed, word: count },
  ];
  keys("queue-sub", queue);
  plot($("plot-queue"), { x: history.at, series: queue, integers: true });

  const minute = bins(60);
  const each = (column) => minute.map((bin) => sum(bin.of.map((i) => column[i])));
  const throughput = [
    { name: "completed a minute", color: "--teal", kind: "bar", stacked: true, values: each(history.completed), word: count },
    { name: "failed attempts", color: "--bad", kind: "bar", stacked: true, values: each(history.failed), word: count },
  ];
  keys("throughput-sub", throughput, `${count(sum(history.completed))} in all`);
  plot($("plot-throughput"), { x: minute.map((bin) => bin.at), series: throughput, width: 60, integers: true });

  const long = history.at.length * history.every_s > 900;
  const coarse = bins(long ? 60 : 20);
  const steps = STEPS.map(([key, name, tone]) => ({
    name, color: tone, kind: "area", stacked: true, word: duration,
    values: carried(coarse.map((bin) => meanOf(key, bin.of))),
  }));
  const all = history.at.map((_, i) => i);
  const whole = meanOf("attempt", all);
  $("steps-sub").textContent = known(whole)
    ? `Mean seconds by step; an attempt takes ${duration(whole)} in the mean, and 95 of 100 take less than about ${duration(meanOf("attempt", all, "p95_s"))}.`
    : "Mean seconds by step. No attempt has ended yet.";
  plot($("plot-steps"), { x: coarse.map((bin) => Math.min(status.now, bin.at + (long ? 60 : 20))), series: steps, width: long ? 60 : 20, word: duration });
  const rows = STEPS.map(([key, name, tone]) =>
    el("tr", "", el("td", "nowrap", el("span", "key", swatch(tone), name)),
      el("td", "num", duration(meanOf(key, all))), el("td", "num soft", duration(meanOf(key, all, "p95_s")))));
  $("steps").replaceChildren(
    el("thead", "", el("tr", "", el("th", "", "step"), el("th", "num", "mean"), el("th", "num", "95%"))),
    el("tbody", "", ...rows));
}

// ---- the parts of the page ---------------------------------------------------------------------

function verdict() {
  const box = $("verdict");
  const lines = status.reasons.slice();
  const partly = status.circuits.filter((one) => one.state === "partly open");
  let tone = "good";
  let title = "All is well: jobs are being worked on.";
  if (!status.ready) {
    const meant = lines.every((line) => /^(paused|quiet|draining)/.test(line));
    tone = meant ? "warn" : "bad";
    title = meant ? "Not ready, because somebody wants it so." : "Not ready: a job that came now would wait.";
  } else if (partly.length || status.queue.oldest_pending_s > 600) {
    tone = "warn";
    title = "Jobs are being worked on, but look at this.";
    for (const one of partly)
      lines.push(`${DEPENDENCY[one.dependency] || one.dependency}: ${one.open} of ${one.workers} workers cannot reach it: ${one.reason}`);
    if (status.queue.oldest_pending_s > 600) lines.push(`the oldest pending job has waited for ${duration(status.queue.oldest_pending_s)}`);
  } else if (status.queue.pending === 0 && status.jobs.in_hand === 0) {
    title = "All is well, and there is nothing to do.";
  }
  box.className = tone;
  box.querySelector("h2").textContent = title;
  box.querySelector("ul").replaceChildren(...lines.map((line) => el("li", "", line)));
  document.title = `${status.ready ? "" : "✗ "}${count(status.queue.pending)} pending · ryumemd`;
  const fill = { good: "%2314804a", warn: "%23d98a1f", bad: "%23c0293b" }[tone];
  $("icon").href = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='${fill}'/></svg>`;
}

function tile(label, value, unit, note, tone) {
  return el("div", `tile ${tone || ""}`, el("div", "label", label),
    el("div", "value", value, unit ? el("small", "", unit) : null), el("div", "note", note || "\u00a0"));
}

function tiles() {
  const { queue, jobs, spend } = status;
  const done = history ? sum(history.completed) : 0;
  const failed = history ? sum(history.failed) : 0;
  const recent = history ? history.completed.slice(-30) : [];
  const rate = recent.length ? (sum(recent) * 60) / (recent.length * history.every_s) : 0;
  const waits = queue.pending ? `the oldest for ${duration(queue.oldest_pending_s)}` : "none waits";
  const cap = spend.cap_usd;
  const share = cap ? spend.usd_today / cap : 0;
  $("tiles").replaceChildren(
    tile("Pending", count(queue.pending), "", waits, queue.oldest_pending_s > 600 ? "warn" : ""),
    tile("In hand", count(jobs.in_hand), "", `${count(queue.processing)} in the fleet · ${count(queue.delayed)} delayed`),
    tile("Completed", rate < 10 ? rate.toFixed(1) : count(rate), "a minute", `${count(done)} in the last hour`),
    tile("Failed attempts", count(failed), "", done + failed ? `${((100 * failed) / (done + failed)).toFixed(1)}% of the last hour` : "in the last hour",
      failed > done && failed > 3 ? "bad" : failed ? "warn" : ""),
    tile("Dead", count(queue.dead), "", queue.parked ? `${count(queue.parked)} parked by a cap` : queue.untold ? `${count(queue.untold)} still to be told` : "kept until you decide", queue.dead ? "bad" : ""),
    tile("Spent today", money(spend.usd_today), "", cap ? `of ${money(cap)}` : `${plural(spend.calls_today || 0, "call", "calls")}`,
      share >= 1 ? "bad" : share >= 0.8 ? "warn" : ""));
}

function labelled(name, node, label) {
  node.className = name;
  node.dataset.label = label;
  return node;
}

function workers() {
  const tone = { ready: "good", quiet: "warn", draining: "warn", starting: "", stopped: "bad", unused: "" };
  const shown = status.workers.filter((one) => one.state !== "unused");
  const ready = shown.filter((one) => one.state === "ready").length;
  const restarts = sum(Object.values(status.restarts));
  $("workers-sub").textContent =
    `${ready} of ${status.workers_wanted} ready · ${plural(restarts, "restart", "restarts")} since the start, ${duration(status.uptime_s)} ago · supervisor ${bytes(status.memory_bytes)}`;
  const rows = shown.map((one) => {
    const steps = Object.entries(one.steps).map(([step, n]) => {
      const known = STEPS.find(([key]) => key === step);
      return el("span", "chip", swatch(known ? known[2] : "--grey"), `${n} × ${(STEP_NAME[step] || step).toLowerCase()}`);
    });
    const silent = one.heartbeat_age_s > 5;
    const cell = (name, label, ...children) => labelled(name, el("td", "", ...children), label);
    return el("tr", "",
      cell("nowrap", "slot", `${one.slot}`),
      cell("nowrap", "state", el("span", `pill ${silent ? "bad" : tone[one.state] || ""}`, silent ? "silent" : one.state)),
      cell("num", "in hand", count(one.jobs_in_hand)),
      cell("span", "doing", ...(steps.length ? steps : [el("span", "soft", one.state === "ready" ? "waits for work" : "–")])),
      cell("num", "done", count(one.jobs_done)),
      cell("num", "memory", bytes(one.memory_bytes)),
      cell("num", "age", duration(one.age_s)),
      cell("num less", "beat", known(one.heartbeat_age_s) ? (silent ? duration(one.heartbeat_age_s) : "ok") : "–"),
      cell("num less", "starts", count(one.starts)),
      cell("num mono less", "pid", known(one.pid) ? `${one.pid}` : "–"));
  });
  const heads = ["slot", "state", "in hand", "doing now", "done", "memory", "age", "beat", "starts", "pid"];
  const right = new Set(["in hand", "done", "memory", "age", "beat", "starts", "pid"]);
  $("workers").replaceChildren(
    el("thead", "", el("tr", "", ...heads.map((head) => el("th", right.has(head) ? "num" : "", head)))),
    el("tbody", "", ...rows));
}

// The supervisors of this queue; nothing to see while there is but this one.
function fleet() {
  const all = status.fleet || [];
  $("fleet-card").hidden = all.length < 2;
  const silent = all.filter((one) => one.silent).length;
  $("fleet-sub").textContent = `${plural(all.length - silent, "supervisor works", "supervisors work")} this queue`
    + (silent ? ` · ${silent} silent: stopped without a word, cut off, or its host is gone` : "");
  const rows = all.map((one) => {
    const cell = (name, label, ...children) => labelled(name, el("td", "", ...children), label);
    const state = one.silent ? `silent for ${duration(one.heard_s)}` : one.ready ? "ready" : "not ready";
    return el("tr", "",
      cell("nowrap", "host", one.name === status.name ? `${one.host} (this one)` : one.host),
      cell("nowrap", "state", el("span", `pill ${one.silent ? "bad" : one.ready ? "good" : "warn"}`, state)),
      cell("num", "workers", `${one.workers_ready} of ${one.workers_wanted}`),
      cell("num", "in hand", count(one.in_hand)),
      cell("num", "done", count(one.completed)),
      cell("num", "up", duration(one.uptime_s)),
      cell("num mono less", "pid", `${one.pid}`),
      cell("span", "why", el("span", "soft", one.ready || one.silent ? one.version : one.reason)));
  });
  const right = new Set(["workers", "in hand", "done", "up", "pid"]);
  $("fleet").replaceChildren(
    el("thead", "", el("tr", "", ...["host", "state", "workers", "in hand", "done", "up", "pid", ""].map((head) =>
      el("th", right.has(head) ? "num" : "", head)))),
    el("tbody", "", ...rows));
}

function circuits() {
  const tone = { closed: "good", open: "bad", half_open: "warn", "partly open": "warn" };
  const word = { closed: "closed", open: "open", half_open: "trying again", "partly open": "partly open" };
  const model = { chat_model: status.chat_model, embedding_model: status.embedding_model, server: "" };
  $("circuits").replaceChildren(...status.circuits.map((one) => {
    const why = one.reason
      ? `${one.reason}${known(one.next_probe_s) && one.state !== "half_open" ? ` · next try in ${duration(one.next_probe_s)}` : ""}`
      : model[one.dependency] || (one.state === "closed" ? "answers" : "");
    return el("div", "circuit", el("span", "", DEPENDENCY[one.dependency] || one.dependency),
      el("span", `pill ${tone[one.state] || ""}`, word[one.state] || one.state), el("div", "why", why));
  }));
  for (const pause of status.paused)
    $("circuits").append(el("div", "circuit", el("span", "", pause.what === "all" ? "All jobs" : pause.what), el("span", "pill warn", "paused"),
      el("div", "why", `by ${pause.by}, ${ago(pause.at / 1000, status.now)}${pause.why ? `: ${pause.why}` : ""} · ryumemctl resume${pause.what === "all" ? "" : ` ${pause.what}`}`)));
}

function gauge(share) {
  const bar = el("div", `bar ${share >= 1 ? "bad" : share >= 0.8 ? "warn" : ""}`, el("i"));
  bar.firstChild.style.width = `${Math.min(100, 100 * share)}%`;
  return bar;
}

function spend() {
  const { spend: all, spenders } = status;
  const box = $("spend");
  box.replaceChildren();
  if (!known(all.usd_today)) {
    $("spend-sub").textContent = "not known while Redis cannot be asked";
    return;
  }
  const cap = all.cap_usd ? `of ${money(all.cap_usd)} · ` : "";
  $("spend-sub").textContent =
    `${cap}${money(all.usd_today)} · ${plural(all.calls_today, "call", "calls")} · ${count(all.tokens_in_today)} tokens in, ${count(all.tokens_out_today)} out, on all hosts (UTC)`;
  if (all.cap_usd) box.append(gauge(all.usd_today / all.cap_usd));
  if (all.unpriced_calls_today) box.append(el("p", "soft", `${plural(all.unpriced_calls_today, "call", "calls")} of unknown price: see --price-file`));
  if (!spenders.length) return void box.append(el("p", "empty", "Nobody has spent anything."));
  const most = Math.max(...spenders.map((one) => one.tokens), 1);
  box.append(el("table", "plain",
    el("thead", "", el("tr", "", el("th", "", "customer"), el("th", "num", "calls"), el("th", "num", "tokens"), el("th", "num", "spent"))),
    el("tbody", "", ...spenders.slice(0, 6).map((one) => {
      const name = el("td", "", one.customer);
      const bar = gauge((0.79 * one.tokens) / most);
      bar.style.margin = "3px 0 0";
      name.append(bar);
      const over = all.customer_cap_usd && one.usd >= all.customer_cap_usd;
      return el("tr", "", name, el("td", "num", count(one.calls)), el("td", "num", count(one.tokens)),
        el("td", "num", over ? el("span", "pill bad", money(one.usd)) : money(one.usd)));
    }))));
}

function command(words) {
  const copy = el("button", "", "copy");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(words);
      copy.textContent = "copied";
    } catch {
      copy.textContent = "select and copy it by hand";
    }
  });
  return el("div", "do", el("code", "", words), navigator.clipboard ? copy : null);
}

// Safe as one word of a shell's command line.
const word = (text) => (/^[\w.:@%+=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

const unfolded = new Set(); // causes that are shown whole

// Letters of one kind and cause together, in the order of the newest of each.
function alike(letters) {
  const groups = new Map();
  for (const one of letters) {
    const key = `${one.kind} ${one.cause} ${one.told}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(one);
  }
  return [...groups.values()];
}

let shownDead = "";

function dead() {
  const letters = status.dead;
  const kinds = {};
  for (const one of letters) kinds[one.kind] = (kinds[one.kind] || 0) + 1;
  const summary = Object.entries(kinds).map(([kind, n]) => `${n} × ${kind}`).join(", ");
  $("dead-sub").textContent = letters.length
    ? `${plural(status.queue.dead || letters.length, "letter", "letters")} in all, kept until you decide; the last ${letters.length}: ${summary}`
    : "";
  // Made anew only when something changes, so that a selection or a button under a finger stays.
  const now = JSON.stringify([letters, Math.floor(status.now / 60)]);
  if (now === shownDead) return;
  shownDead = now;
  const box = $("dead");
  box.replaceChildren();
  if (!letters.length) return void box.append(el("p", "empty", "None. Every job that came was completed or is still being worked on."));
  for (const group of alike(letters)) {
    const [one] = group;
    const key = `${one.kind} ${one.cause}`;
    const cause = el("div", `cause ${unfolded.has(key) ? "all" : ""}`, one.cause || "no cause was written down");
    cause.addEventListener("click", () => {
      if (unfolded.has(key)) unfolded.delete(key);
      else unfolded.add(key);
      cause.classList.toggle("all");
    });
    const told = one.told === "yes" ? "the server knows" : one.told === "no" ? "the server is still to be told" : `not told: ${one.told}`;
    box.append(el("div", "letter",
      el("div", "top", el("span", "pill bad", one.kind || "?"),
        el("span", "", group.length > 1 ? `${group.length} jobs` : plural(one.attempts, "attempt", "attempts")), el("span", "", told),
        el("span", "push", ago(one.at, status.now))),
      cause, command(`ryumemctl dead retry ${group.map((letter) => word(letter.id)).join(" ")}`)));
  }
  const [kind] = Object.entries(kinds).sort((a, b) => b[1] - a[1])[0];
  box.append(el("div", "letter", el("p", "soft", "When the cause is mended, all of a kind at once; what was paid for is not paid for again:"),
    command(`ryumemctl dead retry --kind ${word(kind)}`)));
}

function work() {
  const jobs = status.workers.flatMap((one) => one.jobs.map((job) => ({ ...job, slot: one.slot })));
  jobs.sort((a, b) => b.age_s - a.age_s);
  if (!jobs.length) return void $("work").replaceChildren(el("p", "empty", "No job is in hand."));
  $("work").replaceChildren(el("table", "plain",
    el("thead", "", el("tr", "", el("th", "", "job"), el("th", "", "step"), el("th", "num", "in step"), el("th", "num", "in hand"))),
    el("tbody", "", ...jobs.slice(0, 8).map((job) =>
      el("tr", "", el("td", "mono", job.id.length > 22 ? `${job.id.slice(0, 21)}…` : job.id), el("td", "", (STEP_NAME[job.step] || job.step).toLowerCase()),
        el("td", "num", duration(job.step_age_s)), el("td", "num", duration(job.age_s)))))));
}

function deaths() {
  if (!status.deaths.length) return void $("deaths").replaceChildren(el("p", "empty", "None since the start."));
  $("deaths").replaceChildren(...status.deaths.slice(0, 5).map((one) =>
    el("div", "letter", el("div", "top", el("span", `pill ${/^(exit|signal|hang|spawn)/.test(one.reason) ? "bad" : ""}`, one.reason || "ended"),
      el("span", "", `slot ${one.slot}`), el("span", "push", ago(one.at, status.now))), el("div", "cause all soft", one.what))));
}

function draw() {
  $("who").textContent = `${status.version} on ${status.host} · up ${duration(status.uptime_s)}`;
  for (const part of [verdict, tiles, workers, fleet, circuits, spend, dead, work, deaths]) part();
  drawPlots();
}

// ---- staying live ------------------------------------------------------------------------------

function live() {
  const silent = (Date.now() - heard) / 1000;
  const on = heard > 0 && silent < 10;
  $("live").className = on ? "on" : "off";
  $("live-text").textContent = on ? "live" : heard ? `no answer for ${duration(silent)}` : "no answer";
  document.querySelector("main").classList.toggle("stale", !on && heard > 0);
}

async function look() {
  const since = history && history.at.length ? history.at[history.at.length - 1] : 1;
  const giveUp = new AbortController();
  const limit = setTimeout(() => giveUp.abort(), 8000);
  try {
    const reply = await fetch(`/status.json?history=${since}`, { signal: giveUp.signal, cache: "no-store" });
    if (!reply.ok) throw new Error(reply.status);
    const next = await reply.json();
    if (status && (next.pid !== status.pid || next.host !== status.host)) history = null;
    status = next;
    remember(next.history);
    heard = Date.now();
  } catch {
    // The next look may do better; live() says how long there was none.
  } finally {
    clearTimeout(limit);
  }
  live();
  setTimeout(look, document.hidden ? 10000 : 2000);
  if (status) draw();
}

const themes = ["auto", "light", "dark"];
function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  $("theme").textContent = name;
  drawPlots();
}
function stored() {
  try {
    const name = localStorage.getItem("ryumemd-theme");
    return themes.includes(name) ? name : "auto";
  } catch {
    return "auto";
  }
}
$("theme").addEventListener("click", () => {
  const next = themes[(themes.indexOf($("theme").textContent) + 1) % themes.length];
  try {
    localStorage.setItem("ryumemd-theme", next);
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
  theme(next);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPlots);
new ResizeObserver(drawPlots).observe(document.querySelector("main"));
setInterval(live, 1000);
theme(stored());
look();
}
