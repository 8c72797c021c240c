/** Builds what the pages show. Data becomes a text node or an attribute, never markup. */

type Attributes = Record<string, string | boolean | undefined>;
type Child = Node | string | undefined;

/** Makes an element. `true` sets an attribute without a value; `false` and `undefined` leave it out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button that does something on this page. Links that look like buttons are `element("a", { class: "button" })`. */
export function button(label: string, attributes: Attributes, onPress: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onPress);
  return made;
}

/** An element that the page's HTML is known to have. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

/** Says something to people who listen to the page instead of looking at it. */
export function announce(text: string): void {
  byId("status").textContent = text;
}
