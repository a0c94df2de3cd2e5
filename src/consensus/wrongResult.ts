// Keeps what proves that somebody signed a wrong result: the block's header and the proposer's signed record, and the certificate
// where the delegates agreed on it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes, toHex } from "../base/bytes.js";
import { type Block, encodeHeader } from "../protocol/block.js";
import { type Certificate, encodeCertificate } from "../protocol/certificate.js";
import { cometAddress } from "../protocol/comet.js";

/** Writes wrong-result-<height>-<proposer>.hex: header, result record and, if any, certificate, one behind the other. */
export async function keepWrongResult(directory: string, block: Block, certificate?: Certificate): Promise<void> {
  const { header, result } = block;
  await mkdir(directory, { recursive: true });
  const path = join(directory, `wrong-result-${header.height}-${toHex(cometAddress(header.proposer))}.hex`);
  const proof = certificate === undefined ? new Uint8Array(0) : encodeCertificate(certificate);
  await writeFile(path, `${toHex(concatBytes(encodeHeader(header), result, proof))}\n`);
}
