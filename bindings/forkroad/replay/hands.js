// Mouse, touch and keys.

const TAP = 6;  // [px] that a finger may slip

function listen(player) {
  find("play").onclick = () => player.play(!player.playing);
  find("time").oninput = event => {
    player.play(false);
    player.seek(Number(event.target.value));
  };
  find("speed").onchange = event => { player.speed = Number(event.target.value); };
  find("zoom-in").onclick = () => player.zoom(1.4);
  find("zoom-out").onclick = () => player.zoom(1 / 1.4);
  find("fit").onclick = () => player.fit();
  find("theme").onclick = () =>
    player.setTheme(document.documentElement.dataset.theme !== "dark");
  document.addEventListener("keydown", event => pressed(player, event));
  point(player);
}

function pressed(player, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = (event.shiftKey ? 1 / player.data.dt : 1) * (event.key === "ArrowLeft" ? -1 : 1);
  const keys = {
    " ": () => player.play(!player.playing),
    ArrowLeft: () => stepBy(player, step),
    ArrowRight: () => stepBy(player, step),
    Home: () => player.seek(0),
    End: () => player.seek(player.data.steps),
    l: () => player.choose(LOG),
    b: () => player.plans.model.best >= 0 && player.choose(player.plans.model.best),
    o: () => player.open(),
    "+": () => player.zoom(1.4),
    "=": () => player.zoom(1.4),
    "-": () => player.zoom(1 / 1.4),
    0: () => player.fit(),
  };
  const typed = event.target.tagName;
  // a focused button takes the space bar itself, the speed takes its own keys
  if (typed === "SELECT" || (event.key === " " && (typed === "BUTTON" || typed === "SUMMARY"))) return;
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

// To the next whole step in a direction.
function stepBy(player, steps) {
  player.play(false);
  const whole = steps > 0 ? Math.floor(player.time + 1e-6) : Math.ceil(player.time - 1e-6);
  player.seek(whole + Math.round(steps));
}

function point(player) {
  const { canvas, camera } = player, fingers = new Map();
  let travel = 0, many = false;
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    player.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), ...place(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size === 0) [travel, many] = [0, false];
    fingers.set(event.pointerId, place(event));
    many = many || fingers.size > 1;
  });
  canvas.addEventListener("pointermove", event => {
    const from = fingers.get(event.pointerId);
    if (from === undefined) return;
    const to = place(event), dx = to[0] - from[0], dy = to[1] - from[1];
    const other = [...fingers].find(([id]) => id !== event.pointerId);
    travel += Math.hypot(dx, dy);
    if (other !== undefined) {
      const span = spot => Math.hypot(spot[0] - other[1][0], spot[1] - other[1][1]);
      const middle = spot => [(spot[0] + other[1][0]) / 2, (spot[1] + other[1][1]) / 2];
      camera.pan(dx / 2, dy / 2);
      player.zoom(Math.max(1, span(to)) / Math.max(1, span(from)), ...middle(to));
    } else if (travel > TAP) {
      camera.pan(dx, dy);
      player.moved();
    }
    fingers.set(event.pointerId, to);
  });
  const lift = event => {
    if (!fingers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && !many && travel <= TAP) {
      const here = player.plans.pick(camera, ...place(event), player.time);
      if (here.length) player.choose(here[0], here);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
}

async function main() {
  const data = await unpackAll(JSON.parse(find("data").textContent));
  window.replay = new Player(data);
}

main().catch(error => {
  find("sentence").textContent =
    `This browser cannot show the replay (it needs DecompressionStream and canvas): ${error}`;
  throw error;
});
