// The panel beside the scene and the marks above the slider: what a plan scored and why.

const find = id => document.getElementById(id);

function element(tag, text = "", kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;  // never markup: names come from files
  if (kind) made.className = kind;
  return made;
}

class Panel {
  // on: what happens at { choose(plan), seek(step), model(index), here(direction) }
  constructor(data, plans, on) {
    this.data = data;
    this.plans = plans;
    this.on = on;
    this.digits = Math.abs(data.dt * 10 - Math.round(data.dt * 10)) < 1e-6 ? 1 : 2;
    find("title").textContent = data.id;
    find("source").textContent =
      `${data.source}; plans for ${data.ego.name}; positions to ${data.unit} m, headings to ${data.turn} rad.`;
    for (const text of data.assumptions) find("assumptions").append(element("li", text));
    find("pick-log").onclick = () => on.choose(LOG);
    find("pick-best").onclick = () => on.choose(plans.model.best);
    find("pick-telling").onclick = () => on.opening();
    find("here-before").onclick = () => on.here(-1);
    find("here-after").onclick = () => on.here(1);
    this.buttons = data.models.map((model, index) => {
      const button = element("button", model.name);
      button.onclick = () => on.model(index);
      return button;
    });
    find("models").append(...this.buttons);
    find("models").hidden = data.models.length < 2;
  }

  seconds(step) {
    return `${(step * this.data.dt).toFixed(this.digits)} s`;
  }

  describeLost(lost) {
    const to = lost.to >= 0 ? `: ${this.agents.name(lost.to)}` : "";
    const left = lost.value > 0 ? `down to ${lost.value.toFixed(3)}` : "lost";
    return `${lost.term} ${left} at ${this.seconds(lost.step)}${to}`;
  }

