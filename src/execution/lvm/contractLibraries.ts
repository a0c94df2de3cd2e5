// Everything that contracts find in their global table besides Lua's own libraries.
import { accessLibrary } from "./accessApi.js";
import { baseLibraries } from "./baseLibrary.js";
import { bignumLibrary } from "./bignumApi.js";
import { chainLibrary } from "./chainApi.js";
import { cryptoLibrary } from "./cryptoApi.js";
import { jsonLibrary } from "./jsonApi.js";
import type { LuaInstance } from "./luaInstance.js";
import { oracleLibrary } from "./oracleApi.js";
import type { ApiLibrary } from "./sandbox.js";
import { abiLibrary, stateLibrary } from "./stateApi.js";

/** The libraries in the order in which they are put into the base image, which is part of it. */
export function contractLibraries(lua: LuaInstance): ApiLibrary[] {
  return [
    stateLibrary,
    abiLibrary,
    chainLibrary,
    cryptoLibrary,
    bignumLibrary,
    jsonLibrary,
    oracleLibrary,
    accessLibrary,
    ...baseLibraries(lua),
  ];
}
