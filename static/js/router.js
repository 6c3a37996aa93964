// Where a click or the back button leads without leaving the page: other results, a picture, the one beside it.
(() => {
  const { drawer, results } = pindeck;
  if (!drawer) return;
  const isGallery = (url) => new URL(url, location).pathname === "/";
  const isPlain = (event) => !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

  const routeOf = (link) => {
    if (drawer.box.contains(link)) {
      if (link.matches("[data-close-drawer]")) return () => drawer.close();
      if (link.matches("[data-step]")) return () => drawer.step(link);
    }
    if (!results.here()) return null;
    if (link.closest(".tile")) return () => drawer.open(link.href, { from: link });
    if (link.closest("[data-router]") && isGallery(link.href)) {
      return () => {
        drawer.close({ back: false }); // its entry stays behind this one
        results.show(link.href);
      };
    }
    return null;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const route = link && isPlain(event) && routeOf(link);
    if (!route) return;
    event.preventDefault();
    route();
  });

  addEventListener("popstate", async (event) => {
    if (!results.here()) return location.reload();
    const under = drawer.isImage(location) ? event.state?.under : location.pathname + location.search;
    if (!drawer.isImage(location)) drawer.close({ back: false });
    if (under && isGallery(under) && under !== results.shown()) await results.show(under, { push: false });
    return drawer.isImage(location) ? drawer.open(location.href, { push: false }) : undefined;
  });

  // After an undo: whatever of this page may have changed is read again, and nothing else moves.
  pindeck.refresh = async () => {
    if (drawer.isOpen()) await drawer.open(location.href, { push: false });
    if (results.here()) return results.show(results.shown(), { push: false, fresh: true });
    const review = document.getElementById("review");
    if (!review) return document.querySelector(".imagepage") ? location.reload() : undefined;
    const html = await pindeck.fragment(location.href);
    const answer = new DOMParser().parseFromString(html ?? "", "text/html"), page = answer.getElementById("review");
    if (!page) return undefined;
    review.replaceWith(page);
    for (const id of ["nav-drafts", "bottom-drafts"]) {
      const fresh = answer.getElementById(id), shown = document.getElementById(id);
      if (fresh && shown) shown.textContent = fresh.textContent;
    }
    htmx.process(page);
    return pindeck.enhance?.(page);
  };
})();
