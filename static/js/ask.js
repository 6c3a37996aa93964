// Questions are asked in the page, with the act in the words of the button that was pressed.

import { htmx } from "./htmx.js";

export const ask = (question, verb) =>
  new Promise((answered) => {
    const box = document.createElement("dialog");
    box.className = "sheetdialog ask";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-labelledby", "ask-question");
    const line = Object.assign(document.createElement("p"), { id: "ask-question", textContent: question });
    const form = Object.assign(document.createElement("form"), { method: "dialog" });
    const no = Object.assign(document.createElement("button"), { className: "btn", textContent: "Cancel", autofocus: true });
    const yes = Object.assign(document.createElement("button"), {
      className: "btn btn-danger",
      textContent: verb,
      value: "yes",
    });
    form.append(no, yes);
    box.append(line, form);
    box.addEventListener("close", () => {
      box.remove();
      answered(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });

document.addEventListener("htmx:confirm", async (event) => {
  const { question, elt, triggeringEvent, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  const pressed = triggeringEvent?.submitter ?? elt.querySelector("button") ?? elt;
  if (await ask(question, pressed.textContent.trim())) issueRequest(true);
});

// What the server asks about first, because it would release aliases, is sent once more when the answer is yes.
document.addEventListener("pindeck:ask", async ({ target, detail: { question, verb, path } }) => {
  if (await ask(question, verb)) htmx.ajax("POST", path, { source: target, values: { confirmed: "1" } });
});
