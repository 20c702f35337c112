"use strict";
// Undoes packed_array.py: base64, zlib, byte planes, folded signs, differences, unit.

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// -> Float32Array, rows one after the other
async function unpack(packed) {
  const planes = await inflate(packed.data);
  const count = planes.length / packed.planes;
  const length = packed.shape[packed.shape.length - 1];
  const out = new Float32Array(count);
  const row = new Float64Array(length);
  for (let start = 0; start < count; start += length) {
    for (let at = 0; at < length; ++at) {
      let folded = 0;
      for (let plane = packed.planes - 1; plane >= 0; --plane) {
        folded = folded * 256 + planes[plane * count + start + at];
      }
      row[at] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
    }
    for (let order = 0; order < packed.order; ++order) {
      for (let at = 1; at < length; ++at) row[at] += row[at - 1];
    }
    for (let at = 0; at < length; ++at) out[start + at] = row[at] * packed.unit;
  }
  return out;
}

// A copy of a JSON value in which every packed array is unpacked.
async function unpackAll(value) {
  if (Array.isArray(value)) return Promise.all(value.map(unpackAll));
  if (value === null || typeof value !== "object") return value;
  if ("planes" in value) return unpack(value);
  const entries = Object.entries(value).map(async ([key, part]) => [key, await unpackAll(part)]);
  return Object.fromEntries(await Promise.all(entries));
}
