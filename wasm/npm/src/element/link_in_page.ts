/**
 * Takes the link out of the address bar and of the history, at once: it is a secret for as long as it works. The next
 * element of the page is given the same link.
 */

/** The values of a link by their names; also of one that a mail program mangled (`&amp;`) or encoded as a whole. */
const field = /^(amp;)*(user_id|email|timestamp|signature)(=|$)/;

let taken = { link: "", leftBehind: "" };

export function takeLink(template: string): string {
  const link = location.href;
  if (link === taken.leftBehind) return taken.link;
  const leftBehind = template ? withoutTemplate(template) : withoutFields(link);
  if (leftBehind === link) return link;
  history.replaceState(history.state, "", leftBehind);
  taken = { link, leftBehind: location.href };
  return link;
}

/** Other parameters stay, and so does a path in the fragment: both may belong to the page. */
function withoutFields(link: string): string {
  const [beforeFragment = "", ...fragment] = link.split("#");
  const [page = "", ...query] = beforeFragment.split("?");
  const [path = "", ...rest] = fragment.join("#").split("?");
  const isPath = rest.length > 0;
  const search = otherParameters(query.join("?"));
  const hash = isPath ? joined(path, "?", otherParameters(rest.join("?"))) : otherParameters(path);
  return joined(joined(page, "?", search), "#", hash);
}

function otherParameters(parameters: string): string {
  return parameters
    .split("&")
    .filter((pair) => !field.test(nameOf(pair)))
    .join("&");
}

function nameOf(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? "";
}

function joined(before: string, separator: string, after: string): string {
  return after ? before + separator + after : before;
}

/** What stands before the first value. */
function withoutTemplate(template: string): string {
  try {
    const start = new URL(template.slice(0, template.indexOf("{")));
    return start.origin === location.origin ? start.href : location.origin;
  } catch {
    return location.origin;
  }
}
