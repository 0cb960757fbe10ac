"""Curves as SVG, both axes logarithmic, readable on light and dark ground."""

import math

WIDTH, HEIGHT = 400, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 44, 44, 46

STYLE = """\
    .frame { fill: none; stroke: #8a9499; }
    .grid { stroke: #b7bdc0; stroke-width: 0.6; }
    .line { fill: none; stroke-width: 2; }
    .c0 { stroke: #5d666b; fill: #5d666b; }
    .c1 { stroke: #0f6f6a; fill: #0f6f6a; }
    .c2 { stroke: #b4502a; fill: #b4502a; }
    polyline.line { fill: none; }
    text { fill: #20262a; }
    text.name { stroke: none; font-weight: 600; }
    .quiet { fill: #5d666b; font-size: 11px; }
    .title { font-weight: 600; }
    @media (prefers-color-scheme: dark) {
      .frame { stroke: #59646a; }
      .grid { stroke: #4a5459; }
      .c0 { stroke: #9aa5aa; fill: #9aa5aa; }
      .c1 { stroke: #4cc4ba; fill: #4cc4ba; }
      .c2 { stroke: #e8935f; fill: #e8935f; }
      text { fill: #e6e9ea; }
      .quiet { fill: #9aa5aa; }
    }"""


def short(value):
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


class Axis:
    """Whole powers of ten around all values, spread over `length` from `start`."""

    def __init__(self, values, start, length):
        self.first = math.floor(math.log10(min(values)) + 1e-9)
        self.last = max(math.ceil(math.log10(max(values)) - 1e-9), self.first + 1)
        self.start, self.length = start, length

    def place(self, value):
        return self.start + self.length * (math.log10(value) - self.first) / (self.last - self.first)

    def ticks(self):
        return [10 ** power for power in range(self.first, self.last + 1)]


def panel(left, title, below, beside, lines):
    """`lines`: name to [(x, y)]."""
    points = [point for line in lines.values() for point in line]
    across = Axis([x for x, _ in points], left + LEFT, WIDTH - LEFT - RIGHT)
    up = Axis([y for _, y in points], HEIGHT - BOTTOM, -(HEIGHT - TOP - BOTTOM))
    out = [f'  <text x="{left + LEFT}" y="22" class="title">{title}</text>',
           f'  <text x="{left + LEFT}" y="37" class="quiet">{beside}</text>',
           f'  <text x="{left + WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end" class="quiet">{below}</text>',
           f'  <rect x="{left + LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}" '
           'class="frame"/>']
    for tick in up.ticks():
        y = up.place(tick)
        out.append(f'  <line x1="{left + LEFT}" x2="{left + WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        out.append(f'  <text x="{left + LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" class="quiet">{short(tick)}</text>')
    for tick in across.ticks():
        out.append(f'  <text x="{across.place(tick):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle" class="quiet">'
                   f'{short(tick)}</text>')
    for number, (name, line) in enumerate(lines.items()):
        places = [(across.place(x), up.place(y)) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'  <polyline points="{path}" class="line c{number}"/>')
        out += [f'  <circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" class="c{number}"/>' for x, y in places]
        x, y = places[-1]
        out.append(f'  <text x="{x + 6:.1f}" y="{y + 4:.1f}" class="name c{number}">{name}</text>')
    return out


def curves(title, panels):
    """`panels`: (title, what x is, what y is, name to [(x, y)])."""
    width = WIDTH * len(panels)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img" aria-labelledby="t" '
           'font-family="system-ui, sans-serif" font-size="13">', f'  <title id="t">{title}</title>', "  <style>", STYLE,
           "  </style>"]
    for number, (name, below, beside, lines) in enumerate(panels):
        out += panel(number * WIDTH, name, below, beside, lines)
    return "\n".join([*out, "</svg>"]) + "\n"
