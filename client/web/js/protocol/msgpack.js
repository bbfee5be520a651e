/**
 * MessagePack as this protocol allows it: no maps, no floats, no extensions, valid UTF-8, whole numbers that a double
 * holds, arrays only as deep and as long as the frame can fill. The vendored library is more generous; the subclass
 * below narrows it at the places where it reads (its version is fixed by checksum).
 */
import { Decoder } from "../../vendor/msgpack/Decoder.mjs";
import { Encoder } from "../../vendor/msgpack/Encoder.mjs";
import { DEPTH_MAX } from "./limits.js";

// ignoreBOM: a byte order mark is a character like any other, and Python keeps it too
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function refuse(what) {
  throw new RangeError(what);
}

class StrictDecoder extends Decoder {
  readF32() {
    refuse("a float");
  }

  readF64() {
    refuse("a float");
  }

  readU64() {
    return exact(super.readU64());
  }

  readI64() {
    return exact(super.readI64());
  }

  pushArrayState(size) {
    if (this.stack.length >= DEPTH_MAX) refuse("too deep");
    if (size > this.view.byteLength - this.pos) refuse("an array longer than the frame");
    super.pushArrayState(size);
  }

  decodeUtf8String(size, headerSize) {
    return utf8.decode(this.decodeBinary(size, headerSize));
  }
}

// no field holds a number beyond 2^53, and NaN is refused by every kind of number
const exact = (number) => (Number.isSafeInteger(number) ? number : NaN);

const decoder = new StrictDecoder({ maxMapLength: 0, maxExtLength: 0 });
const encoder = new Encoder();

/**
 * Read one value.
 * @param {Uint8Array} bytes
 * @param {number} itemsMax items of any one array
 * @throws {Error} for whatever is not one whole value of this protocol
 */
export function unpack(bytes, itemsMax) {
  decoder.maxArrayLength = itemsMax;
  return decoder.decode(bytes);
}

/** Write one value: arrays, whole numbers, strings, null, Uint8Array. */
export function pack(value) {
  return encoder.encode(value);
}
