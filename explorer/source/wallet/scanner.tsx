// Takes a QR code from the camera, or from a picture where there is no camera.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { readQr } from "./readQr.js";

const FRAME_INTERVAL_MS = 200;

function Camera({ onText, onFailure }: { onText: (text: string) => void; onFailure: (reason: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let stopped = false;
    const look = async (): Promise<void> => {
      const element = video.current;
      if (stopped || element === null) {
        return;
      }
      const text = element.videoWidth > 0 ? await readQr(element, element.videoWidth, element.videoHeight) : undefined;
      if (text !== undefined && !stopped) {
        onText(text);
      } else {
        setTimeout(() => void look(), FRAME_INTERVAL_MS);
      }
    };
    const open = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (video.current !== null && !stopped) {
        video.current.srcObject = stream;
        await video.current.play();
        await look();
      }
    };
    open().catch((error: unknown) => onFailure(error instanceof Error ? error.message : String(error)));
    return () => {
      stopped = true;
      for (const track of stream?.getTracks() ?? []) {
        track.stop();
      }
    };
  }, []);
  return <video ref={video} class="camera" playsInline muted />;
}

export function Scanner({ onText }: { onText: (text: string) => void }): JSX.Element {
  const [scanning, setScanning] = useState(false);
  const [problem, setProblem] = useState("");
  const readFile = async (file: File | undefined): Promise<void> => {
    if (file === undefined) {
      return;
    }
    const picture = await createImageBitmap(file);
    const text = await readQr(picture, picture.width, picture.height);
    setProblem(text === undefined ? t("send.scanNothing") : "");
    if (text !== undefined) {
      onText(text);
    }
  };
  return (
    <div class="scanner">
      <button type="button" onClick={() => setScanning(!scanning)}>
        {scanning ? t("send.scanStop") : t("send.scan")}
      </button>
      <label class="button">
        {t("send.scanFile")}
        <input
          type="file"
          accept="image/*"
          class="hidden"
          onChange={(event) => void readFile(event.currentTarget.files?.[0])}
        />
      </label>
      {scanning ? (
        <Camera
          onText={(text) => {
            setScanning(false);
            onText(text);
          }}
          onFailure={(reason) => {
            setScanning(false);
            setProblem(t("send.scanDenied", { reason }));
          }}
        />
      ) : null}
      {problem === "" ? null : (
        <p role="alert" class="notice warn">
          {problem}
        </p>
      )}
    </div>
  );
}
