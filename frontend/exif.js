// Reads where a photo was taken; asked for only when somebody chooses a photo.
import { gps } from "exifr/dist/mini.esm.mjs";

/** {latitude, longitude} in degrees, or null. A photo without a position, or none at all, is no error. */
export async function whereOf(file) {
  try {
    const at = await gps(file);
    return Number.isFinite(at?.latitude) && Number.isFinite(at?.longitude) && (at.latitude || at.longitude) ? at : null;
  } catch {
    return null;
  }
}
