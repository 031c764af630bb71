// The visit page: sends the phone's position along with a proof, when the leader asks for it. Browsers give WGS-84.
const rows = "geolocation" in navigator ? document.querySelectorAll("[data-position]") : [];

for (const row of rows) {
  const button = row.querySelector("button");
  const status = row.querySelector("[role=status]");
  const put = (name, value) => {
    row.querySelector(`[name="position.${name}"]`).value = value;
  };
  const found = ({ coords }) => {
    put("latitude", coords.latitude);
    put("longitude", coords.longitude);
    put("accuracy", coords.accuracy);
    put("datum", "wgs84");
    status.textContent = row.dataset.near.replace("§", Math.round(coords.accuracy));
  };
  const locate = () => {
    status.textContent = row.dataset.finding;
    navigator.geolocation.getCurrentPosition(found, () => (status.textContent = row.dataset.denied), {
      enableHighAccuracy: true,
      timeout: 10000,
      maximumAge: 15000,
    });
  };
  button.hidden = false;
  button.addEventListener("click", locate);
}
