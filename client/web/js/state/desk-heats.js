/** What the desk may do with a heat as it stands, and whether a text typed on stage will do. */

/** The steps of a heat, in order. */
export const HEAT_STEPS = Object.freeze(["open", "freeze", "type", "start"]);

const LENGTH_MIN = 40;
const LENGTH_MAX = 1000;

/** The next step that the desk may take, or null. */
export function nextStep({ phase, voided, may_open: mayOpen, public: text }) {
  if (voided) return null;
  if (phase === "prepared") return mayOpen ? "open" : null;
  if (phase === "open") return "freeze";
  if (phase === "frozen") return text === "" ? "type" : "start";
  return null;
}

/** Whether the heat can be voided: somebody could gather for it, and nobody has voided it. */
export function canVoid({ phase, voided }) {
  return phase !== "prepared" && !voided;
}

/** Where it stands: `words` is the end of a text's key, `tone` is for the stylesheet. */
export function heatState({ phase, voided }) {
  if (voided) return { words: "voided", tone: "voided" };
  const isUnderWay = phase === "countdown" || phase === "running" || phase === "waiting";
  return { words: phase, tone: isUnderWay ? "playing" : "over" };
}

/** How long the text is as the rules count it (section 5): code points after NFC and trimming. */
export function stageLength(text) {
  const length = [...text.normalize("NFC").trim()].length;
  return { length, isLongEnough: length >= LENGTH_MIN && length <= LENGTH_MAX, max: LENGTH_MIN };
}
