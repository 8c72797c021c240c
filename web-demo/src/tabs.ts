/** Tabs as the ARIA Authoring Practices describe them: arrow keys move, the chosen tab alone is in the tab order. */

import { element } from "./dom";

export interface Tab {
  name: string;
  /** Called when the tab is chosen. */
  content: () => Promise<HTMLElement>;
}

export function tabs(label: string, list: Tab[]): HTMLElement {
  const panel = element("div", { id: "tab-panel", class: "tab-panel", role: "tabpanel" });
  const buttons = list.map(({ name }) => tabButton(name));
  const choose = async (index: number) => {
    mark(buttons, index);
    panel.setAttribute("aria-labelledby", buttons[index]?.id ?? "");
    const content = await list[index]?.content();
    // Another tab may have been chosen while this one was being fetched.
    if (content && buttons[index]?.getAttribute("aria-selected") === "true") panel.replaceChildren(content);
  };
  buttons.forEach((each, index) => each.addEventListener("click", () => void choose(index)));

  const row = element("div", { class: "tab-row", role: "tablist", "aria-label": label }, ...buttons);
  row.addEventListener("keydown", (event) => {
    const current = buttons.findIndex((each) => each === document.activeElement);
    const next = indexAfter(event.key, current, buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    buttons[next]?.focus();
    void choose(next);
  });
  void choose(0);
  return element("div", { class: "tabs" }, row, panel);
}

function tabButton(name: string): HTMLButtonElement {
  return element(
    "button",
    { type: "button", role: "tab", id: `tab-${name.toLowerCase()}`, "aria-controls": "tab-panel" },
    name,
  );
}

function mark(buttons: HTMLButtonElement[], chosen: number): void {
  buttons.forEach((each, index) => {
    each.setAttribute("aria-selected", String(index === chosen));
    each.tabIndex = index === chosen ? 0 : -1;
  });
}

function indexAfter(key: string, current: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (current + 1) % count;
    case "ArrowLeft":
      return (current + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
