// Numbers of sources as whole numbers: decimal text, shifted by some digits and rounded half away from zero, without a float.

const FORM = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;
const SHIFT_MAX = 60;

/** `text` times ten to the power of `decimals`, rounded; undefined where it is no number of a sane size. */
export function scaledValue(text: string, decimals: number): bigint | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) {
    return undefined;
  }
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const shift = decimals + Number(exponent) - fraction.length;
  if (Math.abs(shift) > SHIFT_MAX) {
    return undefined;
  }
  const digits = BigInt(whole + fraction);
  let value = digits;
  if (shift >= 0) {
    value = digits * 10n ** BigInt(shift);
  } else {
    const unit = 10n ** BigInt(-shift);
    value = (digits + unit / 2n) / unit;
  }
  return sign === "-" ? -value : value;
}
