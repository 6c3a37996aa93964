// A sign-in that comes too early, or while too many sign in, is tried again by itself when its time has come.
(() => {
  const LONGEST_S = 60;
  const field = (form) => form.querySelector('[name="password"]');

  const say = (form, text) => {
    let line = form.querySelector("[data-wait]");
    if (!line) {
      line = document.createElement("p");
      line.className = "hint";
      line.dataset.wait = "";
      line.setAttribute("role", "status");
      field(form).after(line);
    }
    if (line.textContent !== text) line.textContent = text;
  };

  const sleep = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  const attempt = async (form) => {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams(new FormData(form)),
    });
    const wait = Number(response.headers.get("Retry-After"));
    if ([429, 503].includes(response.status) && wait > 0 && wait <= LONGEST_S) {
      // A little apart, so that those who were sent away together do not come back together.
      const seconds = wait + Math.random();
      say(form, `Many are signing in or have failed to. Trying again in ${wait === 1 ? "a second" : `${wait} seconds`}…`);
      await sleep(seconds);
      return form.isConnected ? attempt(form) : null;
    }
    const target = response.headers.get("HX-Redirect");
    if (target) return location.assign(target);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const door = page.getElementById("accounts-door");
    if (!door) return form.submit(); // something else is the matter: let the page say it
    document.getElementById("accounts-door").replaceWith(door);
    return door.querySelector('[aria-invalid="true"], [autofocus]')?.focus();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-door]")) return;
    event.preventDefault();
    const button = form.querySelector('[type="submit"]');
    if (button.disabled) return;
    button.disabled = true;
    attempt(form)
      .catch(() => say(form, "There is no connection. Try again."))
      .finally(() => { button.disabled = false; });
  });
})();
