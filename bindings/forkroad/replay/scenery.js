// Map, lights and agents, drawn in metres under the camera's matrix.

function boxInto(context, x, y, heading, length, width) {
  const cos = Math.cos(heading) / 2, sin = Math.sin(heading) / 2;
  const alongX = cos * length, alongY = sin * length, acrossX = -sin * width, acrossY = cos * width;
  context.moveTo(x + alongX + acrossX, y + alongY + acrossY);
  context.lineTo(x + alongX - acrossX, y + alongY - acrossY);
  context.lineTo(x - alongX - acrossX, y - alongY - acrossY);
  context.lineTo(x - alongX + acrossX, y - alongY + acrossY);
  context.closePath();
}

function between(values, row, instant) {
  const from = Math.floor(instant), share = instant - from;
  const value = values[row + from];
  return share === 0 ? value : value + share * (values[row + from + 1] - value);
}

class RoadMap {
  constructor(map) {
    this.paths = map.styles.map(() => new Path2D());
    this.stops = [];
    let at = 0;
    for (let feature = 0; feature < map.style.length; ++feature) {
      const style = map.styles[map.style[feature]], end = at + map.count[feature];
      if (style === "stop_sign") this.stops.push([map.x[at], map.y[at]]);
      const path = this.paths[map.style[feature]];
      path.moveTo(map.x[at], map.y[at]);
      for (let point = at + 1; point < end; ++point) path.lineTo(map.x[point], map.y[point]);
      if (["drivable_area", "driveway", "crosswalk", "speed_bump"].includes(style)) path.closePath();
      at = end;
    }
    this.styles = map.styles;
  }

  draw(context, camera, theme) {
    const pixel = 1 / camera.scale;
    context.lineCap = context.lineJoin = "round";
    this.styles.forEach((style, at) => this.drawStyle(context, style, this.paths[at], pixel, theme));
    context.setLineDash([]);
    for (const [x, y] of this.stops) this.drawStopSign(context, x, y, pixel, theme);
  }

  drawStyle(context, style, path, pixel, theme) {
    const stroke = (color, width, dashes = []) => {
      context.strokeStyle = theme[color];
      context.lineWidth = width;
      context.setLineDash(dashes);
      context.stroke(path);
    };
    const fill = color => {
      context.fillStyle = theme[color];
      context.fill(path);
    };
    if (style === "drivable_area") fill("area");
    else if (style === "driveway") fill("road");
    else if (style === "lane") stroke("road", 3.7);
    else if (style === "bike_lane") stroke("road", 1.6);
    else if (style === "emergency_lane") stroke("road", 2.5);
    else if (style === "crosswalk" || style === "speed_bump") fill("crossing");
    else if (style === "road_edge") stroke("edge", Math.max(1.3 * pixel, 0.12));
    else if (style !== "stop_sign") {
      const [color, kind] = style.split("_");
      stroke(color, Math.max(pixel, 0.14), kind === "broken" ? [2.5, 3.5] : []);
    }
  }

  drawStopSign(context, x, y, pixel, theme) {
    const radius = Math.max(5 * pixel, 0.5);
    context.beginPath();
    for (let corner = 0; corner < 8; ++corner) {
      const turn = (corner + 0.5) * Math.PI / 4;
      context.lineTo(x + radius * Math.cos(turn), y + radius * Math.sin(turn));
    }
    context.closePath();
    context.fillStyle = theme.lost;
    context.fill();
    context.strokeStyle = "#fff";
    context.lineWidth = 1.2 * pixel;
    context.stroke();
  }
}

// In pixels, as a plate of three lamps: the place of the lit one tells as much as its colour.
// Smaller where many stand close together.
const LAMPS = { stop: ["#ff4d4d", -1], caution: ["#ffb000", 0], go: ["#3ddc6b", 1] };

