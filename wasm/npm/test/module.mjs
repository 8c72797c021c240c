// The module itself, without the package around it: wasm/src/abi.hpp from JavaScript.

/** Starts a module. What it would write or read does not exist here. */
export async function openModule(bytes) {
  const module = await WebAssembly.compile(bytes);
  const imports = {};
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    (imports[space] ??= {})[name] = () => {
      throw new Error(`the module called ${name}`);
    };
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  exports._initialize?.();
  return { exports, memory: () => Buffer.from(exports.memory.buffer) };
}

/** Writes texts or bytes into the module's memory and gives where each stands. */
function place({ exports, memory }, parts) {
  const encoded = parts.map((part) => Buffer.from(part));
  let at = exports.waxseal_allocate(encoded.reduce((sum, { length }) => sum + length, 0));
  return encoded.map((bytes) => {
    memory().set(bytes, at);
    at += bytes.length;
    return [at - bytes.length, bytes.length];
  });
}

/** Asks for a check. `keys` are 36 bytes each, the id first; undefined is none at all. The values are bytes. */
export function checkIn(module, { url, template = "", purpose = 0, now, period, keys }) {
  const [urlAt, templateAt, [keysAt, keysSize]] = place(module, [url, template, keys ?? ""]);
  const keyCount = keys === undefined ? -1 : keysSize / 36;
  const answer = module.exports.waxseal_check(...urlAt, ...templateAt, keysAt, keyCount, purpose, now, period);
  const memory = module.memory();
  const number = (index) => memory.readUInt32LE(answer + 8 + 4 * index);
  const [status, authentic, unknownKey, missing] = [0, 1, 2, 3].map(number);
  const values = [4, 6, 8, 10].map((i) => Buffer.from(memory.subarray(number(i), number(i) + number(i + 1))));
  return { status, authentic, unknownKey, missing, expiresAt: memory.readDoubleLE(answer), values };
}

/** @param policy  0: strict, 1: django. */
export function acceptsEmail(module, address, policy) {
  const [[at, size]] = place(module, [address]);
  return module.exports.waxseal_accepts_email(at, size, policy) === 1;
}
