// Comfort only: every page works without this.
"use strict";

// <div data-refresh="/path" data-every="5">: the part of the page that stands at /path, fetched again every so many seconds.
for (const part of document.querySelectorAll("[data-refresh]")) {
  const refresh = async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    const answer = await fetch(part.dataset.refresh, { headers: { accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    const html = await answer.text();
    if (html === part.dataset.shown) return;
    part.dataset.shown = html;
    const fresh = new DOMParser().parseFromString(html, "text/html");
    part.replaceChildren(...fresh.body.childNodes);
  };
  // A failed attempt is followed by the next one.
  setInterval(() => refresh().catch(() => {}), Number(part.dataset.every || 5) * 1000);
}

// A menu that is open closes with Escape, and with a click elsewhere.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.switcher[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.switcher[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
