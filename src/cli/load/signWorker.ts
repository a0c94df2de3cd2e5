// The thread in which a share is signed before the clock starts.

import { parentPort, workerData } from "node:worker_threads";
import { type SignShareRequest, signShare } from "./signShare.js";

const share = signShare(workerData as SignShareRequest);
parentPort?.postMessage(share, [share.packed.buffer, share.offsets.buffer, share.ids.buffer]);
