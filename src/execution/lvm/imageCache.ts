// Images of loaded contracts by code hash, the least recently used dropped first. Whether one is there changes how long a
// call takes, never its result or gas.
import type { ContractImage } from "./loadContract.js";

function imageBytes(image: ContractImage): number {
  return image.memory.arena.length + image.memory.statics.length;
}

export class ImageCache {
  private readonly images = new Map<string, ContractImage>();
  private bytes = 0;

  constructor(private readonly bytesMax: number) {}

  get(codeHash: string): ContractImage | undefined {
    const image = this.images.get(codeHash);
    if (image !== undefined && this.images.size > 1) {
      this.images.delete(codeHash);
      this.images.set(codeHash, image);
    }
    return image;
  }

  set(codeHash: string, image: ContractImage): void {
    this.images.set(codeHash, image);
    this.bytes += imageBytes(image);
    for (const [oldestHash, oldest] of this.images) {
      if (this.bytes <= this.bytesMax) {
        break;
      }
      this.images.delete(oldestHash);
      this.bytes -= imageBytes(oldest);
    }
  }
}
