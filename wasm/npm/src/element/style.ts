/** The look, in custom properties, so that a site can change it from outside. `::part` reaches the rest. */
export const css = `
:host {
  --_text: var(--waxseal-text, #1d2330);
  --_soft: var(--waxseal-text-soft, #4d5566);
  --_back: var(--waxseal-background, #fff);
  --_line: var(--waxseal-border, #c9ced8);
  --_accent: var(--waxseal-accent, #1f4fbf);
  --_on-accent: var(--waxseal-on-accent, #fff);
  --_good: var(--waxseal-good, #17663a);
  --_bad: var(--waxseal-bad, #a3271f);
  display: block;
  color: var(--_text);
  font: var(--waxseal-font, 1rem/1.5 system-ui, sans-serif);
  letter-spacing: normal;
  text-align: start;
  text-transform: none;
}
@media (prefers-color-scheme: dark) {
  :host {
    --_text: var(--waxseal-text, #eceff5);
    --_soft: var(--waxseal-text-soft, #b8c0cf);
    --_back: var(--waxseal-background, #171b24);
    --_line: var(--waxseal-border, #3c4454);
    --_accent: var(--waxseal-accent, #8fb0ff);
    --_on-accent: var(--waxseal-on-accent, #10182b);
    --_good: var(--waxseal-good, #7fd6a2);
    --_bad: var(--waxseal-bad, #ff9d94);
  }
}
:host([hidden]), [hidden] { display: none !important }
section {
  background: var(--_back);
  border: 1px solid var(--_line);
  border-inline-start: 4px solid var(--_tone, var(--_accent));
  border-radius: var(--waxseal-radius, .5rem);
  padding: var(--waxseal-padding, 1.5rem);
}
section.good { --_tone: var(--_good) }
section.bad { --_tone: var(--_bad) }
h2, p { margin: 0 0 .75rem; overflow-wrap: anywhere }
h2 { font-size: 1.25em; line-height: 1.3 }
h2:focus { outline: none }
h2:focus-visible, button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px }
.text { color: var(--_soft); margin: 0 }
.address { font-weight: 600; unicode-bidi: isolate }
button {
  background: var(--_accent);
  border: 0;
  border-radius: calc(var(--waxseal-radius, .5rem) / 1.5);
  color: var(--_on-accent);
  cursor: pointer;
  font: inherit;
  font-weight: 600;
  margin-block-start: 1rem;
  min-height: 2.75rem;
  padding: .5rem 1.25rem;
}
::slotted(*) { display: inline-block; margin-block-start: 1rem }
button[aria-disabled=true] { cursor: progress; opacity: .75 }
@media (forced-colors: active) { button { border: 1px solid } }
`;
