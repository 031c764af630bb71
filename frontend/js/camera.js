// A QR read by the phone's camera: the browser's own reader where there is one, else jsQR. Nothing leaves the phone.
import jsQR from "jsqr";

const LONGEST_SIDE = 800; // pixels looked at: enough for a QR of version 16 that fills a third of the picture
const PAUSE = 150;

/** Show the camera in `video` and call `found(text)` with the first QR it sees; return what stops it. Rejects without a camera. */
export async function watch(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
  let going = true;
  const stop = () => {
    going = false;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  video.srcObject = stream;
  video.setAttribute("playsinline", "");
  video.muted = true;
  await video.play();
  const read = await reader();
  (async () => {
    while (going) {
      const text = video.readyState >= 2 ? await read(video).catch(() => "") : "";
      if (text && going) {
        stop();
        return found(text);
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  })();
  return stop;
}

export const canWatch = () => Boolean(navigator.mediaDevices?.getUserMedia);

async function reader() {
  const formats = (await window.BarcodeDetector?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
  }
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!canvas.width || !canvas.height) return "";
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(picture.data, picture.width, picture.height)?.data ?? "";
  };
}
