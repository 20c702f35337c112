// The clock, the hands and the picture of the moment.

// Dark paper wants the order the other way round: ever lighter.
const DARK_SCORES = ["#74423c", "#7d5d4f", "#6f7d75", "#4f9a9c", "#4db8cb", "#7dd0ea", "#c4efff"];
const COLORS = ["paper", "ink", "road", "area", "crossing", "edge", "white", "yellow", "outline",
  "chosen", "lost", "vehicle", "pedestrian", "cyclist", "other", "unset"];
const HOLD = 1;  // [s] that the last instant stays before the replay starts over
const STEPS_OF_SCORE = 64;

function mixed(colors, share) {
  const at = Math.min(Math.max(share, 0), 1) * (colors.length - 1), from = Math.floor(at);
  const channel = (color, place) => parseInt(color.slice(place, place + 2), 16);
  const mix = place => Math.round(channel(colors[from], place) + (at - from) *
    (channel(colors[Math.min(from + 1, colors.length - 1)], place) - channel(colors[from], place)));
  return `rgb(${mix(1)}, ${mix(3)}, ${mix(5)})`;
}

function readTheme(data) {
  const dark = document.documentElement.dataset.theme === "dark";
  const style = getComputedStyle(document.documentElement);
  const theme = Object.fromEntries(
    COLORS.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
  theme.scores = dark ? DARK_SCORES : data.scoreColors;
  const table = Array.from(
    { length: STEPS_OF_SCORE + 1 }, (_, at) => mixed(theme.scores, at / STEPS_OF_SCORE));
  theme.score = total => table[Math.round(Math.min(Math.max(total, 0), 1) * STEPS_OF_SCORE)];
  theme.fanAlpha = dark ? 0.5 : 0.6;
  return theme;
}

class Player {
  constructor(data) {
    this.data = data;
    this.canvas = find("canvas");
    this.context = this.canvas.getContext("2d");
    this.camera = new Camera(data.window);
    this.map = new RoadMap(data.map);
    this.plans = new Plans(data);
    this.agents = data.models.map(model => new Agents(model.agents, data.kinds, data.steps));
    this.modelIndex = 0;
    this.here = [];
    this.speed = 1;
    this.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.held = 0;
    this.touched = false;  // whether the user has moved the camera
    this.panel = new Panel(data, this.plans, {
      choose: plan => this.choose(plan),
      opening: () => this.open(),
      seek: step => { this.seek(step - data.lead / data.dt); this.play(true); },
      model: index => this.useModel(index),
      here: direction => this.chooseHere(direction),
    });
    this.backdrop = new Backdrop(this.paintBackdrop.bind(this));
    this.setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
    find("time").max = String(data.steps);
    this.open();
    new ResizeObserver(() => this.resize()).observe(find("stage"));
    this.resize();
    listen(this);
  }

  *paintBackdrop(context, camera) {
    this.map.draw(context, camera, this.theme);
    yield;
    yield* this.plans.paintFan(context, camera, this.theme);
  }

  // Select what the replay is about and start shortly before it.
  open() {
    const { plan, step } = this.plans.model.opening;
    this.choose(plan);
    this.seek(step - this.data.lead / this.data.dt);
  }

  choose(plan, here = []) {
    this.plan = plan;
    this.here = here;
    this.panel.show(plan, this.agents[this.modelIndex], here);
    this.showScore();
    this.wake();
  }

  showScore() {
    find("total").style.setProperty("--score", this.theme.score(this.plans.total(this.plan)));
  }

  chooseHere(direction) {
    const { here } = this, at = here.indexOf(this.plan) + direction;
    this.choose(here[(at + here.length) % here.length], here);
  }

  useModel(index) {
    this.modelIndex = index;
    this.plans.use(index);
    this.choose(this.plan);
    this.repaint();
  }

  setTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    this.theme = readTheme(this.data);
    fillLegend(this.data, this.theme);
    if (this.plan === undefined) return;
    this.showScore();
    this.repaint();
  }

  seek(instant) {
    this.time = Math.min(Math.max(instant, 0), this.data.steps);
    this.held = 0;
    this.wake();
  }

  play(on) {
    this.playing = on;
    if (on && this.time >= this.data.steps) this.time = 0;
    this.wake();
  }

  resize() {
    const { width, height } = find("stage").getBoundingClientRect();
    this.ratio = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.camera.resize(width, height);
    if (!this.touched) this.fit();
    else this.repaint();
    // a canvas of another size is empty until it is drawn on
    if (this.backdrop.shown !== null) this.draw();
  }

  fit() {
    this.touched = false;
    const legend = find("legend").getBoundingClientRect().height;
    this.camera.fit([16, 50, legend + 20, 12]);
    this.repaint();
  }

  // The camera has been moved by hand: the sharp picture follows when the hand rests.
  moved() {
    this.touched = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.repaint(), 120);
    this.wake();
  }

  repaint() {
    clearTimeout(this.rest);
    this.backdrop.request(this.camera, this.ratio, this.backdrop.shown === null);
    this.wake();
  }

  zoom(factor, px = this.camera.width / 2, py = this.camera.height / 2) {
    this.camera.zoom(factor, px, py);
    this.moved();
  }

  wake() {
    if (this.frame === undefined) this.frame = requestAnimationFrame(now => this.step(now));
  }

  step(now) {
    this.frame = undefined;
    const passed = Math.min(0.1, (now - (this.last ?? now)) / 1000);
    this.last = now;
    if (this.playing) this.advance(passed);
    const painting = this.backdrop.work(8);
    this.draw();
    if (this.playing || painting) this.wake();
    else this.last = undefined;
  }

  advance(seconds) {
    const { steps, dt } = this.data;
    if (this.time < steps) {
      this.time = Math.min(steps, this.time + seconds * this.speed / dt);
    } else if ((this.held += seconds) > HOLD) {
      this.time = this.held = 0;
    }
  }

  draw() {
    const { context, camera, theme, plans, ratio, time } = this;
    const agents = this.agents[this.modelIndex];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = theme.paper;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.backdrop.draw(context, camera, ratio);
    context.setTransform(...camera.matrix(ratio));
    plans.drawDots(context, camera, theme, time);
    agents.draw(context, camera, theme, time);
    plans.drawChosen(context, camera, theme, this.plan);
    plans.drawLog(context, camera, theme);
    this.drawEgo(LOG, false);
    this.drawEgo(this.plan, true);
    this.drawCross();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawLights(context, camera, this.data.lights, time, this.data.steps);
    for (const agent of new Set(plans.lost(this.plan).map(lost => lost.to))) {
      if (agent >= 0) agents.mark(context, camera, theme, agent, time, ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScale(context, camera, theme);
    this.panel.tick(time, this.playing);
    this.firstFrame ??= performance.now();
  }

  // The ego's box where a plan has it now: solid if chosen, an outline of the log beside it.
  drawEgo(plan, chosen) {
    const { context, theme, camera, time } = this;
    if (!this.plans.isThere(plan, time)) return;
    const pose = this.plans.pose(plan, time), box = new Path2D(), nose = new Path2D();
    boxInto(box, ...pose, ...this.data.ego.size);
    noseInto(nose, ...pose, this.data.ego.size[0]);
    context.lineWidth = (chosen ? 1.2 : 4) / camera.scale;
    context.strokeStyle = theme.outline;
    if (chosen) {
      context.fillStyle = theme.chosen;
      context.fill(box);
      context.stroke(nose);
    }
    context.stroke(box);
    if (chosen) return;
    context.lineWidth = 1.8 / camera.scale;
    context.strokeStyle = theme.ink;
    context.stroke(box);
  }

  // Where the chosen plan loses its first point.
  drawCross() {
    const { context, theme, camera, plans } = this, [first] = plans.gone(this.plan);
    if (!first || !plans.isThere(this.plan, first.step)) return;
    const pose = plans.pose(this.plan, first.step), box = new Path2D(), arm = 6 / camera.scale;
    const cross = new Path2D();
    boxInto(box, ...pose, ...this.data.ego.size);
    for (const side of [1, -1]) {
      cross.moveTo(pose[0] - arm, pose[1] - side * arm);
      cross.lineTo(pose[0] + arm, pose[1] + side * arm);
    }
    context.strokeStyle = theme.lost;
    context.lineWidth = 1.4 / camera.scale;
    context.stroke(box);
    for (const [color, width] of [[theme.outline, 6], [theme.lost, 3]]) {
      context.strokeStyle = color;
      context.lineWidth = width / camera.scale;
      context.stroke(cross);
    }
  }
}
