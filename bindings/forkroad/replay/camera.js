// Where the canvas looks, and the picture of what does not move.

// Ego's frame [m] -> canvas [CSS px]. Forward is to the right, on upright canvases up.
class Camera {
  constructor(window) {
    this.window = window;  // min x, min y, max x, max y to show at first
    this.x = this.y = 0;  // [m] in the middle of the canvas
    this.scale = 1;  // [px/m]
    this.width = this.height = 1;
    this.upright = false;
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  // Show the whole window, clear of the margins (top, right, bottom, left) [px].
  fit(margins) {
    const [lowX, lowY, highX, highY] = this.window;
    const [top, right, bottom, left] = margins;
    const long = highX - lowX, wide = highY - lowY;
    const width = Math.max(40, this.width - left - right);
    const height = Math.max(40, this.height - top - bottom);
    const lying = Math.min(width / long, height / wide);
    const standing = Math.min(width / wide, height / long);
    this.upright = standing > lying;
    this.scale = this.home = Math.max(lying, standing);
    this.x = (lowX + highX) / 2;
    this.y = (lowY + highY) / 2;
    this.pan((left - right) / 2, (top - bottom) / 2);
  }

  // a, b, c, d, e, f of CanvasRenderingContext2D.setTransform
  matrix(ratio = 1) {
    const scale = this.scale * ratio;
    const [a, b, c, d] = this.upright ? [0, -scale, -scale, 0] : [scale, 0, 0, -scale];
    const middleX = this.width * ratio / 2, middleY = this.height * ratio / 2;
    return [a, b, c, d, middleX - a * this.x - c * this.y, middleY - b * this.x - d * this.y];
  }

  toScreen(x, y) {
    const [a, b, c, d, e, f] = this.matrix();
    return [a * x + c * y + e, b * x + d * y + f];
  }

  toWorld(px, py) {
    const right = (px - this.width / 2) / this.scale, down = (py - this.height / 2) / this.scale;
    return this.upright ? [this.x - down, this.y - right] : [this.x + right, this.y - down];
  }

  pan(dx, dy) {
    const [x, y] = this.toWorld(this.width / 2 - dx, this.height / 2 - dy);
    this.x = x;
    this.y = y;
  }

  // Zoom so that what is at (px, py) stays there.
  zoom(factor, px, py) {
    const [x, y] = this.toWorld(px, py);
    this.scale = Math.min(Math.max(this.scale * factor, this.home / 4), Math.max(80, this.home));
    const [toX, toY] = this.toWorld(px, py);
    this.x += x - toX;
    this.y += y - toY;
  }

  copy() {
    return Object.assign(new Camera(this.window), this);
  }
}

// Map and fan on a canvas of their own. While the camera moves the last picture is shown where it
// belongs; the next one is painted in slices so that no frame waits for it.
class Backdrop {
  // paint(context, camera): a generator that yields now and then
  constructor(paint) {
    this.paint = paint;
    this.shown = this.next = this.job = null;
  }

  // Paint for this camera; `now`: at once.
  request(camera, ratio, now) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(camera.width * ratio);
    canvas.height = Math.round(camera.height * ratio);
    const context = canvas.getContext("2d");
    this.next = { canvas, matrix: camera.matrix(ratio) };
    context.setTransform(...this.next.matrix);
    this.job = this.paint(context, camera.copy());
    if (now) this.work(Infinity);
  }

  // Paint for some milliseconds. -> whether there is more to do
  work(milliseconds) {
    const end = performance.now() + milliseconds;
    while (this.job !== null) {
      if (this.job.next().done) {
        this.shown = this.next;
        this.job = null;
      } else if (performance.now() > end) {
        break;
      }
    }
    return this.job !== null;
  }

  draw(context, camera, ratio) {
    if (this.shown === null) return;
    const now = new DOMMatrix(camera.matrix(ratio));
    context.setTransform(now.multiply(new DOMMatrix(this.shown.matrix).inverse()));
    context.drawImage(this.shown.canvas, 0, 0);
  }
}
