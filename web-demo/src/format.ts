/** Dates and durations in words. */

// The pages are in English, so their dates are too, whatever language the browser has.
const dateAndTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
const shortDateAndTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** "3 March 2026 at 14:05", in the reader's time zone. */
export function inWords(date: Date): string {
  return dateAndTime.format(date);
}

/** "3 Mar, 14:05"; a text that is no date is shown as it stands. */
export function shortly(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : shortDateAndTime.format(date);
}

/** "1 second", "40 seconds", "3 minutes": rounded up, because it is how long to wait. */
export function duration(seconds: number): string {
  const [count, unit] =
    seconds < 100 ? [Math.max(1, Math.ceil(seconds)), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