  // Show a plan under the current agent model; `here`: the plans that a click may have meant.
  show(plan, agents, here) {
    const { plans } = this;
    this.agents = agents;
    this.plan = plan;
    this.other = plan === LOG ? plans.model.best : LOG;
    find("sentence").textContent = plans.model.sentence;
    find("plan-name").textContent = plans.name(plan);
    find("total").textContent = plans.total(plan).toFixed(2);
    find("pick-best").disabled = plans.model.best < 0;
    const opening = plans.model.opening.plan;
    for (const [id, meant] of [["pick-log", LOG], ["pick-best", plans.model.best]]) {
      find(id).setAttribute("aria-pressed", String(plan === meant));
    }
    find("pick-telling").hidden = opening === LOG || opening === plans.model.best;
    find("pick-telling").setAttribute("aria-pressed", String(plan === opening));
    this.buttons.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(this.data.models[index] === plans.model));
    });
    this.showVerdict(plan);
    this.showTerms(plan);
    this.showFacts(plan);
    this.showMarks(plan);
    find("here").hidden = here.length < 2;
    find("here-text").textContent = `${here.indexOf(plan) + 1} of ${here.length} plans here`;
  }

  showVerdict(plan) {
    const losses = this.plans.lost(plan);
    find("verdict").replaceChildren(...losses.map(lost => {
      const item = element("li");
      const button = element("button", this.describeLost(lost), lost.value > 0 ? "part" : "");
      button.title = "Play from shortly before";
      button.onclick = () => this.on.seek(lost.step);
      item.append(button);
      return item;
    }));
    if (losses.length === 0) find("verdict").append(element("li", "keeps every point", "good"));
  }

  showTerms(plan) {
    const { plans } = this, gone = new Set(plans.gone(plan).map(one => one.term));
    const hasOther = this.other !== plan && (this.other === LOG || this.other >= 0);
    find("own-head").textContent = plan === LOG ? "log" : "plan";
    find("other-head").textContent = hasOther ? (this.other === LOG ? "log" : "best") : "";
    find("terms").tBodies[0].replaceChildren(...plans.terms.map((term, at) => {
      const last = at === plans.terms.length - 1;
      const row = element("tr", "", last ? "total" : gone.has(term) ? "lost" : "");
      const said = this.data.card.notSaid.includes(term) ? " (the map does not say)" : "";
      const meter = element("td", "", "meter"), bar = element("div"), fill = element("i");
      fill.style.width = `${100 * Math.min(1, Math.max(0, plans.value(plan, at)))}%`;
      bar.append(fill);
      meter.append(bar);
      const name = element("td");
      // long names break after an underscore
      const parts = (term + said).split(/(?<=_)/);
      name.append(...parts.flatMap(part => [part, document.createElement("wbr")]));
      row.append(name, meter,
        element("td", plans.value(plan, at).toFixed(3), "own"),
        element("td", hasOther ? plans.value(this.other, at).toFixed(3) : ""));
      return row;
    }));
  }

  showFacts(plan) {
    const { plans } = this;
    const rows = [["speed now", ""]];
    if (plan !== LOG) {
      rows.push(["rank by total", `${plans.rank[plan].toLocaleString("en")} of ` +
        plans.number.toLocaleString("en")]);
    }
    for (const { label, suffix, value, step, to } of plans.nearest(plan)) {
      rows.push([label, to < 0 ? `nobody within ${Number(value.toFixed(2))} ${suffix}` :
        `${value.toFixed(2)} ${suffix}, ${this.agents.name(to)} at ${this.seconds(step)}`]);
    }
    find("facts").replaceChildren(
      ...rows.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
    this.speed = find("facts").querySelector("dd");
  }

  // Ticks where points are lost, the first one of the plan in words.
  showMarks(plan) {
    const share = step => 100 * step / Math.max(1, this.data.steps);
    const marks = [];
    for (const [whose, kind] of plan === LOG ? [[LOG, "plan"]] : [[LOG, "log"], [plan, "plan"]]) {
      for (const lost of this.plans.lost(whose)) {
        const tick = element("i", "", lost.value > 0 ? `${kind} part` : kind);
        tick.style.left = `${share(lost.step)}%`;
        tick.title = `${this.plans.name(whose)}: ${this.describeLost(lost)}`;
        marks.push(tick);
      }
    }
    const [first] = this.plans.gone(plan);
    if (first) {
      const words = element("b", this.describeLost(first));
      words.style.left = `${share(first.step)}%`;
      words.style.transform = `translateX(-${share(first.step)}%)`;
      marks.push(words);
    }
    find("marks").replaceChildren(...marks);
  }

  // What changes while playing.
  tick(instant, playing) {
    const { data, plans } = this;
    find("clock").textContent = `${(instant * data.dt).toFixed(this.digits)} / ${this.seconds(data.steps)}`;
    find("time").value = String(instant);
    find("time").style.setProperty("--at", `${100 * instant / Math.max(1, data.steps)}%`);
    find("time").setAttribute("aria-valuetext", this.seconds(instant));
    find("play-shape").setAttribute("d", playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M5 2l9 6-9 6z");
    find("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    const speed = who => plans.speed(who, instant);
    const text = value => Number.isNaN(value) ? "not known" : `${value.toFixed(1)} m/s`;
    this.speed.textContent = text(speed(this.plan)) +
      (this.plan === LOG ? "" : `, log ${text(speed(LOG))}`);
  }
}

function fillLegend(data, theme) {
  const entry = (text, kind, color, property = "background") => {
    const item = element("span"), swatch = element("i", "", kind);
    swatch.style[property] = color;
    item.append(swatch, text);
    return item;
  };
  const scale = element("span");
  const bar = element("i", "", "scale");
  bar.style.background = `linear-gradient(90deg, ${theme.scores.join(", ")})`;
  scale.append("total 0", bar, "1");
  const present = new Set(data.models.flatMap(model => [...model.agents.kind]));
  const cross = entry("point lost", "cross", "none");
  cross.firstChild.textContent = "\u00d7";
  find("legend").replaceChildren(
    scale,
    entry("chosen plan", "line", theme.chosen, "borderColor"),
    entry("log", "line dashed", theme.ink, "borderColor"),
    cross,
    ...[...present].sort().map(kind => entry(data.kinds[kind], "", theme[data.kinds[kind]])));
}
