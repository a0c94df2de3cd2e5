// Reads a QR code from a picture: by the browser's own detector where it has one, else by a library that is loaded only then.

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

type DetectorConstructor = new (options: { formats: string[] }) => Detector;

const SIDE_PX_MAX = 1_280;

let detector: Detector | undefined;

function ownDetector(): Detector | undefined {
  const DetectorClass = (globalThis as { BarcodeDetector?: DetectorConstructor }).BarcodeDetector;
  if (detector === undefined && DetectorClass !== undefined) {
    detector = new DetectorClass({ formats: ["qr_code"] });
  }
  return detector;
}

async function readByLibrary(canvas: HTMLCanvasElement): Promise<string | undefined> {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    return undefined;
  }
  const { default: jsQR } = await import("jsqr");
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, width, height)?.data;
}

/** The text of the QR code in a picture or video frame of the given size; undefined where there is none. */
export async function readQr(source: CanvasImageSource, width: number, height: number): Promise<string | undefined> {
  const scale = Math.min(1, SIDE_PX_MAX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d", { willReadFrequently: true })?.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    const [found] = (await ownDetector()?.detect(canvas)) ?? [];
    if (found !== undefined) {
      return found.rawValue;
    }
  } catch {
    // Some browsers have the class but no reader behind it.
  }
  return readByLibrary(canvas);
}
