// `json`: encode and decode; see jsonText.ts for the rules.

import { LvmError } from "../../protocol/lvmError.js";
import { decodeLvmValue, encodeLvmValue } from "../../protocol/lvmValue.js";
import { readJson, writeJson } from "./jsonText.js";
import { READ_ONLY_RETURN_BYTES_MAX } from "./limits.js";
import type { ApiLibrary } from "./sandbox.js";

function tooLarge(): never {
  throw new LvmError("LVM_BAD_VALUE", `expected at most ${READ_ONLY_RETURN_BYTES_MAX} bytes of JSON`);
}

export const jsonLibrary: ApiLibrary = {
  tables: {
    json: {
      encode: ({ stack, lua, prices }) => {
        const encoded = stack.encodeAt(1, READ_ONLY_RETURN_BYTES_MAX, tooLarge);
        lua.charge(prices.json + prices.jsonByte * encoded.length);
        const bytes = Buffer.from(writeJson(decodeLvmValue(encoded)));
        // Texts with many escapes are longer than what they say.
        lua.charge(prices.jsonByte * Math.max(0, bytes.length - encoded.length));
        return bytes.length > READ_ONLY_RETURN_BYTES_MAX ? tooLarge() : stack.pushBytes(bytes);
      },
      decode: ({ stack, lua, prices }) => {
        const bytes = stack.bytesAt(1);
        lua.charge(prices.json + prices.jsonByte * bytes.length);
        return stack.pushEncoded(encodeLvmValue(readJson(bytes)));
      },
    },
  },
  objects: {},
  methods: {},
};
