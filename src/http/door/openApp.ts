// The server behind the door, speaking HTTP, or TLS where the operator names a certificate. A key that others can read, that is
// broken, or that is not the certificate's is refused before anything listens.

import type { TemplatedApp } from "uWebSockets.js";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readSecretFile } from "../../base/secretFile.js";
import type { Uws } from "../loadUws.js";

/** The certificate and its key can't be used. */
export class TlsFilesError extends Error {
  override name = "TlsFilesError";
}

async function expectPair(certificateFile: string, keyFile: string): Promise<void> {
  const key = await readSecretFile(keyFile);
  const certificate = await readFile(certificateFile).catch((error: NodeJS.ErrnoException) => {
    throw new TlsFilesError(`can't read the certificate ${certificateFile}: ${error.code ?? error.message}`);
  });
  let fits: boolean;
  try {
    fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(Buffer.from(key)));
  } catch (error) {
    // The parser's message says what kind of block is wrong, never what stands in it.
    throw new TlsFilesError(
      `expected a certificate and its key in PEM: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    key.fill(0);
  }
  if (!fits) {
    throw new TlsFilesError(`the key ${keyFile} is not that of the certificate ${certificateFile}`);
  }
}

export async function openApp(
  uws: Uws,
  tls: { certificateFile: string; keyFile: string } | undefined,
): Promise<TemplatedApp> {
  if (tls === undefined) {
    return uws.App();
  }
  await expectPair(tls.certificateFile, tls.keyFile);
  if (uws.SSLApp === undefined) {
    throw new TlsFilesError("this network server speaks no TLS");
  }
  // Buffers of idle connections are given back: most WebSockets are idle most of the time.
  return uws.SSLApp({
    cert_file_name: tls.certificateFile,
    key_file_name: tls.keyFile,
    ssl_prefer_low_memory_usage: true,
  });
}
