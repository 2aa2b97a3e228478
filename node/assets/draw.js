// Signatures that are drawn: of each field the lines of a pointer, as numbers, into its hidden field. Without this script the page still takes typed names or a paper.
"use strict";
for (const pad of document.querySelectorAll("[data-pad]")) {
  const canvas = pad.querySelector("canvas");
  const field = pad.querySelector("input");
  const clear = pad.querySelector("button");
  const pen = canvas.getContext("2d");
  let lines = field.value ? field.value.split(";").map((line) => line.trim().split(" ").map((point) => point.split(",").map(Number))) : [];
  let line = null;

  const show = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2;
    pen.lineCap = pen.lineJoin = "round";
    for (const points of lines) {
      pen.beginPath();
      points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.stroke();
    }
    field.value = lines.map((points) => points.map((point) => point.join(",")).join(" ")).join(";");
  };

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return [
      within(((event.clientX - box.left) * canvas.width) / box.width, canvas.width),
      within(((event.clientY - box.top) * canvas.height) / box.height, canvas.height),
    ];
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    line = [point(event)];
    lines.push(line);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!line) return;
    const next = point(event);
    const last = line[line.length - 1];
    if (Math.abs(next[0] - last[0]) + Math.abs(next[1] - last[1]) > 2) line.push(next);
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { line = null; show(); });
  clear.addEventListener("click", () => { lines = []; show(); });

  canvas.hidden = clear.hidden = false;
  show();
}
document.querySelector("[data-without]").hidden = true;
