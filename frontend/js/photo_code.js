// The text of a QR code in a photo: looked for at several sizes, because a large photo hides it as well as a small one.
import jsQR from "jsqr";

const SIDES = [1200, 800, 2000, 500];

/** Return the text of the first code found in `file`, "" when there is none or it is no picture. */
export async function codeIn(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return "";
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  for (const side of SIDES) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = jsQR(data, width, height);
    if (found?.data) return found.data;
  }
  return "";
}
