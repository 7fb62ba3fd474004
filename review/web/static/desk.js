// The keyboard of the desk. Everything works without it, with Tab, Space and Enter.
"use strict";

const typing = (node) => node.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
const answers = () => Array.from(document.querySelectorAll("form.answers")).filter((form) => form.offsetParent);

function currentForm() {
  const focused = document.activeElement && document.activeElement.closest("form.answers");
  return focused || answers()[0];
}

function choose(number) {
  const form = currentForm();
  const radio = form && form.querySelectorAll("input[type=radio]")[number - 1];
  if (!radio) return false;
  radio.checked = true;
  const text = radio.closest(".option").querySelector("input:not([type=radio])");
  (text || radio).focus();
  return true;
}

function openDetails(key) {
  const details = document.querySelector(`details[data-open-key="${key}"]`);
  if (!details) return false;
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  details.querySelector("select, input:not([type=hidden])").focus();
  return true;
}

// Does what a key stands for; true when it stood for something.
function act(key, target) {
  if (/^[1-9]$/.test(key)) return choose(Number(key));
  if (key === "enter" && target === document.body && currentForm()) {
    currentForm().requestSubmit();
    return true;
  }
  if (!/^[a-z]$/.test(key)) return false;
  const link = document.querySelector(`a[data-key="${key}"]`);
  if (link) link.click();
  return link !== null || openDetails(key);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (act(event.key.toLowerCase(), event.target)) event.preventDefault();
});

// Writing beside an answer chooses it; only the chosen answer's field must be filled.
document.addEventListener("input", (event) => {
  const option = event.target.closest(".option");
  if (option && typing(event.target)) option.querySelector("input[type=radio]").checked = true;
});

// Point out, on the picture, the field whose form has the focus.
document.addEventListener("focusin", (event) => {
  const form = event.target.closest("form.answers");
  const number = form && form.dataset.issue;
  document.querySelectorAll("g.doubt").forEach((g) => {
    g.classList.toggle("current", g.dataset.doubt === number);
    const sides = g.closest(".sides").getBoundingClientRect();
    const box = g.getBoundingClientRect();
    if (g.dataset.doubt === number && (box.bottom > sides.bottom || box.top < sides.top)) {
      g.closest(".sides").scrollTop += box.top - sides.top - (sides.height - box.height) / 2;
    }
  });
});

document.addEventListener("submit", (event) => {
  event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; });
});

addEventListener("pageshow", () => {
  document.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  if (document.querySelector(".alert") === null || answers().length) {
    const first = document.querySelector(".proposal form.answers input[type=radio], .issue.open form.answers input[type=radio]");
    if (first) {
      first.focus({ preventScroll: true });
      first.closest(".card").scrollIntoView({ block: "nearest" });
    }
  }
});
