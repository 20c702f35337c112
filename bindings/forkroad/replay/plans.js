// The plans: what they scored, where they are, which one is meant by a click, how they look.

const LOG = -1;  // in place of a plan
const MAX_LINES = 2400, MAX_DOTS = 1500;  // drawn; more only darken the paper
const PICK_DOT = 7, PICK_LINE = 16;  // [px]

// `count` of `number` places, evenly.
function evenly(number, count) {
  const chosen = Math.min(number, count);
  return Array.from({ length: chosen }, (_, at) => Math.floor((at + 1) * number / chosen) - 1);
}

class Plans {
  constructor(data) {
    this.data = data;
    this.steps = data.steps;
    this.dt = data.dt;
    this.terms = data.card.terms;
    this.number = data.planIds.length;
    this.use(0);
  }

  // Take the scores under one agent model.
  use(model) {
    this.model = this.data.models[model];
    const totals = Array.from({ length: this.number }, (_, plan) => this.total(plan));
    this.ends = totals.map((_, plan) => this.end(plan));
    // lowest total first, so that the highest end up on top
    this.order = totals.map((_, plan) => plan).sort((a, b) => totals[a] - totals[b] || a - b);
    this.rank = new Int32Array(this.number);
    this.order.forEach((plan, place) => { this.rank[plan] = this.number - place; });
    this.totals = totals;
    this.dots = evenly(this.number, MAX_DOTS).map(place => this.order[place]);
    const top = this.order.slice(Math.max(0, this.number - MAX_LINES / 10));
    const rest = this.order.slice(0, this.number - top.length);
    this.lines = evenly(rest.length, MAX_LINES - top.length).map(place => rest[place]).concat(top);
  }

  // The table and the row in it that hold a plan's scores.
  place(plan) {
    return plan === LOG ? [this.model.log, 0] : [this.model, plan];
  }

  name(plan) {
    return plan === LOG ? "Log" : `Plan #${this.data.planIds[plan]}`;
  }

  value(plan, term) {
    const [table, row] = this.place(plan);
    return table.values[row * this.terms.length + term];
  }

  total(plan) {
    return this.value(plan, this.terms.length - 1);
  }

  // The terms that a plan lost something of at a known step, first ones first: term, value, step,
  // to (-1: nobody).
  lost(plan) {
    const [table, row] = this.place(plan);
    return this.terms
      .map((term, at) => ({
        term,
        value: table.values[row * this.terms.length + at],
        step: table.lostStep[row * this.terms.length + at],
        to: table.lostTo[row * this.terms.length + at],
      }))
      .filter(lost => lost.step >= 0)
      .sort((a, b) => a.step - b.step);
  }

  // Of these the points of which nothing is left.
  gone(plan) {
    return this.lost(plan).filter(lost => lost.value === 0);
  }

  // The step of a plan's first lost point, else the last one.
  end(plan) {
    const [first] = this.gone(plan);
    return first ? first.step : this.steps;
  }

  // Facts about somebody: label, suffix, value, step, to (-1: nobody, the value is the limit).
  nearest(plan) {
    const [table, row] = this.place(plan);
    return table.nearest.map(fact => ({
      ...fact, value: fact.value[row], step: fact.step[row], to: fact.to[row],
    }));
  }

  // [x, y, heading]
  pose(plan, instant) {
    const poses = plan === LOG ? this.data.log : this.data.plans;
    const row = plan === LOG ? 0 : plan * (this.steps + 1);
    return [poses.x, poses.y, poses.heading].map(values => between(values, row, instant));
  }

  isThere(plan, instant) {
    if (plan !== LOG) return true;
    return this.data.log.there[Math.floor(instant)] > 0 && this.data.log.there[Math.ceil(instant)] > 0;
  }

  // [m/s] over the step that holds the instant; NaN: not known
  speed(plan, instant) {
    if (this.steps === 0) return NaN;
    const from = Math.min(Math.floor(instant), this.steps - 1);
    if (!this.isThere(plan, from) || !this.isThere(plan, from + 1)) return NaN;
    const [x, y] = this.pose(plan, from), [toX, toY] = this.pose(plan, from + 1);
    return Math.hypot(toX - x, toY - y) / this.dt;
  }

