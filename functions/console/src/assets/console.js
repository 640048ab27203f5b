// Comfort only: every page works without this.
"use strict";

// <div data-refresh="/path" data-every="5">: the part of the page that stands at /path, fetched again after so many seconds; the
// longer nothing changes the more rarely, and not while nobody looks.
for (const part of document.querySelectorAll("[data-refresh]")) {
  const least = Number(part.dataset.every) * 1000;
  let wait = least;
  let shown = "";
  let timer = 0;
  const refresh = async () => {
    const answer = await fetch(part.dataset.refresh, { headers: { accept: "text/html" }, redirect: "error" });
    const html = await answer.text();
    if (!answer.ok || part.contains(document.activeElement)) return;
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    // Times grow by themselves: only what happens makes the next look come sooner.
    const facts = [...fresh.querySelectorAll("time")].map((time) => time.dateTime).join() + fresh.querySelectorAll("li, dd").length;
    wait = facts === shown ? Math.min(wait * 1.3, 4 * least) : least;
    part.replaceChildren(...fresh.childNodes);
    // What one part sees concerns the others, too; the first look at a part is no news.
    if (shown && facts !== shown) document.dispatchEvent(new CustomEvent("news", { detail: part }));
    shown = facts;
  };
  const next = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      // A failed look is followed by the next one, later.
      if (!document.hidden) await refresh().catch(() => (wait = Math.min(wait * 2, 4 * least)));
      next();
    }, wait);
  };
  const soon = (event) => {
    if (event.detail === part) return;
    wait = 1000;
    next();
  };
  document.addEventListener("visibilitychange", soon);
  document.addEventListener("news", soon);
  next();
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

// <button data-copy="/path" hidden>: copies what stands at /path, which is never part of the page.
const shown = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
};
shown(document);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const say = button.parentElement.querySelector("[data-copied]");
  const text = fetch(button.dataset.copy, { redirect: "error" }).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  });
  try {
    if (navigator.clipboard) {
      // Safari wants the clipboard to be asked for within the click, before the text is there.
      const item = { "text/plain": text.then((content) => new Blob([content], { type: "text/plain" })) };
      await navigator.clipboard.write([new ClipboardItem(item)]);
    } else {
      // Without https there is no clipboard but that of the selected text.
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = await text;
      area.select();
      const copied = document.execCommand("copy");
      area.remove();
      button.focus();
      if (!copied) throw new Error("refused");
    }
    say.textContent = "Copied, with the token";
  } catch {
    say.textContent = "Could not be copied: use Download";
  }
  setTimeout(() => (say.textContent = ""), 4000);
});

// <form data-rewrites="#part">: a change of a field asks for the page again and takes over that part of it.
for (const form of document.querySelectorAll("form[data-rewrites]")) {
  let latest = 0;
  form.addEventListener("change", async () => {
    const turn = ++latest;
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form)).toString();
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" }, redirect: "error" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.querySelector(form.dataset.rewrites);
      if (!answer.ok || !part || turn !== latest) return;
      document.querySelector(form.dataset.rewrites).replaceChildren(...part.childNodes);
      shown(document);
      history.replaceState(null, "", address);
    } catch {
      form.submit();
    }
  });
}

// A link that only says where it is on the page reloads it; where parts refresh themselves it is not needed.
for (const link of document.querySelectorAll("[data-reload]")) link.hidden = true;

// A chart says the numbers of the bar under the pointer, or of the one that the arrow keys lead to. They stand in its table.
for (const plot of document.querySelectorAll(".plot")) {
  const image = plot.querySelector("svg");
  const heads = plot.parentElement.querySelectorAll("thead th");
  const rows = plot.parentElement.querySelectorAll("tbody tr");
  const said = plot.appendChild(document.createElement("output"));
  let at = rows.length - 1;
  const say = (row) => {
    const name = (place) => (heads.length > 2 && place ? `${heads[place].textContent} ` : "");
    said.textContent = row ? [...row.cells].map((cell, place) => name(place) + cell.textContent).join(" · ") : "";
  };
  image.addEventListener("pointermove", (event) => {
    const place = image.getBoundingClientRect();
    say(rows[Math.floor(((event.clientX - place.left) / place.width) * rows.length)]);
  });
  image.addEventListener("pointerleave", () => say());
  image.setAttribute("tabindex", "0");
  image.addEventListener("focus", () => say(rows[at]));
  image.addEventListener("blur", () => say());
  image.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at = Math.min(Math.max(at + step, 0), rows.length - 1);
    say(rows[at]);
  });
}
