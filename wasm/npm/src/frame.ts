/**
 * Frames: how text crosses the border of the module. A frame is a count and then the fields, each a length and its
 * bytes in UTF-8; every number is a 32-bit little-endian one. The other side is wasm/src/frame.hpp.
 */

const numberBytes = 4;
const encoder = new TextEncoder();
// A byte order mark at the start of a value is part of the value.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Writes the fields as one frame. A lone surrogate becomes U+FFFD, as everywhere on the web. */
export function encodeFrame(fields: readonly string[]): Uint8Array {
  const encoded = fields.map((field) => encoder.encode(field));
  const size = encoded.reduce((sum, bytes) => sum + numberBytes + bytes.length, numberBytes);
  const frame = new Uint8Array(size);
  const view = new DataView(frame.buffer);
  view.setUint32(0, encoded.length, true);
  let at = numberBytes;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.length, true);
    frame.set(bytes, at + numberBytes);
    at += numberBytes + bytes.length;
  }
  return frame;
}

/** Reads a frame that the module wrote. @throws RangeError when its lengths run past the end. */
export function decodeFrame(frame: Uint8Array): string[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const fields: string[] = [];
  const count = view.getUint32(0, true);
  let at = numberBytes;
  for (let i = 0; i < count; ++i) {
    const length = view.getUint32(at, true);
    at += numberBytes;
    if (at + length > frame.length) throw new RangeError("a field runs past the end of its frame");
    fields.push(decoder.decode(frame.subarray(at, at + length)));
    at += length;
  }
  return fields;
}
