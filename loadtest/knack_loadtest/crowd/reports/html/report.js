/*
 * Draws a report's charts with uPlot: one cursor and one zoom for all on the time axis, colours from the style sheet, so that they
 * follow light, dark and paper. What is drawn stands in the page as JSON; nothing here knows what a line means.
 */
"use strict";

(() => {
  const GROUP = "time";
  const STEP = 10; // points that shift moves the cursor by
  const ZOOM = 2;
  const PAPER_WIDTH = 690; // CSS pixels between the margins of an A4 page
  const PAPER_HEIGHT = 170;
  const SMALLEST = 1; // what a logarithmic scale shows for nothing: 1 µs
  const DASHES = [[], [8, 4], [2, 4], [10, 4, 2, 4], [4, 4]];
  const COLOURS = ["--line-0", "--line-1", "--line-2", "--line-3", "--line-4"];

  const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const plain = (value) => (Number.isInteger(value) || Math.abs(value) >= 1000 ? number.format(value) : String(Number(value.toPrecision(3))));
  const bytes = (value) => {
    for (const [name, size] of [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024]]) {
      if (Math.abs(value) >= size) return `${(value / size).toFixed(1)} ${name}`;
    }
    return `${value.toFixed(0)} B`;
  };
  const time = (us) => {
    if (us < 1000) return `${us.toFixed(0)} µs`;
    if (us < 1_000_000) return `${us < 999_500 ? Number((us / 1000).toPrecision(3)) : (us / 1000).toFixed(0)} ms`;
    return `${(us / 1_000_000).toFixed(2)} s`;
  };
  const UNITS = { us: time, share: (value) => `${(value * 100).toFixed(2)}%`, bytes, "bytes/s": (value) => `${bytes(value)}/s`, "1/s": (value) => `${plain(value)}/s` };

  /** Write a figure as the tables do (`units.shown`). */
  const shown = (value, unit) => (value === null || value === undefined ? "n/a" : (UNITS[unit] ?? plain)(value));

  const tick = (value, unit) => {
    if (value === null) return "";
    if (unit === "share") return `${Math.round(value * 100)}%`;
    if (unit === "us" && value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} s`;
    return shown(value, unit).replace(".0 ", " ");
  };
  const percentile = (x) => `${Number((100 - 100 / x).toPrecision(7))}%`;
  const clock = (s) => (s < 120 ? `${Number(s.toFixed(2))} s` : `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")} min`);

  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;

  /** Resolve one of the style sheet's colours: a canvas knows no variables. */
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = () => `${Math.round(rem() * 0.78)}px system-ui, sans-serif`;

  const powersOfTwo = Array.from({ length: 50 }, (_, power) => 2 ** power);
  const drawn = [];
  const together = () => drawn.filter(({ chart }) => chart.axis === GROUP);

  function marksOf(chart) {
    return (plot) => {
      const { ctx, bbox } = plot;
      const ratio = devicePixelRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
      ctx.clip();
      if (chart.mutedUntil > 0) {
        const end = plot.valToPos(chart.mutedUntil, "x", true);
        ctx.fillStyle = colour("--muted");
        ctx.fillRect(bbox.left, bbox.top, Math.max(end - bbox.left, 0), bbox.height);
      }
      ctx.font = `700 ${Math.round(rem() * 0.68 * ratio)}px system-ui, sans-serif`;
      ctx.textAlign = "center";
      ctx.textBaseline = "top";
      let free = -Infinity;
      for (const [second, name] of chart.marks) {
        const x = Math.round(plot.valToPos(second, "x", true));
        ctx.strokeStyle = ctx.fillStyle = colour("--mark");
        ctx.lineWidth = ratio;
        ctx.setLineDash([3 * ratio, 3 * ratio]);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        if (x > free) ctx.fillText(name, x, bbox.top - rem() * 0.95 * ratio);
        free = Math.max(free, x + rem() * 0.9 * ratio);
      }
      ctx.restore();
    };
  }

  function optionsOf(chart, row, width) {
    const isTime = chart.axis === GROUP;
    const axis = {
      stroke: () => colour("--ink-soft"),
      font: font(),
      grid: { stroke: () => colour("--grid"), width: 1 },
      ticks: { stroke: () => colour("--grid"), width: 1, size: 4 },
    };
    return {
      width,
      height: heightFor(width),
      padding: [isTime ? rem() * 1.1 : rem() * 0.5, rem() * 1.6, 0, 0],
      legend: { show: false },
      scales: {
        x: isTime ? { time: false } : { time: false, distr: 3 },
        y: chart.isLog ? { distr: 3 } : { range: (_, low, high) => [Math.min(low, 0), high > 0 ? high * 1.08 : 1] },
      },
      cursor: {
        y: false,
        drag: { x: isTime, y: false, setScale: true },
        points: { size: 7 },
        sync: isTime ? { key: GROUP, filters: { pub: (kind) => kind === "mousemove" || kind === "mouseleave" } } : undefined,
      },
      series: [
        {},
        ...chart.lines.map(({ title }, place) => ({
          label: title,
          stroke: () => colour(COLOURS[place]),
          width: place === 0 ? 2.25 : 1.75,
          dash: DASHES[place],
          spanGaps: false,
          points: { show: (plot, _series, from, to) => to - from < plot.bbox.width / devicePixelRatio / 16, size: 4 },
        })),
      ],
      axes: [
        {
          ...axis,
          size: rem() * 2,
          space: rem() * 4.5,
          values: (_, splits) => splits.map((value) => (value === null ? "" : isTime ? clock(value) : percentile(value))),
          ...(isTime ? {} : { splits: (_, __, low, high) => [1, 2, 10, 100, 1000, 10_000, 100_000, 1_000_000].filter((x) => x >= low && x <= high), filter: (_, splits) => splits }),
        },
        {
          ...axis,
          size: rem() * 4.6,
          space: rem() * 2,
          incrs: chart.unit.startsWith("bytes") ? powersOfTwo : undefined,
          values: (_, splits) => splits.map((value) => tick(value, chart.unit)),
        },
      ],
      hooks: {
        draw: [marksOf(chart)],
        setCursor: [(plot) => tell(row, plot.cursor.idx)],
        setScale: [(plot, scale) => scale === "x" && isTime && follow(plot)],
      },
    };
  }

  const heightFor = (width) => Math.round(Math.min(Math.max(width * 0.3, rem() * 11), rem() * 16));

  /** Write the values at the cursor into the table beside the drawing. */
  function tell(row, place) {
    for (const cell of row.now) {
      const value = place === null || place === undefined ? undefined : row.chart.lines[cell.dataset.line].values[place];
      cell.textContent = value === undefined ? "–" : shown(value, row.chart.unit);
    }
  }

  let isFollowing = false;

  /** Let every other chart of the time axis show the same stretch. */
  function follow(plot) {
    if (isFollowing) return;
    isFollowing = true;
    const { min, max } = plot.scales.x;
    for (const { plot: other } of together()) if (other !== undefined && other !== plot) other.setScale("x", { min, max });
    isFollowing = false;
  }

  function zoom(row, how) {
    const xs = row.chart.x;
    const [first, last] = [xs[0], xs.at(-1)];
    const { min, max } = row.plot.scales.x;
    const span = max - min;
    const middle = row.plot.cursor.idx === null || row.plot.cursor.idx === undefined ? (min + max) / 2 : Math.min(Math.max(xs[row.plot.cursor.idx], min), max);
    const wanted = {
      in: [middle - (middle - min) / ZOOM, middle + (max - middle) / ZOOM],
      out: [min - span / 2, max + span / 2],
      back: [min - span / 2, max - span / 2],
      on: [min + span / 2, max + span / 2],
      whole: [first, last],
    }[how];
    if (wanted[1] - wanted[0] < 2 && how === "in") return;
    const size = Math.min(wanted[1] - wanted[0], last - first);
    const from = Math.min(Math.max(wanted[0], first), last - size);
    row.plot.setScale("x", { min: from, max: from + size });
  }

  function point(row, place) {
    const { plot, chart } = row;
    const at = Math.min(Math.max(place, 0), chart.x.length - 1);
    const left = plot.valToPos(chart.x[at], "x");
    const rows = chart.axis === GROUP ? together() : [row];
    for (const other of rows) other.plot.setCursor({ left, top: 10 });
    row.said.textContent = [chart.axis === GROUP ? clock(chart.x[at]) : percentile(chart.x[at]), ...chart.lines.map((line) => `${line.title} ${shown(line.values[at], chart.unit)}`)].join(", ");
  }

  function press(row, event) {
    const place = row.plot.cursor.idx ?? -1;
    const step = event.shiftKey ? STEP : 1;
    const isTime = row.chart.axis === GROUP;
    const deeds = {
      ArrowRight: () => point(row, place + step),
      ArrowLeft: () => point(row, place - step),
      Home: () => point(row, 0),
      End: () => point(row, row.chart.x.length - 1),
      "+": () => isTime && zoom(row, "in"),
      "-": () => isTime && zoom(row, "out"),
      0: () => isTime && zoom(row, "whole"),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || deeds[event.key] === undefined) return;
    event.preventDefault();
    deeds[event.key]();
  }

  const drawable = (values, { isLog }) => (isLog ? values.map((value) => (value === null ? null : Math.max(value, SMALLEST))) : values);

  function draw(chart) {
    const figure = document.querySelector(`[data-chart="${chart.name}"]`);
    const place = figure.querySelector(".plot");
    const said = figure.appendChild(document.createElement("p"));
    said.className = "visually-hidden";
    said.setAttribute("aria-live", "polite");
    const row = { chart, place, said, now: [...figure.querySelectorAll(".now")], plot: undefined };
    drawn.push(row);
    row.plot = new uPlot(optionsOf(chart, row, place.clientWidth), [chart.x, ...chart.lines.map(({ values }) => drawable(values, chart))], place);
    place.addEventListener("keydown", (event) => press(row, event));
  }

  const fit = (row, width, height = heightFor(width)) => row.plot.setSize({ width, height });
  const redraw = () => drawn.forEach(({ plot }) => plot.redraw(false, true));

  for (const chart of JSON.parse(document.getElementById("charts").textContent)) draw(chart);

  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const row = drawn.find(({ place }) => place === target);
      if (target.clientWidth > 0 && target.clientWidth !== row.plot.width) fit(row, target.clientWidth);
    }
  });
  for (const { place } of drawn) watcher.observe(place);

  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom(together()[0], button.dataset.zoom));
  }

  // --- light, dark and paper ---

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const theSwitch = document.querySelector("[data-theme-switch]");
  const nameSwitch = () => (theSwitch.textContent = isDark() ? "Light" : "Dark");

  theSwitch.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameSwitch();
    redraw();
  });
  system.addEventListener("change", () => {
    nameSwitch();
    redraw();
  });
  nameSwitch();

  let before;
  addEventListener("beforeprint", () => {
    before = { theme: root.dataset.theme };
    root.dataset.theme = "light";
    for (const row of drawn) fit(row, PAPER_WIDTH, PAPER_HEIGHT);
    redraw();
  });
  addEventListener("afterprint", () => {
    if (before.theme === undefined) delete root.dataset.theme;
    else root.dataset.theme = before.theme;
    for (const row of drawn) fit(row, row.place.clientWidth);
    redraw();
  });

  // --- what can be copied ---

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const status = button.parentElement.querySelector("[role=status]");
      try {
        await navigator.clipboard.writeText(source.textContent);
        status.textContent = "Copied.";
      } catch {
        getSelection().selectAllChildren(source); // a file from a disk may not write to the clipboard everywhere
        status.textContent = "Selected: copy it with the keyboard.";
      }
    });
  }

  root.classList.add("has-script");
})();