  // The plans that a click at (px, py) means, best guess first: those that are there now, or else
  // those whose line passes there, in the order of how near they are to there now.
  pick(camera, px, py, instant) {
    const [x, y] = camera.toWorld(px, py);
    const near = PICK_DOT / camera.scale, reach = PICK_LINE / camera.scale;
    const now = new Float64Array(this.number), lines = new Float64Array(this.number);
    let closest = Infinity;
    for (let plan = 0; plan < this.number; ++plan) {
      const [atX, atY] = this.pose(plan, Math.min(instant, this.ends[plan]));
      now[plan] = Math.hypot(atX - x, atY - y);
      lines[plan] = this.distance(plan, x, y);
      closest = Math.min(closest, lines[plan]);
    }
    const all = Array.from(this.totals.keys());
    let here = all.filter(plan => now[plan] <= near && instant <= this.ends[plan]);
    if (here.length === 0 && closest <= reach) {
      here = all.filter(plan => lines[plan] <= closest + 1 / camera.scale);
    }
    return here.sort((a, b) => now[a] - now[b] || this.totals[b] - this.totals[a] || a - b);
  }

  // [m] from a point to the line of a plan up to its end
  distance(plan, x, y) {
    const { x: xs, y: ys } = this.data.plans;
    const row = plan * (this.steps + 1);
    let least = (xs[row] - x) ** 2 + (ys[row] - y) ** 2;
    for (let at = row; at < row + this.ends[plan]; ++at) {
      const alongX = xs[at + 1] - xs[at], alongY = ys[at + 1] - ys[at];
      const square = alongX * alongX + alongY * alongY;
      const dot = (x - xs[at]) * alongX + (y - ys[at]) * alongY;
      const share = square > 0 ? Math.min(1, Math.max(0, dot / square)) : 0;
      const gapX = xs[at] + share * alongX - x, gapY = ys[at] + share * alongY - y;
      least = Math.min(least, gapX * gapX + gapY * gapY);
    }
    return Math.sqrt(least);
  }

  lineInto(path, plan, from, to, skip) {
    const poses = plan === LOG ? this.data.log : this.data.plans;
    const row = plan === LOG ? 0 : plan * (this.steps + 1);
    let lastX = NaN, lastY = NaN, drawn = false;
    for (let at = from; at <= to; ++at) {
      if (!this.isThere(plan, at)) {
        drawn = false;
        continue;
      }
      const x = poses.x[row + at], y = poses.y[row + at];
      if (drawn && at < to && Math.abs(x - lastX) + Math.abs(y - lastY) < skip) continue;
      if (drawn) path.lineTo(x, y);
      else path.moveTo(x, y);
      [lastX, lastY, drawn] = [x, y, true];
    }
  }

  // Paints the fan, and yields now and then.
  *paintFan(context, camera, theme) {
    const pixel = 1 / camera.scale;
    const width = Math.min(2, Math.max(0.8, 900 / this.lines.length));
    context.lineWidth = width * Math.min(1, Math.max(0.5, camera.scale / 6)) * pixel;
    context.lineJoin = "round";
    context.globalAlpha = theme.fanAlpha;
    for (let at = 0; at < this.lines.length; ++at) {
      const plan = this.lines[at];
      context.beginPath();
      this.lineInto(context, plan, 0, this.ends[plan], 2 * pixel);
      context.strokeStyle = theme.score(this.totals[plan]);
      context.stroke();
      if (at % 50 === 49) yield;
    }
    context.globalAlpha = 1;
  }

  // Where plans that have lost nothing yet are now.
  drawDots(context, camera, theme, instant) {
    const size = Math.min(3, Math.max(1.6, camera.scale / 3)) / camera.scale, rim = 1.5 * size;
    for (const plan of this.dots) {
      if (instant > this.ends[plan]) continue;
      const [x, y] = this.pose(plan, instant);
      context.fillStyle = theme.outline;
      context.fillRect(x - rim / 2, y - rim / 2, rim, rim);
      context.fillStyle = theme.score(this.totals[plan]);
      context.fillRect(x - size / 2, y - size / 2, size, size);
    }
  }

  // The line of one plan: firm up to its first lost point, dashed after.
  drawChosen(context, camera, theme, plan) {
    const pixel = 1 / camera.scale, end = this.end(plan);
    const line = new Path2D(), rest = new Path2D();
    this.lineInto(line, plan, 0, end, 0);
    this.lineInto(rest, plan, end, this.steps, 0);
    context.lineCap = context.lineJoin = "round";
    for (const [color, width] of [[theme.outline, 5.5], [theme.chosen, 3.2]]) {
      context.strokeStyle = color;
      context.lineWidth = width * pixel;
      context.stroke(line);
    }
    context.setLineDash([2 * pixel, 6 * pixel]);
    context.lineWidth = 2 * pixel;
    context.stroke(rest);
    context.setLineDash([]);
  }

  drawLog(context, camera, theme) {
    const pixel = 1 / camera.scale, line = new Path2D();
    this.lineInto(line, LOG, 0, this.steps, 0);
    context.lineCap = "butt";
    context.strokeStyle = theme.ink;
    context.lineWidth = 1.6 * pixel;
    context.setLineDash([5 * pixel, 4 * pixel]);
    context.stroke(line);
    context.setLineDash([]);
  }
}
