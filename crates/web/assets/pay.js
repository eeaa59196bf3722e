// The pay page: live state, countdown, copying, forms that are sent once. The page works without it, only less lively.
(function () {
  "use strict";
  var page = document.getElementById("pay");
  if (!page) return;
  document.documentElement.classList.add("js");
  var live = document.getElementById("live");
  var link = document.getElementById("link");
  var linkText = document.getElementById("link-text");
  var announce = document.getElementById("announce");

  // Business time of the server, carried on by a clock that nobody sets.
  var base = { server: Number(page.dataset.now), local: performance.now() };
  function now() {
    return base.server + (performance.now() - base.local);
  }

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }

  function tick() {
    var times = live.querySelectorAll("[data-until]");
    for (var i = 0; i < times.length; i++) {
      var left = Math.max(0, Math.floor((Number(times[i].dataset.until) - now()) / 1000));
      var seconds = "seconds" in times[i].dataset;
      var text = seconds ? String(left) : two(Math.floor(left / 60)) + ":" + two(left % 60);
      if (times[i].textContent !== text) times[i].textContent = text;
      times[i].classList.toggle("soon", left < (seconds ? 15 : 120));
    }
  }

  function setLink(connected) {
    link.classList.toggle("on", connected);
    linkText.textContent = connected ? page.dataset.connected : page.dataset.reconnecting;
  }

  // What somebody has typed, ticked or unfolded is there again after the region was replaced.
  function replace(html) {
    var kept = {}, active = document.activeElement, inside = live.contains(active);
    var caret = inside && active.id === "phone" ? [active.selectionStart, active.selectionEnd] : null;
    live.querySelectorAll("input, details").forEach(function (part) {
      kept[part.id || part.name] = part.type === "checkbox" ? part.checked : part.localName === "details" ? part.open : part.value;
    });
    live.innerHTML = html;
    live.querySelectorAll("input, details").forEach(function (part) {
      var value = kept[part.id || part.name];
      if (value === undefined) return;
      if (part.type === "checkbox") part.checked = value;
      else if (part.localName === "details") part.open = value;
      else part.value = value;
    });
    var phone = document.getElementById("phone"), heading = live.querySelector("h1");
    if (caret && phone) {
      phone.focus();
      phone.setSelectionRange(caret[0], caret[1]);
    } else if (inside && heading) heading.focus();
  }

  function show(update) {
    base = { server: update.now, local: performance.now() };
    var before = live.querySelector("h1");
    if (live.dataset.key !== update.key) {
      replace(update.html);
      live.dataset.key = update.key;
      if (!before || before.textContent !== update.headline) announce.textContent = update.headline;
    }
    tick();
  }

  function copied(button, ok) {
    if (!button.dataset.label) button.dataset.label = button.textContent;
    var text = ok ? page.dataset.copied : page.dataset.copyFailed;
    button.textContent = text;
    announce.textContent = text;
    setTimeout(function () { button.textContent = button.dataset.label; }, 2000);
  }

  function copyByHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "hidden";
    document.body.appendChild(area);
    area.select();
    var ok = false;
    try { ok = document.execCommand("copy"); } catch (error) { ok = false; }
    document.body.removeChild(area);
    return ok;
  }

  page.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var source = document.getElementById(button.dataset.copy);
    if (!source) return;
    var text = source.textContent;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(
        function () { copied(button, true); },
        function () { copied(button, copyByHand(text)); }
      );
    } else {
      copied(button, copyByHand(text));
    }
  });

  // A second press is no second push: what was sent first is on its way.
  page.addEventListener("submit", function (event) {
    var form = event.target, last = Number(form.dataset.sent || 0);
    if (last && Date.now() - last < 5000) event.preventDefault();
    else form.dataset.sent = Date.now();
  });

  var source = null;
  function connect() {
    if (source) source.close();
    source = new EventSource(page.dataset.events);
    source.onopen = function () { setLink(true); };
    source.onerror = function () {
      setLink(false);
      // The browser gives up after some errors; we do not.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
    };
    source.addEventListener("state", function (event) { show(JSON.parse(event.data)); });
  }

  // A phone that comes back from the wallet app may hold a dead connection.
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "visible") connect();
  });
  window.addEventListener("pagehide", function () { if (source) source.close(); });

  setInterval(tick, 500);
  tick();
  connect();
})();
