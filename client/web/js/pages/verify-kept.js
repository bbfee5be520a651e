/** The file to keep: the checking page alone, without a server to ask or to lead to. */

import { Bench } from "./verify-bench.js";

for (const part of document.querySelectorAll("[data-served]")) part.remove();
new Bench();
