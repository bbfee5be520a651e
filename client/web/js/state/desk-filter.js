/** What of the standings a moderator wants to see. */

/** name in the address and in the menu -> which rows it lets through */
export const FILTERS = {
  all: () => true,
  playing: (row) => row.playing,
  best: (row) => row.rank > 0,
  voided: (row) => row.voided,
  renamed: (row) => row.renamed,
};

/** Case, accents and spaces at the ends do not matter to somebody who types a name in a hurry. */
export function fold(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .trim();
}

/** The rows that pass the filter and whose name, shown name, player or run contains the search text. */
export function select(rows, { filter, search }) {
  const passes = FILTERS[filter] ?? FILTERS.all;
  const wanted = fold(search);
  return rows.filter((row) => passes(row) && (wanted === "" || contains(row, wanted)));
}

function contains(row, wanted) {
  return [row.name, row.shownName, row.player, row.run].some((text) => fold(text).includes(wanted));
}

/** Standings first, by rank; then what has no standing, newest first. */
export function byRank(a, b) {
  return (a.rank || Infinity) - (b.rank || Infinity) || b.startedMs - a.startedMs || (a.run < b.run ? -1 : 1);
}

/** Newest start first. */
export function byStart(a, b) {
  return b.startedMs - a.startedMs || (a.run < b.run ? -1 : 1);
}
