// The keys people know from other players. They are the page's, unless somebody is typing or choosing.

const STEP_S = 1;
const JUMP_S = 5;

export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
    const action = wanted(event, actions);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], .scroll") !== null;
}

function wanted(event, actions) {
  const onControl = event.target.closest("button, a, summary") !== null;
  switch (event.key) {
    case " ": return onControl ? null : actions.toggle;
    case "k": case "K": return actions.toggle;
    case "j": case "J": return () => actions.move(-JUMP_S);
    case "l": case "L": return () => actions.move(JUMP_S);
    case "ArrowLeft": return () => actions.move(-STEP_S);
    case "ArrowRight": return () => actions.move(STEP_S);
    case "ArrowUp": return actions.zoomIn;
    case "ArrowDown": return actions.zoomOut;
    case "PageUp": return actions.previous;
    case "PageDown": return actions.next;
    case "Home": return actions.first;
    case "End": return actions.last;
    case "f": case "F": return actions.fit;
    case "[": return actions.selectFrom;
    case "]": return actions.selectTo;
    case "Escape": return actions.clear;
    case "r": case "R": return actions.loop;
    case "m": case "M": return actions.mark;
    case "?": return actions.help;
    default: return null;
  }
}