function drawLights(context, camera, lights, instant, steps) {
  const size = Math.min(1, Math.max(0.5, camera.scale / 5));
  for (let light = 0; light < lights.x.length; ++light) {
    const state = lights.states[lights.state[light * (steps + 1) + Math.floor(instant)]];
    if (state === "none") continue;
    const [x, y] = camera.toScreen(lights.x[light], lights.y[light]);
    context.fillStyle = "#1b1d20";
    context.strokeStyle = "#ffffffb0";
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x - 4.5 * size, y - 10.5 * size, 9 * size, 21 * size, 3 * size);
    context.fill();
    context.stroke();
    for (const [color, place] of Object.values(LAMPS)) {
      const lit = LAMPS[state] && LAMPS[state][1] === place;
      context.fillStyle = lit ? color : "#54585e";
      context.beginPath();
      context.arc(x, y + 6.3 * size * place, size * (lit ? 3.2 : 1.6), 0, 2 * Math.PI);
      context.fill();
    }
  }
}

class Agents {
  constructor(agents, kinds, steps) {
    Object.assign(this, agents);
    this.kindNames = kinds;
    this.steps = steps;
    this.number = agents.ids.length;
  }

  name(agent) {
    return `${this.kindNames[this.kind[agent]]} #${this.ids[agent]}`;
  }

  isThere(agent, instant) {
    const row = agent * (this.steps + 1);
    return this.there[row + Math.floor(instant)] > 0 && this.there[row + Math.ceil(instant)] > 0;
  }

  // [x, y, heading, length, width]
  box(agent, instant) {
    const row = agent * (this.steps + 1);
    return [this.x, this.y, this.heading, this.length, this.width].map(
      values => between(values, row, instant));
  }

  draw(context, camera, theme, instant) {
    const noses = new Path2D();
    const bodies = this.kindNames.map(() => new Path2D());
    for (let agent = 0; agent < this.number; ++agent) {
      if (!this.isThere(agent, instant)) continue;
      const box = this.box(agent, instant);
      boxInto(bodies[this.kind[agent]], ...box);
      if (box[3] > 2.5) noseInto(noses, ...box);
    }
    context.strokeStyle = theme.outline;
    context.lineWidth = 0.8 / camera.scale;
    bodies.forEach((body, kind) => {
      context.fillStyle = theme[this.kindNames[kind]];
      context.fill(body);
      context.stroke(body);
    });
    context.lineWidth = 1.2 / camera.scale;
    context.stroke(noses);
  }

  // Ring and name of somebody to whom a point was lost.
  mark(context, camera, theme, agent, instant, ratio) {
    if (!this.isThere(agent, instant)) return;
    const [x, y, heading, length, width] = this.box(agent, instant);
    context.setTransform(...camera.matrix(ratio));
    context.beginPath();
    boxInto(context, x, y, heading, length, width);
    context.fillStyle = theme.lost;
    context.globalAlpha = 0.85;
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(x, y, Math.max(Math.hypot(length, width) / 2 + 0.8, 11 / camera.scale), 0, 2 * Math.PI);
    context.strokeStyle = theme.lost;
    context.lineWidth = 2 / camera.scale;
    context.stroke();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [px, py] = camera.toScreen(x, y);
    const away = Math.max(Math.hypot(length, width) / 2 * camera.scale + 8, 16);
    label(context, theme, this.name(agent), px, py - away, camera);
  }
}

function noseInto(path, x, y, heading, length) {
  path.moveTo(x, y);
  path.lineTo(x + Math.cos(heading) * length / 2, y + Math.sin(heading) * length / 2);
}

// A name in pixels, kept inside the canvas.
function label(context, theme, text, x, y, camera) {
  context.font = "600 12px system-ui, sans-serif";
  const half = context.measureText(text).width / 2 + 4;
  const inside = Math.min(Math.max(x, half), camera.width - half);
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = theme.paper;
  context.strokeText(text, inside, Math.max(y, 16));
  context.fillStyle = theme.lost;
  context.fillText(text, inside, Math.max(y, 16));
}

function drawScale(context, camera, theme) {
  const length = [200, 100, 50, 20, 10, 5, 2, 1].find(size => size * camera.scale <= 110) || 1;
  const left = 14, bottom = 30, right = left + length * camera.scale;
  context.lineCap = "butt";
  for (const [color, width] of [[theme.paper, 6], [theme.ink, 2.5]]) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(left, bottom);
    context.lineTo(right, bottom);
    context.stroke();
  }
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.strokeStyle = theme.paper;
  context.lineWidth = 3;
  context.strokeText(`${length} m`, (left + right) / 2, bottom - 5);
  context.fillStyle = theme.ink;
  context.fillText(`${length} m`, (left + right) / 2, bottom - 5);
}
